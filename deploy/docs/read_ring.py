#!/usr/bin/env python3
"""Follows a wanctl segment by its own description: python3 read_ring.py cable [--count N] [--file F]

Standard library only. Prints one JSON object a record, and why it ends. See SHM-ABI.md for the protocol."""
import argparse, fcntl, json, mmap, struct, sys, time

MAGIC, MAJOR, HEADER, SLOT, SLOTS = b"WANCTLSM", 1, 0x3000, 512, 4096
CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "i64": "q"}
LEAST = {"i32": -2**31, "i64": -2**63}
ENDED = {3: "the writer has stopped", 4: "another writer has taken over: start again to follow it"}


def open_segment(path):
    file = open(path, "rb")
    memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    if len(memory) != HEADER + SLOTS * SLOT or memory[0:8] != MAGIC:
        sys.exit(f"{path}: not a segment that is ready")
    major, minor = struct.unpack_from("<HH", memory, 8)
    if major != MAJOR:
        sys.exit(f"{path}: written by ABI {major}.{minor}, this reads {MAJOR}.x")
    return file, memory


def ending(file, memory):
    """Why no record comes any more, or None. Ask before reading `head`: what the writer did last is seen then."""
    asked = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 1, 0)  # struct flock: its first byte
    lock = struct.unpack_from("h", fcntl.fcntl(file, fcntl.F_OFD_GETLK, asked))[0]
    state, = struct.unpack_from("<I", memory, 0x10C)
    stale_ns, = struct.unpack_from("<q", memory, 0x68)
    beat_ns, = struct.unpack_from("<q", memory, 0x180)
    if state in ENDED:
        return ENDED[state]
    if lock == fcntl.F_UNLCK:
        return "the writer is dead"
    silent_ns = time.monotonic_ns() - beat_ns
    return f"the writer hangs: no heartbeat for {silent_ns / 1e9:.0f} s" if silent_ns > 3 * stale_ns else None


def describe(memory):
    """Every field of the record: name -> (struct code, count, offset, word list or None, unknown)."""
    text = memory[0x400:0x1000].split(b"\0")[0]
    if len(text) == 0xC00:  # it goes on
        text += memory[0x1A00:0x3000].split(b"\0")[0]
    lines = text.decode("ascii", "replace").splitlines()
    words = {line[1:].split()[0]: line.split()[1:] for line in lines if line.startswith("=")}
    fields = {}
    for line in lines[1:]:
        if not line[:1].islower():
            continue  # counters (#), slow facts (@), words (=)
        name, kind, offset, unit, *marks = line.split("; ")[0].split(" ")
        kind, _, count = kind.partition("*")
        if kind not in CODES or unit == "reserved":
            continue
        unknown = next((mark[1:] for mark in marks if mark.startswith("?")), None)
        if unknown is not None:
            unknown = LEAST[kind] if unknown == "min" else int(unknown)
        table = words.get(unit[1:]) if unit.startswith("=") else None
        fields[name] = (CODES[kind], int(count or 1), int(offset), table, unknown)
    return fields


def read(memory, number):
    """Record `number` as bytes; None when it is not complete or has been overwritten."""
    at = HEADER + number % SLOTS * SLOT
    if struct.unpack_from("<Q", memory, at)[0] != 2 * number + 2:
        return None
    record = memory[at + 8 : at + SLOT]
    return record if struct.unpack_from("<Q", memory, at)[0] == 2 * number + 2 else None


def decode(fields, record):
    result = {}
    for name, (code, count, offset, table, unknown) in fields.items():
        values = struct.unpack_from(f"<{count}{code}", record, offset)
        values = [None if value == unknown else value for value in values]
        if table:
            values = [table[v] if v is not None and v < len(table) else v for v in values]
        result[name] = values[0] if count == 1 else values
    return result


def main():
    options = argparse.ArgumentParser()
    options.add_argument("name", nargs="?")
    options.add_argument("--file", help="a copy of a segment")
    options.add_argument("--count", type=int, default=0, help="end after so many records")
    options = options.parse_args()
    file, memory = open_segment(options.file or f"/dev/shm/wanctl.{options.name}")
    fields, seen, printed = describe(memory), -1, 0
    while True:
        reason = None if options.file else ending(file, memory)
        head, = struct.unpack_from("<Q", memory, 0x100)
        record = read(memory, head - 1) if head - 1 > seen else None
        if record is not None:
            seen, printed = head - 1, printed + 1
            print(json.dumps({"number": seen, **decode(fields, record)}), flush=True)
        if printed == options.count > 0 or (options.file and record is None):
            return
        if reason and record is None:
            sys.exit(reason)
        time.sleep(0.002)


if __name__ == "__main__":
    main()

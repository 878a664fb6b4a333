#!/usr/bin/env python3
"""What wanctl-steering costs, and how soon its PATCH leaves after the record that caused it was made, at 20 Hz and at
200 Hz. The real program and the simulated router on the same machine, in namespaces of their own. Prints one line a
figure with its target; timings depend on the machine, so a missed target is said and no more."""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from daemon_perf import SETTLE, Report, cpu_ns, enter_namespace, memory, memory_rows, percentile, stop, wait_for

RULE = "ADAPTIVE: Steer latency-sensitive to WAN2"
CONFIG = """
primary = "cable"
alternate = "dsl"
[router]
url = "https://127.0.0.1:{https}"
user = "wanctl"
password_file = "{work}/password"
ca_file = "{ca}"
[state]
dir = "{work}"
[rule]
comment = "{rule}"
"""
SHORT_TIMERS = """
[confidence]
sustain_s = 0.1
recovery_sustain_s = 0.1
hold_down_s = 0.1
[flap]
max_toggles = 60
penalty = 0
"""


def records(binaries, name, last):
    out = subprocess.run([binaries / "wanctl", "shm", "dump", name, "--last", str(last), "--json"],
                         capture_output=True, text=True, check=False).stdout
    return [json.loads(line) for line in out.splitlines() if '"slot"' in line]


def tell(feeder, line):
    feeder.stdin.write(line + "\n")
    feeder.stdin.flush()
    feeder.stdout.readline()


class Rig:
    """The simulated router, two made-up lines, and the daemon."""

    def __init__(self, binaries, hz, more="", stamped=False):
        self.bin = binaries
        self.stack = contextlib.ExitStack()
        self.work = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="wanctl-perf-")))
        (self.work / "passwords").write_text("wanctl:secret\n")
        (self.work / "password").write_text("secret\n")
        (self.work / "password").chmod(0o600)
        self.start([binaries / "routeros-sim", "--quiet", "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                    "--port-file", self.work / "ports", "--password-file", self.work / "passwords",
                    "--user", "wanctl:read,write,api,rest-api", "--rule-comment", RULE])
        self.feeders = [self.start([binaries / "segment-feeder", wan, str(hz), "1000"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True) for wan in ("cable", "dsl")]
        wait_for(lambda: (self.work / "ports").exists() and (self.work / "ports").read_text().endswith("}\n"),
                 "the router's start")
        ports = json.loads((self.work / "ports").read_text())
        config = self.work / "steering.toml"
        config.write_text(CONFIG.format(https=ports["https_port"], work=self.work, ca=ports["ca_file"], rule=RULE) + more)
        self.stamps = self.work / "stamps"
        stamping = {"WANCTL_SEND_STAMPS": str(self.stamps), "LD_PRELOAD": str(binaries / "send-stamps.so")}
        self.daemon = self.start([binaries / "wanctl-steering", "--config", config], stderr=subprocess.DEVNULL,
                                 env=dict(os.environ, **(stamping if stamped else {})))
        wait_for(lambda: self.newest("rule_read") not in (None, "unknown"), "the rule's reading")

    def start(self, command, **options):
        process = subprocess.Popen(command, **options)
        self.stack.callback(stop, process, 9)
        return process

    def newest(self, field):
        found = records(self.bin, "steering", 1)
        return found[-1][field] if found else None

    def sends(self):
        return self.stamps.read_text().count("\n") if self.stamps.exists() else 0

    def switch(self, congested):
        """Microseconds from the record that caused a switch: to the first byte of the PATCH, and until curl was done."""
        # The daemon is not looked at before it has sent: processes that start beside it would cost the time in question.
        before = self.sends()
        last = self.newest("last_at_ns")
        tell(self.feeders[0], "zone 3 0" if congested else "zone 0 0")
        tell(self.feeders[0], "rtt 250000" if congested else "rtt 21000")
        wait_for(lambda: self.sends() > before, "a send")
        wait_for(lambda: self.newest("last_at_ns") not in (None, last) and self.newest("last_latency_us"), "a switch")
        done = self.newest("last_send_us")
        sent = int(self.stamps.read_text().splitlines()[-1])
        # Of the records before the send, the oldest that is not older than all of it took.
        cause = min(record["mono_ns"] for record in records(self.bin, "cable", 400)
                    if record["mono_ns"] >= sent - done * 1000)
        return (sent - cause) / 1000, done

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()


def latency(args, report):
    for hz in (20, 200):
        with Rig(args.bin, hz, SHORT_TIMERS, stamped=True) as rig:
            first, done = zip(*(rig.switch(i % 2 == 0) for i in range(args.toggles)))
        print(f"steering, two WANs at {hz} Hz, {args.toggles} switches:")
        for share, target in ((0.5, 200), (0.99, 1000)):
            value = percentile(first, share)
            report.row(f"  record to the first byte of the PATCH, p{share * 100:.0f}", f"{value:.0f} us",
                       f"< {target} us", value < target)
        report.row("  record to the PATCH in the kernel, p50 / p99",
                   f"{percentile(done, 0.5):.0f} / {percentile(done, 0.99):.0f} us")


def costs(args, report):
    with Rig(args.bin, 20) as rig:
        time.sleep(SETTLE)
        before, began = cpu_ns(rig.daemon.pid), time.monotonic()
        time.sleep(args.seconds)
        share = (cpu_ns(rig.daemon.pid) - before) / ((time.monotonic() - began) * 1e9)
        used = memory(rig.daemon.pid)
    print(f"steering, two WANs at 20 Hz, {args.seconds:.0f} s:")
    report.row("  processor, share of one core", f"{share:.3%}", "<= 0.3 %", share <= 0.003)
    memory_rows(report, used)


def replay(args, report):
    rows = 1_000_000
    with tempfile.TemporaryDirectory(prefix="wanctl-perf-") as work:
        series, config = pathlib.Path(work) / "series", pathlib.Path(work) / "steering.toml"
        with open(series, "w", encoding="utf-8") as out:
            for i in range(rows):
                red = i // 600 % 3 == 0
                out.write('{"t": %.2f, "zone": "%s", "delta_ms": %.1f, "drops": %d, "queue": %d}\n' % (
                    i * 0.05, "RED" if red else "GREEN", 130.0 if red else i * 7919 % 100 / 10, red, 60 * red))
        config.write_text(CONFIG.format(https=1, work=work, ca="", rule=RULE))
        began = time.monotonic()
        with open(pathlib.Path(work) / "decisions", "w", encoding="utf-8") as out:
            subprocess.run([args.bin / "wanctl-steering", "replay", "--config", config, "--input", series],
                           stdout=out, check=True)
        took = time.monotonic() - began
    print("steering's replay, from file to file:")
    report.row(f"  {rows:,} rows", f"{took:.2f} s", "< 3 s", took < 3)


RUNS = {"latency": latency, "costs": costs, "replay": replay}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    full = os.environ.get("WANCTL_TEST_FULL") == "1"
    parser.add_argument("--toggles", type=int, default=200 if full else 40)
    parser.add_argument("--seconds", type=float, default=60 if full else 15, help="that the costs are measured for")
    parser.add_argument("runs", nargs="*", help=f"some of {', '.join(RUNS)}; all by default")
    args = parser.parse_args()
    args.bin = args.bin.resolve()
    enter_namespace()
    report = Report()
    for run in args.runs or RUNS:
        RUNS[run](args, report)


if __name__ == "__main__":
    sys.exit(main())

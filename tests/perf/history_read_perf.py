#!/usr/bin/env python3
"""How long `wanctl history` takes on a store of 7 days at 20 Hz for two WANs, as whole processes.

The default tiers: the newest hour as slots, the days before in rows of a minute. Prints one line a figure
with its target; timings depend on the machine, so a missed target is said and no more.
"""

import argparse
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

RUNS = 15
WANS = ["cable", "dsl"]


def milliseconds(command):
    """The least and the median time of a run, and the processor's time of one."""
    taken = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append((time.perf_counter() - begin) * 1e3)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return min(taken), statistics.median(taken), used / RUNS * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        stores = [pathlib.Path(directory) / f"{wan}.db" for wan in WANS]
        now = int(time.time())
        for store in stores:
            subprocess.run([options.bin / "make-history", store, str(now), "3600", str(7 * 86400), "0", "0"],
                           check=True)
        size = sum(store.stat().st_size for store in stores) / 1e6
        print(f"history of 7 days at 20 Hz, 2 WANs: {size:.1f} MB")
        for what, target in (("--last 7d --summary", 200), ("--last 1h", 100), ("--last 7d --plot", None)):
            for wan, store in zip(WANS, stores):
                least, median, used = milliseconds([options.bin / "wanctl", "history", "--db", store, *what.split()])
                said = "" if target is None else \
                    f"  target < {target} ms: {'met' if median < target else 'MISSED'}"
                print(f"{'history ' + what + ', ' + wan:<42} median {median:6.1f} ms  least {least:6.1f} ms  processor {used:6.1f} ms{said}")


if __name__ == "__main__":
    main()

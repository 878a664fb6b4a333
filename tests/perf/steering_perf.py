#!/usr/bin/env python3
"""How soon wanctl-steering's PATCH leaves after the record that caused it was made, at 20 Hz and at 200 Hz, and what the
daemon costs at 20 Hz with two WANs, with the simulated router on the same machine, in namespaces of its own. Prints one
line a figure; no target fails it."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from daemon_perf import SETTLE, cpu_ns, enter_namespace, memory, percentile, stop, wait_for

RULE = "ADAPTIVE: Steer latency-sensitive to WAN2"
CONFIG = """
primary = "cable"
alternate = "dsl"
[router]
url = "https://127.0.0.1:{https}"
user = "wanctl"
password_file = "{password}"
ca_file = "{ca}"
[state]
dir = "{work}"
[rule]
comment = "{rule}"
[confidence]
sustain_s = 0.1
recovery_sustain_s = 0.1
hold_down_s = 0.1
[flap]
max_toggles = 60
penalty = 0
"""


def newest(binaries):
    out = subprocess.run([binaries / "wanctl", "shm", "dump", "steering", "--last", "1", "--json"],
                         capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in out.splitlines() if '"slot"' in line]
    return lines[-1] if lines else {}


def tell(feeder, line):
    feeder.stdin.write(line + "\n")
    feeder.stdin.flush()
    feeder.stdout.readline()


def costs(daemon, seconds):
    time.sleep(SETTLE)
    before, began = cpu_ns(daemon.pid), time.monotonic()
    time.sleep(seconds)
    share = (cpu_ns(daemon.pid) - before) / ((time.monotonic() - began) * 1e9)
    used = memory(daemon.pid)
    print(f"steering, 20 Hz, two WANs, {seconds:.0f} s: processor {share:.3%} of a core (aim 0.3 %), "
          f"RssAnon {used['RssAnon']:,} B (aim 4,000,000 B), "
          f"RssAnon + RssFile {used['RssAnon'] + used['RssFile']:,} B (aim 16,000,000 B)")


def measure(binaries, hz, toggles, seconds):
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        (work / "passwords").write_text("wanctl:secret\n")
        (work / "password").write_text("secret\n")
        (work / "password").chmod(0o600)
        sim = subprocess.Popen([binaries / "routeros-sim", "--quiet", "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                                "--port-file", work / "ports", "--password-file", work / "passwords",
                                "--user", "wanctl:read,write,api,rest-api", "--rule-comment", RULE])
        feeders = [subprocess.Popen([binaries / "segment-feeder", wan, str(hz), "1000"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True) for wan in ("cable", "dsl")]
        try:
            wait_for((work / "ports").exists, "the router's start")
            time.sleep(0.1)
            ports = json.loads((work / "ports").read_text())
            (work / "steering.toml").write_text(CONFIG.format(
                https=ports["https_port"], password=work / "password", ca=ports["ca_file"], rule=RULE,
                work=work))
            daemon = subprocess.Popen([binaries / "wanctl-steering", "--config", work / "steering.toml"],
                                      stderr=subprocess.DEVNULL)
            wait_for(lambda: newest(binaries).get("rule_read") not in (None, "unknown", 0), "the rule's reading")
            if seconds:
                costs(daemon, seconds)
            sent = []
            for i in range(toggles):
                congested = i % 2 == 0
                last = newest(binaries)["last_at_ns"]
                tell(feeders[0], "zone 3 0" if congested else "zone 0 0")
                tell(feeders[0], "rtt 250000" if congested else "rtt 21000")
                wait_for(lambda: newest(binaries)["last_at_ns"] != last
                         and newest(binaries)["last_latency_us"] > 0, "a switch")
                sent.append(newest(binaries)["last_send_us"])
            stop(daemon)
            daemon.wait()
        finally:
            for process in feeders + [sim]:
                process.kill()
                process.wait()
    print(f"steering, {hz} Hz: record to PATCH in the kernel, {toggles} switches: p50 {percentile(sent, 0.5)} us, "
          f"p99 {percentile(sent, 0.99)} us (aim 200 and 1000 us)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--toggles", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15, help="how long the costs are measured")
    arguments = parser.parse_args()
    enter_namespace()
    for hz, seconds in ((20, arguments.seconds), (200, 0)):
        measure(arguments.bin.resolve(), hz, arguments.toggles, seconds)


if __name__ == "__main__":
    sys.exit(main())

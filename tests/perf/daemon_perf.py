#!/usr/bin/env python3
"""What wanctl-autorate costs: its processor time and memory at 20 Hz, its slots at 200 Hz, and how soon a
write leaves. The real programs, over the simulator's line, in namespaces of their own.

Prints one line a figure with its target; exit status 0 only if every target is met, 77 where the system
has no namespaces. Processor time is the scheduler's own account (/proc/PID/schedstat), a slot's is the
record's stage slot_cpu, memory is /proc/PID/status.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WAN = "perf"
DOWNLOAD, UPLOAD = "WAN-Download", "WAN-Upload"
IN_NAMESPACE = "WANCTL_PERF_IN_NAMESPACE"
KB = 1024
SETTLE = 5  # seconds until the connections stand and what only the start needed is given back


def enter_namespace():
    """Runs this script again where no packet can leave the machine and /dev/shm is ours."""
    if os.environ.get(IN_NAMESPACE):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/dev/shm"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    unshare = ["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        unshare.append("-r")
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        print("skipped: this system allows no namespaces")
        sys.exit(77)
    os.environ[IN_NAMESPACE] = "1"
    os.execvp("unshare", unshare + [sys.executable, os.path.abspath(__file__)] + sys.argv[1:])


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def wait_for(condition, what, deadline=20):
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what} did not happen within {deadline} s")
        time.sleep(0.01)


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
        process.wait(10)


class Rig:
    """The simulator with one line, and the daemon that shapes it."""

    CONFIG = """
wan = "{wan}"
interval_ms = {interval_ms}
[router]
url = "https://127.0.0.1:{port}"
user = "wanctl"
password_file = "{work}/pw"
stats_user = "wanctl-stats"
stats_password_file = "{work}/pw2"
ca_file = "{work}/ca.pem"
[queues]
download = "{download}"
upload = "{upload}"
[probe]
reflectors = ["198.18.1.1", "198.18.1.2", "198.18.1.3"]
[baseline]
initial_ms = 10.0
[download]
ceiling_mbps = 300.0
floor_mbps = 20.0
step_up_mbps = 10.0
factor_down = 0.85
[upload]
ceiling_mbps = 30.0
floor_mbps = 4.0
step_up_mbps = 1.0
factor_down = 0.90
"""

    def __init__(self, bin_dir, interval_ms, line, wrapper=()):
        self.bin = bin_dir
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="wanctl-perf-"))
        for name, text in (("users", "wanctl:secret1\nwanctl-stats:secret2\n"), ("pw", "secret1\n"),
                           ("pw2", "secret2\n")):
            path = self.work / name
            path.write_text(text)
            path.chmod(0o600)
        ports = self.work / "ports.json"
        self.simulator = subprocess.Popen(
            [bin_dir / "routeros-sim", "--tls", "127.0.0.1:0", "--tls-dir", self.work,
             "--port-file", ports, "--user", "wanctl:read,write,api,rest-api",
             "--user", "wanctl-stats:read,api,rest-api", "--password-file", self.work / "users",
             "--queue", f"{DOWNLOAD}:300M", "--queue", f"{UPLOAD}:30M",
             "--line", f"download={DOWNLOAD},upload={UPLOAD}", "--tun", "--quiet"] + line)
        wait_for(lambda: ports.exists() or self.simulator.poll() is not None, "the simulator's start")
        config = self.work / "perf.toml"
        config.write_text(self.CONFIG.format(
            wan=WAN, interval_ms=interval_ms, port=json.loads(ports.read_text())["https_port"],
            work=self.work, download=DOWNLOAD, upload=UPLOAD))
        self.log = open(self.work / "log", "w+")
        command = [*wrapper, bin_dir / "wanctl-autorate", "--config", config]
        self.child = subprocess.Popen(command, stderr=self.log)
        wait_for(lambda: self.records(1), "the daemon's first slot")
        children = pathlib.Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        self.pid = int(children.split()[0]) if wrapper else self.child.pid

    def close(self):
        if self.child.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            self.child.wait(10)
        stop(self.simulator)
        self.log.seek(0)
        shutil.rmtree(self.work)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def records(self, last):
        found = subprocess.run([self.bin / "wanctl", "shm", "dump", WAN, "--last", str(last),
                                "--format", "json"], capture_output=True, text=True)
        lines = (line for line in found.stdout.splitlines() if '"mono_ns"' in line)
        return [json.loads(line) for line in lines]

    def follow(self, path):
        with open(path, "w") as out:
            return subprocess.Popen([self.bin / "wanctl", "shm", "dump", WAN, "--last", "1", "--follow",
                                     "--format", "json"], stdout=out, stderr=subprocess.DEVNULL)

    def cpu_ns(self):
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0])

    def memory(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return {name: int(kb) * KB for name, kb in re.findall(r"^(Rss\w+):\s+(\d+) kB", status, re.M)}


def stage(record, name):
    return record["stage_ns"][name] if isinstance(record["stage_ns"], dict) else record[f"stage_{name}_ns"]


class Report:
    def __init__(self):
        self.missed = 0

    def row(self, what, value, target="", met=True):
        verdict = "" if not target else ("met" if met else "MISSED")
        self.missed += not met
        print(f"{what:<52} {value:>22}  {target:<22} {verdict}", flush=True)


QUIET_LINE = ["--capacity", "500/50", "--base-rtt-ms", "10", "--jitter-ms", "1"]


def at_20_hz(args, report):
    with Rig(args.bin, 50, QUIET_LINE) as rig:
        time.sleep(SETTLE)
        before, began = rig.cpu_ns(), time.monotonic()
        time.sleep(args.seconds)
        share = (rig.cpu_ns() - before) / ((time.monotonic() - began) * 1e9)
        memory = rig.memory()
        cpu = [stage(record, "slot_cpu") for record in rig.records(int(args.seconds * 20) - 10)]
    file_and_anon = memory["RssAnon"] + memory["RssFile"]
    print(f"20 Hz, 3 reflectors, TLS, statistics at 4 Hz as a second user, {args.seconds:.0f} s:")
    report.row("  processor, share of one core", f"{share:.3%}", "<= 0.5 %", share <= 0.005)
    p50, p99 = percentile(cpu, 0.5) / 1e3, percentile(cpu, 0.99) / 1e3
    report.row("  a slot's processor time, p50", f"{p50:.0f} us", "<= 150 us", p50 <= 150)
    report.row("  a slot's processor time, p99", f"{p99:.0f} us", "<= 1000 us", p99 <= 1000)
    report.row("  RssAnon", f"{memory['RssAnon']:,} B", "<= 4,000,000 B", memory["RssAnon"] <= 4e6)
    report.row("  RssAnon + RssFile", f"{file_and_anon:,} B", "<= 16,000,000 B", file_and_anon <= 16e6)
    report.row("  RssShmem (the ring)", f"{memory['RssShmem']:,} B")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--seconds", type=float, default=20, help="of each run")
    parser.add_argument("runs", nargs="*")
    args = parser.parse_args()
    enter_namespace()
    report = Report()
    at_20_hz(args, report)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

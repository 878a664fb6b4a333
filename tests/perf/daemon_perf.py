#!/usr/bin/env python3
"""What wanctl-autorate costs: its processor time and memory at 20 Hz, its slots at 200 Hz, and how soon a
write leaves. The real programs, over the simulator's line, in namespaces of their own.

Prints one line a figure with its target. Timings depend on the machine, so a missed target is said and no
more; only a bound on work that is exceeded makes the exit status 1. 77: the system has no namespaces. Processor time is the scheduler's own account (/proc/PID/schedstat), a slot's is the
record's stage slot_cpu, memory is /proc/PID/status.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
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
    os.execvp("unshare", unshare + [sys.executable, os.path.abspath(sys.argv[0])] + sys.argv[1:])


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


def cpu_ns(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(kb) * KB for name, kb in re.findall(r"^(Rss\w+):\s+(\d+) kB", status, re.M)}


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
[state]
dir = "{work}"
[queues]
download = "{download}"
upload = "{upload}"
[probe]
reflectors = {reflectors}
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

    def __init__(self, bin_dir, interval_ms, line, wrapper=(), wans=1, more="", environment=None):
        self.bin = bin_dir
        self.directory = tempfile.TemporaryDirectory(prefix="wanctl-perf-")
        self.work = pathlib.Path(self.directory.name)
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
             *self.queues(wans),
             "--line", f"download={DOWNLOAD},upload={UPLOAD}", "--tun", "--quiet"] + line)
        wait_for(lambda: ports.exists() or self.simulator.poll() is not None, "the simulator's start")
        if not ports.exists():
            print("skipped: the simulated line needs TUN devices and the right to make namespaces")
            sys.exit(77)
        # A wire does not take the processor in the middle of the daemon's send call, as the simulator's
        # real-time thread would: the daemon would pay for switches that are not its own.
        os.sched_setscheduler(self.simulator.pid, os.SCHED_BATCH, os.sched_param(0))
        port = json.loads(ports.read_text())["https_port"]
        configs = []
        for number in range(wans):
            suffix = str(number or "")
            config = self.work / f"perf{suffix}.toml"
            config.write_text(self.CONFIG.format(
                wan=WAN + suffix, reflectors=json.dumps(REFLECTORS), interval_ms=interval_ms, port=port, work=self.work,
                download=DOWNLOAD + suffix, upload=UPLOAD + suffix) + more.format(work=self.work))
            configs += ["--config", config]
        self.log = open(self.work / "log", "w")
        command = [*wrapper, bin_dir / "wanctl-autorate", *configs]
        environment = {name: str(value).format(work=self.work) for name, value in (environment or {}).items()}
        self.child = subprocess.Popen(command, stderr=self.log, env=os.environ | environment)
        wait_for(lambda: self.records(1) or self.child.poll() is not None, "the daemon's first slot")
        if self.child.poll() is not None:
            sys.exit("the daemon ended at once:\n" + (self.work / "log").read_text())
        children = pathlib.Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        self.pid = int(children.split()[0]) if wrapper else self.child.pid

    @staticmethod
    def queues(wans):
        options = []
        for number in range(wans):
            suffix = str(number or "")
            options += ["--queue", f"{DOWNLOAD}{suffix}:300M", "--queue", f"{UPLOAD}{suffix}:30M"]
        return options

    def close(self):
        if self.child.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            self.child.wait(10)
        stop(self.simulator)
        self.log.close()
        self.directory.cleanup()

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
        return cpu_ns(self.pid)

    def memory(self):
        return memory(self.pid)


def stage(record, name):
    return record["stage_ns"][name] if isinstance(record["stage_ns"], dict) else record[f"stage_{name}_ns"]


class Report:
    def __init__(self):
        self.exceeded = False  # a bound on work, not on time

    def row(self, what, value, target="", met=True):
        verdict = "" if not target else ("met" if met else "MISSED")
        print(f"{what:<52} {value:>22}  {target:<22} {verdict}", flush=True)


def memory_rows(report, used):
    file_and_anon = used["RssAnon"] + used["RssFile"]
    report.row("  RssAnon", f"{used['RssAnon']:,} B", "<= 4,000,000 B", used["RssAnon"] <= 4e6)
    report.row("  RssAnon + RssFile", f"{file_and_anon:,} B", "<= 16,000,000 B", file_and_anon <= 16e6)
    report.row("  RssShmem (the rings)", f"{used['RssShmem']:,} B")


REFLECTORS = ["198.18.1.1", "198.18.1.2", "198.18.1.3"]
QUIET_LINE = ["--capacity", "500/50", "--base-rtt-ms", "10", "--jitter-ms", "1"]
BUSY_LINE = ["--generator", "demo", "--base-rtt-ms", "10", "--flows-down", "4", "--flows-up", "2"]


def slot_floor(args, *reflectors):
    floor = subprocess.run([args.bin / "slot-floor", "200", *reflectors], capture_output=True, text=True,
                           check=True)
    return [int(ns) / 1e3 for ns in floor.stdout.split()]


def at_20_hz(args, report):
    with Rig(args.bin, 50, QUIET_LINE) as rig:
        time.sleep(SETTLE)
        before, began = rig.cpu_ns(), time.monotonic()
        time.sleep(args.seconds)
        share = (rig.cpu_ns() - before) / ((time.monotonic() - began) * 1e9)
        used = rig.memory()
        records = rig.records(int(args.seconds * 20) - 10)
        stages = {name: [stage(record, name) for record in records]
                  for name in ("slot_cpu", "send", "receive", "decide", "actuate", "publish")}
        # The daemon stands still meanwhile: a program that only pings pays for cold caches as well.
        os.kill(rig.pid, signal.SIGSTOP)
        floors = {"two wake-ups": slot_floor(args), "and the echoes": slot_floor(args, *REFLECTORS)}
        os.kill(rig.pid, signal.SIGCONT)
    print(f"20 Hz, 3 reflectors, TLS, statistics at 4 Hz as a second user, {args.seconds:.0f} s:")
    report.row("  processor, share of one core", f"{share:.3%}", "<= 0.5 %", share <= 0.005)
    cpu = stages.pop("slot_cpu")
    p50, p99 = percentile(cpu, 0.5) / 1e3, percentile(cpu, 0.99) / 1e3
    report.row("  a slot's processor time, p50", f"{p50:.0f} us", "<= 150 us", p50 <= 150)
    report.row("  a slot's processor time, p99", f"{p99:.0f} us", "<= 1000 us", p99 <= 1000)
    for what, (p50, p99) in floors.items():
        report.row(f"    the least here: {what}", f"{p50:.0f} / {p99:.0f} us")
    for name, values in stages.items():
        report.row(f"    stage {name}, p50 / p99, wall clock",
                   f"{percentile(values, 0.5) / 1e3:.1f} / {percentile(values, 0.99) / 1e3:.1f} us")
    memory_rows(report, used)


def at_200_hz(args, report):
    interval_ms = 5
    with Rig(args.bin, interval_ms, QUIET_LINE) as rig:
        time.sleep(SETTLE)
        before = rig.records(1)[0]["missed_slots"]
        path = rig.work / "records"
        follower = rig.follow(path)
        time.sleep(args.seconds)
        stop(follower, signal.SIGINT)
        lines = path.read_text().splitlines()
    records = [json.loads(line) for line in lines if '"mono_ns"' in line and line.endswith("}")]
    cpu = [stage(record, "slot_cpu") for record in records]
    worst = max(cpu) / 1e6
    print(f"200 Hz, a reader awake in every slot, {args.seconds:.0f} s, {len(records)} slots:")
    report.row("  a slot's processor time, p50 / p99",
               f"{percentile(cpu, 0.5) / 1e3:.0f} / {percentile(cpu, 0.99) / 1e3:.0f} us")
    report.row("  a slot's processor time, worst", f"{worst:.2f} ms", "<= 5 ms", worst <= interval_ms)
    report.row("  slots missed", f"{records[-1]['missed_slots'] - before}")


def writes(args, report):
    """A request is written before the actuate stage ends, and no other stage can be that much longer
    than usual: a slot that wrote is one whose actuate stage took 10 times the median. What curl does
    after the write counts as well, so the true figure is lower."""
    with Rig(args.bin, 50, BUSY_LINE) as rig:
        time.sleep(SETTLE)
        time.sleep(args.seconds)
        records = rig.records(int(args.seconds * 20))
    usual = percentile([stage(record, "actuate") for record in records], 0.5)
    wrote = [stage(record, "decide") + stage(record, "actuate") for record in records
             if stage(record, "actuate") > 10 * usual]
    ended = sum(record["writes_ended"] for record in records)
    print(f"a busy line whose capacity changes, {args.seconds:.0f} s, {ended} writes confirmed, "
          f"{len(wrote)} begun at a slot's close:")
    p99 = percentile(wrote, 0.99) / 1e6
    report.row("  slot's close to PATCH in the kernel, p50", f"{percentile(wrote, 0.5) / 1e6:.3f} ms")
    report.row("  slot's close to PATCH in the kernel, p99", f"{p99:.3f} ms", "< 1 ms", p99 < 1)


def syscalls(args, report):
    """Work, not time: how often a slot asks the kernel for something, statistics included."""
    if shutil.which("strace") is None:
        print("skipped: strace is not here")
        sys.exit(77)
    with Rig(args.bin, 50, QUIET_LINE) as rig:
        time.sleep(SETTLE)
        trace = subprocess.Popen(["strace", "-c", "-f", "-p", str(rig.pid)], stderr=subprocess.PIPE,
                                 text=True)
        time.sleep(min(args.seconds, 5))
        trace.send_signal(signal.SIGINT)
        text = trace.communicate()[1]
    calls = {name: int(count) for count, name in
             re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", text, re.M)}
    total = calls.pop("total", 0)
    slots = calls.get("sendmmsg", 0)
    if slots == 0:
        print(f"skipped: strace may not look at other programs here: {text.strip()}")
        sys.exit(77)
    print(f"system calls, {slots} slots of 50 ms:")
    for name, count in sorted(calls.items(), key=lambda item: -item[1]):
        report.row(f"    {name}", f"{count / slots:.2f} a slot")
    report.exceeded = total > 16 * slots
    report.row("  all", f"{total / slots:.2f} a slot", "<= 16 a slot", not report.exceeded)


def replay(args, report):
    rows = 1_000_000
    with tempfile.TemporaryDirectory(prefix="wanctl-perf-") as work:
        series = pathlib.Path(work) / "series"
        with open(series, "w") as out:
            for i in range(rows):
                out.write('{"t": %.2f, "rtt_ms": %.3f}\n' % (i * 0.05, 10 + (i * 7919 % 1000) / 11.0))
        config = pathlib.Path(work) / "perf.toml"
        config.write_text(Rig.CONFIG.format(wan=WAN, interval_ms=50, port=1, work=work,
                                            reflectors=json.dumps(REFLECTORS), download=DOWNLOAD,
                                            upload=UPLOAD))
        began = time.monotonic()
        with open(pathlib.Path(work) / "decisions", "w") as out:
            subprocess.run([args.bin / "wanctl-autorate", "replay", "--config", config, "--input", series],
                           stdout=out, check=True)
        took = time.monotonic() - began
    print("replay, from file to file:")
    report.row(f"  {rows:,} samples", f"{took:.2f} s", "< 2 s", took < 2)


def ten_wans(args, report):
    with Rig(args.bin, 50, QUIET_LINE, wans=10) as rig:
        time.sleep(4)
        began, used = time.monotonic(), rig.cpu_ns()
        time.sleep(args.seconds)
        share = (rig.cpu_ns() - used) / 1e9 / (time.monotonic() - began) * 100
        used_memory = rig.memory()
    print("10 WANs of one router in one process, 20 Hz, 3 reflectors each:")
    report.row("  processor, share of one core", f"{share:.2f} %", "<= 3 %", share <= 3)
    report.row("  RssAnon", f"{used_memory['RssAnon'] / KB / KB:.1f} MB")


def history(args, report):
    """The loop beside a store in trouble, each pair one after the other: at 200 Hz, so that the slots
    of a few seconds have a p99."""
    keep = '[history]\nenabled = true\npath = "{work}/history.db"\n'
    bad_disk = {"LD_PRELOAD": args.bin / "bad-disk.so", "WANCTL_DISK_FULL": "{work}/full"}
    seconds = 5

    def slots(trouble):
        with Rig(args.bin, 5, QUIET_LINE, more=keep if trouble else "",
                 environment=bad_disk | {"WANCTL_DISK": trouble} if trouble in ("slow", "full") else {}) as rig:
            time.sleep(SETTLE)
            if trouble == "locked":
                lock = sqlite3.connect(rig.work / "history.db", isolation_level=None)
                lock.execute("BEGIN EXCLUSIVE")
            if trouble == "full":
                (rig.work / "full").touch()
            time.sleep(seconds)
            records = rig.records(seconds * 200)
            told = (rig.work / "log").read_text()
            if trouble in ("locked", "full") and "history: not recording" not in told:
                sys.exit(f"the store was not {trouble}:\n{told}")
        work = [sum(stage(record, name) for name in ("decide", "actuate", "publish")) / 1e3 for record in records]
        late = [record["lateness_ns"] / 1e3 for record in records]
        missed = records[-1]["missed_slots"] - records[0]["missed_slots"]
        return percentile(work, 0.99), percentile(late, 0.99), missed

    print(f"a slot beside a history, 200 Hz, {seconds} s each, p99 of its work (decide to publish) / of its lateness:")
    for trouble in ("well", "locked", "slow", "full"):
        without, with_store = slots(None), slots(trouble)
        report.row(f"  without / {trouble}: work", f"{without[0]:.0f} / {with_store[0]:.0f} us")
        report.row(f"  without / {trouble}: lateness, missed slots",
                   f"{without[1]:.0f} / {with_store[1]:.0f} us, {without[2]} / {with_store[2]}")


RUNS = {"replay": replay, "20hz": at_20_hz, "200hz": at_200_hz, "10wans": ten_wans, "writes": writes, "syscalls": syscalls,
        "history": history}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    full = os.environ.get("WANCTL_TEST_FULL") == "1"
    parser.add_argument("--seconds", type=float, default=60 if full else 15,
                        help="that each run is measured for")
    parser.add_argument("runs", nargs="*", help=f"some of {', '.join(RUNS)}; all by default")
    args = parser.parse_args()
    unknown = [run for run in args.runs if run not in RUNS]
    if unknown:
        parser.error(f"no run is called {unknown[0]}")
    args.bin = args.bin.resolve()
    enter_namespace()
    report = Report()
    for run in args.runs or RUNS:
        RUNS[run](args, report)
    return 1 if report.exceeded else 0


if __name__ == "__main__":
    sys.exit(main())

"""The main job, shown: the same simulated line, full in both directions, without and with wanctl-autorate.

Runs inside a network and mount namespace of its own (deploy/demo makes it). Prints what happens and
ends with a verdict; exit status 0 only if latency improved as promised, at the promised goodput.
"""

import argparse
import json
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

WAN = "demo"
DOWNLOAD, UPLOAD = "WAN-Download-Demo", "WAN-Upload-Demo"
CANNOT = 69  # the environment does not allow it; the simulator has said why
CONFIG = """
wan = "demo"
[router]
url = "https://127.0.0.1:{port}"
user = "wanctl"
password_file = "{work}/password"
stats_user = "wanctl-stats"
stats_password_file = "{work}/stats-password"
ca_file = "{ca}"
[queues]
download = "WAN-Download-Demo"
upload = "WAN-Upload-Demo"
[probe]
reflectors = ["198.18.1.1", "198.18.1.2", "198.18.1.3"]
[baseline]
initial_ms = 20.0
[download]
ceiling_mbps = 60.0
floor_mbps = {{ green = 20.0, yellow = 14.0, soft_red = 12.0, red = 10.0 }}
step_up_mbps = 0.3
factor_down = 0.90
factor_down_yellow = 0.98
[upload]
ceiling_mbps = 12.0
floor_mbps = 2.5
step_up_mbps = 0.1
factor_down = 0.90
factor_down_yellow = 0.98
"""
PROBE_TARGET = "198.18.1.9"  # not one of the daemon's reflectors: an ordinary host beyond the line
PROBE_INTERVAL = 0.05
REPORT_INTERVAL = 5.0
SETTLE = 3.0  # seconds at the start of each phase that the verdict leaves out, or a fifth of a short phase
SHORTEST = 5.0  # seconds; both phases
USAGE, BAD_INPUT = 64, 65
RTT_RATIO = 0.2  # promised: RTT p99 at most a fifth ...
GOODPUT_RATIO = 0.6  # ... with at least 60 % of the goodput


def percentile(values, share):
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Pinger:
    """Echo requests at a fixed pace. An unanswered one counts with its age: lost is not fast."""

    TIMEOUT = 3.0

    def __init__(self, target):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        self.socket.setblocking(False)
        self.target = target
        self.pending = {}
        self.sequence = 0
        self.samples = []  # (time sent, rtt in ms)

    def send(self, now):
        self.sequence = (self.sequence + 1) & 0xFFFF
        packet = struct.pack("!BBHHH", 8, 0, 0, 0, self.sequence) + b"wanctl demo"
        try:
            self.socket.sendto(packet, (self.target, 0))
        except OSError:
            pass  # a full queue on our own side: the echo is as good as lost
        self.pending[self.sequence] = now

    def receive(self):
        while True:
            try:
                packet = self.socket.recv(256)
            except BlockingIOError:
                return
            now = time.monotonic()
            sent = self.pending.pop(struct.unpack("!H", packet[6:8])[0], None)
            if sent is not None:
                self.samples.append((sent, (now - sent) * 1000.0))

    def expire(self, now):
        for sequence, sent in list(self.pending.items()):
            if now - sent > self.TIMEOUT:
                del self.pending[sequence]
                self.samples.append((sent, self.TIMEOUT * 1000.0))

    def finish(self):
        now = time.monotonic()
        for sent in self.pending.values():
            if now - sent > 0.5:
                self.samples.append((sent, (now - sent) * 1000.0))
        self.pending.clear()
        self.socket.close()


class Simulator:
    """A RouterOS router over HTTPS and, behind it, a line that every packet of this namespace crosses."""

    def __init__(self, programs, work, trace):
        self.control_path = str(work / "control")
        port_file = work / "ports.json"
        port_file.unlink(missing_ok=True)
        source = f"trace={trace}" if trace else "generator=demo"
        command = [programs / "routeros-sim", "--tls", "127.0.0.1:0", "--port-file", port_file,
                   "--control", self.control_path, "--password-file", work / "users",
                   "--user", "wanctl:read,write,api,rest-api", "--user", "wanctl-stats:read,api,rest-api",
                   "--line", f"name={WAN},download={DOWNLOAD},upload={UPLOAD},{source},flows-down=4,flows-up=2",
                   "--tun", "--quiet"]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
        wait_until(lambda: port_file.exists() or self.process.poll() is not None, 10, "the simulator")
        if self.process.poll() is not None:
            # It has said why; with a trace of the user's own that is most likely it.
            raise SystemExit(BAD_INPUT if trace else CANNOT)
        self.ports = json.loads(port_file.read_text())

    def ask(self, **command):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(5)
            control.connect(self.control_path)
            control.sendall(json.dumps(command).encode() + b"\n")
            reply = control.makefile().readline()
        answer = json.loads(reply)
        if not answer["ok"]:
            raise SystemExit(f"the simulator refused {command}: {answer['error']}")
        return answer["result"]

    def stop(self):
        stop(self.process)


class Autorate:
    """The real daemon with a configuration of its own; its log goes to our standard output."""

    def __init__(self, programs, work, ports):
        config = work / "demo.toml"
        config.write_text(CONFIG.format(work=work, port=ports["https_port"], ca=ports["ca_file"]))
        self.programs = programs
        self.process = subprocess.Popen([programs / "wanctl-autorate", "--config", config],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.zone_changes = 0

    def tell(self, report):
        """Passes the log on: zone changes are counted, everything else is worth a line."""
        for line in iter(self.process.stderr.readline, ""):
            if " zone changed " in line:
                self.zone_changes += 1
            else:
                report("autorate: " + line.strip())
        if self.process.poll() is not None:
            raise SystemExit("wanctl-autorate ended by itself")

    def newest(self):
        shown = subprocess.run([self.programs / "wanctl", "shm", "show", WAN, "--json"],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return json.loads(shown.stdout)["newest"] if shown.returncode == 0 else None

    def stop(self):
        stop(self.process)


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come up within {seconds} s")
        select.select([], [], [], 0.02)


def refuse(code, message):
    print(f"deploy/demo: {message}", file=sys.stderr)
    sys.exit(code)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def mbit(bps):
    return f"{bps / 1e6:5.1f}"


def zones(record):
    if record is None:
        return "starting"
    return (f"{record['dl_zone']:>8} {mbit(record['dl_held_bps'] or 0)} | "
            f"{record['ul_zone']:>8} {mbit(record['ul_held_bps'] or 0)}")


class Phase:
    """One run over the line from its beginning: pings and goodput while everything is full."""

    def __init__(self, title, seconds, simulator, autorate):
        self.title, self.seconds = title, seconds
        self.simulator, self.autorate = simulator, autorate
        self.pinger = Pinger(PROBE_TARGET)
        self.start = time.monotonic()
        self.settle = min(SETTLE, seconds / 5)
        self.from_bytes = None

    def now(self):
        return time.monotonic() - self.start

    def report(self, text):
        print(f"  {self.now():5.1f} s  {text}", flush=True)

    def run(self):
        print(f"\n{self.title}, {self.seconds:.0f} s", flush=True)
        next_ping, next_report = self.start, self.start + REPORT_INTERVAL
        while self.now() < self.seconds:
            now = time.monotonic()
            if now >= next_ping:
                self.pinger.send(now)
                self.pinger.expire(now)
                next_ping = max(next_ping + PROBE_INTERVAL, now)
            if self.from_bytes is None and self.now() >= self.settle:
                self.from_bytes = self.simulator.ask(cmd="verdict", reset=True)
                self.from_bytes = self.simulator.ask(cmd="verdict")
            if self.autorate:
                self.autorate.tell(self.report)
            if now >= next_report:
                self.tell_line()
                next_report += REPORT_INTERVAL
            select.select([self.pinger.socket], [], [], max(0.0, next_ping - time.monotonic()))
            self.pinger.receive()
        return self.result()

    def tell_line(self):
        line = self.simulator.ask(cmd="line")
        recent = [rtt for sent, rtt in self.pinger.samples if sent > time.monotonic() - REPORT_INTERVAL]
        text = (f"line {mbit(line['download']['capacity_bps'])}/{mbit(line['upload']['capacity_bps'])} Mbit/s"
                f"  ping p50 {percentile(recent, 0.5):6.0f} p99 {percentile(recent, 0.99):6.0f} ms")
        if self.autorate:
            text += "  held " + zones(self.autorate.newest())
        self.report(text)

    def result(self):
        verdict = self.simulator.ask(cmd="verdict")
        self.pinger.finish()
        rtts = [rtt for sent, rtt in self.pinger.samples if sent - self.start >= self.settle]
        span = self.seconds - self.settle
        goodput = {}
        share = {}
        for direction in ("download", "upload"):
            carried = verdict["goodput_bytes"][direction] - self.from_bytes["goodput_bytes"][direction]
            offered = verdict["capacity_bytes"][direction] - self.from_bytes["capacity_bytes"][direction]
            goodput[direction] = carried * 8 / span
            share[direction] = carried / max(1, offered)
        return {"p50": percentile(rtts, 0.5), "p99": percentile(rtts, 0.99), "goodput": goodput, "share": share}


def verdict(without, with_autorate):
    rows = [("ping p50 under load", lambda r: f"{r['p50']:.0f} ms"),
            ("ping p99 under load", lambda r: f"{r['p99']:.0f} ms")]
    for direction in ("download", "upload"):
        rows.append((f"{direction} goodput", lambda r, d=direction:
                     f"{r['goodput'][d] / 1e6:.1f} Mbit/s ({100 * r['share'][d]:.0f} % of the line)"))
    print(f"\n{'':22}{'without':>33}{'with wanctl-autorate':>33}")
    for title, text in rows:
        print(f"{title:22}{text(without):>33}{text(with_autorate):>33}")
    latency = with_autorate["p99"] / without["p99"]
    goodput = min(with_autorate["goodput"][d] / max(1.0, without["goodput"][d]) for d in ("download", "upload"))
    improved = latency <= RTT_RATIO and goodput >= GOODPUT_RATIO
    print(f"\nverdict: {'improved' if improved else 'NOT improved'}: ping p99 is {100 * latency:.0f} % of what it was "
          f"(promised: at most {100 * RTT_RATIO:.0f} %), goodput {100 * goodput:.0f} % in the worse direction "
          f"(promised: at least {100 * GOODPUT_RATIO:.0f} %)")
    return improved


def run_phase(programs, work, args, shaped):
    simulator = Simulator(programs, work, args.trace)
    autorate = watch = None
    try:
        if shaped:
            autorate = Autorate(programs, work, simulator.ports)
            if args.watch:
                wait_until(lambda: autorate.newest() is not None, 10, "wanctl-autorate")
                watch = subprocess.Popen([programs / "wanctl", "shm", "dump", WAN, "--follow"],
                                         stdin=subprocess.DEVNULL)
        title = "with wanctl-autorate" if shaped else "without wanctl-autorate"
        result = Phase(title, args.seconds / 2, simulator, autorate).run()
        if autorate:
            print(f"  {autorate.zone_changes} zone changes")
        return result
    finally:
        for each in (watch, autorate and autorate.process, simulator.process):
            if each:
                stop(each)


def main():
    parser = argparse.ArgumentParser(prog="deploy/demo", description=__doc__)
    parser.error = lambda message: refuse(USAGE, f"{message}; see deploy/demo --help")
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--trace", type=os.path.abspath)
    parser.add_argument("--watch", action="store_true")
    args = parser.parse_args()
    if not SHORTEST <= args.seconds < float("inf"):
        parser.error(f"--seconds must be a number of at least {SHORTEST:.0f}")
    if args.trace and not os.access(args.trace, os.R_OK):
        refuse(BAD_INPUT, f"{args.trace}: the trace cannot be read")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="demo.") as directory:
        work = pathlib.Path(directory)
        (work / "users").write_text("wanctl:demo-password\nwanctl-stats:demo-stats\n")
        for name, secret in (("password", "demo-password"), ("stats-password", "demo-stats")):
            (work / name).write_text(secret + "\n")
            (work / name).chmod(0o600)
        without = run_phase(args.programs, work, args, shaped=False)
        with_autorate = run_phase(args.programs, work, args, shaped=True)
    return 0 if verdict(without, with_autorate) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Steering, shown: two simulated lines behind one router, an autorate for each, and wanctl-steering between them.

New calls and games leave WAN1 while it is congested and come back afterwards; web traffic never moves. Runs inside a
network and mount namespace of its own (deploy/demo --steering makes it). Exit status 0 only if the simulated router's
connection table says so.
"""

import argparse
import json
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time

import demo

COMMENT = "ADAPTIVE: Steer latency-sensitive to WAN2"
WANS = {"cable": {"queues": ("WAN1-Download", "WAN1-Upload"), "net": 1, "source": "198.18.0.2",
                  "ceiling": 60, "floor": 10, "line": "50/10", "leaves": "ether1"},
        "dsl": {"queues": ("WAN2-Download", "WAN2-Upload"), "net": 3, "source": "198.18.2.2",
                "ceiling": 40, "floor": 6, "line": "30/6", "leaves": "ether2"}}
ROUTER = """
[router]
url = "https://127.0.0.1:{port}"
user = "{user}"
password_file = "{work}/password"
ca_file = "{ca}"
"""
AUTORATE = """
wan = "{wan}"
""" + ROUTER + """
[queues]
download = "{queues[0]}"
upload = "{queues[1]}"
[probe]
reflectors = ["198.18.{net}.1", "198.18.{net}.2", "198.18.{net}.3"]
source_address = "{source}"
[baseline]
initial_ms = 20.0
[download]
ceiling_mbps = {ceiling}.0
floor_mbps = {floor}.0
step_up_mbps = 0.3
factor_down = 0.90
[upload]
ceiling_mbps = 12.0
floor_mbps = 2.0
step_up_mbps = 0.1
factor_down = 0.90
"""
# The hold-down is 30 s by default; here it fits a demonstration.
STEERING = """
primary = "cable"
alternate = "dsl"
""" + ROUTER + """
[state]
dir = "{work}"
[rule]
comment = "{comment}"
[confidence]
hold_down_s = {hold_down}
"""
CALLS_PER_S = 20
SHORTEST = 60.0


class Router(demo.Simulator):
    """The same simulator with two lines behind it."""

    def __init__(self, programs, work):  # pylint: disable=super-init-not-called
        self.control_path = str(work / "control")
        port_file = work / "ports.json"
        command = [programs / "routeros-sim", "--tls", "127.0.0.1:0", "--port-file", port_file,
                   "--control", self.control_path, "--password-file", work / "users", "--tun", "--quiet"]
        for user in ("cable", "dsl", "steering"):
            command += ["--user", f"{user}:read,write,api,rest-api"]
        for name, wan in WANS.items():
            down, up = wan["queues"]
            command += ["--line", f"name={name},download={down},upload={up},capacity={wan['line']}"]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
        demo.wait_until(lambda: port_file.exists() or self.process.poll() is not None, 10, "the simulator")
        if self.process.poll() is not None:
            raise SystemExit(demo.CANNOT)
        self.ports = json.loads(port_file.read_text())

    def rule_is_on(self):
        return next(rule for rule in self.ask(cmd="rules") if rule.get("comment") == COMMENT)["disabled"] == "false"

    def opened(self):
        """How many connections of each kind began on each WAN since the last call."""
        counts = self.ask(cmd="connections", reset=True)
        return {kind: {name: counts.get(kind, {}).get("opened", {}).get(wan["leaves"], 0)
                       for name, wan in WANS.items()} for kind in ("calls", "web")}, \
            sum(count["split"] for count in counts.values())


class Show:
    def __init__(self, programs, work, seconds):
        self.programs, self.work, self.seconds = programs, work, seconds
        self.start = time.monotonic()
        self.split = 0
        self.rows = []
        self.router = Router(programs, work)
        self.daemons = []

    def config(self, name, text, **more):
        path = self.work / f"{name}.toml"
        path.write_text(text.format(port=self.router.ports["https_port"], ca=self.router.ports["ca_file"],
                                    work=self.work, user=name, **more))
        return path

    def launch(self, program, config):
        log = open(self.work / (config.stem + ".log"), "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self.daemons.append(subprocess.Popen([self.programs / program, "--config", config], stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log))
        log.close()

    def launch_all(self):
        for name, wan in WANS.items():
            self.launch("wanctl-autorate", self.config(name, AUTORATE, wan=name, **wan))
        self.launch("wanctl-steering", self.config("steering", STEERING, comment=COMMENT,
                                                   hold_down=f"{self.seconds / 9:.1f}"))

    def say(self, text):
        print(f"  {time.monotonic() - self.start:5.1f} s  {text}", flush=True)

    def watch(self, seconds, until=None):
        """Waits; true when `until` came true in time. Tells each toggle of the rule as it is seen."""
        deadline = time.monotonic() + seconds
        was = self.router.rule_is_on()
        while time.monotonic() < deadline:
            select.select([], [], [], 0.1)
            for daemon in self.daemons:
                if daemon.poll() is not None:
                    self.tell_logs()
                    raise SystemExit(f"{daemon.args[0].name} ended by itself")
            now = self.router.rule_is_on()
            if now != was:
                self.say("the rule is " + ("on: new calls leave by dsl" if now else "off: new calls leave by cable"))
            was = now
            if until is not None and now == until:
                return True
        return until is None

    def tell_logs(self):
        for log in sorted(self.work.glob("*.log")):
            print(f"{log.stem}:\n" + "\n".join(log.read_text().splitlines()[-8:]), file=sys.stderr)

    def phase(self, title, seconds):
        self.router.opened()
        self.watch(seconds)
        opened, split = self.router.opened()
        self.split += split
        self.rows.append((title, opened))

    def run(self):
        ask = self.router.ask
        self.launch_all()
        ask(cmd="traffic", kind="calls", per_s=CALLS_PER_S, dscp=46, lasting_s=5)
        ask(cmd="traffic", kind="web", per_s=CALLS_PER_S, protocol="tcp", lasting_s=5)
        share = self.seconds / 6
        self.watch(3)
        self.say("calm: both lines are idle")
        self.phase("calm", share)
        self.say("WAN1 loses most of its capacity while it is full")
        ask(cmd="capacity", line="cable", download_kbit=4000, upload_kbit=1500)
        ask(cmd="flows", line="cable", download=8, upload=2)
        moved = self.watch(share, until=True)
        self.phase("congested, rule on", share)
        self.say("WAN1 is well again")
        ask(cmd="flows", line="cable", download=0, upload=0)
        ask(cmd="capacity", line="cable")
        back = self.watch(2 * share, until=False)
        self.phase("calm again, rule off", share)
        return self.verdict(moved, back)

    def verdict(self, moved, back):
        print(f"\n{'new connections':24}{'calls by cable':>16}{'by dsl':>10}{'web by cable':>16}{'by dsl':>10}")
        for title, opened in self.rows:
            calls, web = opened["calls"], opened["web"]
            print(f"{title:24}{calls['cable']:>16}{calls['dsl']:>10}{web['cable']:>16}{web['dsl']:>10}")
        calm, congested, again = (opened for _, opened in self.rows)
        toggles = len([change for change in self.router.ask(cmd="rule-history", comment=COMMENT)
                       if change["from"] != change["to"]])
        right = (moved and back and toggles == 2 and self.split == 0 and
                 calm["calls"]["dsl"] == 0 and calm["calls"]["cable"] > 0 and
                 congested["calls"]["dsl"] > 0 and congested["calls"]["cable"] == 0 and
                 again["calls"]["dsl"] == 0 and again["calls"]["cable"] > 0 and
                 all(opened["web"]["dsl"] == 0 for _, opened in self.rows))
        print(f"\nverdict: {'steered' if right else 'NOT steered'}: the rule was toggled {toggles} times (expected: 2), "
              f"{self.split} connections split between the WANs (expected: 0)")
        if not right:
            self.tell_logs()
        return right

    def stop(self):
        for process in [*reversed(self.daemons), self.router.process]:
            demo.stop(process)


def main():
    parser = argparse.ArgumentParser(prog="deploy/demo --steering", description=__doc__)
    parser.error = lambda message: demo.refuse(demo.USAGE, f"{message}; see deploy/demo --help")
    parser.add_argument("--steering", action="store_true")
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=90.0)
    args = parser.parse_args()
    if not SHORTEST <= args.seconds < float("inf"):
        parser.error(f"--seconds must be a number of at least {SHORTEST:.0f}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="demo.") as directory:
        work = pathlib.Path(directory)
        (work / "users").write_text("".join(f"{user}:demo-password\n" for user in (*WANS, "steering")))
        (work / "password").write_text("demo-password\n")
        (work / "password").chmod(0o600)
        show = Show(args.programs, work, args.seconds)
        try:
            return 0 if show.run() else 1
        finally:
            show.stop()


if __name__ == "__main__":
    sys.exit(main())

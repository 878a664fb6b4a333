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
PROBE_TARGET = "198.18.1.9"  # not one of the daemon's reflectors: an ordinary host beyond the line
PROBE_INTERVAL = 0.05
REPORT_INTERVAL = 5.0
SETTLE = 3.0  # seconds at the start of each phase that the verdict leaves out: flows are starting
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
    def __init__(self, binary, work, args):
        self.control_path = str(work / "control")
        self.port_file = work / "ports.json"
        self.port_file.unlink(missing_ok=True)
        command = [binary, "--listen", "127.0.0.1:0", "--tls", "--port-file", str(self.port_file),
                   "--user", "wanctl:read,write,api,rest-api", "--user", "wanctl-stats:read,api,rest-api",
                   "--password-file", str(work / "password"), "--control", self.control_path,
                   "--queue", "WAN-Download-Demo", "--queue", "WAN-Upload-Demo",
                   "--line", "demo:WAN-Download-Demo:WAN-Upload-Demo", "--tun", "--seed", "7",
                   "--flows-down", "4", "--flows-up", "2", "--quiet"]
        command += ["--trace", args.trace] if args.trace else ["--generator", "demo"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self.port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the simulator did not start")
            select.select([], [], [], 0.01)
        self.ports = json.loads(self.port_file.read_text())

    def ask(self, command):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(5)
            control.connect(self.control_path)
            control.sendall(json.dumps(command).encode() + b"\n")
            reply = b""
            while not reply.endswith(b"\n"):
                piece = control.recv(65536)
                if not piece:
                    break
                reply += piece
        return json.loads(reply)

    def line(self):
        return self.ask({"command": "line"})

    def stop(self):
        stop(self.process)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

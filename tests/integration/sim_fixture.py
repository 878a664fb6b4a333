"""A routeros-sim for the Python tests: started in a private directory, ended with the `with` block."""
import json
import os
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 20


class Simulator:
    def __init__(self, program, *options):
        self._program = program
        self._options = options

    def __enter__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="wanctl-test.")
        self.path = self._dir.name
        with open(self.file("passwords"), "w", encoding="utf-8") as file:
            file.write("writer:w-secret\nreader:r-secret\n")
        self._child = subprocess.Popen([
            self._program, "--quiet", "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0",
            "--tls-name", "router.test", "--port-file", self.file("ports.json"),
            "--control", self.file("control"), "--password-file", self.file("passwords"),
            "--user", "writer:read,write,api,rest-api", "--user", "reader:read,api,rest-api",
            "--queue", "WAN-Download:100M", "--queue", "WAN-Upload:20M",
            "--latency-median-ms", "0", "--login-ms", "0", *self._options])
        wait_until(lambda: os.path.exists(self.file("ports.json")) or self._child.poll() is not None)
        with open(self.file("ports.json"), encoding="utf-8") as file:
            self.ports = json.load(file)
        self.https = f"https://127.0.0.1:{self.ports['https_port']}/rest/"
        self.http = f"http://127.0.0.1:{self.ports['http_port']}/rest/"
        self.ca_file = self.ports["ca_file"]
        return self

    def __exit__(self, *_):
        self._child.terminate()
        try:
            self.exit_code = self._child.wait(PATIENCE_S)
        finally:
            self._child.kill()
            self._dir.cleanup()

    def file(self, name):
        return os.path.join(self.path, name)

    def command(self, name, **members):
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(PATIENCE_S)
            channel.connect(self.file("control"))
            channel.sendall((json.dumps({"cmd": name, **members}) + "\n").encode())
            answer = json.loads(channel.makefile().readline())
        if not answer["ok"]:
            raise AssertionError(answer["error"])
        return answer["result"]


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.005)

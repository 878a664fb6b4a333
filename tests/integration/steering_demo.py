"""deploy/demo --steering by itself: that it ends with its verdict, and that the verdict can be the other one."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, SHOW = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
del sys.argv[1:3]
SKIPPED = 77
SECONDS = "60"
PROGRAM_NAMES = ("wanctl-autorate", "wanctl-steering", "wanctl", "routeros-sim")
# As deploy/demo does.
PREPARE = """
mount -t tmpfs -o mode=1777 wanctl-demo /dev/shm
ip link set lo up
echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range
exec "$@"
"""


def in_namespaces(*command, **options):
    space = ["unshare", "--net", "--mount"] if os.geteuid() == 0 else \
        ["unshare", "--user", "--map-root-user", "--net", "--mount"]
    return subprocess.run([*space, *command], check=False, **options)


class Demo(unittest.TestCase):
    def show(self, programs):
        done = in_namespaces("bash", "-ec", PREPARE, "demo", sys.executable, SHOW, "--steering", "--programs", programs,
                             "--seconds", SECONDS, capture_output=True, text=True, timeout=150)
        return done.returncode, done.stdout, done.stderr

    def test_new_calls_leave_the_congested_line_and_come_back(self):
        code, out, err = self.show(PROGRAMS)
        self.assertIn("verdict: steered: the rule was toggled 2 times", out, err)
        self.assertEqual(code, 0)

    def test_a_steering_that_writes_nothing_fails_the_verdict(self):
        with tempfile.TemporaryDirectory() as name:
            for program in PROGRAM_NAMES:
                (pathlib.Path(name) / program).symlink_to(PROGRAMS / program)
            wrapper = pathlib.Path(name) / "wanctl-steering"
            wrapper.unlink()
            wrapper.write_text("#!/bin/sh\n"
                               "printf '[decide]\\ndry_run = true\\n' >>\"$2\"\n"
                               f"exec '{PROGRAMS / 'wanctl-steering'}' \"$@\"\n")
            wrapper.chmod(0o755)
            code, out, err = self.show(pathlib.Path(name))
        self.assertIn("verdict: NOT steered: the rule was toggled 0 times", out, err)
        self.assertEqual(code, 1)


if __name__ == "__main__":
    if not os.path.exists("/dev/net/tun") or in_namespaces("true", stderr=subprocess.DEVNULL).returncode:
        print("skipped: no TUN devices or no namespaces here")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)

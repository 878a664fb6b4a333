"""wanctl-steering check and router-setup against the simulated router: what is found wrong, what mends it, and that the
printed set-up is one that works."""
import base64
import json
import shlex
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from private_memory import enter_private_shared_memory
from sim_fixture import Simulator

# Other tests' rings would be taken for the lines'.
enter_private_shared_memory()
PROGRAM, STEERING = sys.argv[1:3]
del sys.argv[1:3]
COMMENT = "ADAPTIVE: Steer latency-sensitive to WAN2"
# Menus of the printed commands which the simulated router lacks.
NOT_SIMULATED = {"ip/firewall/nat", "user", "user/group"}


class Setup(unittest.TestCase):
    def start(self, *options):
        self.simulator = Simulator(PROGRAM, *options)
        self.simulator.__enter__()
        self.addCleanup(self.simulator.__exit__)
        with open(self.simulator.file("password"), "w", encoding="utf-8") as file:
            file.write("r-secret\n")
        self.configure()

    def configure(self, url=None, user="reader"):
        self.config = self.simulator.file("steering.toml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"""primary = "cable"
alternate = "dsl"
[router]
url = "{url or 'http://127.0.0.1:' + str(self.simulator.ports['http_port'])}"
user = "{user}"
password_file = "{self.simulator.file('password')}"
connect_timeout_ms = 500
[rule]
comment = "{COMMENT}"
""")

    def run_steering(self, command, *more):
        return subprocess.run([STEERING, command, "--config", self.config, *more], capture_output=True,
                              text=True, timeout=60, check=False)

    def flaws(self):
        done = self.run_steering("check")
        found = [line.split(":")[0] for line in done.stdout.splitlines()
                 if line and not line.startswith(" ")] if done.returncode else []
        self.assertEqual(done.returncode, 1 if found else 0, done.stderr + done.stdout)
        return found

    def ask(self, method, path, body):
        request = urllib.request.Request(self.simulator.http + path, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(b"writer:w-secret").decode())
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=20) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            self.fail(f"{method} {path} {body}: {error.read().decode()}")

    def paste(self, line):
        """One console command, carried out through REST."""
        before, found, after = line.partition("[find ")
        wanted, _, rest = after.partition("]") if found else ("", "", "")
        menu, verb, *words = shlex.split(before + rest)
        menu = menu.strip("/")
        if menu in NOT_SIMULATED:
            return
        ids = []
        if wanted:
            name, value = wanted.split("=")
            ids = [row[".id"] for row in self.ask("POST", menu + "/print", {".query": [f"{name}={value}"]})]
        elif verb != "add":
            ids = [words.pop(0)]
        settings = dict(word.split("=", 1) if "=" in word else (word, "") for word in words)
        if verb == "add":
            self.ask("PUT", menu, settings)
        elif verb == "unset":
            self.ask("POST", menu + "/unset", {"numbers": ids[0], "value-name": next(iter(settings))})
        else:
            self.ask("POST", f"{menu}/{verb}", {"numbers": ",".join(ids), **settings})

    def mend(self):
        for line in self.run_steering("check").stdout.splitlines():
            if line.startswith("    "):
                self.paste(line.strip().replace("GATEWAY%PORT", "198.51.100.1%ether2"))

    def spoil(self, value, comment=COMMENT, **more):
        more.setdefault("property", "disabled")
        self.simulator.command("rule-set", comment=comment, value=value, **more)

    def connect(self):
        self.simulator.command("connect", kind="calls", count=10, dscp=46)
        return self.simulator.command("connections")["calls"]

    def test_the_simulators_own_set_up_is_right_and_nothing_is_written(self):
        self.start()
        before = self.simulator.command("config")
        self.assertEqual(self.flaws(), [])
        self.assertIn("is right", self.run_steering("check").stdout)
        self.assertEqual(self.simulator.command("config"), before)
        self.assertEqual({entry["method"] for entry in self.simulator.command("counts")["requests"]}, {"GET"})

    def test_the_printed_set_up_works_on_a_router_that_has_two_plain_wans(self):
        self.start("--no-two-wans")
        for gateway, distance in (("192.0.2.1%ether1", "1"), ("198.51.100.1%ether2", "2")):
            self.ask("PUT", "ip/route", {"gateway": gateway, "distance": distance})
        self.ask("PUT", "ip/firewall/filter", {"chain": "forward", "action": "fasttrack-connection",
                                               "connection-state": "established,related"})
        self.assertEqual(self.flaws(), ["table_missing", "rule_missing", "fasttrack_swallows"])
        text = self.run_steering("router-setup", "--gateway", "198.51.100.1%ether2").stdout
        for line in text.splitlines():
            if line.startswith("/"):
                self.paste(line)
        self.assertEqual(self.flaws(), [])
        self.assertEqual(self.connect()["opened"], {"ether1": 10})
        self.spoil("no")
        calls = self.connect()
        self.assertEqual((calls["opened"], calls["split"]), ({"ether1": 10, "ether2": 10}, 0))

    def test_what_is_found_wrong_is_mended_by_its_commands(self):
        steered = "steered connections leave by WAN2"

        def first_packet_only():
            self.spoil("via-wan2", property="new-routing-mark")
            self.spoil("mark-routing", property="action")

        cases = (
            (first_packet_only, ["marks_first_packet_only"]),
            (lambda: self.spoil("yes", steered), ["companion_disabled"]),
            (lambda: self.spoil("new", steered, property="connection-state"), ["marks_first_packet_only"]),
            (lambda: self.simulator.command("rule-delete", comment=COMMENT), ["table_missing", "rule_missing"]),
            (lambda: self.spoil("", property="connection-state"), ["moves_standing"]),
            (lambda: self.spoil("no", property="passthrough"), ["first_packet_stays"]),
            (lambda: self.simulator.command("rule-duplicate", comment=COMMENT), ["rule_ambiguous"]),
            (lambda: self.spoil("", "fasttrack what is not marked", menu="filter", property="connection-mark"),
             ["fasttrack_swallows"]),
        )
        for spoil, expected in cases:
            with self.subTest(expected=expected):
                self.start()
                spoil()
                self.assertEqual(self.flaws(), expected)
                self.mend()
                self.assertEqual(self.flaws(), [])
                self.spoil("no")
                calls = self.connect()
                self.assertEqual((calls["opened"], calls["split"]), ({"ether2": 10}, 0))

    def test_a_removed_table_is_found_and_made_again(self):
        self.start()
        self.ask("POST", "routing/table/remove", {"numbers": "*1"})
        self.assertEqual(self.flaws(), ["table_missing"])
        self.mend()
        self.assertEqual(self.flaws(), [])

    def test_a_router_that_cannot_be_read_is_no_finding(self):
        self.start()
        self.simulator.command("unreachable")
        done = self.run_steering("check")
        self.assertEqual((done.returncode, done.stdout), (69, ""))
        self.simulator.command("clear")
        self.configure(user="writer")
        done = self.run_steering("check")
        self.assertEqual(done.returncode, 69)
        self.assertNotIn("secret", done.stderr)
        self.simulator.command("spoil", how="types", count=1)
        self.configure()
        self.assertEqual(self.run_steering("check").returncode, 69)

    def test_a_gateway_without_a_port_is_refused(self):
        self.start()
        done = self.run_steering("router-setup", "--gateway", "198.51.100.1")
        self.assertEqual((done.returncode, done.stdout), (64, ""))
        self.assertIn("ADDRESS%PORT", done.stderr)


if __name__ == "__main__":
    unittest.main()

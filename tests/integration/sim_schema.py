"""The simulated router against the published RouterOS schema: no property of its own invention, and none refused."""
import base64
import json
import os
import sys
import unittest
import urllib.error
import urllib.request

from sim_fixture import Simulator

PROGRAM, SCHEMA = sys.argv[1:3]
del sys.argv[1:3]
if not os.path.exists(SCHEMA):
    print("no schema at", SCHEMA)
    sys.exit(77)

# What a property takes when the schema names no values.
SAMPLES = {
    "bucket-size": "0.05", "burst-limit": "2M", "burst-threshold": "1M", "burst-time": "1s",
    "comment": "text", "disabled": "no", "limit-at": "1M", "max-limit": "10M", "name": "renamed",
    "packet-mark": "no-mark", "parent": "global", "priority": "3", "queue": "default",
    "copy-from": "WAN-Upload", "cake-bandwidth": "10M", "cake-rtt": "50ms", "pcq-rate": "1M",
    "pcq-burst-rate": "1M", "pcq-burst-threshold": "1M", "l2mtu": "1598", "mtu": "1400",
    "routing-table": "main", "fib": "", "blackhole": "", "in-interface": "ether2", "out-interface": "ether2",
}
SELECTORS = {"numbers"}


def sample(name, hint):
    if name in SAMPLES:
        return SAMPLES[name]
    values = [value for value in hint.get("enum", []) if not value.startswith("!")]
    if values:
        return values[0]
    if "time interval" in hint.get("type", ""):
        return "10s"
    return "20"


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(SCHEMA, encoding="utf-8") as file:
            cls.schema = json.load(file)

    def setUp(self):
        self.simulator = Simulator(PROGRAM)
        self.simulator.__enter__()
        self.addCleanup(self.simulator.__exit__)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.simulator.http + path, method=method)
        credentials = base64.b64encode(b"writer:w-secret").decode()
        request.add_header("Authorization", "Basic " + credentials)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=20) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            self.fail(f"{method} {path} {body}: {error.code} {error.read().decode()}")

    def check_returned(self, menu, records):
        known = set(self.schema[menu]["readable"]) | {".id"}
        for record in records:
            self.assertEqual(set(record) - known, set(), menu)
            self.assertTrue(all(isinstance(value, str) for value in record.values()), record)

    def check_settable(self, menu, path):
        for name, hint in self.schema[menu]["commands"]["set"].items():
            if name not in SELECTORS:
                with self.subTest(menu=menu, property=name):
                    self.ask("PATCH", path, {name: sample(name, hint)})

    def test_returned_properties_are_known(self):
        for kind in self.schema["queue/type"]["commands"]["set"]["kind"]["enum"]:
            self.ask("PUT", "queue/type", {"name": "type-" + kind, "kind": kind})
        for menu in ("queue/tree", "queue/type", "interface", "log", "ip/firewall/mangle", "ip/route",
                     "routing/table"):
            self.check_returned(menu, self.ask("GET", menu))
        for menu in ("system/resource", "system/identity"):
            self.check_returned(menu, [self.ask("GET", menu)])

    def test_settable_properties_are_accepted(self):
        self.check_settable("queue/tree", "queue/tree/*1000000")
        made = self.ask("PUT", "queue/type", {"name": "own", "kind": "cake"})
        self.check_settable("queue/type", "queue/type/" + made[".id"])
        self.check_settable("interface", "interface/*1")
        self.check_settable("ip/firewall/mangle", "ip/firewall/mangle/*1")
        self.check_settable("ip/route", "ip/route/*80000001")
        self.check_settable("routing/table", "routing/table/*1")
        self.ask("POST", "system/identity/set", {"name": "router"})
        self.check_returned("queue/tree", self.ask("GET", "queue/tree"))
        self.check_returned("interface", self.ask("GET", "interface"))

    def test_addable_properties_are_accepted(self):
        for menu, always, original in (
                ("queue/tree", {"parent": "global"}, "WAN-Upload"), ("queue/type", {"kind": "cake"}, "default"),
                ("ip/firewall/mangle", {"chain": "prerouting", "new-connection-mark": "m",
                                        "new-packet-mark": "m", "new-routing-mark": "main"}, "*1"),
                ("ip/route", {"gateway": "ether2"}, "*80000001"), ("routing/table", {}, "via-wan2")):
            named = "name" in self.schema[menu]["commands"]["add"]
            for number, (name, hint) in enumerate(self.schema[menu]["commands"]["add"].items()):
                with self.subTest(menu=menu, property=name):
                    value = {"copy-from": original, "place-before": "*1"}.get(name, sample(name, hint))
                    own = {"name": f"added-{number}"} if named else {}
                    self.ask("PUT", menu, {**own, **always, name: value})


if __name__ == "__main__":
    unittest.main()

"""The simulated router's mangle, filter, routes and tables as python3-requests sees them."""
import sys
import unittest
from urllib.parse import quote

try:
    import requests
except ImportError:
    print("python3-requests is not installed")
    sys.exit(77)

from sim_fixture import Simulator, wait_until

PROGRAM = sys.argv.pop(1)
STEER = "ADAPTIVE: Steer latency-sensitive to WAN2"
MANGLE = "ip/firewall/mangle"


class Firewall(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(PROGRAM)
        self.simulator.__enter__()
        self.addCleanup(self.simulator.__exit__)
        self.client = requests.Session()
        self.addCleanup(self.client.close)
        self.client.trust_env = False
        self.client.auth = ("writer", "w-secret")

    def ask(self, method, path, body=None, status=200, **more):
        reply = self.client.request(method, self.simulator.http + path, json=body, timeout=20, **more)
        self.assertEqual(reply.status_code, status, reply.text)
        return reply.json() if reply.text else None

    def steering_rule(self):
        # The router takes %20 for a space, and not the + that `params` would send.
        rules = self.ask("GET", f"{MANGLE}?comment={quote(STEER)}")
        self.assertEqual(len(rules), 1)
        return rules[0]

    def comments(self):
        return [rule.get("comment") for rule in self.ask("GET", MANGLE)]

    def test_starts_with_two_wans_and_the_steering_rule_off(self):
        rule = self.steering_rule()
        self.assertEqual((rule["disabled"], rule["action"], rule["passthrough"]),
                         ("true", "mark-connection", "true"))
        self.assertEqual(rule["connection-state"], "new")
        tables = self.ask("GET", "routing/table")
        self.assertEqual([(t["name"], t["fib"]) for t in tables], [("main", ""), ("via-wan2", "")])
        routes = self.ask("GET", "ip/route?dst-address=0.0.0.0/0")
        self.assertEqual([(r["routing-table"], r["immediate-gw"], r["active"]) for r in routes],
                         [("main", "192.0.2.1%ether1", "true"), ("main", "198.51.100.1%ether2", "true"),
                          ("via-wan2", "198.51.100.1%ether2", "true")])
        fasttrack = self.ask("GET", "ip/firewall/filter", params={"action": "fasttrack-connection"})
        self.assertEqual([rule["connection-mark"] for rule in fasttrack], ["no-mark"])

    def test_a_patch_toggles_and_returns_the_whole_record(self):
        rule = self.steering_rule()
        for disabled in ("false", "true"):
            reply = self.ask("PATCH", f"{MANGLE}/{rule['.id']}", {"disabled": disabled})
            self.assertEqual(reply["disabled"], disabled)
            self.assertEqual(reply, self.steering_rule())
            self.assertEqual(list(reply), sorted(reply))
        changes = self.simulator.command("rule-history", comment=STEER)
        self.assertEqual([(c["from"], c["to"], c["by"]) for c in changes],
                         [(False, True, "writer"), (True, False, "writer")])

    def test_disabled_and_log_are_absent_until_the_first_change(self):
        made = self.ask("PUT", MANGLE, {"chain": "forward", "action": "accept"}, 201)
        self.assertTrue({"disabled", "log", "log-prefix", "comment"}.isdisjoint(made))
        changed = self.ask("PATCH", f"{MANGLE}/{made['.id']}", {"comment": "mine"})
        self.assertEqual((changed["disabled"], changed["log"], changed["log-prefix"]),
                         ("false", "false", ""))

    def test_refuses_what_the_router_refuses(self):
        for body, detail in (
                ({"chain": "prerouting", "nonsense": "1"}, "unknown parameter nonsense"),
                ({"action": "accept"}, "missing =chain="),
                ({"chain": "prerouting", "action": "mark-routing", "new-routing-mark": "nowhere"},
                 "input does not match any value of new-routing-mark"),
                ({"chain": "prerouting", "action": "fly"}, "input does not match any value of action"),
                ({"chain": "prerouting", "connection-state": "fresh"},
                 "input does not match any value of connection-state"),
                ({"chain": "prerouting", "in-interface": "wlan7"},
                 "input does not match any value of in-interface")):
            self.assertEqual(self.ask("PUT", MANGLE, body, 400)["detail"], detail)
        self.assertEqual(self.ask("PUT", "ip/route", {"gateway": "ether2", "routing-table": "nowhere"},
                                  400)["detail"], "input does not match any value of routing-table")
        self.assertEqual(self.ask("PUT", "routing/table", {"name": "via-wan2"}, 400)["detail"],
                         "failure: already have such entry")
        for method in ("GET", "DELETE", "PATCH"):
            body = {"disabled": "yes"} if method == "PATCH" else None
            self.assertEqual(self.ask(method, MANGLE + "/*FFF", body, 404),
                             {"error": 404, "message": "Not Found"})
        self.assertEqual(self.ask("GET", f"{MANGLE}/{STEER}", None, 400)["detail"],
                         "no such command prefix")
        self.ask("DELETE", "routing/table/main", None, 400)

    def test_order_is_what_place_before_and_move_make_of_it(self):
        first = self.ask("GET", MANGLE)[0][".id"]
        self.ask("PUT", MANGLE, {"chain": "forward", "comment": "top", "place-before": first}, 201)
        last = self.ask("PUT", MANGLE, {"chain": "forward", "comment": "end"}, 201)[".id"]
        self.assertEqual((self.comments()[0], self.comments()[-1]), ("top", "end"))
        self.assertEqual(self.ask("POST", MANGLE + "/move", {"numbers": last, "destination": first}), [])
        self.assertEqual(self.comments()[:2], ["top", "end"])
        # Down the table as well: before the destination, not after it.
        third = self.ask("GET", MANGLE)[3][".id"]
        self.ask("POST", MANGLE + "/move", {"numbers": last, "destination": third})
        self.assertEqual([rule[".id"] for rule in self.ask("GET", MANGLE)][2:4], [last, third])
        self.ask("POST", MANGLE + "/move", {"numbers": last, "destination": "*FFF"})
        self.assertEqual(self.comments()[-1], "end")
        self.assertEqual(self.ask("POST", MANGLE + "/move", {"numbers": last, "destination": last}, 400)
                         ["detail"], "failure: can not move object before itself")
        self.ask("POST", MANGLE + "/move", {"numbers": "*FFF", "destination": last}, 404)

    def test_enable_and_disable_take_several_and_unset_takes_one_property(self):
        ids = ",".join(rule[".id"] for rule in self.ask("GET", MANGLE))
        self.assertEqual(self.ask("POST", MANGLE + "/disable", {"numbers": ids}), [])
        self.assertEqual({rule["disabled"] for rule in self.ask("GET", MANGLE)}, {"true"})
        rule = self.steering_rule()
        self.ask("POST", MANGLE + "/unset", {"numbers": rule[".id"], "value-name": "dscp"})
        self.assertNotIn("dscp", self.steering_rule())

    def test_a_removed_table_leaves_its_id_in_rules_and_routes(self):
        table = self.ask("GET", "routing/table/via-wan2")[".id"]
        self.ask("DELETE", f"routing/table/{table}", None, 204)
        self.assertIn(table, [rule.get("new-routing-mark") for rule in self.ask("GET", MANGLE)])
        self.assertIn(table, [route["routing-table"] for route in self.ask("GET", "ip/route")])

    def test_routes_say_whether_they_lead_anywhere(self):
        route = self.ask("PUT", "ip/route", {"gateway": "203.0.113.1", "distance": "5"}, 201)
        self.assertEqual((route["inactive"], route["immediate-gw"], "active" in route), ("true", "", False))
        path = "ip/route/" + route[".id"]
        disabled = self.ask("PATCH", path, {"disabled": "yes"})
        self.assertEqual(disabled["disabled"], "true")
        self.assertTrue({"distance", "scope", "routing-table", "dynamic"}.isdisjoint(disabled))
        self.assertNotIn("disabled", self.ask("PATCH", path, {"disabled": "no"}))
        self.ask("DELETE", path, None, 204)

    def test_an_administrator_interferes(self):
        command = self.simulator.command
        command("rule-set", comment=STEER, value="no")
        self.assertEqual(self.steering_rule()["disabled"], "false")
        self.assertEqual(command("rule-history", comment=STEER)[-1]["by"], "admin")
        command("rule-duplicate", comment=STEER)
        self.assertEqual(self.comments().count(STEER), 2)
        with self.assertRaises(AssertionError):
            command("rule-set", comment=STEER, value="yes")
        command("rule-delete", comment=STEER)
        self.assertEqual(self.comments().count(STEER), 0)
        with self.assertRaises(AssertionError):
            command("rule-delete", comment=STEER)

    def test_the_configuration_is_the_same_again_after_a_rule_was_on_and_off(self):
        path = f"{MANGLE}/{self.steering_rule()['.id']}"
        self.ask("PATCH", path, {"disabled": "yes"})
        before = self.simulator.command("config")
        self.assertLessEqual({"ip/firewall/filter", "ip/firewall/mangle", "ip/route", "queue/tree",
                              "routing/table"}, set(before))
        self.ask("PATCH", path, {"disabled": "no"})
        self.assertNotEqual(self.simulator.command("config"), before)
        self.ask("PATCH", path, {"disabled": "yes"})
        self.assertEqual(self.simulator.command("config"), before)

    def test_a_reboot_may_give_every_rule_another_id(self):
        old = {rule[".id"] for rule in self.ask("GET", MANGLE)}
        comments = self.comments()
        self.simulator.command("reboot", for_s=0.1, ids="new")

        def rules():
            try:
                return self.ask("GET", MANGLE)
            except requests.exceptions.ConnectionError:
                return []

        wait_until(rules)
        self.assertTrue(old.isdisjoint(rule[".id"] for rule in rules()))
        self.assertEqual(self.comments(), comments)

    def test_a_reader_may_not_toggle(self):
        self.client.auth = ("reader", "r-secret")
        path = f"{MANGLE}/{self.steering_rule()['.id']}"
        self.assertEqual(self.ask("PATCH", path, {"disabled": "no"}, 400)["detail"],
                         "missing or invalid resource identifier")
        self.assertEqual(self.steering_rule()["disabled"], "true")


class EmptyFirewall(unittest.TestCase):
    def test_a_router_can_start_without_rules(self):
        with Simulator(PROGRAM, "--no-two-wans") as simulator:
            self.assertEqual(simulator.command("rules"), [])


if __name__ == "__main__":
    unittest.main()

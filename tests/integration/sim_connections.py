"""Which WAN the simulated router leads connections to, with a right set-up and with wrong ones."""
import base64
import sys
import unittest
import urllib.request

from sim_fixture import Simulator, wait_until

PROGRAM = sys.argv.pop(1)
STEER = "ADAPTIVE: Steer latency-sensitive to WAN2"
STEERED = "steered connections leave by WAN2"


class Connections(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(PROGRAM)
        self.simulator.__enter__()
        self.addCleanup(self.simulator.__exit__)

    def steer(self, on):
        self.simulator.command("rule-set", comment=STEER, value="no" if on else "yes")

    def connect(self, name="calls", count=10, dscp=46, lasting_s=600):
        self.simulator.command("connect", kind=name, count=count, dscp=dscp, lasting_s=lasting_s)
        return self.simulator.command("connections")[name]

    def test_only_new_and_marked_connections_move_and_none_is_split(self):
        self.assertEqual(self.connect(), {"fasttracked": 10, "marked": 0, "opened": {"ether1": 10},
                                          "split": 0, "standing": {"ether1": 10}})
        self.steer(True)
        self.assertEqual(self.connect(), {"fasttracked": 10, "marked": 10, "split": 0,
                                          "opened": {"ether1": 10, "ether2": 10},
                                          "standing": {"ether1": 10, "ether2": 10}})
        self.assertEqual(self.connect("web", dscp=0)["opened"], {"ether1": 10})
        self.steer(False)
        self.assertEqual(self.connect()["opened"], {"ether1": 20, "ether2": 10})
        # What was steered stays where it is when the rule is off.
        self.assertEqual(self.connect()["standing"], {"ether1": 30, "ether2": 10})

    def test_marking_the_routing_of_new_packets_only_splits_connections(self):
        for name, value in (("action", "mark-routing"),):
            self.simulator.command("rule-set", comment=STEER, property="new-routing-mark", value="via-wan2")
            self.simulator.command("rule-set", comment=STEER, property=name, value=value)
        self.steer(True)
        calls = self.connect()
        self.assertEqual((calls["opened"], calls["split"]), ({"ether2": 10}, 10))
        self.assertEqual(calls["standing"], {"ether1": 10})

    def test_without_the_companion_nothing_moves(self):
        self.simulator.command("rule-set", comment=STEERED, value="yes")
        self.steer(True)
        calls = self.connect()
        self.assertEqual((calls["opened"], calls["marked"]), ({"ether1": 10}, 10))

    def test_fasttrack_of_marked_connections_splits_them(self):
        self.simulator.command("rule-set", menu="filter", comment="fasttrack what is not marked",
                               property="connection-mark", value="")
        self.steer(True)
        calls = self.connect()
        self.assertEqual((calls["fasttracked"], calls["split"]), (10, 10))

    def test_without_its_table_a_marked_connection_stays(self):
        request = urllib.request.Request(self.simulator.http + "routing/table/*1", method="DELETE")
        request.add_header("Authorization", "Basic " + base64.b64encode(b"writer:w-secret").decode())
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20).close()
        self.steer(True)
        self.assertEqual(self.connect()["opened"], {"ether1": 10})

    def test_rules_count_what_passes_them(self):
        self.steer(True)
        self.connect(count=4)
        packets = {rule["comment"]: rule["packets"] for rule in self.simulator.command("rules")}
        self.assertEqual((packets[STEER], packets[STEERED]), ("4", "12"))

    def test_steady_traffic_counts_anew_after_a_reset_and_ends(self):
        command = self.simulator.command
        command("traffic", kind="calls", per_s=200, dscp=46, lasting_s=0.1)

        def opened(port):
            return command("connections").get("calls", {"opened": {}})["opened"].get(port, 0)

        wait_until(lambda: opened("ether1") >= 10)
        self.assertEqual(opened("ether2"), 0)
        self.steer(True)
        command("connections", reset=True)
        wait_until(lambda: opened("ether2") >= 10)
        self.assertEqual(opened("ether1"), 0)
        command("traffic", kind="calls", per_s=0)
        wait_until(lambda: command("connections")["calls"]["standing"] == {})
        total = opened("ether2")
        self.assertEqual(opened("ether2"), total)

    def test_refuses_figures_that_make_no_sense(self):
        for members in ({"per_s": -1}, {}, {"per_s": 1, "dscp": 64}, {"per_s": 1, "lasting_s": 4000}):
            with self.assertRaises(AssertionError):
                self.simulator.command("traffic", **members)


if __name__ == "__main__":
    unittest.main()

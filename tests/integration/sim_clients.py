"""The simulated router as python3-requests sees it: over HTTPS, with the authority verified."""
import sys
import threading
import unittest

try:
    import requests
except ImportError:
    print("python3-requests is not installed")
    sys.exit(77)

from sim_fixture import Simulator, wait_until

PROGRAM = sys.argv.pop(1)
DOWNLOAD = "queue/tree/*1000000"


class SimulatedRouter(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator(PROGRAM)
        self.simulator.__enter__()
        self.addCleanup(self.simulator.__exit__)
        self.url = self.simulator.https
        self.client = self.session()

    def session(self, user="writer", password="w-secret"):
        client = requests.Session()
        self.addCleanup(client.close)
        client.trust_env = False
        client.auth = (user, password)
        client.verify = self.simulator.ca_file
        return client

    def count(self, method, status):
        return sum(entry["count"] for entry in self.simulator.command("counts")["requests"]
                   if entry["method"] == method and entry["status"] == status)

    def test_reads_and_sets_a_queue_over_one_connection(self):
        queues = self.client.get(self.url + "queue/tree", params={"name": "WAN-Upload"}, timeout=20)
        self.assertEqual([q["max-limit"] for q in queues.json()], ["20000000"])
        for mbit in range(1, 51):
            reply = self.client.patch(self.url + DOWNLOAD, json={"max-limit": f"{mbit}M"}, timeout=20)
            self.assertEqual(reply.status_code, 200)
            self.assertEqual(reply.json()["max-limit"], str(mbit * 1000000))
            self.assertEqual(list(reply.json()), sorted(reply.json()))
        self.assertEqual(self.simulator.command("counts")["accepted"], 1)
        self.assertEqual(len(self.simulator.command("history", queue="WAN-Download")), 51)

    def test_creates_and_removes(self):
        made = self.client.put(self.url + "queue/tree", json={"name": "x y", "parent": "ether1"},
                               timeout=20)
        self.assertEqual(made.status_code, 201)
        self.assertEqual(made.headers["Location"], f"{self.url}queue/tree/{made.json()['.id']}")
        self.assertEqual(self.client.get(self.url + "queue/tree/x y", timeout=20).json(), made.json())
        gone = self.client.delete(made.headers["Location"], timeout=20)
        self.assertEqual((gone.status_code, gone.text), (204, ""))
        self.assertEqual(self.client.delete(made.headers["Location"], timeout=20).status_code, 404)

    def test_refuses_what_the_router_refuses(self):
        self.assertEqual(self.client.patch(self.url + DOWNLOAD, data='{"max-limit":"1M"}',
                                           timeout=20).status_code, 415)
        wrong = self.session(password="wrong").get(self.url + DOWNLOAD, timeout=20)
        self.assertEqual(wrong.status_code, 401)
        self.assertEqual(wrong.json(), {"error": 401, "message": "Unauthorized"})
        with self.assertRaises(requests.exceptions.SSLError):
            stranger = self.session()
            stranger.verify = True
            stranger.get(self.url + DOWNLOAD, timeout=20)

    def test_one_user_is_served_in_order_over_all_connections_and_users_in_parallel(self):
        self.simulator.command("slow", user="writer", ms=300)
        ended = []

        def patch(name):
            self.session().patch(self.url + DOWNLOAD, json={"max-limit": name}, timeout=20)
            ended.append(name)

        writers = []
        for number, name in enumerate(("1000000", "2000000"), 1):
            writers.append(threading.Thread(target=patch, args=(name,)))
            writers[-1].start()
            wait_until(lambda wanted=number: self.simulator.command("counts")["in_flight"]
                       .get("writer", {}).get("now", 0) >= wanted)
        reader = self.session("reader", "r-secret")
        self.assertEqual(reader.get(self.url + DOWNLOAD, timeout=20).json()["max-limit"], "100000000")
        self.assertEqual(ended, [])
        for writer in writers:
            writer.join()
        self.assertEqual([change["to"] for change in self.simulator.command("history")][2:],
                         [1000000, 2000000])
        self.assertEqual(self.simulator.command("counts")["in_flight"]["writer"]["most"], 2)

    def test_a_request_the_client_abandons_still_runs(self):
        self.simulator.command("slow", ms=300)
        with self.assertRaises(requests.exceptions.ReadTimeout):
            self.client.patch(self.url + DOWNLOAD, json={"max-limit": "7M"}, timeout=(20, 0.05))
        wait_until(lambda: self.simulator.command("state")[0]["max-limit"] == "7000000")

    def test_unreachable_in_three_ways_and_back(self):
        for mode in ("refuse", "reset"):
            self.client.get(self.url + DOWNLOAD, timeout=20)
            self.simulator.command("unreachable", mode=mode)
            for _ in range(2):
                with self.assertRaises(requests.exceptions.ConnectionError):
                    self.client.get(self.url + DOWNLOAD, timeout=20)
            self.simulator.command("clear")
            self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).status_code, 200)
        self.simulator.command("unreachable", mode="drop")
        with self.assertRaises(requests.exceptions.ReadTimeout):
            self.client.get(self.url + DOWNLOAD, timeout=(20, 0.1))
        self.simulator.command("clear")
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).status_code, 200)

    def test_a_reboot_keeps_ids_and_limits_and_comes_back_by_itself(self):
        self.client.patch(self.url + DOWNLOAD, json={"max-limit": "42M"}, timeout=20)
        self.simulator.command("reboot", for_s=0.2)

        def answers():
            try:
                return self.client.get(self.url + DOWNLOAD, timeout=20).json()["max-limit"]
            except requests.exceptions.ConnectionError:
                return None

        self.assertIsNone(answers())
        wait_until(lambda: answers() == "42000000")
        topics = [line["message"] for line in self.client.get(self.url + "log", timeout=20).json()]
        self.assertEqual(topics[0], "router rebooted")

    def test_a_status_fault_comes_as_a_page_or_an_object(self):
        self.simulator.command("status", status=403, count=1)
        page = self.client.get(self.url + DOWNLOAD, timeout=20)
        self.assertEqual((page.status_code, page.headers["Content-Type"]), (403, "text/html"))
        self.simulator.command("status", status=500, detail="std failure: timeout (13)", count=1)
        reply = self.client.get(self.url + DOWNLOAD, timeout=20)
        self.assertEqual(reply.json()["detail"], "std failure: timeout (13)")
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).status_code, 200)
        self.assertEqual((self.count("GET", 403), self.count("GET", 500)), (1, 1))

    def test_an_administrator_interferes(self):
        self.simulator.command("queue-set", **{"queue": "WAN-Download", "max-limit": "3M"})
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).json()["max-limit"], "3000000")
        self.simulator.command("queue-rename", queue="WAN-Download", to="Renamed")
        self.assertEqual(self.client.get(self.url + "queue/tree/WAN-Download", timeout=20).status_code, 404)
        self.simulator.command("queue-duplicate", queue="WAN-Upload")
        self.assertEqual(len(self.client.get(self.url + "queue/tree?name=WAN-Upload", timeout=20).json()), 2)
        self.simulator.command("queue-keep-newest", queue="WAN-Upload")
        self.assertEqual(len(self.client.get(self.url + "queue/tree?name=WAN-Upload", timeout=20).json()), 1)
        self.simulator.command("queue-invalid", queue="Renamed", invalid=True)
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).json()["invalid"], "true")
        self.simulator.command("queue-delete", queue="Renamed")
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).status_code, 404)

    def test_the_session_beyond_the_limit_is_closed(self):
        clients = [self.session() for _ in range(20)]
        for client in clients:
            self.assertEqual(client.get(self.url + DOWNLOAD, timeout=20).status_code, 200)
        with self.assertRaises(requests.exceptions.ConnectionError):
            self.client.get(self.url + DOWNLOAD, timeout=20)
        self.assertEqual(self.simulator.command("counts")["refused"], 1)
        clients[0].close()
        wait_until(lambda: self.simulator.command("counts")["open"] == 19)
        self.assertEqual(self.client.get(self.url + DOWNLOAD, timeout=20).status_code, 200)


if __name__ == "__main__":
    unittest.main()

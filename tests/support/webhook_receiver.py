#!/usr/bin/env python3
"""A receiver of webhooks on 127.0.0.1: says its port, then each request as one line of JSON.

Each argument is the status of one answer, in order; the last one goes on for ever.
"""
import http.server
import json
import sys

STATUSES = [int(each) for each in sys.argv[1:]] or [200]


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        status = STATUSES.pop(0) if len(STATUSES) > 1 else STATUSES[0]
        seen = {"path": self.path, "status": status, "headers": dict(self.headers), "body": body}
        # Before the answer: who has that may look here at once.
        print(json.dumps(seen), flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(f"port {server.server_address[1]}", flush=True)
server.serve_forever()

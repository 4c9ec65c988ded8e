"""A carrier on loopback: takes messages as Twilio does, counts what each number got, and can be asked what became of them."""

from __future__ import annotations

import collections
import contextlib
import json
import threading
import time
import urllib.parse
from datetime import UTC, datetime
from email.utils import format_datetime

from standins.vendor import Vendor, VendorHandler, fields_of


class Carrier(Vendor):
    """`got` counts messages by (number, text). Each takes `delay_s`; `outage` is what happens instead of taking it.

    `refuse`: 503 and nothing taken; `swallow`: taken, and the answer lost; `busy`: 429; '' for none of these.
    """

    def __init__(self, delay_s=0.01):
        super().__init__()
        self.RequestHandlerClass = CarrierHandler
        self.delay_s = delay_s
        self.outage = ""
        self.lock = threading.Lock()
        self.got = collections.Counter()
        self.taken = []
        self.asked = 0

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class CarrierHandler(VendorHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        # Whoever is killed resets its connections.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_POST(self):  # noqa: N802
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever wrote it died in the middle: no vendor takes half a request.
            self.close_connection = True
            return
        fields = fields_of(self.headers.get("content-type", ""), body)
        server, number = self.server, 0
        time.sleep(server.delay_s)
        outage = server.outage
        if outage in {"", "swallow"}:
            with server.lock:
                number = next(server.numbers)
                server.got[fields.get("To", ""), fields.get("Body", "")] += 1
                server.taken.append((f"SM{number:032x}", fields, datetime.now(UTC)))
        if outage == "swallow":
            self.close_connection = True
            return
        status = {"refuse": 503, "busy": 429}.get(outage, 201)
        self.answer(
            status, {"sid": f"SM{number:032x}", "status": "queued"} if status == 201 else {"code": 20500, "status": status}
        )

    def do_GET(self):  # noqa: N802
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
        self.server.asked += 1
        with self.server.lock:
            found = [one for one in self.server.taken if one[1].get("To") == query.get("To")]
        messages = [
            {
                "sid": sid,
                "to": fields.get("To"),
                "from": fields.get("From"),
                "body": fields.get("Body"),
                "status": "sent",
                "direction": "outbound-api",
                "num_media": "0",
                "date_created": format_datetime(when),
                "date_sent": format_datetime(when),
            }
            for sid, fields, when in reversed(found)
        ]
        self.answer(200, {"messages": messages, "page": 0, "page_size": 50, "next_page_uri": None, "uri": self.path})

    def answer(self, status, content):
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

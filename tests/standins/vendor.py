"""A stand-in for Twilio and Telegram on loopback that records what it is asked to send."""

import itertools
import json
import time
import urllib.parse
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Vendor(ThreadingHTTPServer):
    """Twilio and Telegram on loopback: every call is kept in `calls` as (path, fields)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), VendorHandler)
        self.calls = []
        self.numbers = itertools.count(1)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def sent(self, ending, seconds=15.0, count=1):
        """The fields of the calls whose path ends so, once there are `count` of them."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [fields for path, fields in list(self.calls) if path.endswith(ending)]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"only {[path for path, _ in self.calls]}")


class VendorHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urllib.parse.urlparse(self.path).path
        number = next(self.server.numbers)
        fields = fields_of(self.headers.get("content-type", ""), body)
        if path.endswith("/Calls.json"):
            fields["sid"] = sid_of(path, number)
        self.server.calls.append((path, fields))
        of_twilio = "/Accounts/" in path
        status, answer = (
            (201, {"sid": sid_of(path, number), "status": "queued"}) if of_twilio else (200, telegram_answer(path, number))
        )
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


def sid_of(path, number):
    return f"{'CA' if path.endswith('/Calls.json') else 'SM'}{number:032x}"


def telegram_answer(path, number):
    method = path.rpartition("/")[2]
    chat = {"id": 3527065, "type": "private", "first_name": "Nora"}
    user = {"id": 1234567, "is_bot": True, "first_name": "Batea", "username": "batea_bot"}
    message = {"message_id": number, "date": 1454119029, "chat": chat, "from": user, "text": "x"}
    if method == "sendVoice":
        message["voice"] = {"file_id": "VOICE1", "file_unique_id": "V1", "duration": 3}
    results = {"getMe": user, "getUpdates": [], "sendMessage": message, "sendVoice": message}
    return {"ok": True, "result": results.get(method, True)}


def fields_of(content_type, body):
    if content_type.startswith("application/json"):
        return json.loads(body or b"{}")
    if content_type.startswith("multipart/form-data"):
        header = Message()
        header["content-type"] = content_type
        boundary = header.get_param("boundary").encode()
        return {"multipart": body.count(b"--" + boundary), "bytes": len(body), "ogg": b"OggS" in body}
    return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))

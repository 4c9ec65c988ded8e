"""A stand-in for Twilio and Telegram on loopback that records what it is asked to send."""

import base64
import itertools
import json
import time
import urllib.parse
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standins.signing import ACCOUNT, AUTH_TOKEN


class Vendor(ThreadingHTTPServer):
    """Twilio and Telegram on loopback: every call is kept in `calls` as (path, fields).

    `recordings` are files by their SID, which only we may fetch; `failures` the statuses that the next requests about them
    are answered with, 0 for a lost answer; `deleted` the SIDs that were deleted.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), VendorHandler)
        self.calls = []
        self.recordings = {}
        self.deleted = []
        self.failures = []
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
        if "/Recordings/" in self.path:
            self.of_a_recording()
        else:
            self.do_POST()

    def do_DELETE(self):
        self.of_a_recording()

    def of_a_recording(self):
        """A sound file, or its deletion, for whoever has the account's secret."""
        path = urllib.parse.urlparse(self.path).path
        sid = path.rpartition("/")[2].partition(".")[0]
        self.server.calls.append((f"{self.command} {path}", {}))
        status, body, kind = self.answer_about(path, sid)
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_about(self, path, sid):
        secret = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        error = "application/json"
        if self.server.failures:
            status = self.server.failures.pop(0)
            return status, json.dumps({"code": 20404 if status == 404 else 20500, "status": status}).encode(), error
        if f"/Accounts/{ACCOUNT}/" not in path or self.headers.get("authorization") != f"Basic {secret}":
            return 401, b'{"code": 20003, "status": 401}', error
        if sid not in self.server.recordings:
            return 404, b'{"code": 20404, "status": 404}', error
        if self.command == "DELETE":
            del self.server.recordings[sid]
            self.server.deleted.append(sid)
            return 204, b"", error
        return 200, self.server.recordings[sid], "audio/x-wav"

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

"""A voice note through a real server, its process killed between the acknowledgement and the answer."""

from __future__ import annotations

import threading
import time
import urllib.parse
from collections.abc import Iterator

import pytest
from listening.spoken import MODEL, note, why_deaf_here
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.vendor import Vendor, VendorHandler
from twilio.request_validator import RequestValidator

pytestmark = pytest.mark.skipif(bool(why_deaf_here()), reason=why_deaf_here())

PATH = "/webhooks/twilio/messages"
FIRST, SECOND = "whatsapp:+573001110051", "whatsapp:+573001110052"


class MediaHandler(VendorHandler):
    """The stand-in for Twilio, which also keeps one voice note and counts how often it is fetched."""

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
        if "/Media/" not in self.path:
            super().do_GET()
            return
        self.server.fetched.append(self.path)
        self.send_response(200)
        self.send_header("content-type", "audio/ogg")
        self.send_header("content-length", str(len(self.server.sound)))
        self.end_headers()
        self.wfile.write(self.server.sound)


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor() as server:
        server.RequestHandlerClass = MediaHandler
        server.fetched, server.sound = [], note("Sí, acepto")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Iterator[Server]:
    running = Server(
        tmp_path_factory.mktemp("server"),
        SECRET_KEY="a key that is long enough",
        SERVE_DRAFTS="1",
        TTS="off",
        ASR_MODEL=str(MODEL),
        PUBLIC_URL=PUBLIC_URL,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        TWILIO_API_URL=vendor.url,
        TWILIO_WHATSAPP_FROM="+15005550007",
    )
    running.upgrade()
    running.start()
    yield running
    running.stop()


def post(server: Server, sender: str, number: int, **more: str) -> int:
    message = {"MessageSid": f"SM{number:032d}", "From": sender, "To": "whatsapp:+15005550007", "NumMedia": "0", "Body": ""}
    fields = {**message, **more}
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + PATH, fields),
    }
    return server.request(PATH, urllib.parse.urlencode(fields).encode(), headers, timeout=10)[0]


def voice(number: int) -> dict[str, str]:
    address = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/SM{number:032d}/Media/ME{number}"
    return {"NumMedia": "1", "MediaUrl0": address, "MediaContentType0": "audio/ogg", "MessageType": "audio"}


def told(vendor: Vendor, sender: str, count: int) -> list[str]:
    """What has reached her phone, once there are so many messages."""
    until = time.monotonic() + 40
    while True:
        calls = [fields for path, fields in list(vendor.calls) if path.endswith("/Messages.json") and fields.get("To") == sender]
        if len(calls) >= count or time.monotonic() > until:
            return [fields.get("Body", "") for fields in calls]
        time.sleep(0.05)


def test_a_note_is_acknowledged_at_once_and_answered_within_seconds(server: Server, vendor: Vendor) -> None:
    assert post(server, FIRST, 1, Body="hola") in {200, 204}
    assert len(told(vendor, FIRST, 2)) == 2
    started = time.monotonic()
    assert post(server, FIRST, 2, **voice(2)) in {200, 204}
    assert time.monotonic() - started < 2
    assert "país" in told(vendor, FIRST, 3)[-1]
    assert post(server, FIRST, 2, **voice(2)) in {200, 204}
    time.sleep(1)
    assert len(vendor.fetched) == 1
    assert server.rows("voice_note") == {"voice_note": 0}


def test_a_note_that_was_acknowledged_survives_a_kill_and_is_answered_once(server: Server, vendor: Vendor) -> None:
    assert post(server, SECOND, 11, Body="hola") in {200, 204}
    assert len(told(vendor, SECOND, 2)) == 2
    assert post(server, SECOND, 12, **voice(12)) in {200, 204}
    server.kill()
    assert server.rows("voice_note") == {"voice_note": 1}
    server.start()
    assert "país" in told(vendor, SECOND, 3)[-1]
    time.sleep(1)
    assert len(told(vendor, SECOND, 3)) == 3
    assert server.rows("voice_note") == {"voice_note": 0}

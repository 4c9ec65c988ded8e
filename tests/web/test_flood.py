"""A flood from one number against a running server, with a vendor that takes half a second for each message."""

import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.vendor import Vendor, VendorHandler
from twilio.request_validator import RequestValidator

PATH = "/webhooks/twilio/messages"
FLOODER, NORA = "+573007770001", "+573007770002"


class SlowHandler(VendorHandler):
    def do_POST(self):  # noqa: N802 - the name that http.server asks for
        time.sleep(0.5)
        super().do_POST()


@pytest.fixture
def vendor():
    with Vendor() as server:
        server.RequestHandlerClass = SlowHandler
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def server(tmp_path, vendor):
    running = Server(
        tmp_path,
        DEMO="1",
        TTS="off",
        PUBLIC_URL=PUBLIC_URL,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        TWILIO_API_URL=vendor.url,
        TWILIO_SMS_FROM="+15005550006",
    )
    yield running.start()
    # Not stopped: it would first send what is under way to a vendor that takes its time.
    running.kill()


def post(server, sender, number):
    fields = {"MessageSid": f"SM{sender[1:]}{number:020d}", "From": sender, "To": "+15005550006", "Body": "ola", "NumMedia": "0"}
    signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + PATH, fields)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    began = time.monotonic()
    status, _ = server.request(PATH, urllib.parse.urlencode(fields).encode(), headers)
    return status, time.monotonic() - began


def test_a_flood_is_bounded_and_slows_nobody_else(server, vendor):
    post(server, NORA, 0)
    _heard(vendor, NORA, 1)
    with ThreadPoolExecutor(32) as crowd:
        flood = [crowd.submit(post, server, FLOODER, number) for number in range(200)]
        _heard(vendor, FLOODER, 2)
        began = time.monotonic()
        status, answered_s = post(server, NORA, 1)
        _heard(vendor, NORA, 2)
        replied_s = time.monotonic() - began
        statuses = {one.result()[0] for one in flood}
    assert status == 204
    # Behind the flood, a webhook would wait for its turns and a reply for 200 calls of half a second on eight threads.
    assert answered_s < 3
    assert replied_s < 6
    assert statuses == {204, 503}
    assert post(server, NORA, 2)[0] == 204


def _heard(vendor, address, count):
    """Wait until an address was sent so many messages."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if sum(fields.get("To") == address for _, fields in list(vendor.calls)) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("nothing was sent")

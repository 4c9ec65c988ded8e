"""A server killed in mid-turn, again and again: nothing is lost, doubled or half done."""

import random
import threading
import urllib.error
import urllib.parse

import pytest
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.vendor import Vendor
from twilio.request_validator import RequestValidator

PATH = "/webhooks/twilio/messages"
# Through the door, into a lesson, out and in again: twenty messages, each of which changes something.
BODIES = ("ola", "si", "1", "si", "2", "1", "1", "1", "9", "9", "9", "1", "0", "3", "1", "0", "2", "1", "BAJA", "hola")
# The first word, the consent, a lesson gone on with, a question answered, the goodbye.
SAMPLE = frozenset({0, 1, 8, 13, 18})
TABLES = ("delivery_seen", "person", "line", "identity", "address", "consent", "lesson_record", "quiz_answer", "message")


@pytest.fixture(scope="module")
def vendor():
    with Vendor() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def post(server, number, sender, body):
    fields = {"MessageSid": f"SM{number:032d}", "From": sender, "To": "+15005550006", "Body": body, "NumMedia": "0"}
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + PATH, fields),
    }
    try:
        return server.request(PATH, urllib.parse.urlencode(fields).encode(), headers, timeout=10)[0]
    except (OSError, urllib.error.URLError):
        return None


def settings(vendor):
    return {
        "SECRET_KEY": "a key that is long enough",
        "SERVE_DRAFTS": "1",
        "TTS": "off",
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_URL": vendor.url,
        "TWILIO_SMS_FROM": "+15005550006",
    }


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory, vendor):
    """The rows of a server that nobody kills."""
    server = Server(tmp_path_factory.mktemp("left-alone"), **settings(vendor))
    server.upgrade()
    server.start()
    try:
        for number, body in enumerate(BODIES):
            assert post(server, number, "+573001110041", body) in {200, 204}
    finally:
        server.stop()
    return server.rows(*TABLES)


@pytest.mark.parametrize(
    "killed", [pytest.param(SAMPLE, id="five"), pytest.param(frozenset(range(20)), id="twenty", marks=pytest.mark.soak)]
)
def test_kills_lose_double_and_halve_nothing(tmp_path, vendor, left_alone, killed):
    dice = random.Random(7)
    server = Server(tmp_path / "killed", **settings(vendor))
    server.upgrade()
    server.start()
    for number, body in enumerate(BODIES):
        if number in killed:
            killer = threading.Timer(dice.uniform(0.0, 0.012), server.kill)
            killer.start()
            post(server, number, "+573001110042", body)
            killer.join()
            server.start()
        # Twilio tries again what was not acknowledged, under the same id.
        assert post(server, number, "+573001110042", body) in {200, 204}
    server.stop()
    assert server.rows(*TABLES) == left_alone

"""The HTTP client under twilio's own."""

import pytest
from channels.loopback import LOST, Answer, closed_port, loopback
from channels.requests_made import settings

from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.channels.twilio_http import AimedHttpClient
from bot.domain.errors import PassingSendError, PermanentSendError, SenderConfigurationError
from bot.domain.message import Address, ChannelName, Reply

TO = Address(ChannelName.SMS, "+573001112222")


class Notebook:
    def __init__(self):
        self.events = []

    def event(self, name, **facts):
        self.events.append((name, facts))


@pytest.fixture
def vendor():
    with loopback(Answer.of(201, {"sid": "SM7"})) as server:
        yield server


@pytest.fixture
def client(vendor):
    aimed = AimedHttpClient(vendor.url)
    yield aimed
    aimed.close()


def send(vendor, notebook=None, **environ):
    surroundings = Surroundings(notebook=notebook or Notebook())
    channel = build_channel("sms", settings(TWILIO_API_URL=vendor.url, **environ), surroundings)
    try:
        return channel.send(channel.render(Reply("x", "Hola"), TO, None, None)[0])
    finally:
        channel.close()


@pytest.mark.parametrize(
    ("base", "url", "aimed"),
    [
        ("", "https://api.twilio.com/2010-04-01/x?y=1", "https://api.twilio.com/2010-04-01/x?y=1"),
        ("http://127.0.0.1:9", "https://api.twilio.com/2010-04-01/x?y=1", "http://127.0.0.1:9/2010-04-01/x?y=1"),
        ("http://127.0.0.1:9/twilio/", "https://content.twilio.com/v1/Content", "http://127.0.0.1:9/twilio/v1/Content"),
    ],
)
def test_a_request_goes_where_it_is_aimed(base, url, aimed):
    assert AimedHttpClient(base).aimed(url) == aimed


def test_a_message_is_posted_as_twilio_documents_it(vendor):
    assert send(vendor) == "SM7"
    (call,) = vendor.calls
    assert call.path == f"/2010-04-01/Accounts/{settings().twilio_account_sid}/Messages.json"
    assert call.headers["authorization"].startswith("Basic ")
    assert call.form == {
        "To": "+573001112222",
        "From": "+15005550006",
        "Body": "Hola",
        "StatusCallback": "https://bot.example.org/webhooks/twilio/status",
    }


def test_a_code_that_nobody_knows_is_passing_and_logged_by_its_number(vendor):
    notebook = Notebook()
    vendor.answers.append(Answer.of(400, {"code": 63999, "message": "secret +573001112222"}))
    with pytest.raises(PassingSendError) as caught:
        send(vendor, notebook)
    assert caught.value.code == "63999"
    assert notebook.events == [("twilio_code_unknown", {"channel": "twilio", "code": "63999"})]


def test_the_newer_form_of_an_error_is_read_too(vendor):
    said = {"type": "x", "title": "x", "status": 400, "code": 21211}
    vendor.answers.append(Answer.of(400, said))
    with pytest.raises(PermanentSendError):
        send(vendor)


def test_reading_is_harmless_so_a_lost_answer_is_only_passing(client, vendor):
    for answer in (LOST, Answer(500, b"")):
        vendor.answers.append(answer)
        with pytest.raises(PassingSendError):
            client.request("GET", "https://api.twilio.com/x")


def test_nobody_listening_is_passing_even_for_a_message():
    with pytest.raises(PassingSendError):
        AimedHttpClient(closed_port()).request("POST", "https://api.twilio.com/x")


@pytest.mark.parametrize("base", ["nonsense", "ftp://x", "http://"])
def test_an_impossible_address_is_our_own_mistake(base):
    with pytest.raises(SenderConfigurationError):
        AimedHttpClient(base).request("POST", "https://api.twilio.com/x")


@pytest.mark.parametrize("wait", ["soon", "-1", "", "²"])
def test_a_wait_that_is_no_number_is_left_to_us(client, vendor, wait):
    vendor.answers.append(Answer(429, b"", {"retry-after": wait.encode().decode("latin-1")}))
    with pytest.raises(PassingSendError) as caught:
        client.request("POST", "https://api.twilio.com/x")
    assert caught.value.retry_after_s is None
    assert caught.value.code == "20429"

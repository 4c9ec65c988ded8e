"""Voice notes are fetched from their vendors and nobody else, within bounds."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from channels.loopback import LOST, Answer, closed_port, loopback
from channels.requests_made import settings

from bot.channels import media as bounds
from bot.channels.registry import build_channel
from bot.domain.errors import MediaError
from bot.domain.message import Media

OGG = b"OggS" + bytes(2000)
SOUND = Answer(200, OGG, {"content-type": "audio/ogg"})
URL = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"


def file_at(path):
    return Answer.of(200, {"ok": True, "result": {"file_id": "F1", "file_unique_id": "U1", "file_path": path}})


@pytest.fixture
def twilio():
    with loopback(SOUND) as server:
        yield server


@pytest.fixture
def telegram():
    with loopback(SOUND) as server:
        server.answers.append(file_at("voice/file_7.oga"))
        yield server


def fetch(server, name="whatsapp", reference=URL, mime="audio/ogg"):
    api = "TELEGRAM_API_URL" if name == "telegram" else "TWILIO_API_URL"
    channel = build_channel(name, settings(**{api: getattr(server, "url", server)}))
    try:
        return channel.fetch(Media("F1" if name == "telegram" else reference, mime))
    finally:
        channel.close()


def refusal(server, **facts):
    with pytest.raises(MediaError) as caught:
        fetch(server, **facts)
    assert settings().telegram_token not in repr(caught.value) + repr(caught.value.__context__)
    return caught.value.code


def test_a_file_that_the_stand_in_keeps_itself_is_fetched_from_it(twilio):
    assert fetch(twilio, reference=f"{twilio.url}/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0") == OGG
    assert twilio.calls[0].headers["authorization"].startswith("Basic ")


def test_without_a_stand_in_nothing_plain_is_fetched(twilio):
    with pytest.raises(MediaError) as caught:
        build_channel("whatsapp", settings()).fetch(Media(f"{twilio.url}/x", "audio/ogg"))
    assert caught.value.code == "host"
    assert twilio.calls == []


@pytest.mark.parametrize("name", ["sms", "whatsapp"])
def test_twilios_file_is_fetched_with_our_credentials(twilio, name):
    assert fetch(twilio, name) == OGG
    assert twilio.calls[0].method == "GET"
    assert twilio.calls[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_store_elsewhere_is_followed_without_them(twilio, status):
    with loopback(SOUND) as store:
        twilio.answers.append(Answer(status, b"", {"location": f"{store.url}/bucket/x"}))
        assert fetch(twilio) == OGG
    assert store.calls[0].path == "/bucket/x"
    assert "authorization" not in store.calls[0].headers
    assert "cookie" not in store.calls[0].headers


def test_a_redirect_within_twilio_keeps_them(twilio):
    twilio.answers.append(Answer(307, b"", {"location": "/elsewhere"}))
    assert fetch(twilio) == OGG
    assert "authorization" in twilio.calls[1].headers


@pytest.mark.parametrize(
    "location", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://169.254.169.254/x", "http://[/"]
)
def test_a_redirect_to_what_is_not_secure_is_not_followed(twilio, location):
    twilio.answers.append(Answer(302, b"", {"location": location}))
    assert refusal(twilio) in {"host", "gone"}
    assert len(twilio.calls) == 1


def test_redirects_end(twilio):
    twilio.usual = Answer(302, b"", {"location": "/again"})
    assert refusal(twilio) == "gone"
    assert len(twilio.calls) == 6


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.org/x",
        "http://api.twilio.com/x",
        "https://api.twilio.com@example.org/x",
        "https://example.org\\@api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com:99999/x",
        "https://eviltwilio.com/x",
        "https://twilio.com.example.org/x",
        "https://api.twilio.com\r\n.example.org/x",
        "file:///etc/passwd",
        "",
        "https://[",
    ],
)
def test_nothing_is_fetched_from_whoever_a_message_names(twilio, reference):
    assert refusal(twilio, reference=reference) == "host"
    assert twilio.calls == []


@pytest.mark.parametrize("name", ["whatsapp", "telegram"])
@pytest.mark.parametrize("mime", ["image/png", "video/mp4", "", "text/html", "application/x-unheard-of"])
def test_only_sound_is_fetched(twilio, name, mime):
    assert refusal(twilio, name=name, mime=mime) == "type"
    assert twilio.calls == []


@pytest.mark.parametrize("kind", ["text/html", "image/png", "application/json"])
def test_what_turns_out_to_be_no_sound_is_refused(twilio, telegram, kind):
    twilio.usual = telegram.usual = Answer(200, OGG, {"content-type": kind})
    assert refusal(twilio) == refusal(telegram, name="telegram") == "type"


@pytest.mark.parametrize("kind", ["audio/ogg; codecs=opus", "application/octet-stream", "binary/octet-stream"])
def test_a_store_may_not_know_what_it_holds(twilio, telegram, kind):
    twilio.usual = telegram.usual = Answer(200, OGG, {"content-type": kind})
    assert fetch(twilio) == fetch(telegram, "telegram") == OGG


@pytest.mark.parametrize(("answer", "code"), [(404, "gone"), (403, "gone"), (410, "gone"), (429, "network"), (503, "network")])
def test_a_file_that_is_not_given_says_whether_to_try_again(twilio, telegram, answer, code):
    twilio.usual = telegram.usual = Answer(answer, b"no")
    assert refusal(twilio) == refusal(telegram, name="telegram") == code


def test_an_empty_or_lost_answer_is_no_file(twilio, telegram):
    twilio.usual = telegram.usual = Answer(200, b"", {"content-type": "audio/ogg"})
    assert refusal(twilio) == refusal(telegram, name="telegram") == "gone"
    twilio.usual = telegram.usual = LOST
    telegram.answers.append(file_at("voice/file_7.oga"))
    assert refusal(twilio) == refusal(telegram, name="telegram") == "network"
    assert refusal(closed_port()) == refusal(closed_port(), name="telegram") == "network"


@pytest.mark.parametrize("name", ["whatsapp", "telegram"])
def test_a_file_that_says_it_is_too_large_is_not_read(twilio, telegram, name):
    server = telegram if name == "telegram" else twilio
    server.usual = Answer(200, bytes(bounds.MOST_BYTES + 1), {"content-type": "audio/ogg"})
    assert refusal(server, name=name) == "size"


@pytest.mark.parametrize("name", ["whatsapp", "telegram"])
def test_a_file_without_end_is_cut_off(name):
    with endless() as server:
        assert refusal(server, name=name) == "size"


def test_telegrams_file_is_asked_for_and_then_fetched(telegram):
    assert fetch(telegram, "telegram") == OGG
    asked, fetched = telegram.calls
    assert asked.path.endswith("/getFile")
    assert fetched.path == f"/file/bot{settings().telegram_token}/voice/file_7.oga"


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "voice/../x", "", "voice/ñ", "a?b=c", 7, None])
def test_a_path_that_leads_elsewhere_is_not_asked_for(telegram, path):
    telegram.answers.clear()
    telegram.answers.append(file_at(path))
    assert refusal(telegram, name="telegram") == "gone"
    assert len(telegram.calls) == 1


def test_a_file_that_telegram_does_not_know_is_gone(telegram):
    telegram.answers.clear()
    telegram.answers.append(Answer.of(400, {"ok": False, "error_code": 400, "description": "wrong file_id"}))
    assert refusal(telegram, name="telegram") == "gone"


class _Endless(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "audio/ogg")
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(65_536))
        except OSError:
            self.close_connection = True

    def do_POST(self):
        answer = file_at("voice/x.oga")
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_):
        pass


@contextmanager
def endless():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Endless) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()

"""`batea doctor`, as a process of its own: what is wrong is one line each."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose, Reply
from bot.domain.unasked import Kept
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

spec = importlib.util.spec_from_file_location("chat_tests", Path(__file__).with_name("test_chat.py"))
chat_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chat_tests)

SECRET = "a secret of the tests and long enough"


@pytest.fixture
def batea(tmp_path):
    facts = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path), "ASR": "off"}
    assert chat_tests.batea("db", "upgrade", **facts).returncode == 0
    return lambda *command, **more: chat_tests.batea(*command, **{**facts, **more})


def lines(done):
    return dict(line.split(": ", 1) for line in done.stdout.decode().splitlines())


def test_a_sound_installation_has_nothing_broken(batea):
    done = batea("doctor")
    assert done.returncode == 0, done.stdout
    assert (lines(done)["key"], lines(done)["database"]) == ("ok", "ok")


@pytest.mark.parametrize("key", ["short", ""])
def test_a_key_that_is_none_is_told_once(batea, key):
    done = batea("doctor", SECRET_KEY=key)
    assert done.returncode == 1
    assert lines(done)["key"].startswith("BROKEN BATEA_SECRET_KEY")
    assert lines(done)["database"] == "ok"


def test_a_key_of_another_database_is_told(batea, tmp_path):
    facts = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
    assert chat_tests.batea("people", "move", stdin="+573001112222\n+573001112223\n", **facts).returncode == 1
    done = batea("doctor", SECRET_KEY="another secret that is long enough")
    assert done.returncode == 1
    assert "does not open this database" in lines(done)["database"]


def test_a_timezone_that_is_none_is_one_line(batea):
    done = batea("doctor", TIMEZONE="Mars/Olympus")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "batea: BATEA_TIMEZONE is 'Mars/Olympus': use a name such as America/Bogota or America/Lima"
    ]


def test_a_secret_that_telegram_refuses_is_told(batea):
    done = batea("doctor", TELEGRAM_TOKEN="1:a", TELEGRAM_WEBHOOK_SECRET="señal", TELEGRAM_API_URL="http://127.0.0.1:9")
    assert "openssl rand -hex 32" in done.stdout.decode()


def test_what_was_not_sent_since_it_was_too_much_is_told(batea, tmp_path):
    now = datetime.now(UTC)
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault(SECRET), RoundKeyFiles(tmp_path / "rounds"))
    to, states = Address(ChannelName.SMS, "+573001112222"), (MessageState.CANCELLED, MessageState.EXPIRED)

    def work(uow):
        person, _ = uow.people.meet(to, now)
        for number, why in enumerate(Kept):
            row = OutboundMessage(f"m{number}", to, Reply("r", "x"), now, purpose=Purpose.SERVICE)
            uow.unasked.refuse(row, person.id, states[number], why)

    store.submit(work).result()
    store.close()
    told = batea("doctor").stdout.decode()
    assert "sending: of what nobody asked for, 1 in the last seven days not sent: the week of the person was full" in told
    assert "it would have been late" in told


def test_answers_that_wait_for_a_wrong_token_are_told(batea, tmp_path):
    now = datetime.now(UTC)
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault(SECRET), RoundKeyFiles(tmp_path / "rounds"))

    def work(uow):
        uow.outbox.add([OutboundMessage("m1", Address(ChannelName.SMS, "+573001112222"), Reply("r", "x"), now)], None)
        uow.outbox.claim(now)
        uow.outbox.put_off("m1", now, now, error_code="20003", expires_at=now + timedelta(days=1))

    store.submit(work).result()
    store.close()
    done = batea("doctor")
    assert done.returncode == 1
    assert lines(done)["sending"].startswith("BROKEN 1 message waits, refused")
    assert "errors/20003" in lines(done)["sending"]


def test_how_good_the_prices_are_and_that_the_month_nears_its_cap(batea, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault(SECRET), RoundKeyFiles(tmp_path / "rounds"))
    month = datetime.now(ZoneInfo("America/Bogota")).date().replace(day=1)
    store.submit(lambda uow: uow.spending.add(month, ChannelName.SMS, 850_000_000, 4)).result()
    store.close()
    assert "estimated" in lines(batea("doctor"))["prices"]
    done = batea("doctor", MONTH_COP="1000")
    assert done.returncode == 1
    assert "85 % of its cap" in done.stdout.decode()

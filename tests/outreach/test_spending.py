"""What leaves is booked: replies, broadcasts and calls, by month and channel; nothing twice, nothing lost to a busy database."""

from concurrent.futures import Future
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.domain.clock import MovableClock
from bot.domain.errors import StorageError
from bot.domain.message import Address, ChannelName, OutboundMessage, Rendered, Reply
from bot.lessons.source import read_document
from bot.outreach.prices import FILE, Unit, read_prices
from bot.outreach.spending import Meter

ROOT = Path(__file__).parents[2]
# Still November in Bogota.
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


class Books:
    """A database that keeps what is booked, once it is not busy."""

    def __init__(self):
        self.rows = []
        self.busy = False
        self.spending = self

    def submit(self, work, *, patient=False):
        done = Future()
        try:
            if self.busy:
                raise StorageError("busy")  # noqa: TRY301
            done.set_result(work(self))
        except StorageError as error:
            done.set_exception(error)
        return done

    def add(self, month, channel, micros, messages):
        self.rows.append((month, channel, micros, messages))


@pytest.fixture
def prices():
    return read_prices(read_document(ROOT / "content" / FILE, ROOT / "content").data)


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def meter(books, prices):
    return Meter(books, MovableClock(NOW), prices, "America/Bogota", "window.invitation", {"taller"})


def sent(meter, channel, value, reply=None, segments=None, *, simulated=False):
    to = Address(ChannelName(channel), value, simulated)
    meter.left(OutboundMessage("m", to, reply or Reply("x", "Hola"), NOW), Rendered("api", segments=segments))


def test_every_call_counts_in_the_month_that_it_is_there(meter, books, prices):
    sent(meter, "sms", "+573001112222", segments=2)
    sent(meter, "sms", "+51900111222", segments=1)
    sent(meter, "telegram", "77")
    sent(meter, "sms", "+573001112222", segments=2, simulated=True)
    meter.book()
    sms = 2 * prices.usd(ChannelName.SMS, "CO", Unit.SEGMENT) + prices.usd(ChannelName.SMS, "PE", Unit.SEGMENT)
    assert sorted(books.rows) == [(NOVEMBER, "sms", prices.micros(sms), 2), (NOVEMBER, "telegram", 0, 1)]
    meter.book()
    assert len(books.rows) == 2


@pytest.mark.parametrize(
    ("reply", "unit"),
    [
        (Reply("menu.menu", "Hola"), Unit.MESSAGE),
        (Reply("window.invitation", "Hay un mensaje"), Unit.TEMPLATE),
        (Reply("broadcast.message", "Hay reunión", template="reunion"), Unit.TEMPLATE),
        (Reply("broadcast.message", "Hay taller", template="taller"), Unit.MARKETING),
    ],
)
def test_whatsapp_is_paid_by_what_kind_of_message_it_was(meter, books, prices, reply, unit):
    sent(meter, "whatsapp", "bsuid:PE.1", reply)
    meter.book()
    assert books.rows[0][2] == prices.micros(prices.usd(ChannelName.WHATSAPP, "PE", unit))


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2)])
def test_a_call_is_paid_by_begun_minutes(meter, books, prices, seconds, minutes):
    meter.rang(Address(ChannelName.CALL, "+573001112222"), seconds)
    meter.book()
    booked = [prices.micros(minutes * prices.usd(ChannelName.CALL, "CO", Unit.MINUTE))] if minutes else []
    assert [row[2] for row in books.rows] == booked


def test_what_a_busy_database_did_not_take_is_booked_later(meter, books):
    sent(meter, "sms", "+573001112222", segments=1)
    books.busy = True
    with pytest.raises(StorageError):
        meter.book()
    sent(meter, "sms", "+573001112222", segments=1)
    books.busy = False
    meter.book()
    assert [row[3] for row in books.rows] == [2]

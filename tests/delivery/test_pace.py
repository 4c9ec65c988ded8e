"""How long a sender is left alone that its vendor throttles."""

from datetime import UTC, datetime, timedelta

from bot.delivery.pace import Pace, Rates
from bot.domain.errors import PassingSendError

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def limit(retry_after_s=None):
    return PassingSendError("wait", code="20429", retry_after_s=retry_after_s)


def test_what_was_sent_side_by_side_is_throttled_once():
    pace = Pace(Rates())
    waits = [pace.trouble("sms/CO", limit(3), NOW + timedelta(milliseconds=number)) for number in range(10)]
    assert max(waits) < NOW + timedelta(seconds=4)


def test_what_is_throttled_again_after_its_pause_waits_twice_as_long_and_from_the_start_once_something_left():
    pace, now = Pace(Rates()), NOW
    pauses = []
    for _ in range(7):
        until = pace.trouble("sms/CO", limit(), now)
        pauses.append((until - now).total_seconds())
        now = until
    assert pauses == [2, 4, 8, 16, 32, 60, 60]
    pace.worked("sms/CO")
    assert pace.trouble("sms/CO", limit(), now) == now + timedelta(seconds=2)


def test_a_vendor_that_says_how_long_is_obeyed_by_who_waits_already():
    pace = Pace(Rates())
    pace.trouble("sms/CO", limit(), NOW)
    assert pace.trouble("sms/CO", limit(300), NOW) == NOW + timedelta(seconds=300)
    assert pace.trouble("sms/CO", limit(), NOW + timedelta(seconds=1)) == NOW + timedelta(seconds=300)

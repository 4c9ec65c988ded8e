from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.policy import LONGEST_WAIT_S, MOST_ATTEMPTS, judge
from bot.domain.errors import (
    AmbiguousSendError,
    OptedOutError,
    OutsideWindowError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
)
from bot.domain.message import MessageState

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.mark.parametrize("error", [PermanentSendError("x"), OutsideWindowError("x"), SenderConfigurationError("x")])
def test_what_never_will_leave_fails_at_once(error):
    assert judge(error, 1, NOW).state is MessageState.FAILED


def test_a_passing_failure_waits_twice_as_long_each_time():
    waits = [judge(PassingSendError("x"), attempt, NOW).not_before - NOW for attempt in (1, 2, 3)]
    assert waits == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]


def test_the_vendor_may_ask_for_more_patience():
    verdict = judge(PassingSendError("x", retry_after_s=600), 1, NOW)
    assert verdict.not_before == NOW + timedelta(seconds=600)


def test_patience_ends():
    assert judge(PassingSendError("x"), MOST_ATTEMPTS - 1, NOW).not_before <= NOW + timedelta(seconds=LONGEST_WAIT_S)
    assert judge(PassingSendError("x"), MOST_ATTEMPTS, NOW).state is MessageState.FAILED


def test_an_ambiguous_reply_is_sent_once_more_and_then_stays_unknown():
    assert judge(AmbiguousSendError("x"), 1, NOW).state is MessageState.QUEUED
    assert judge(AmbiguousSendError("x"), 2, NOW).state is MessageState.UNKNOWN


def test_a_carriers_opt_out_is_recorded():
    verdict = judge(OptedOutError("x", code="21610"), 1, NOW)
    assert (verdict.state, verdict.opts_out) == (MessageState.FAILED, True)

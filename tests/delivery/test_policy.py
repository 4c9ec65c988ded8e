from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.policy import EPHEMERAL_KEPT_FOR, KEPT_FOR, LONGEST_WAIT_S, MOST_ATTEMPTS, judge, put_off
from bot.domain.errors import (
    AmbiguousSendError,
    OptedOutError,
    OutsideWindowError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
)
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Reply

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


@pytest.mark.parametrize(("age_s", "pause_s"), [(0, 30), (40, 40), (300, 300), (7200, 900)])
def test_what_our_set_up_keeps_back_waits_ever_longer_up_to_a_quarter_of_an_hour(age_s, pause_s):
    message = OutboundMessage("m", Address(ChannelName.SMS, "+573001112222"), Reply("r", "x"), NOW - timedelta(seconds=age_s))
    assert put_off(message, NOW) == (NOW + timedelta(seconds=pause_s), NOW + KEPT_FOR)


def test_what_leaves_no_trace_waits_for_our_set_up_an_hour_at_most():
    message = OutboundMessage("m", Address(ChannelName.SMS, "+573001112222"), Reply("r", "x"), NOW, ephemeral=True)
    assert put_off(message, NOW)[1] == NOW + EPHEMERAL_KEPT_FOR

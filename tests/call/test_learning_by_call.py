"""Who has only a telephone asks by keys for a lesson at her hour, is called at it, goes on, and stops it with a key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from standins.telephone import Handset

from bot.domain.message import Address, ChannelName, Reply
from bot.domain.person import Country
from bot.domain.study import sent_choices, sent_place


@pytest.fixture
def learner(telephony: Any) -> Handset:
    """Somebody who agreed and has asked for a lesson every day at seven in the evening, after her first lesson, by keys."""
    handset: Handset = telephony.handset()
    telephony.call(handset)
    module = telephony.batea.library.module("m1", Country.CO)
    keys = ["1", "1", "1", "1", "1", "1", "1", *"9" * len(module.lessons[0].steps), "1", "3", "1", "5"]
    for key in keys:
        handset.press(key)
    handset.hang_up()
    return handset


def her_hour(telephony: Any) -> None:
    """It becomes seven in the evening in Colombia, the next time."""
    now = telephony.clock.now()
    seven = now.replace(hour=0, minute=0, second=0, microsecond=0)
    telephony.clock.move((seven if seven > now else seven + timedelta(days=1)) - now)
    sweep(telephony)


def sweep(telephony: Any) -> None:
    while telephony.batea.studying.sweep():
        pass
    telephony.batea.sender.sweep()
    telephony.pass_time(seconds=1)


def step(telephony: Any, number: int = 0) -> Reply:
    """The first steps of the second lesson, as they are told to her."""
    library = telephony.batea.library
    module = library.module("m1", Country.CO)
    lesson = module.lessons[1]
    place = sent_place(module, lesson, lesson.steps[number].id)
    choices = sent_choices(place, library.reply("lesson.next").text, library.reply("rhythm.no_more").text)
    return library.say("x", lesson.steps[number].wording, Country.CO, choices=choices[:1])


def test_she_is_called_at_her_hour_and_goes_on_with_the_key_she_knows(telephony: Any, learner: Handset) -> None:
    her_hour(telephony)
    assert learner.rung() is not None
    learner.pick_up()
    assert telephony.heard(learner) == ["call.who_calls"]
    learner.press("1")
    title = telephony.batea.library.reply("rhythm.today_call", Country.CO, lesson="Nunca en la cocina")
    assert telephony.names(learner)[-2:] == telephony.clips([title, step(telephony)])
    learner.press("9")
    assert telephony.names(learner) == telephony.clips([step(telephony, 1)])
    learner.hang_up()


def test_a_key_stops_it_and_another_one_does_not(telephony: Any, learner: Handset) -> None:
    her_hour(telephony)
    learner.rung()
    learner.pick_up()
    learner.press("1")
    learner.press("2")
    assert rhythm(telephony, learner) is not None
    learner.press("5")
    assert telephony.heard(learner)[0] == "rhythm.stopped_call"
    assert rhythm(telephony, learner) is None
    learner.hang_up()
    her_hour(telephony)
    assert learner.rung() is None


def test_who_does_not_take_the_call_is_tried_at_other_times_of_the_day_within_the_limits(
    telephony: Any, learner: Handset
) -> None:
    her_hour(telephony)
    rings = 0
    while learner.rung() is not None and rings < 10:
        rings += 1
        learner.never_took("no-answer")
        telephony.pass_time(hours=3)
    assert 1 <= rings <= 3


def rhythm(telephony: Any, handset: Handset) -> Any:
    to = Address(ChannelName.CALL, handset.number)
    return telephony.run(lambda unit: unit.study.rhythm(unit.people.meet(to, telephony.clock.now())[0].id))

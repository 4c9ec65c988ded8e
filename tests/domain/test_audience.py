"""Audience expressions: what staff write, what is stored, what the database reads out of it."""

import pytest

from bot.domain.audience import Beyond, Learning, Learnt, TookPart, parse, resolve
from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.message import ChannelName
from bot.domain.person import Country

PLACES = [Community("taraza", "Tarazá", Country.CO, "bajo-cauca")]
BEYOND = Beyond({"m1": 5, "m2": 4}, {"Q05_v1-2": "Q05_v1", "Q05_v1-3": "Q05_v1", "Q06_v1-0": "Q06_v1"}, {"cooperativa"})


def test_module_progress_is_kept_with_the_number_of_lessons_so_that_a_database_can_count():
    audience = resolve("module:m1:finished + module:m2:UNBEGUN", PLACES, [], BEYOND)
    assert parse(str(audience)) == audience
    assert audience.learnt == (Learnt("m1", Learning.FINISHED, 5), Learnt("m2", Learning.UNBEGUN, 4))


def test_a_poll_names_its_open_round_and_never_an_answer():
    audience = resolve("poll:Q06_v1:unanswered+poll:Q05_v1-2:answered", PLACES, [], BEYOND)
    assert parse(str(audience)) == audience
    assert audience.took_part == (TookPart("Q05_v1-2", True), TookPart("Q06_v1-0", False))


def test_channels_languages_and_tags_are_read_in_any_case():
    audience = resolve(
        "channel:SMS and channel:call and language:ES and tag:Cooperativa and community:taraza", PLACES, [], BEYOND
    )
    assert str(audience) == "community:taraza+language:es+channel:call+channel:sms+tag:cooperativa"
    assert audience.channels == {ChannelName.SMS, ChannelName.CALL}
    assert parse("all").channels == frozenset()


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "module:m9:finished",
        "module:m1",
        "module:m1:nearly",
        "module:m1:finished:x",
        "poll:Q05_v1:answered",
        "poll:Q07_v1:answered",
        "poll:Q06_v1",
        "poll:Q06_v1:si",
        "tag:nobody",
        "tag:Líder social",
        "channel:fax",
        "language:castellano",
        "language:",
        "age:30",
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(expression):
    with pytest.raises(UsageError, match=r"use one of|write|no such round|several rounds|no tag"):
        resolve(expression, PLACES, [], BEYOND)


@pytest.mark.parametrize("expression", ["module:m1:finished", "poll:Q06_v1:answered", "tag:cooperativa", "channel:sms"])
def test_a_poll_cannot_be_opened_to_what_only_the_database_knows(expression):
    with pytest.raises(UsageError, match="names nobody"):
        resolve(expression, PLACES, [])

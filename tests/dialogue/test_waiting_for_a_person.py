"""What is said to somebody who asks for a person, what she writes meanwhile, and newcomers who are expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standins.talk import NOW, Talk

from bot.dialogue.expected import expected
from bot.dialogue.help_effects import AskForHelp, TellTeam
from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.duty import Duty
from bot.domain.enrolment import Expected, by_keyword, keyword
from bot.domain.message import Address, ChannelName, Inbound, InboundKind
from bot.domain.person import Country, Mode, Person

TOMORROW = datetime(2026, 11, 24, 13, tzinfo=UTC)
PLACES = [
    Community("taraza", "Tarazá", Country.CO, "bajo"),
    Community("san-juan-co", "San Juan", Country.CO, "norte"),
    Community("san-juan-pe", "San Juan", Country.PE, "sur"),
]


def told(talk: Talk) -> list[str]:
    return [effect.text for effect in talk.effects if isinstance(effect, TellTeam)]


def test_who_asks_is_told_that_somebody_is_there(talk: Talk) -> None:
    talk.around.on_duty = Duty(kept=True, now=("rosa",), next_at=TOMORROW)
    assert talk.say("*") == ["human.on_duty"]
    assert any(isinstance(effect, AskForHelp) for effect in talk.effects)
    assert talk.say("*") == ["human.waiting"]


def test_who_asks_when_nobody_is_there_is_told_when_somebody_will_be(talk: Talk) -> None:
    talk.around.on_duty = Duty(kept=True, next_at=TOMORROW)
    assert talk.say("*") == ["human.away"]
    assert talk.say("8") == ["human.away"]


def test_without_a_roster_nothing_is_promised(talk: Talk) -> None:
    assert talk.say("*") == ["human.asked"]


def test_what_she_writes_while_she_waits_is_kept_for_a_person_and_not_understood(talk: Talk) -> None:
    talk.say("*")
    assert talk.say("a mi vecino le tiemblan las manos y no sé qué hacer") == ["human.kept"]
    assert told(talk) == ["a mi vecino le tiemblan las manos y no sé qué hacer"]
    assert talk.state.place == "human"
    assert "tiemblan" not in str(talk.state)
    assert "tiemblan" not in repr(talk.effects)


def test_going_on_ends_it(talk: Talk) -> None:
    talk.say("*")
    talk.say("1")
    assert talk.state.place == "menu"
    talk.say("a mi vecino le tiemblan las manos y no sé qué hacer")
    assert told(talk) == []


@pytest.mark.parametrize("text", ["BAJA", "0", "menu", "8"])
def test_words_that_work_everywhere_are_not_kept(talk: Talk, text: str) -> None:
    talk.say("*")
    talk.say(text)
    assert told(talk) == []


@pytest.mark.parametrize(("intent", "reply"), [("thanks", "menu.thanks"), ("goodbye", "menu.goodbye")])
def test_a_thank_you_or_a_goodbye_is_no_message_to_the_team(talk: Talk, intent: str, reply: str) -> None:
    talk.engine.intents = {"grasias": intent}
    talk.say("*")
    assert reply in talk.say("grasias pues")
    assert told(talk) == []


def test_the_question_when_people_meet_is_kept_and_answered(talk: Talk) -> None:
    talk.engine.intents = {"reunion": "ask_next_meeting"}
    talk.say("*")
    assert talk.say("a ke ora es la reunion")[0] == "human.kept"
    assert told(talk) == ["a ke ora es la reunion"]
    assert talk.state.place != "human"


def test_thanks_inside_a_longer_message_is_part_of_the_message(talk: Talk) -> None:
    talk.engine.intents = {"grasias": "thanks"}
    talk.say("*")
    assert talk.say("grasias, es que a mi vecino le tiemblan las manos") == ["human.kept"]


class Unit:
    """What `expected` asks of the database."""

    def __init__(self, known: Expected | None = None) -> None:
        self.enrolments = self.communities = self
        self.known = known

    def expected(self, address: Address, now: datetime) -> Expected | None:
        return self.known

    def all(self) -> list[Community]:
        return PLACES


def said(text: str, kind: InboundKind = InboundKind.TEXT) -> Inbound:
    return Inbound("SM1", Address(ChannelName.SMS, "+573001234567"), kind, NOW, text=text)


@pytest.mark.parametrize("text", ["TARAZA", "tarazá", "/start taraza", "Hola Tarazá", " taraza. "])
def test_the_word_of_a_poster_tells_where_a_newcomer_is(text: str) -> None:
    inbound, person, state = expected(Unit(), said(text), Person("p", NOW), State())  # type: ignore[arg-type]
    assert (inbound.text, person.community_id, person.country) == ("hola", "taraza", Country.CO)
    assert (person.consent, state) == (None, State())


@pytest.mark.parametrize("text", ["san juan", "vivo en taraza hace años", "", "hola", "auxilio"])
def test_other_words_of_a_newcomer_stay_what_they_are(text: str) -> None:
    assert expected(Unit(), said(text), Person("p", NOW), State()) == (said(text), Person("p", NOW), State())  # type: ignore[arg-type]


def test_who_is_known_is_not_moved_by_a_keyword() -> None:
    known = replace(Person("p", NOW), last_seen_at=NOW)
    assert expected(Unit(), said("taraza"), known, State())[1] == known  # type: ignore[arg-type]


def test_places_of_one_name_have_words_of_their_own() -> None:
    assert [keyword(place, PLACES) for place in PLACES] == ["TARAZA", "SANJUANCO", "SANJUANPE"]
    assert by_keyword("sanjuan pe", PLACES) == PLACES[2]


def test_who_was_signed_up_stands_at_the_question_and_has_agreed_to_nothing() -> None:
    known = Expected(Address(ChannelName.SMS, "+573001234567"), Country.CO, "taraza", Mode.READ)
    _, person, state = expected(Unit(known), said("1"), Person("p", NOW), State())  # type: ignore[arg-type]
    assert state.place == "onboarding:consent"
    assert (person.consent, person.adult, person.community_id, person.mode) == (None, None, "taraza", Mode.READ)

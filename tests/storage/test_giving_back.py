"""What people said goes back to those who were asked, once, whoever clicks how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from delivery.test_sender import Silence

from bot.delivery.announcing import Announcements
from bot.domain.community import Community
from bot.domain.learning import Wording
from bot.domain.message import Address, ChannelName, MessageState, Purpose, Reply, Speech
from bot.domain.person import Consent, Country, Mode
from bot.domain.poll import PollRound, RoundRecord
from bot.outreach.giving_back import WAITS_AT_MOST, GivingBack
from tests.storage.conftest import NOW, Desk

ASKED = PollRound("Q05_v1-0", "Q05_v1", NOW - timedelta(days=9), NOW, (), "territory:bajo-cauca")
SAID = Wording("Esto dijeron ustedes.", "Esto dijeron ustedes, en voz.", "Esto dijeron")
NIGHT, MORNING = NOW + timedelta(hours=11), NOW + timedelta(hours=21)  # 9 in the evening and 7 in the morning there


class Sayings:
    """A library that says what it is given."""

    def say(self, say_id: str, wording: Wording, country: Country | None = None, *, slow: bool = False, **_: Any) -> Reply:
        return Reply(say_id, wording.text, Speech(wording.speech or wording.text, slow=slow), sms=wording.sms)


@pytest.fixture
def giving_back() -> GivingBack:
    return GivingBack(Sayings(), Announcements(Silence()))  # type: ignore[arg-type] # all that is asked of a library here


@pytest.fixture
def people(desk: Desk) -> dict[str, str]:
    """One who reads, one who listens, one who said BAJA, one who never agreed, and one of elsewhere."""

    def work(uow: Any) -> dict[str, str]:
        places = [Community("taraza", "Tarazá", Country.CO, "bajo-cauca"), Community("puno", "Puno", Country.PE, "puno")]
        uow.communities.put(places, [])
        ids = {}
        for n, name in enumerate(("reads", "listens", "left", "stranger", "elsewhere")):
            address = Address(ChannelName.SMS, f"+5730011122{n:02}")
            person, state = uow.people.meet(address, NOW)
            place = "puno" if name == "elsewhere" else "taraza"
            mode = Mode.READ if name == "reads" else Mode.LISTEN
            uow.people.save(replace(person, country=Country.CO, adult=True, community_id=place, mode=mode), state)
            if name != "stranger":
                uow.people.record_consent(person.id, Consent("v1", NOW, "sms", f"m{n}", "lessons"))
            if name == "left":
                uow.people.set_opted_out(address, NOW)
            ids[name] = person.id
        uow.polls.put_round(ASKED)
        uow.polls.close_round(ASKED.id, NOW)
        return ids

    return desk.run(work)


def record(desk: Desk) -> RoundRecord:
    found = desk.run(lambda uow: uow.polls.get(ASKED.id))
    assert found is not None
    return found


def test_it_goes_to_who_was_asked_and_can_be_reached_when_she_may_be_written_to(
    desk: Desk, giving_back: GivingBack, people: dict[str, str]
) -> None:
    closed = record(desk)
    told = desk.run(lambda uow: giving_back.send(uow, closed, SAID, NIGHT))
    assert told is not None
    assert told.people == 2
    owners = {row[0] for row in desk.rows("SELECT person_id FROM message")}
    assert owners == {people["reads"], people["listens"]}
    assert desk.run(lambda uow: uow.outbox.claim(MORNING - timedelta(minutes=1))) == [], "not before the morning"
    sent = desk.run(lambda uow: uow.outbox.claim(MORNING))
    assert {message.purpose for message in sent} == {Purpose.SERVICE}
    assert {message.expires_at for message in sent} == {NIGHT + WAITS_AT_MOST}
    assert {message.reply.voice_note for message in sent} == {True, False}, "who reads gets no voice note unasked"
    assert not any(message.reply.speech.catalogue for message in sent if message.reply.speech), "no online engine says it"


def test_a_second_click_does_nothing(desk: Desk, giving_back: GivingBack, people: dict[str, str]) -> None:
    closed = record(desk)
    first = desk.run(lambda uow: giving_back.send(uow, closed, SAID, NOW))
    assert desk.run(lambda uow: giving_back.send(uow, closed, SAID, NOW + timedelta(days=2))) is None
    assert desk.run(lambda uow: uow.told.get(ASKED.id)) == first
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.QUEUED: 2}


def test_of_many_clicks_at_once_one_sends(desk: Desk, giving_back: GivingBack, people: dict[str, str]) -> None:
    closed = record(desk)

    def click(_: int) -> bool:
        return desk.run(lambda uow: giving_back.send(uow, closed, SAID, NOW)) is not None

    with ThreadPoolExecutor(4) as hands:
        assert sum(hands.map(click, range(8))) == 1
    assert desk.run(lambda uow: uow.outbox.counts()) == {MessageState.QUEUED: 2}

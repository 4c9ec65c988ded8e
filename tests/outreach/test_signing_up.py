"""Signing somebody up who is present: whom Batea asks, and whom it leaves alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.call import CallKind
from bot.domain.community import Community
from bot.domain.enrolment import Expected
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode
from bot.lessons.catalogue import load_catalogue
from bot.outreach.signing_up import Begun, SigningUp
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NUMBER = "+573001234567"


@pytest.fixture
def begin(tmp_path):
    url = f"sqlite:///{tmp_path / 'batea.db'}"
    schema.upgrade(url)
    store = open_store(url, Vault("a secret of the tests and long enough"), RoundKeyFiles(tmp_path / "rounds"))
    store.submit(lambda uow: uow.communities.put([Community("taraza", "Tarazá", Country.CO, "bajo-cauca")], [])).result()
    library = load_catalogue(CONTENT, drafts=True, today=NOW.date, timezone="America/Bogota")
    signing_up = SigningUp(library, lambda to: to.value.startswith("+573"))

    def begun(channel, number=NUMBER, before=lambda _: None):
        expected = Expected(Address(channel, number), Country.CO, "taraza", Mode.LISTEN)
        store.submit(before).result()
        outcome = store.submit(lambda uow: signing_up.begin(uow, expected, "rosa", NOW)).result()[0]
        return outcome, store.submit(lambda uow: (uow.outbox.claim(NOW), uow.calls.due(NOW))).result()

    yield begun
    store.close()


def test_she_is_welcomed_and_asked_in_writing(begin):
    outcome, (messages, calls) = begin(ChannelName.SMS)
    assert (outcome, [message.reply.id for message in messages]) == (Begun.WRITTEN, ["onboarding.welcome", "onboarding.consent"])
    assert [choice.id for choice in messages[1].reply.choices] == ["onboarding:consent:yes", "onboarding:consent:no"]
    assert not calls


def test_or_called_like_somebody_who_rang(begin):
    outcome, (messages, calls) = begin(ChannelName.CALL)
    assert (outcome, [call.kind for call in calls], messages) == (Begun.CALLED, [CallKind.BACK], [])


def test_nobody_is_asked_who_left_or_is_there_already(begin):
    def left(uow):
        uow.people.set_opted_out(Address(ChannelName.WHATSAPP, NUMBER), NOW)

    assert begin(ChannelName.SMS, before=left)[0] is Begun.LEFT
    other = "+573001234568"

    def met(uow):
        uow.people.meet(Address(ChannelName.WHATSAPP, other), NOW)

    assert begin(ChannelName.SMS, other, met)[0] is Begun.STARTED


def test_a_number_that_may_not_be_called_is_not(begin):
    assert begin(ChannelName.CALL, "+51912345678")[0] is Begun.NO_CALL

"""Human voices: on both databases."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.recording import Origin, Recorded, Speaker, Take
from bot.domain.staff import Credentials, Role, StaffMember
from tests.storage.conftest import NOW, Desk

ALIAS = "Planted Alias Mamani"
HER = Speaker("s1", "voz-01", ALIAS, NOW.date(), "studio", "CC-BY-4.0", paid=True)


def recorded(**facts: Any) -> Recorded:
    known = {"id": uuid.uuid4().hex, "language": "quz", "key": "m1/humo/s1", "text_sha256": "a" * 64, "speaker_id": "s1"}
    how = {"origin": Origin.STUDIO, "recorded_at": NOW, "member_id": "m1", "take": Take("b" * 64, 4.5, 30_000), "kept_at": NOW}
    return Recorded(**(known | how | facts))


@pytest.fixture
def hers(desk: Desk) -> Recorded:
    kept = recorded(checked_by="Planted Checker Quispe")
    desk.run(lambda uow: (uow.voices.add_speaker(HER), uow.voices.put(kept)))
    return kept


def everything(desk: Desk) -> list[Recorded]:
    return list(desk.run(lambda uow: uow.voices.all()))


def test_speaker_and_recording_come_back_as_they_went_in_and_names_are_sealed(desk: Desk, hers: Recorded) -> None:
    assert desk.run(lambda uow: uow.voices.speakers()) == [HER]
    assert desk.run(lambda uow: uow.voices.speaker_by_code("voz-01")) == HER
    assert everything(desk) == [hers]
    assert desk.run(lambda uow: uow.voices.all("ay")) == []
    kept = repr([desk.rows(f"SELECT * FROM {table}") for table in ("speaker", "recording")])
    assert "Planted" not in kept
    assert "Planted" not in repr([HER, hers])


def test_a_new_recording_takes_the_place_of_the_old_one_of_the_same_text(desk: Desk, hers: Recorded) -> None:
    waiting, other = recorded(kept_at=None, origin=Origin.PHONE), recorded(language="quy")
    desk.run(lambda uow: [uow.voices.put(one) for one in (waiting, other)])
    assert {one.id for one in everything(desk)} == {hers.id, waiting.id, other.id}
    assert desk.run(lambda uow: uow.voices.waiting()) == 1
    desk.run(lambda uow: uow.voices.keep(waiting.id, NOW, "Eva"))
    assert {one.id for one in everything(desk)} == {waiting.id, other.id}
    assert desk.run(lambda uow: uow.voices.get(waiting.id)) == replace(waiting, kept_at=NOW, checked_by="Eva")


def test_who_takes_her_voice_back_leaves_no_recording(desk: Desk, hers: Recorded) -> None:
    other = replace(HER, id="s2", code="voz-02")
    theirs = recorded(language="quy", speaker_id="s2")
    desk.run(lambda uow: (uow.voices.add_speaker(other), uow.voices.put(theirs)))
    assert desk.run(lambda uow: uow.voices.withdraw("s1", NOW.date())) == 1
    assert everything(desk) == [theirs]
    assert desk.run(lambda uow: uow.voices.speaker("s1")).withdrawn_on == NOW.date()


def test_a_member_of_the_staff_has_one_voice_until_she_takes_it_back(desk: Desk) -> None:
    member = StaffMember("m1", "rosa@example.org", Role.STAFF, None, "es", NOW)
    voice = replace(HER, member_id="m1")
    desk.run(lambda uow: (uow.staff.add(Credentials(member, "hash", "secret")), uow.voices.add_speaker(voice)))
    assert desk.run(lambda uow: uow.voices.speaker_of("m1")) == voice
    desk.run(lambda uow: uow.voices.withdraw("s1", NOW.date()))
    assert desk.run(lambda uow: uow.voices.speaker_of("m1")) is None

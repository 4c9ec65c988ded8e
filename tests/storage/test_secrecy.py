from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from bot.domain.call import CallKind, PhoneCall
from bot.domain.community import Community
from bot.domain.conversation import State
from bot.domain.errors import ConfigurationError, StorageError
from bot.domain.meeting import Rsvp
from bot.domain.message import Address, ChannelName, MessageState
from bot.domain.person import Consent
from bot.domain.poll import PollRound
from bot.domain.recording import Origin, Recorded, Speaker, Take
from bot.domain.voice_question import Asker, Recording
from bot.storage.columns import METADATA, Sealed
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Lookup, Vault
from tests.storage.conftest import NOW, SECRET, Desk, meeting, message

NUMBER = "+573217654321"
CHAT = "9081726354"
SENTENCE = "planted sentence about the mercury of the neighbour"
NAME = "Planted Name Quintero"
OPTION = "planted-option"
PLANTED = [
    NUMBER,
    NUMBER.removeprefix("+57"),
    CHAT,
    SENTENCE,
    "neighbour",
    NAME,
    "Quintero",
    OPTION,
    "planted-wizard",
    "SM-planted",
    "OggS",
    "RE-planted",
]


def _raw_files(desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[bytes]:
    """Every byte that the database keeps, write-ahead log and all."""
    if desk.url.startswith("sqlite"):
        files = sorted(tmp_path.glob("batea.db*"))
        assert {"batea.db", "batea.db-wal"} <= {file.name for file in files}
    else:
        with psycopg.connect(desk.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        files = [file for file in request.getfixturevalue("postgresql_cluster").folder.rglob("*") if file.is_file()]
    for file in files:
        try:
            yield file.read_bytes()
        except FileNotFoundError:  # PostgreSQL recycles its logs meanwhile
            continue


def _plant(uow: SqlUnitOfWork) -> None:
    phone, chat = Address(ChannelName.WHATSAPP, NUMBER), Address(ChannelName.TELEGRAM, CHAT)
    for address in (phone, chat):
        person, _ = uow.people.meet(address, NOW)
    uow.inbox.is_new("telegram", f"{CHAT}:17", NOW)
    uow.people.save(person, State("facilitator:planted-wizard/step"))
    uow.people.record_consent(person.id, Consent("v1", NOW, "telegram", f"{CHAT}:16", "lessons"))
    uow.people.set_opted_out(Address(ChannelName.SMS, NUMBER), NOW)
    uow.meetings.put(meeting(contact=NAME, agenda=SENTENCE))
    uow.meetings.rsvp("reunion", person.id, Rsvp.YES, NOW)
    uow.polls.put_round(PollRound("round", "Q01_v1", NOW, NOW + timedelta(days=7)))
    uow.polls.answer("round", person.id, [OPTION], NOW)
    uow.calls.add(PhoneCall("c1", Address(ChannelName.CALL, NUMBER), CallKind.BACK, NOW, NOW), NOW)
    uow.questions.open("q1", "v1", Asker(Address(ChannelName.CALL, NUMBER), person.id), NOW)
    uow.questions.recorded("q1", Recording("RE-planted", 7), NOW)
    uow.questions.keep("q1", f"OggS {SENTENCE}".encode() * 9, 7)
    uow.voices.add_speaker(Speaker("s1", "voz-01", NAME, NOW.date(), "studio", "batea-only", paid=True))
    facts = ("quz", "m1/humo/s1", "a" * 64, Take("b" * 64, 4.0, 9), "s1", Origin.STUDIO, NOW, "m1")
    uow.voices.put(Recorded("r1", *facts, kept_at=NOW, checked_by=NAME))
    uow.misses.keep(f"{SENTENCE} {NUMBER}", "ask_mercury", 0.25, NOW.date())
    uow.outbox.add([message(1, to=phone, text=SENTENCE), message(2, to=chat, text=f"{NAME}: {SENTENCE}")], person.id)


def test_the_raw_files_hold_no_address_no_name_and_no_sentence(
    desk: Desk, place: Community, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk.run(_plant)
    desk.run(lambda uow: uow.outbox.claim(NOW, ids=["m1"]))
    desk.run(lambda uow: uow.outbox.part_sent("m1", f"SM-planted-{NUMBER}", 1))
    desk.run(lambda uow: uow.outbox.settle("m1", MessageState.SENT, NOW))
    needles = [form for text in PLANTED for form in (text.encode(), text.encode("utf-16-le"))]
    marker = place.id.encode()  # shows that the right files are searched
    found_marker = False
    for content in _raw_files(desk, tmp_path, request):
        found_marker = found_marker or marker in content
        assert [needle for needle in needles if needle in content] == []
    assert found_marker


def test_no_token_stands_in_a_column_that_a_new_key_would_forget(desk: Desk, place: Community) -> None:
    desk.run(_plant)
    found = set()
    for table in METADATA.sorted_tables:
        for row in desk.run(lambda uow, t=table: uow.people._tx.connection.execute(select(t)).all()):  # type: ignore[misc]
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(value, str) and value.startswith("2."):
                    found.add(table.name)
                    assert isinstance(column.type, Sealed), f"{column} holds a token: its type is to be Sealed"
    assert {"person", "address", "message", "voice_question", "recording"} <= found


def test_a_token_opens_with_its_secret_only_and_never_looks_the_same() -> None:
    vault = Vault(SECRET)
    first, second = vault.seal(SENTENCE), vault.seal(SENTENCE)
    assert first != second
    assert vault.open(first) == SENTENCE
    with pytest.raises(StorageError, match="BATEA_SECRET_KEY"):
        Vault("another secret of some length").open(first)


def test_a_new_secret_in_front_of_the_old_one_opens_and_rotates() -> None:
    old, new = Vault(SECRET), Vault("a newer secret of some length")
    both = Vault(f"a newer secret of some length, {SECRET}")
    token = old.seal(NAME)
    assert both.open(token) == NAME
    assert new.open(both.resealed(token) or "") == NAME
    assert new.open(both.seal(NAME)) == NAME


@pytest.mark.parametrize("secret", ["", " , ", "short", f"{SECRET},short"])
def test_no_secret_or_a_short_one_is_refused(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="BATEA_SECRET_KEY"):
        Vault(secret)


def test_hashes_of_different_kinds_and_keys_never_meet() -> None:
    one, other = Lookup(b"1" * 32), Lookup(b"2" * 32)
    phone = Address(ChannelName.SMS, NUMBER)
    hashes = [
        one.address(phone),
        one.identity(phone),
        other.address(phone),
        one.of("address", NUMBER),
        one.of("a", "b", "c"),
        one.of("a", "bc"),
    ]
    assert len(set(hashes)) == len(hashes)
    assert one.identity(phone) == one.identity(Address(ChannelName.WHATSAPP, NUMBER))

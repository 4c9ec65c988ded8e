from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import StorageError
from bot.domain.message import Address, ChannelName
from bot.domain.poll import PollRound
from bot.storage.retention import sweep
from bot.storage.rounds import Ballot, RoundKey, RoundKeyFiles
from bot.storage.tables import METADATA
from tests.storage.conftest import NOW, Desk

WEEK = timedelta(days=7)
ROUND = PollRound("Q01_v1-1", "Q01_v1", NOW, NOW + WEEK)
OVER = NOW + WEEK


def _open(desk: Desk, poll_round: PollRound = ROUND) -> None:
    desk.run(lambda uow: uow.polls.put_round(poll_round))


def _person(desk: Desk, number: int = 0) -> str:
    address = Address(ChannelName.SMS, f"+5730012345{number:02d}")
    return desk.run(lambda uow: uow.people.meet(address, NOW))[0].id


def _answer(desk: Desk, person_id: str, *options: str, round_id: str = ROUND.id) -> None:
    desk.run(lambda uow: uow.polls.answer(round_id, person_id, options, NOW))


def test_rounds_are_open_between_their_moments_to_their_territories(desk: Desk) -> None:
    north = PollRound("north", "Q03_v1", NOW - WEEK, OVER, ("bajo-cauca", "puno"))
    _open(desk)
    _open(desk, north)
    seen = {
        where: [r.id for r in desk.run(lambda uow, w=where: uow.polls.open_rounds(NOW, w))] for where in ("puno", "cauca", None)
    }
    assert seen == {"puno": ["north", ROUND.id], "cauca": [ROUND.id], None: [ROUND.id]}
    assert desk.run(lambda uow: uow.polls.open_rounds(NOW, "puno"))[0] == north
    assert desk.run(lambda uow: uow.polls.open_rounds(OVER, "puno")) == []
    assert desk.run(lambda uow: uow.polls.open_rounds(NOW - WEEK - WEEK, "puno")) == []


def test_an_answer_counts_once_and_can_be_changed_until_closing(desk: Desk) -> None:
    _open(desk)
    person, other = _person(desk), _person(desk, 1)
    assert not desk.run(lambda uow: uow.polls.answered(ROUND.id, person))
    _answer(desk, person, "none")
    _answer(desk, person, "little")
    _answer(desk, other, "little", "much")
    assert desk.run(lambda uow: uow.polls.answered(ROUND.id, person))
    assert desk.run(lambda uow: uow.polls.counts(ROUND.id)) == {"little": 2, "much": 1}


@pytest.mark.parametrize("when", [NOW - timedelta(seconds=1), OVER])
def test_an_answer_outside_its_round_is_refused(desk: Desk, when: object) -> None:
    _open(desk)
    person = _person(desk)
    with pytest.raises(StorageError, match="not open"):
        desk.run(lambda uow: uow.polls.answer(ROUND.id, person, ["none"], when))
    with pytest.raises(StorageError, match="not open"):
        desk.run(lambda uow: uow.polls.answer("no such round", person, ["none"], NOW))


def test_while_a_round_is_open_the_database_tells_no_answer(desk: Desk) -> None:
    _open(desk)
    _answer(desk, _person(desk), "little")
    _answer(desk, _person(desk, 1), "an-option-with-a-much-longer-name")
    assert desk.rows("SELECT count(*) FROM poll_answer") == [(0,)]
    locked = [row[0] for row in desk.rows("SELECT locked FROM ballot")]
    assert len({len(token) for token in locked}) == 1, "the length of a ballot tells the option"
    assert not any(b"little" in bytes.fromhex(token) for token in locked)


def test_answers_have_no_column_that_leads_to_a_person_or_a_message() -> None:
    assert set(METADATA.tables["poll_answer"].columns.keys()) == {"id", "option_id", "round_id", "day"}
    assert set(METADATA.tables["participation"].columns.keys()) == {"round_id", "person_id"}
    assert set(METADATA.tables["ballot"].columns.keys()) == {"round_id", "link_hash", "locked"}
    referred = {key.column.table.name for name in ("poll_answer", "ballot") for key in METADATA.tables[name].foreign_keys}
    assert referred == {"poll_round"}


def test_closing_severs_the_link_and_keeps_the_counts(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    people = [_person(desk, number) for number in range(20)]
    for number, person in enumerate(people):
        _answer(desk, person, "none" if number < 5 else "little")
    assert sweep(desk.store, round_keys, OVER).rounds == 1
    assert round_keys.get(ROUND.id) is None
    assert desk.rows("SELECT count(*) FROM ballot") == [(0,)]
    assert desk.run(lambda uow: uow.polls.counts(ROUND.id)) == {"none": 5, "little": 15}
    assert desk.rows("SELECT count(*) FROM participation") == [(0,)], "who took part is nobody's business any more"
    assert {str(day) for (day,) in desk.rows("SELECT day FROM poll_answer")} == {"2026-11-23"}
    assert sweep(desk.store, round_keys, OVER).rounds == 0


def test_after_closing_the_order_of_rows_tells_nothing(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    for number in range(30):
        _answer(desk, _person(desk, number), f"option-{number:02d}")
    sweep(desk.store, round_keys, OVER)
    stored = [row[0] for row in desk.rows("SELECT option_id, id, day FROM poll_answer")]
    assert sorted(stored) != stored
    if desk.url.startswith("postgresql"):
        assert desk.rows("SELECT count(DISTINCT xmin::text) FROM poll_answer") == [(1,)], "transaction numbers tell who when"


def test_an_answer_after_closing_changes_nothing(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    person = _person(desk)
    _answer(desk, person, "none")
    sweep(desk.store, round_keys, OVER)
    _open(desk, PollRound(ROUND.id, ROUND.poll_id, NOW, OVER + WEEK))
    with pytest.raises(StorageError, match="not open"):
        _answer(desk, person, "much")
    assert desk.run(lambda uow: uow.polls.open_rounds(NOW, None)) == []
    assert desk.run(lambda uow: uow.polls.counts(ROUND.id)) == {"none": 1}


def test_erasing_removes_an_answer_before_closing_and_cannot_after(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    early, late = _person(desk), _person(desk, 1)
    _answer(desk, early, "none")
    _answer(desk, late, "much")
    desk.run(lambda uow: uow.people.erase(early))
    assert desk.run(lambda uow: uow.polls.counts(ROUND.id)) == {"much": 1}
    sweep(desk.store, round_keys, OVER)
    desk.run(lambda uow: uow.people.erase(late))
    assert desk.run(lambda uow: uow.polls.counts(ROUND.id)) == {"much": 1}
    assert desk.rows("SELECT count(*) FROM participation") == [(0,)]


def test_a_lost_key_is_an_error_and_not_a_second_vote(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    person = _person(desk)
    _answer(desk, person, "none")
    round_keys.delete(ROUND.id)
    for _ in range(2):
        with pytest.raises(StorageError, match="DATA_DIR/rounds"):
            _answer(desk, person, "much")
        _open(desk)


def test_a_key_left_over_by_a_crash_goes_with_the_next_sweep(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    assert round_keys.round_ids() == [ROUND.id]
    sweep(desk.store, round_keys, OVER)
    assert round_keys.round_ids() == []


def test_a_key_file_is_for_its_owner_alone_and_stays_once_made(round_keys: RoundKeyFiles) -> None:
    for round_id in ("a", "../b c", "a"):
        round_keys.make(round_id)
    first = round_keys.get("a")
    assert first is not None
    again = RoundKeyFiles(round_keys._folder).get("a")
    assert again is not None
    assert again.link("somebody") == first.link("somebody")
    assert round_keys.round_ids() == ["../b c", "a"]
    assert {path.stat().st_mode & 0o077 for path in round_keys._folder.iterdir()} == {0}
    assert len(list(round_keys._folder.iterdir())) == 2


def test_another_rounds_key_neither_finds_nor_opens_a_ballot() -> None:
    one, other = RoundKey(b"1" * 32), RoundKey(b"2" * 32)
    link = one.link("somebody")
    assert other.link("somebody") != link
    with pytest.raises(StorageError, match="does not fit"):
        other.unlock(link, one.lock(link, Ballot(("none",), NOW.date())))


def test_answers_are_counted_anew_when_they_are_taken_back_or_given_again(desk: Desk) -> None:
    _open(desk)
    people = [_person(desk, number) for number in range(4)]

    def answered() -> int:
        record = desk.run(lambda uow: uow.polls.get(ROUND.id))
        return record.answered if record else -1

    assert answered() == 0
    for number, person in enumerate(people, 1):
        _answer(desk, person, "none")
        assert answered() == number
    desk.run(lambda uow: uow.polls.answer(ROUND.id, people[0], [], NOW))
    assert answered() == 3
    desk.run(lambda uow: uow.polls.answer(ROUND.id, people[0], ["none"], NOW, begun=True))
    assert answered() == 3
    _answer(desk, people[0], "little")
    assert answered() == 4
    desk.run(lambda uow: uow.people.erase(people[1]))
    assert answered() == 3

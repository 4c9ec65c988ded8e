"""What is left of a round when it closes: one-way counts, plain answers, and nothing that leads to anybody."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogue.effects import PassOver, Whom
from bot.domain.conversation import State
from bot.domain.errors import StorageError
from bot.domain.learning import Wording
from bot.domain.message import Address, ChannelName
from bot.domain.poll import Bounds, Condition, InPerson, PanelConsent, Poll, PollKind, PollOption, PollRound
from bot.domain.results import By, Tally
from bot.storage.database import make_engine, read_url
from bot.storage.panels import key_name
from bot.storage.retention import sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.tables import METADATA
from tests.storage.conftest import NOW, ONLY_SQLITE, Desk

WEEK = timedelta(days=7)
OVER = NOW + WEEK
OPTIONS = ("si-option", "no-option", "no_digo")
POLL = Poll("Q05_v1", "Q05", Wording("¿Fue?"), Wording("¿Vino?"), tuple(PollOption(o, o) for o in OPTIONS))
ROUND = PollRound("Q05_v1-0", "Q05_v1", NOW, OVER, audience="all")


def _people(desk: Desk, count: int) -> list[str]:
    numbers = (Address(ChannelName.SMS, f"+57300{number:07d}") for number in range(count))
    return [desk.run(lambda uow, a=address: uow.people.meet(a, NOW))[0].id for address in numbers]


def _open(desk: Desk, poll_round: PollRound = ROUND, poll: Poll = POLL) -> None:
    desk.run(lambda uow: uow.polls.put_round(poll_round, poll))


def _say(desk: Desk, person: str, *options: str, about: Mapping[By, str] | None = None, **facts: object) -> None:
    where = str(facts.pop("round_id", ROUND.id))
    when = facts.pop("when", NOW)
    desk.run(lambda uow: uow.polls.answer(where, person, options, when, about, **facts))


def test_closing_leaves_counts_by_one_attribute_at_a_time(desk: Desk) -> None:
    _open(desk)
    women, men = {By.SEX: "mujer", By.CHANNEL: "sms"}, {By.SEX: "hombre", By.CHANNEL: "call"}
    for number, person in enumerate(_people(desk, 9)):
        _say(desk, person, OPTIONS[number % 2], about=women if number < 4 else men)
    desk.run(lambda uow: uow.polls.put_in_person(ROUND.id, InPerson("plaza", 3, {"si-option": 3}, "puno")))
    before = desk.run(lambda uow: uow.polls.tally(ROUND.id))
    assert (before.closed, before.all, before.groups) == (False, Tally(12), {}), "an open round tells no answer"
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    tally = desk.run(lambda uow: uow.polls.tally(ROUND.id))
    assert tally.all == Tally(12, {"si-option": 8, "no-option": 4})
    assert tally.groups[By.SEX] == {
        "mujer": Tally(4, {"si-option": 2, "no-option": 2}),
        "hombre": Tally(5, {"si-option": 3, "no-option": 2}),
        "no_digo": Tally(3, {"si-option": 3}),
    }
    assert tally.groups[By.CHANNEL]["presencial"] == Tally(3, {"si-option": 3})
    assert tally.groups[By.TERRITORY]["puno"] == Tally(3, {"si-option": 3})
    assert (tally.face_to_face, tally.by_channel) == (3, {"sms": 4, "call": 5})
    assert tally.poll == POLL
    for by in By:
        assert sum(group.people for group in tally.groups[by].values()) == tally.all.people


def test_no_row_crosses_attributes_and_none_leads_to_a_person(desk: Desk) -> None:
    _open(desk)
    people = _people(desk, 12)
    desk.run(lambda uow: uow.polls.invite(ROUND.id, people, NOW))
    for person in people:
        _say(desk, person, "si-option", about={By.SEX: "mujer", By.ROLE: "minero", By.TERRITORY: "puno", By.CHANNEL: "sms"})
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    said = {"si-option", "mujer", "minero"}
    for name, table in METADATA.tables.items():
        for row in desk.rows(f'SELECT * FROM "{name}"'):
            values = {str(value) for value in row}
            assert len(values & {"mujer", "minero", "puno", "sms"}) <= 1 or "si-option" not in values, name
            assert not (set(people) & values and said & values), name
        columns = set(table.columns.keys())
        assert name == "quiz_answer" or "person_id" not in columns or not {"option_id", "locked"} & columns
    for name in ("participation", "ballot", "poll_invited", "in_person"):
        assert desk.rows(f"SELECT count(*) FROM {name}") == [(0,)], name


@ONLY_SQLITE
def test_the_files_never_tell_who_answered_what(desk: Desk, round_keys: RoundKeyFiles, tmp_path: Path) -> None:
    desk.run(lambda uow: uow.polls.put_round(ROUND))  # without its poll, whose options stand in its row
    people = _people(desk, 15)
    for number, person in enumerate(people):
        _say(desk, person, "rare-option" if number == 7 else "si-option", about={By.SEX: "rare-sex"})
    desk.run(lambda uow: uow.polls.put_in_person(ROUND.id, InPerson("taraza:dona-rosa", 1, {"rare-option": 1}, "rare-place")))
    database = Path(str(read_url(desk.url).database))
    files = [path for path in database.parent.rglob("*") if path.is_file()]
    raw = b"".join(path.read_bytes() for path in files)
    assert people[7].encode() in raw, "the search finds what is there"
    assert not [word for word in (b"rare-option", b"si-option", b"rare-sex", b"dona-rosa", b"rare-place") if word in raw]
    copy = tmp_path / "before" / "batea.db"
    copy.parent.mkdir()
    for path in files:
        if path.name.startswith(database.name):
            shutil.copy(path, copy.with_name(path.name.replace(database.name, "batea.db")))
    assert sweep(desk.store, round_keys, OVER).rounds == 1
    assert round_keys.round_ids() == []
    with make_engine(read_url(f"sqlite:///{copy}")).connect() as old:
        assert old.exec_driver_sql("SELECT count(*) FROM ballot").scalar() == 15
        locked = [bytes.fromhex(row[0]) for row in old.exec_driver_sql("SELECT locked FROM ballot")]
        old.engine.dispose()
    assert len(set(map(len, locked))) == 1, "the length of a ballot tells the option"
    assert not any(b"rare-option" in each for each in locked)
    assert b"dona-rosa" not in b"".join(path.read_bytes() for path in database.parent.rglob("*") if path.is_file())
    after = b"".join(path.read_bytes() for path in database.parent.rglob("*") if path.is_file() and path.parent != copy.parent)
    for person, option in itertools.product(people, (b"rare-option", b"si-option")):
        assert person.encode() + option not in after
        assert option + person.encode() not in after


def test_a_day_on_which_few_answered_is_told_with_another(desk: Desk) -> None:
    _open(desk)
    for number, person in enumerate(_people(desk, 23)):
        day = NOW + timedelta(days=0 if number < 11 else 1 if number < 13 else 2)
        _say(desk, person, "si-option", when=day)
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    days = desk.rows("SELECT day, count(*) FROM poll_answer GROUP BY day ORDER BY day")
    assert [count for _, count in days] == [11, 12]


def test_numbers_are_kept_as_values(desk: Desk) -> None:
    number = Poll(
        "Q20_v1", "Q20", Wording("¿Cuántos?"), Wording("¿Qué días?"), POLL.options[-1:], kind=PollKind.NUMBER, bounds=Bounds(0, 7)
    )
    _open(desk, poll=number)
    for person, said in zip(_people(desk, 4), ("3", "7", "3", "no_digo"), strict=True):
        _say(desk, person, said)
    desk.run(lambda uow: uow.polls.put_in_person(ROUND.id, InPerson("plaza", 2, {"0": 2})))
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    assert desk.run(lambda uow: uow.polls.tally(ROUND.id)).all == Tally(6, {"no_digo": 1}, (0, 0, 3, 3, 7))


def test_what_was_only_begun_does_not_count(desk: Desk) -> None:
    _open(desk)
    one, other = _people(desk, 2)
    _say(desk, one, "4", begun=True)
    desk.run(lambda uow: uow.polls.pass_over(ROUND.id, other, NOW))
    assert desk.run(lambda uow: uow.polls.given(ROUND.id, one)) == ("4",)
    assert not desk.run(lambda uow: uow.polls.answered(ROUND.id, one))
    assert len(desk.rows("SELECT * FROM ballot")) == 2, "whoever was passed over leaves the same trace"
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    assert desk.run(lambda uow: uow.polls.tally(ROUND.id)).all == Tally(0)


def test_what_she_says_of_herself_later_holds_for_what_she_has_answered(desk: Desk) -> None:
    _open(desk)
    (person,) = _people(desk, 1)
    _say(desk, person, "si-option", about={By.CHANNEL: "sms"})
    desk.run(lambda uow: uow.polls.describe(person, {By.SEX: "mujer"}))
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    groups = desk.run(lambda uow: uow.polls.tally(ROUND.id)).groups
    assert (list(groups[By.SEX]), list(groups[By.CHANNEL])) == (["mujer"], ["sms"])


def test_counts_in_person_are_replaced_by_their_name_and_refused_after_closing(desk: Desk) -> None:
    _open(desk)
    for people in (5, 2):
        desk.run(lambda uow, n=people: uow.polls.put_in_person(ROUND.id, InPerson("plaza", n, {"si-option": n})))
    assert [one.people for one in desk.run(lambda uow: uow.polls.in_person(ROUND.id))] == [2]
    desk.run(lambda uow: uow.polls.put_in_person(ROUND.id, InPerson("plaza", 0)))
    assert desk.run(lambda uow: uow.polls.in_person(ROUND.id)) == []
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    with pytest.raises(StorageError, match="not open"):
        desk.run(lambda uow: uow.polls.put_in_person(ROUND.id, InPerson("plaza", 1, {"si-option": 1})))


def _panel(desk: Desk, number: int, days: int) -> PollRound:
    opens = NOW + timedelta(days=days)
    made = PollRound(f"Q05_v1-{number}", "Q05_v1", opens, opens + WEEK, number=number, panel=True)
    _open(desk, made)
    return made


def _agreed(agreed: bool = True) -> PanelConsent:
    return PanelConsent(agreed, "about.panel@1", NOW, "sms", "SM1")


def test_a_panel_leaves_a_table_of_change_and_only_of_those_who_agreed(desk: Desk, round_keys: RoundKeyFiles) -> None:
    people = _people(desk, 6)
    baseline = _panel(desk, 0, 0)
    for person in people:
        _say(desk, person, "no-option", round_id=baseline.id, panel=person != people[0])
    sweep(desk.store, round_keys, baseline.closes_at)
    assert round_keys.round_ids() == [key_name("Q05_v1")]
    follow_up = _panel(desk, 1, 30)
    for number, person in enumerate(people[:5]):
        said = "si-option" if number < 3 else "no-option"
        _say(desk, person, said, round_id=follow_up.id, panel=True, when=follow_up.opens_at)
    sweep(desk.store, round_keys, follow_up.closes_at)
    change = desk.run(lambda uow: uow.polls.change(baseline.id, follow_up.id))
    assert change == {("no-option", "si-option"): 2, ("no-option", "no-option"): 2}
    assert desk.run(lambda uow: uow.polls.change(follow_up.id, baseline.id)) == {}


def test_a_panels_key_and_answers_go_after_a_year(desk: Desk, round_keys: RoundKeyFiles) -> None:
    (person,) = _people(desk, 1)
    baseline = _panel(desk, 0, 0)
    _say(desk, person, "no-option", round_id=baseline.id, panel=True)
    sweep(desk.store, round_keys, baseline.closes_at)
    assert desk.rows("SELECT count(*) FROM panel_answer") == [(1,)]
    sweep(desk.store, round_keys, NOW + timedelta(days=364))
    assert round_keys.round_ids()
    sweep(desk.store, round_keys, NOW + timedelta(days=365))
    assert (round_keys.round_ids(), desk.rows("SELECT count(*) FROM panel_answer")) == ([], [(0,)])


@pytest.mark.parametrize("way", ["erased", "took it back"])
def test_who_leaves_a_panel_leaves_nothing_in_it(desk: Desk, round_keys: RoundKeyFiles, way: str) -> None:
    (person,) = _people(desk, 1)
    baseline = _panel(desk, 0, 0)
    desk.run(lambda uow: uow.polls.consent_to_panel(person, _agreed()))
    _say(desk, person, "no-option", round_id=baseline.id, panel=True)
    sweep(desk.store, round_keys, baseline.closes_at)
    if way == "erased":
        desk.run(lambda uow: uow.people.erase(person))
    else:
        desk.run(lambda uow: uow.polls.consent_to_panel(person, _agreed(agreed=False)))
    assert desk.rows("SELECT count(*) FROM panel_answer") == [(0,)]
    assert desk.rows("SELECT agreed FROM panel_consent") == (
        [] if way == "erased" else [(False,)] if desk.url[0] == "p" else [(0,)]
    )


def test_who_came_after_opening_counts_as_invited_once_she_answers(desk: Desk) -> None:
    _open(desk)
    early, late, silent = _people(desk, 3)
    desk.run(lambda uow: uow.polls.invite(ROUND.id, [early, silent], NOW))
    for person in (early, late):
        _say(desk, person, "si-option")
    record = desk.run(lambda uow: uow.polls.get(ROUND.id))
    assert record is not None
    assert (record.invited, record.answered) == (3, 2)
    assert [one.person_id for one in desk.run(lambda uow: uow.polls.due(NOW))] == [silent]
    desk.run(lambda uow: uow.polls.close_round(ROUND.id, OVER))
    tally = desk.run(lambda uow: uow.polls.tally(ROUND.id))
    assert (tally.invited, tally.delivered, tally.all.people) == (3, 2, 2)


def test_a_composed_poll_changes_until_it_is_asked(desk: Desk) -> None:
    desk.run(lambda uow: uow.composed.put(POLL, "staff-1", NOW))
    changed = Poll(POLL.id, POLL.question_id, Wording("¿Fue usted?"), POLL.simpler, POLL.options)
    desk.run(lambda uow: uow.composed.put(changed, "staff-1", NOW))
    assert desk.run(lambda uow: uow.composed.get(POLL.id)) == changed
    _open(desk, poll=changed)
    with pytest.raises(StorageError, match="Q05_v2"):
        desk.run(lambda uow: uow.composed.put(POLL, "staff-1", NOW))
    desk.run(lambda uow: uow.composed.put(changed, "staff-1", NOW))
    assert desk.run(lambda uow: uow.composed.all()) == [changed]


def test_who_was_asked_and_never_wrote_is_forgotten_a_month_after_closing(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _open(desk)
    (silent,) = _people(desk, 1)
    desk.run(lambda uow: uow.polls.invite(ROUND.id, [silent], NOW))
    desk.run(lambda uow: uow.polls.told(ROUND.id, silent, "m1", None, told_at=NOW, receipts=True))
    for days, left in ((7, 1), (36, 1), (38, 0)):
        sweep(desk.store, round_keys, NOW + timedelta(days=days))
        assert desk.rows("SELECT count(*) FROM poll_invited") == [(left,)]
    assert desk.run(lambda uow: uow.polls.tally(ROUND.id)).invited == 1


FOLLOWING = replace(POLL, id="Q92_v1", question_id="Q92", when=Condition("Q05_v1", ("si-option",)))
FOLLOWS = PollRound("Q92_v1-0", "Q92_v1", NOW, OVER, audience="all")


def test_what_a_question_on_a_condition_leaves_does_not_tell_who_was_asked_it(desk: Desk) -> None:
    _open(desk)
    _open(desk, FOLLOWS, FOLLOWING)
    asked, passed, late = _people(desk, 3)
    desk.run(lambda uow: uow.polls.invite(FOLLOWS.id, [asked, passed], NOW))
    for person in (asked, passed, late):
        desk.run(
            lambda uow, p=person: PassOver(FOLLOWS.id, p != passed, NOW).apply(uow, Whom(p, Address(ChannelName.SMS, "+57300")))
        )
    for person in (asked, late):
        _say(desk, person, "si-option", round_id=FOLLOWS.id)
    rows = desk.rows("SELECT due_at, told_at, sent, message_id, receipts, reached FROM poll_invited")
    assert len(rows) == 3
    assert len(set(rows)) == 1
    assert len({len(locked) for (locked,) in desk.rows("SELECT locked FROM ballot")}) == 1


@pytest.mark.parametrize(("place", "bookmark"), [("poll:Q92_v1/Q92/0", ""), ("meeting:m1", "poll:Q92_v1/Q92/0")])
def test_nobody_still_stands_where_only_some_were_led_once_it_is_closed(desk: Desk, place: str, bookmark: str) -> None:
    _open(desk, FOLLOWS, FOLLOWING)
    (person,) = _people(desk, 1)
    _say(desk, person, "si-option", round_id=FOLLOWS.id)
    met = desk.run(lambda uow: uow.people.get(person))
    assert met is not None
    desk.run(lambda uow: uow.people.save(met[0], State(place=place, bookmark=bookmark)))
    desk.run(lambda uow: uow.polls.close_round(FOLLOWS.id, OVER))
    met = desk.run(lambda uow: uow.people.get(person))
    assert met is not None
    assert "Q92" not in str(met[1])
    assert met[1].place == ("menu" if place.startswith("poll") else place)

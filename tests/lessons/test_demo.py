"""The demonstration's data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.community import CommitteeKind
from bot.domain.errors import ContentError
from bot.lessons.catalogue import Catalogue
from bot.lessons.demo import load_demo

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def test_there_are_three_places_with_two_committees_each(content: Path) -> None:
    demo = load_demo(content, NOW)
    assert [community.id for community in demo.communities] == ["taraza", "suarez", "puno"]
    for community in demo.communities:
        kinds = {committee.kind for committee in demo.committees if committee.community_id == community.id}
        assert kinds == set(CommitteeKind)


@pytest.mark.parametrize("now", [NOW, datetime(2026, 11, 28, 13, 59, tzinfo=UTC), datetime(2026, 11, 28, 14, tzinfo=UTC)])
def test_every_place_meets_next_saturday_at_nine(content: Path, now: datetime) -> None:
    demo = load_demo(content, now)
    assert {meeting.community_id for meeting in demo.meetings} == {"taraza", "suarez", "puno"}
    for meeting in demo.meetings:
        local = meeting.starts_at.astimezone(ZoneInfo(meeting.timezone))
        assert (local.weekday(), local.hour, local.minute) == (5, 9, 0)
        assert 0 < (meeting.starts_at - now).total_seconds() <= 7 * 86400


def test_a_harmless_poll_is_running(content: Path, catalogue: Catalogue) -> None:
    (poll_round,) = load_demo(content, NOW).rounds
    poll = catalogue.poll(poll_round.poll_id)
    assert poll is not None
    assert not poll.sensitive
    assert poll_round.open_at(NOW)


def test_its_people_are_of_age_have_agreed_and_cannot_be_reached(content: Path) -> None:
    people = load_demo(content, NOW).people
    assert people
    assert all(address.simulated and person.enrolled for address, person in people)
    assert len({address.identity for address, _ in people}) == len(people)


def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, content: Path) -> None:
    (tmp_path / "demo").mkdir()
    text = (content / "demo" / "demo.yml").read_text(encoding="utf-8").replace('time: "09:00"', "time: 09:00", 1)
    (tmp_path / "demo" / "demo.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"demo/demo.yml:33: .*in quotes"):
        load_demo(tmp_path, NOW)


def test_a_crowd_of_every_place_has_agreed_and_no_two_share_a_number(content: Path) -> None:
    demo = load_demo(content, NOW)
    people = [*demo.people, *demo.crowd]
    assert len({address.identity for address, _ in people}) == len(people)
    assert {person.community_id for _, person in demo.crowd} == {"taraza", "suarez", "puno"}
    assert all(address.simulated and person.enrolled and person.sex and person.role for address, person in demo.crowd)


def test_closed_rounds_ask_what_there_is_and_are_over(content: Path, catalogue: Catalogue) -> None:
    demo = load_demo(content, NOW)
    assert [closed.round.number for closed in demo.closed_rounds] == [0, 1]
    for closed in demo.closed_rounds:
        poll = catalogue.poll(closed.round.poll_id)
        assert poll is not None
        assert not poll.sensitive
        assert set(closed.answers) == {option.id for option in poll.options}
        assert closed.round.closes_at < NOW


def test_facilitators_work_from_simulated_phones_of_people_who_live_where_they_do(content: Path) -> None:
    demo = load_demo(content, NOW)
    homes = {address.identity: person.community_id for address, person in demo.people}
    assert demo.facilitators
    for who in demo.facilitators:
        assert all(phone.simulated and homes[phone.identity] == who.community_id for phone in who.phones)

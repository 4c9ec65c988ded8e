"""Who a broadcast reaches, by which address, and who is left out and why: on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from standins.population import NOW, settle_in

from bot.domain.audience import Audience, parse
from bot.domain.broadcast import Broadcast, Means
from bot.domain.chunk import CHUNK
from bot.domain.message import MessageState
from bot.domain.person import Role, Sex
from bot.storage.tables import lesson_record, line, participation, person_tag, poll_invited, poll_round, profile
from tests.storage.conftest import broadcast

JUST_NOW = NOW - timedelta(hours=1)


def expanded(desk, one: Broadcast, means: Means | None = None, most: int = 1_000) -> list[tuple[Any, ...]]:
    desk.run(lambda uow: uow.broadcasts.add(one))
    while not desk.run(lambda uow: uow.broadcasts.expand(one.id, NOW, means or Means(), most)):
        pass
    return desk.rows(f"SELECT person_id, sender, chunk FROM message WHERE broadcast_id = '{one.id}' ORDER BY person_id")


def test_each_person_once_at_the_address_that_suits(desk):
    ids = desk.run(
        lambda uow: settle_in(
            uow,
            [
                {"channels": ("sms", "whatsapp", "telegram"), "wrote": JUST_NOW},
                {"channels": ("sms", "whatsapp"), "wrote": JUST_NOW},
                {"channels": ("sms", "whatsapp"), "wrote": NOW - timedelta(days=2)},
                {"channels": ("sms", "telegram"), "out": ("telegram",)},
                {"channels": ("sms",), "mode": "listen"},
                {"channels": ("whatsapp",)},
                {"channels": ("call",), "mode": "listen"},
                {"channels": ("sms", "telegram"), "dead": NOW},
            ],
        )
    )
    found = {row[0]: row[1] for row in expanded(desk, broadcast(), Means(callable=frozenset({"CO"})))}
    assert [found.get(one) for one in ids] == [
        "telegram/CO", "whatsapp/CO", "sms/CO", "sms/CO", "call/CO", "whatsapp/CO", "call/CO", None,
    ]  # fmt: skip


def test_an_approved_template_makes_a_closed_window_no_obstacle(desk):
    settled = [{"channels": ("sms", "whatsapp"), "wrote": NOW - timedelta(days=2)}]
    desk.run(lambda uow: settle_in(uow, settled))
    assert [row[1] for row in expanded(desk, broadcast(), Means(template=True))] == ["whatsapp/CO"]


def test_where_something_failed_another_address_comes_first(desk):
    people = [{"channels": ("sms", "whatsapp"), "wrote": JUST_NOW}]
    ids = desk.run(lambda uow: settle_in(uow, people))
    desk.run(lambda uow: uow.people._tx.connection.exec_driver_sql("UPDATE address SET failures = 1 WHERE channel = 'whatsapp'"))
    assert expanded(desk, broadcast()) == [(ids[0], "sms/CO", 1)]


def test_nobody_without_consent_of_age_or_an_address_and_the_count_says_why(desk):
    people = [
        {},
        {"agreed": False},
        {"left": True},
        {"adult": False},
        {"adult": None},
        {"out": ("sms",)},
        {"dead": NOW},
        {"channels": ()},
        {"mode": "listen", "channels": ("telegram",)},
        {"country": "PE", "community": "ananea", "channels": ("sms", "whatsapp"), "wrote": JUST_NOW},
        {"country": "PE", "community": "ananea", "channels": ("whatsapp",)},
    ]
    ids = desk.run(lambda uow: settle_in(uow, people))
    counted = desk.run(lambda uow: uow.broadcasts.count(Audience(), NOW, Means()))
    assert counted.excluded == {"dead_number": 1, "no_address": 1, "no_consent": 2, "opted_out": 1, "under_age": 2}
    kinds = {(g.channel.value, g.country, g.window, g.voice): g.people for g in counted.groups}
    assert kinds == {
        ("sms", "CO", True, False): 1,
        ("telegram", "CO", True, True): 1,
        ("whatsapp", "PE", True, False): 1,
        ("whatsapp", "PE", False, False): 1,
    }
    assert [row[0] for row in expanded(desk, broadcast())] == [ids[0], ids[8], ids[9], ids[10]]


@pytest.mark.parametrize(
    ("audience", "whom"),
    [
        ("community:taraza", [0, 3]),
        ("territory:bajo-cauca", [0, 1, 3]),
        ("country:PE", [2]),
        ("language:qu", [2]),
        ("sex:mujer", [0, 2, 3]),
        ("sex:mujer+role:minero", [2]),
        ("tag:comite", [1]),
        ("module:m1:unbegun:2", [3]),
        ("module:m1:begun:2", [0, 1, 2]),
        ("module:m1:unfinished:2", [0, 1]),
        ("module:m1:finished:2", [2]),
        ("poll:r1:answered", [0]),
        ("poll:r1:unanswered", [1]),
        ("channel:telegram", [1]),
        ("channel:call", [0, 2, 3]),
        ("country:CO+sex:hombre", [1]),
    ],
)
def test_audiences(desk, audience, whom):
    def work(uow: Any) -> list[str]:
        ids = settle_in(
            uow,
            [
                {},
                {"community": "zaragoza", "channels": ("telegram",), "sex": Sex.MAN, "about": True},
                {"country": "PE", "community": "ananea", "language": "qu", "role": Role.MINER},
                {},
            ],
        )
        tx = uow.people._tx
        tx.run(person_tag.insert(), [{"person_id": ids[1], "tag": "comite"}, {"person_id": ids[3], "tag": "otra"}])
        lessons = [(0, "a", NOW), (0, "b", None), (1, "a", None), (2, "a", NOW), (2, "b", NOW)]
        for whose, lesson, done in lessons:
            row = {"person_id": ids[whose], "module_id": "m1", "lesson_id": lesson, "step_id": "s", "touched": 1}
            tx.run(lesson_record.insert(), row | {"finished_at": done})
        asked = {"opens_at": NOW, "closes_at": NOW + timedelta(days=7), "territories": "", "audience": "all", "number": 1}
        counts = {"panel": False, "invited": 2, "delivered": 0}
        tx.run(poll_round.insert(), {"id": "r1", "poll_id": "Q05", **asked, **counts})
        invited = {"round_id": "r1", "sent": 1, "receipts": False, "reached": False, "late": False}
        tx.run(poll_invited.insert(), [{"person_id": ids[n], **invited} for n in (0, 1)])
        tx.run(participation.insert(), [{"round_id": "r1", "person_id": ids[0]}])
        return ids

    ids = desk.run(work)
    means = Means(callable=frozenset({"CO", "PE"}))
    counted = desk.run(lambda uow: uow.broadcasts.count(parse(audience), NOW, means))
    assert counted.people == len(whom)
    assert [row[0] for row in expanded(desk, broadcast(audience=audience), means)] == [ids[number] for number in whom]


def test_rows_come_slice_by_slice_in_chunks_of_one_sender_and_twice_changes_nothing(desk):
    people = [{"country": "PE"} if number % 10 == 0 else {} for number in range(1_050)]
    desk.run(lambda uow: settle_in(uow, people))
    found = expanded(desk, broadcast(), most=500)
    assert len(found) == len({row[0] for row in found}) == 1_050
    by_chunk: dict[int, list[str]] = {}
    for _, sender, chunk in found:
        by_chunk.setdefault(chunk, []).append(sender)
    assert all(len(set(senders)) == 1 and len(senders) <= CHUNK for senders in by_chunk.values())
    assert len(by_chunk) == 3 + 3 + 2 + 3 - 1
    assert desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means())) is True
    desk.run(lambda uow: uow.people._tx.connection.exec_driver_sql("UPDATE broadcast SET expanded = false, reached = ''"))
    desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means(), 2_000))
    assert desk.rows("SELECT count(*) FROM message") == [(1_050,)]
    one = desk.run(lambda uow: uow.broadcasts.get("b1"))
    assert (one.people, one.expanded) == (1_050, True)
    assert desk.run(lambda uow: uow.broadcasts.states("b1")) == {MessageState.QUEUED: 1_050}


def test_only_those_who_were_not_reached_the_first_time(desk):
    ids = desk.run(lambda uow: settle_in(uow, [{} for _ in range(4)]))
    expanded(desk, broadcast())
    for number, state in enumerate(("failed", "sent", "failed", "expired")):
        desk.run(
            lambda uow, n=number, s=state: uow.people._tx.connection.exec_driver_sql(
                f"UPDATE message SET state = '{s}' WHERE person_id = '{ids[n]}'"
            )
        )
    found = expanded(desk, broadcast("b2", retry_of="b1"))
    assert [row[0] for row in found] == [ids[0], ids[2], ids[3]]


def sharing(uow, line_id: str, person_ids: list[str]) -> None:
    tx = uow.people._tx
    tx.run(update(line).where(line.c.id == line_id).values(shared=True))
    for number, person_id in enumerate(person_ids, 1):
        tx.run(profile.insert(), {"line_id": line_id, "number": number, "person_id": person_id, "notice": ""})


def test_who_shares_a_line_is_reached_by_it(desk):
    ids = desk.run(lambda uow: settle_in(uow, [{"agreed": False}, {"channels": ()}]))
    desk.run(lambda uow: sharing(uow, ids[0], ids))
    assert [row[:2] for row in expanded(desk, broadcast())] == [(ids[1], "sms/CO")]


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_on_a_phone_that_several_share_it_is_said_once_as_it_was_quoted(desk, most):
    means = Means(callable=frozenset({"CO"}))
    shared = [{}, {"channels": (), "mode": "listen"}, {"channels": ("telegram",), "number": "77"}, {"channels": ()}, {}]
    ids = desk.run(lambda uow: settle_in(uow, shared))
    desk.run(lambda uow: sharing(uow, ids[0], ids[:4]))
    counted = desk.run(lambda uow: uow.broadcasts.count(parse("all"), NOW, means))
    assert [row[:2] for row in expanded(desk, broadcast(), means, most)] == [
        (ids[0], "sms/CO"), (ids[2], "telegram/CO"), (ids[4], "sms/CO"),
    ]  # fmt: skip
    assert counted.people == 3
    assert counted.excluded == {"same_phone": 2}


def test_of_those_who_share_a_phone_it_is_told_to_one_whose_week_has_room(desk):
    ids = desk.run(lambda uow: settle_in(uow, [{}, {"channels": ()}]))
    desk.run(lambda uow: sharing(uow, ids[0], ids))
    expanded(desk, broadcast("b0", audience="channel:sms"))
    let = "UPDATE message SET state = 'sent', announcement = 'b0', let_at = created_at"
    desk.run(lambda uow: uow.people._tx.connection.exec_driver_sql(let))
    counted = desk.run(lambda uow: uow.broadcasts.count(parse("all"), NOW, Means(), most=1))
    assert (counted.people, counted.excluded) == (1, {"week_full": 1})
    desk.run(lambda uow: uow.broadcasts.add(broadcast()))
    desk.run(lambda uow: uow.broadcasts.expand("b1", NOW, Means(), per_week=1))
    assert desk.rows("SELECT person_id FROM message WHERE broadcast_id = 'b1'") == [(ids[1],)]


def test_who_is_not_reached_elsewhere_is_not_told_again_on_a_shared_phone(desk):
    ids = desk.run(lambda uow: settle_in(uow, [{}, {"channels": ("telegram",), "number": "77"}]))
    desk.run(lambda uow: sharing(uow, ids[0], ids))
    assert [row[:2] for row in expanded(desk, broadcast())] == [(ids[0], "sms/CO"), (ids[1], "telegram/CO")]
    failed = f"UPDATE message SET state = 'failed' WHERE person_id = '{ids[1]}'"
    desk.run(lambda uow: uow.people._tx.connection.exec_driver_sql(failed))
    assert desk.run(lambda uow: uow.chunks.reach_otherwise(f"b1-{ids[1]}", NOW, Means(), nobody=True)) is False

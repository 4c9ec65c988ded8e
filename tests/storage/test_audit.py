"""The audit log: only ever added to, and any change of it shows."""

from concurrent.futures import wait
from datetime import timedelta

import pytest

from bot.domain.audit import AuditEntry, Verified
from bot.domain.errors import StorageError
from bot.domain.staff import Credentials, Role, StaffMember
from bot.storage.database import make_engine, read_url
from tests.storage.conftest import NOW


def write(desk, number):
    for n in range(1, number + 1):
        entry = AuditEntry(NOW + timedelta(minutes=n), "ana", "person.read", "person", f"p{n}", "called_back")
        desk.run(lambda uow, entry=entry: uow.audit.write(entry))


def verified(desk, limit=3):
    so_far = Verified()
    while not so_far.finished:
        so_far = desk.run(lambda uow, start=so_far: uow.audit.verify(start, limit))
    return so_far


def tamper(desk, *statements):
    """What somebody does who has the database in her hands: without triggers."""
    off = {
        "sqlite": ["DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"],
        "postgresql": ["SET session_replication_role = replica"],
    }
    engine = make_engine(read_url(desk.url))
    with engine.begin() as connection:
        for statement in [*off[engine.dialect.name], *statements]:
            connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    engine.dispose()


def test_rows_come_back_newest_first_and_are_whole(desk):
    write(desk, 7)
    recent = desk.run(lambda uow: list(uow.audit.recent(limit=2)))
    assert [entry.number for entry in recent] == [7, 6]
    assert recent[0] == AuditEntry(NOW + timedelta(minutes=7), "ana", "person.read", "person", "p7", "called_back", 7)
    assert [entry.number for entry in desk.run(lambda uow: uow.audit.recent(before=3))] == [2, 1]
    assert verified(desk) == Verified(7, verified(desk).link, 0, finished=True)


def test_an_empty_log_is_whole(desk):
    assert (verified(desk).number, verified(desk).broken) == (0, 0)


def test_a_log_that_was_taken_away_as_a_whole_is_missed_where_there_are_accounts(desk):
    write(desk, 3)
    member = StaffMember("ana", "ana@example.org", Role.ADMIN, None, "es", NOW)
    desk.run(lambda uow: uow.staff.add(Credentials(member, "hash", "secret")))
    tamper(desk, "DELETE FROM audit_log", "DELETE FROM audit_head")
    assert verified(desk).broken == 1


def test_rows_are_chosen_by_who_and_what(desk):
    write(desk, 2)
    desk.run(lambda uow: uow.audit.write(AuditEntry(NOW, "eva", "person_x.read")))
    assert [entry.actor for entry in desk.run(lambda uow: uow.audit.recent(actor="eva"))] == ["eva"]
    assert [entry.number for entry in desk.run(lambda uow: uow.audit.recent(action="person."))] == [2, 1]


@pytest.mark.parametrize(
    "deed", ["UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "UPDATE audit_log SET actor = 'eva' WHERE number = 1"]
)
def test_no_row_can_be_changed_or_deleted(desk, deed):
    write(desk, 2)
    with pytest.raises(StorageError):
        desk.run(lambda uow: uow.people._tx.connection.exec_driver_sql(deed))
    assert verified(desk).broken == 0


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE audit_log SET reason = 'nothing' WHERE number = 4"], 4),
        (["UPDATE audit_log SET at = '2026-01-01 00:00:00' WHERE number = 1"], 1),
        (["DELETE FROM audit_log WHERE number = 3"], 3),
        (["DELETE FROM audit_log WHERE number >= 6"], 6),
        (["DELETE FROM audit_log"], 1),
        (["DELETE FROM audit_log WHERE number = 7", "UPDATE audit_head SET number = 6"], 7),
        (["INSERT INTO audit_log SELECT 8, at, actor, action, kind, object_id, reason, link FROM audit_log WHERE number = 7"], 8),
        (["DELETE FROM audit_log WHERE number = 7", "DELETE FROM audit_head"], 7),
    ],
)
def test_the_first_row_that_was_tampered_with_is_named(desk, statements, broken):
    write(desk, 7)
    tamper(desk, *statements)
    assert verified(desk).broken == broken


def test_two_rows_that_changed_places_are_noticed(desk):
    write(desk, 4)
    tamper(desk, "UPDATE audit_log SET number = 90 WHERE number = 2", "UPDATE audit_log SET number = 2 WHERE number = 3",
           "UPDATE audit_log SET number = 3 WHERE number = 90")  # fmt: skip
    assert verified(desk).broken == 2


def test_a_reason_keeps_no_number_and_no_link(desk):
    desk.run(lambda uow: uow.audit.write(AuditEntry(NOW, "ana", "person.reveal", reason="she called from 300 123 4567")))
    assert desk.rows("SELECT reason FROM audit_log") == [("she called from #",)]


def test_many_at_once_make_one_chain(desk):
    works = [desk.store.submit(lambda uow, n=n: uow.audit.write(AuditEntry(NOW, f"a{n}", "x.y"))) for n in range(40)]
    wait(works, timeout=30)
    assert [work.exception() for work in works] == [None] * 40
    assert (verified(desk).number, verified(desk).broken) == (40, 0)

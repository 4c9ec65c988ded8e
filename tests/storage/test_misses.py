from __future__ import annotations

from datetime import date, timedelta

from bot.domain.understanding import Miss
from bot.storage import schema
from bot.storage.misses import LONGEST_CHARS, SqlMisses
from bot.storage.retention import Forgotten, sweep
from bot.storage.rounds import RoundKeyFiles
from bot.storage.tables import unread_message
from bot.storage.unit_of_work import SqlUnitOfWork
from tests.storage.conftest import NOW, Desk

DAY = date(2026, 11, 23)
TEXT = "eso que brilla se puso duro"


def _keep(desk: Desk, text: str = TEXT, day: date = DAY) -> None:
    desk.run(lambda uow: uow.misses.keep(text, "ask_mercury", 0.25, day))


def _texts(desk: Desk) -> list[str]:
    return [miss.text for miss in desk.run(lambda uow: uow.misses.all())]


def test_what_is_kept_comes_back_until_it_is_dealt_with(desk: Desk) -> None:
    _keep(desk)
    (miss,) = desk.run(lambda uow: uow.misses.all())
    assert miss == Miss(miss.id, TEXT, "ask_mercury", 0.25, DAY)
    assert TEXT not in repr(miss)
    desk.run(lambda uow: uow.misses.delete(miss.id))
    desk.run(lambda uow: uow.misses.delete(miss.id))
    assert _texts(desk) == []


def test_a_row_has_no_person_no_address_and_no_time_of_day(desk: Desk) -> None:
    _keep(desk)
    assert set(unread_message.c.keys()) == {"id", "day", "guess", "confidence", "sealed"}
    assert unread_message.foreign_keys == set()
    ((day, sealed),) = desk.rows("SELECT day, sealed FROM unread_message")
    assert str(day) == "2026-11-23"
    assert TEXT not in sealed


def test_numbers_and_addresses_are_gone_and_long_messages_are_cut(desk: Desk) -> None:
    _keep(desk, "soy rosa, escriba a rosa.q@correo.co o al 300 123-45 67 " + "y mas " * 100)
    (text,) = _texts(desk)
    assert text.startswith("soy rosa, escriba a @ o al # y mas")
    assert len(text) == LONGEST_CHARS


def test_of_too_many_the_oldest_are_dropped(desk: Desk) -> None:
    def keep(uow: SqlUnitOfWork) -> None:
        few = SqlMisses(uow.people._tx, most=3)
        for ago in (5, 0, 1, 2, 4):
            few.keep(f"hace {ago}", "greet", 0.5, DAY - timedelta(days=ago))

    desk.run(keep)
    assert _texts(desk) == ["hace 2", "hace 1", "hace 0"]


def test_after_thirty_days_it_is_forgotten(desk: Desk, round_keys: RoundKeyFiles) -> None:
    _keep(desk)
    assert sweep(desk.store, round_keys, NOW + timedelta(days=30)) == Forgotten(0, 0, 0, 0, 0)
    assert sweep(desk.store, round_keys, NOW + timedelta(days=31)) == Forgotten(0, 0, 0, 0, misses=1)
    assert _texts(desk) == []


def test_the_table_can_be_taken_back_and_made_again(desk: Desk) -> None:
    _keep(desk)
    desk.store.close()
    schema.downgrade(desk.url, "0001")
    assert schema.current(desk.url) == "0001"
    schema.upgrade(desk.url)
    assert schema.current(desk.url) == schema.HEAD

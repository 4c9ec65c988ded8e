from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.domain.broadcast import Broadcast, BroadcastState, Content
from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.meeting import Meeting
from bot.domain.message import Address, ChannelName, OutboundMessage, Purpose, Reply
from bot.domain.person import Country
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.unit_of_work import SqlUnitOfWork
from bot.storage.vault import Vault

T = TypeVar("T")
ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
SECRET = "a secret of the tests and long enough"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PHONE = Address(ChannelName.SMS, "+573001234567")
WHATSAPP = Address(ChannelName.WHATSAPP, "+573001234567")
TELEGRAM = Address(ChannelName.TELEGRAM, "77001")


class Desk:
    """A store, and a short way to run one transaction on it and wait."""

    def __init__(self, url: str, keys: RoundKeyFiles) -> None:
        self.url = url
        self.keys = keys
        self.store: Any = open_store(url, Vault(SECRET), keys)

    def run(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        return self.store.submit(work).result(timeout=30)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.run(lambda uow: [tuple(row) for row in uow.people._tx.connection.exec_driver_sql(query)])


@pytest.fixture
def round_keys(tmp_path: Path) -> RoundKeyFiles:
    return RoundKeyFiles(tmp_path / "rounds")


@pytest.fixture
def desk(database_url: str, round_keys: RoundKeyFiles) -> Iterator[Desk]:
    opened = Desk(database_url, round_keys)
    yield opened
    opened.store.close()


@pytest.fixture
def place(desk: Desk) -> Community:
    """A community with two committees."""
    community = Community("taraza", "Tarazá", Country.CO, "bajo-cauca")
    bodies = [
        Committee("taraza-management", "taraza", CommitteeKind.MANAGEMENT, "Comité de Gestión"),
        Committee("taraza-pme", "taraza", CommitteeKind.PME, "Comité de seguimiento"),
    ]
    desk.run(lambda uow: uow.communities.put([community], bodies))
    return community


def message(number: int | str, to: Address = PHONE, text: str = "Hola", **facts: Any) -> OutboundMessage:
    return OutboundMessage(id=f"m{number}", to=to, reply=Reply("greeting.hello", text), created_at=NOW, **facts)


def broadcast(identifier: str = "b1", audience: str = "all", **facts: Any) -> Broadcast:
    content = Content(Reply("broadcast.message", "Hay reunión"))
    running = {"state": BroadcastState.RUNNING, "purpose": Purpose.SERVICE} | facts
    return Broadcast(identifier, audience, content, made_by="nora", created_at=NOW, **running)


@contextmanager
def holding(desk: Desk, work: Callable[[Any], Any]) -> Iterator[None]:
    """Has done that work, and leaves its transaction open."""
    begun, go_on = threading.Event(), threading.Event()

    def held(uow: Any) -> None:
        work(uow)
        begun.set()
        go_on.wait(10)

    future = desk.store.submit(held)
    assert begun.wait(10)
    try:
        yield
        assert not future.done()
    finally:
        go_on.set()
        future.result(timeout=30)


def meeting(identifier: str = "reunion", **facts: Any) -> Meeting:
    known = {
        "committee_id": "taraza-management",
        "committee_kind": CommitteeKind.MANAGEMENT,
        "community_id": "taraza",
        "agenda": "Agua del río",
        "starts_at": datetime(2026, 11, 28, 14, 0, tzinfo=UTC),
        "timezone": "America/Bogota",
        "place": "Escuela El Hato",
    }
    return Meeting(id=identifier, **(known | facts))

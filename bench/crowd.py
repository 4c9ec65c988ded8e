"""People for the benchmark of broadcasts, written straight into the tables: a million of them in minutes, not hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, literal, select

from bot.domain.message import Address, ChannelName
from bot.domain.store import Store
from bot.storage.tables import address, community, consent, line, message, person, person_tag
from bot.storage.unit_of_work import SqlUnitOfWork

AT_ONCE: Final = 5_000
# Of ten people six have SMS alone, two WhatsApp beside it with an open window, one with a closed one, and one Telegram.
_CHANNELS: Final = (("sms",),) * 6 + (("sms", "whatsapp"),) * 3 + (("sms", "telegram"),)


def settle_more(store: Store, there: int, count: int, now: datetime) -> None:
    """People who agreed, of Colombia and Peru, under ids in no order, until there are so many."""
    for first in range(there, count, AT_ONCE):
        store.submit(_work(range(first, min(count, first + AT_ONCE)), now)).result()
    # As the database does by itself within a minute.
    store.submit(lambda uow: uow.people._tx.connection.exec_driver_sql("ANALYZE").close()).result()  # type: ignore[attr-defined]  # noqa: SLF001


def _work(numbers: range, now: datetime) -> Any:
    def work(uow: SqlUnitOfWork) -> None:
        tx = uow.people._tx  # noqa: SLF001 - no repository writes people by the thousand
        if not numbers.start:
            tx.connection.execute(
                community.insert(), {"id": "taraza", "name": "Taraza", "country": "CO", "territory": "bajo-cauca"}
            )
        rows: dict[Any, list[dict[str, Any]]] = {person: [], line: [], address: [], consent: []}
        sealed = tx.vault.seal("{}")
        for number in numbers:
            _add(rows, tx, number, sealed, now)
        for table, found in rows.items():
            tx.connection.execute(table.insert(), found)

    return work


def _add(rows: dict[Any, list[dict[str, Any]]], tx: Any, number: int, sealed: str, now: datetime) -> None:
    one = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    country = "PE" if number % 4 == 0 else "CO"
    facts = {"created_at": now, "country": country, "mode": "read", "adult": True, "language": "es", "slow": False}
    rows[person].append({"id": one, "state_sealed": sealed, "community_id": "taraza", **facts})
    rows[line].append({"id": one, "person_id": one, "shared": False})
    agreed = {"text_version": "1", "given_at": now, "channel": "sms", "purpose": "x", "message_ref_sealed": sealed}
    rows[consent].append({"person_id": one, **agreed, "revoked_at": None})
    for channel in _CHANNELS[number % 10]:
        to = Address(ChannelName(channel), f"+57{3_000_000_000 + number}")
        rows[address].append(
            {
                "address_hash": tx.lookup.of("address", channel, to.value, "False"),
                "line_id": one,
                "channel": channel,
                "simulated": False,
                "value_sealed": tx.vault.seal(to.value),
                "last_inbound_at": now - timedelta(hours=2 if number % 3 else 48),
                "failures": 0,
            }
        )


def mark(uow: Any, tag: str, most: int) -> None:
    """Give so many of them that tag."""
    tx = uow.people._tx  # noqa: SLF001 - likewise
    tx.run(delete(person_tag))
    some = select(person.c.id, literal(tag)).order_by(person.c.id).limit(most)
    tx.run(person_tag.insert().from_select(["person_id", "tag"], some))


def forget_rows(uow: Any, broadcast_id: str, most: int = 20_000) -> int:
    """Delete so many rows of a broadcast; returns how many there were."""
    tx = uow.people._tx  # noqa: SLF001 - likewise
    some = select(message.c.seq).where(message.c.broadcast_id == broadcast_id).limit(most)
    return int(tx.run(delete(message).where(message.c.seq.in_(some))).rowcount)


def left_at(uow: Any, broadcast_id: str) -> list[datetime]:
    """When each row of a broadcast left."""
    tx = uow.people._tx  # noqa: SLF001 - likewise
    return list(tx.run(select(message.c.changed_at).where(message.c.broadcast_id == broadcast_id)).scalars())


def sizes(most: int) -> Iterator[int]:
    """1,000, 10,000, ... up to the most."""
    size = 1_000
    while size < most:
        yield size
        size *= 10
    yield most

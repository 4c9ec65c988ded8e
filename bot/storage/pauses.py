"""Territories to which nothing goes unasked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, or_, select

from bot.domain.message import Address
from bot.domain.pause import EVERYWHERE, Pause
from bot.storage.tables import community, insert, message, pause, person
from bot.storage.transaction import Transaction

# Only rows that are under way have an address.
_TERRITORIES: Final = (
    select(community.c.territory)
    .join(person, person.c.community_id == community.c.id)
    .join(message, message.c.person_id == person.c.id)
    .where(message.c.address_hash == bindparam("a"))
)
_STOPS: Final = (
    select(pause.c.territory)
    .where(or_(pause.c.territory == EVERYWHERE, pause.c.territory.in_(_TERRITORIES)))
    .limit(1)
    .with_for_update(read=True)
)
_ANY: Final = select(pause.c.territory).with_for_update(read=True)
_ALL: Final = select(pause).order_by(pause.c.since, pause.c.territory)


class SqlPauses:
    """`bot.domain.pause.Pauses` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def begin(self, territory: str, now: datetime) -> None:
        """Pause one territory, or `EVERYWHERE`; one that is paused already stays so since then."""
        row = {"territory": territory, "since": now}
        self._tx.run(insert(self._tx.dialect, pause).on_conflict_do_nothing(), row)

    def end(self, territory: str | None = None) -> int:
        """Lift the pause of one territory, or with None every pause; returns how many there were."""
        which = delete(pause) if territory is None else delete(pause).where(pause.c.territory == territory)
        return self._tx.run(which).rowcount

    def all(self) -> Sequence[Pause]:
        """Every pause, the oldest first."""
        return [Pause(row.territory, row.since) for row in self._tx.run(_ALL)]

    def stopped(self, addresses: Sequence[Address]) -> Collection[Address]:
        """Those of the addresses to which nothing may go unasked."""
        if self._tx.run(_ANY, {}).first() is None:
            return ()
        return {to for to in addresses if self.stops(to)}

    def stops(self, to: Address) -> bool:
        """Whether nothing may go unasked to an address: its messages are for somebody of a paused territory.

        Nobody lifts a pause until the transaction that asked has ended: what it holds back is there to be resumed.
        """
        return self._tx.run(_STOPS, {"a": self._tx.lookup.address(to)}).first() is not None

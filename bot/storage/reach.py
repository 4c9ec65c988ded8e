"""Who can be reached unasked: who agreed, is of age, has not left, and has an address that did not opt out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import case, select

from bot.domain.audience import Reached
from bot.domain.community import Community
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Person
from bot.storage.people import SqlPeople
from bot.storage.tables import address, community, line, profile
from bot.storage.transaction import Transaction

# What costs nobody anything comes first; a call, which rings, last.
_ORDER: Final = (ChannelName.TELEGRAM, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.CALL)
_rank = case({channel.value: place for place, channel in enumerate(_ORDER)}, value=address.c.channel)
_addresses: Final = address.c.opted_out_at.is_(None) & address.c.value_sealed.is_not(None)
_WHERE: Final = (address.c.channel, address.c.value_sealed, address.c.simulated)


class SqlReach:
    """`bot.domain.audience.Reach` on tables."""

    def __init__(self, transaction: Transaction, people: SqlPeople) -> None:
        self._tx = transaction
        self._people = people

    def enrolled(self) -> Iterator[Reached]:
        """Everybody who agreed, is of age, and can be written to or called; each person once."""
        places = {row.id: _community(row) for row in self._tx.run(select(community)).all()}
        found: dict[str, Any] = {}
        for row in self._tx.run(_hers(None)).all():
            found.setdefault(row.person_id, row)
        known = {person.id: person for person in self._people.agreed()}
        for person_id in sorted(found.keys() & known.keys()):
            yield self._reached(known[person_id], places, found[person_id])

    def one(self, person_id: str) -> Reached | None:
        """One of them; None where she was erased, has left, or never agreed."""
        met = self._people.get(person_id)
        row = self._tx.run(_hers(person_id)).first() if met and met[0].enrolled else None
        if met is None or row is None:
            return None
        where = select(community).where(community.c.id == met[0].community_id)
        places = {place.id: _community(place) for place in self._tx.run(where).all()}
        return self._reached(met[0], places, row)

    def ways(self, person_id: str) -> Sequence[Address]:
        """All her addresses that did not opt out, the best first."""
        opened = self._tx.vault.open
        rows = self._tx.run(_hers(person_id)).all()
        return [Address(ChannelName(row.channel), opened(row.value_sealed), row.simulated) for row in rows]

    def _reached(self, who: Person, places: dict[str, Community], row: Any) -> Reached:
        to = Address(ChannelName(row.channel), self._tx.vault.open(row.value_sealed), row.simulated)
        return Reached(who, places.get(who.community_id or ""), to)


def _hers(person_id: str | None) -> Any:
    """Her addresses, the best first; of everybody where no one is named. One who shares a line is reached by that too."""
    owned = select(line.c.person_id, *_WHERE, _rank.label("rank")).join(address, address.c.line_id == line.c.id)
    shared = (
        select(profile.c.person_id, *_WHERE, _rank.label("rank"))
        .join(line, line.c.id == profile.c.line_id)
        .join(address, address.c.line_id == line.c.id)
    )
    wanted = [query.where(_addresses) for query in (owned, shared)]
    if person_id is not None:
        wanted = [
            wanted[0].where(line.c.person_id == person_id),
            wanted[1].where(profile.c.person_id == person_id),
        ]
    both = wanted[0].union(wanted[1]).subquery()
    return select(both).order_by(both.c.person_id, both.c.rank, both.c.value_sealed)


def _community(row: Any) -> Community:
    return Community(row.id, row.name, Country(row.country), row.territory)

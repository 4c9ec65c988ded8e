"""Places and committees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, select

from bot.domain.community import Committee, CommitteeKind, Community
from bot.domain.person import Country
from bot.storage.tables import committee, community, upsert
from bot.storage.transaction import Transaction

_ALL: Final = select(community).order_by(community.c.name, community.c.id)
_OF_COUNTRY: Final = _ALL.where(community.c.country == bindparam("country"))
_ONE: Final = select(community).where(community.c.id == bindparam("id"))
_COMMITTEES: Final = select(committee).where(committee.c.community_id == bindparam("id")).order_by(committee.c.id)


class SqlCommunities:
    """`bot.domain.store.Communities` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def all(self, country: Country | None = None) -> Sequence[Community]:
        """Communities, of one country where given, by name."""
        found = self._tx.run(_ALL, {}) if country is None else self._tx.run(_OF_COUNTRY, {"country": country.value})
        return [_community(row) for row in found]

    def get(self, community_id: str) -> Community | None:
        """One community."""
        row = self._tx.run(_ONE, {"id": community_id}).first()
        return None if row is None else _community(row)

    def committees(self, community_id: str) -> Sequence[Committee]:
        """The committees of a community, by id."""
        rows = self._tx.run(_COMMITTEES, {"id": community_id})
        return [Committee(row.id, row.community_id, CommitteeKind(row.kind), row.name) for row in rows]

    def put(self, communities: Sequence[Community], committees: Sequence[Committee]) -> None:
        """Insert or replace."""
        for place in communities:
            row = {"id": place.id, "name": place.name, "country": place.country.value, "territory": place.territory}
            self._tx.run(upsert(self._tx.dialect, community), row)
        for body in committees:
            row = {"id": body.id, "community_id": body.community_id, "kind": body.kind.value, "name": body.name}
            self._tx.run(upsert(self._tx.dialect, committee), row)


def _community(row: Row[Any]) -> Community:
    return Community(row.id, row.name, Country(row.country), row.territory)

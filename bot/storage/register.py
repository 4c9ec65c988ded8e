"""People as the staff see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select

from bot.domain.masking import masked_address
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode
from bot.domain.register import MOST_COUNTED, MaskedAddress, Page, Record, Standing
from bot.storage.columns import UtcDateTime
from bot.storage.person_tables import address, consent, line, person, profile
from bot.storage.tables import help_request, lesson_record
from bot.storage.transaction import Transaction

# Enough to tell a person's few addresses apart; not enough to find one by.
REF_LETTERS: Final = 12

_hers = consent.alias("hers")
_latest = select(func.max(_hers.c.id)).where(_hers.c.person_id == person.c.id).correlate(person).scalar_subquery()
_FROM: Final = person.outerjoin(consent, consent.c.id == _latest).outerjoin(help_request, help_request.c.person_id == person.c.id)
_COLUMNS: Final = (
    person.c.id,
    person.c.created_at,
    person.c.community_id,
    person.c.country,
    person.c.mode,
    person.c.language,
    person.c.adult,
    person.c.last_seen_at,
    consent.c.given_at,
    consent.c.revoked_at,
    consent.c.text_version,
    consent.c.channel,
    help_request.c.asked_at,
)
_RECORDS: Final = select(*_COLUMNS).select_from(_FROM)
_ONE: Final = _RECORDS.where(person.c.id == bindparam("p"))
_NEWEST: Final = (person.c.created_at.desc(), person.c.id)
_AGREED: Final = and_(consent.c.given_at.is_not(None), consent.c.revoked_at.is_(None), person.c.adult.is_(True))
STANDINGS: Final[dict[Standing, ColumnElement[bool]]] = {
    Standing.AGREED: _AGREED,
    Standing.LEFT: consent.c.revoked_at.is_not(None),
    Standing.NOT_YET: or_(consent.c.given_at.is_(None), and_(consent.c.revoked_at.is_(None), person.c.adult.is_not(True))),
}


class SqlRegister:
    """`bot.domain.register.Register` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def page(
        self, *, community_id: str | None = None, standing: Standing | None = None, after: str = "", limit: int = 25
    ) -> Page:
        """Records of one community, or of all; of one standing, or of any."""
        ids = select(person.c.id, person.c.created_at)
        if community_id is not None:
            ids = ids.where(person.c.community_id == community_id)
        if standing is not None:
            ids = ids.select_from(person.outerjoin(consent, consent.c.id == _latest)).where(STANDINGS[standing])
        total = int(self._tx.run(select(func.count()).select_from(ids.limit(MOST_COUNTED).subquery())).scalar() or 0)
        found = self._tx.run(_behind(ids, after).order_by(*_NEWEST).limit(limit + 1)).all()
        shown = found[:limit]
        rows = self._tx.run(_RECORDS.where(person.c.id.in_([row.id for row in shown])).order_by(*_NEWEST)).all()
        more = len(found) > limit
        return Page(tuple(self._records(rows)), total, f"{shown[-1].created_at.isoformat()} {shown[-1].id}" if more else "")

    def record(self, person_id: str) -> Record | None:
        """One person; None where there is none."""
        rows = self._tx.run(_ONE, {"p": person_id}).all()
        return next(iter(self._records(rows)), None)

    def reveal(self, person_id: str, ref: str) -> Address | None:
        """One of her addresses, in full; None where it is not hers."""
        for row in self._addresses([person_id]):
            if row.address_hash[:REF_LETTERS] == ref:
                return Address(ChannelName(row.channel), self._tx.vault.open(row.value_sealed), row.simulated)
        return None

    def waiting(self, community_id: str | None = None, limit: int = 50) -> Sequence[Record]:
        """Those who asked for a person, the longest waiting first."""
        wanted: list[ColumnElement[bool]] = [help_request.c.asked_at.is_not(None)]
        if community_id is not None:
            wanted.append(person.c.community_id == community_id)
        return self._records(self._tx.run(_RECORDS.where(*wanted).order_by(help_request.c.asked_at).limit(limit)).all())

    def _records(self, rows: Sequence[Row[Any]]) -> list[Record]:
        ids = [row.id for row in rows]
        finished = self._finished(ids)
        addresses = defaultdict[str, list[MaskedAddress]](list)
        for row in self._addresses(ids):
            shown = masked_address(self._tx.vault.open(row.value_sealed))
            addresses[row.person_id].append(
                MaskedAddress(row.address_hash[:REF_LETTERS], row.channel, shown, row.opted_out_at is not None)
            )
        return [_record(row, finished.get(row.id, 0), tuple(addresses[row.id])) for row in rows]

    def _addresses(self, ids: Sequence[str]) -> Iterable[Row[Any]]:
        """The addresses of some persons, those of shared lines with each who shares them."""
        columns = (address.c.address_hash, address.c.channel, address.c.simulated, address.c.value_sealed, address.c.opted_out_at)
        alone = select(line.c.person_id, *columns).join(line, line.c.id == address.c.line_id).where(line.c.person_id.in_(ids))
        shared = (
            select(profile.c.person_id, *columns)
            .join(profile, profile.c.line_id == address.c.line_id)
            .where(profile.c.person_id.in_(ids))
        )
        both = alone.union(shared).subquery()
        return self._tx.run(
            select(both).where(both.c.value_sealed.is_not(None)).order_by(both.c.channel, both.c.address_hash)
        ).all()

    def _finished(self, ids: Sequence[str]) -> dict[str, int]:
        counted = (
            select(lesson_record.c.person_id, func.count(lesson_record.c.finished_at))
            .where(lesson_record.c.person_id.in_(ids))
            .group_by(lesson_record.c.person_id)
        )
        return {row[0]: row[1] for row in self._tx.run(counted).all()}


def _behind(wanted: Select[Any], after: str) -> Select[Any]:
    moment, _, person_id = after.partition(" ")
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return wanted
    if when.tzinfo is None or not person_id.isalnum():
        return wanted
    then = bindparam("then", when, UtcDateTime())
    return wanted.where(or_(person.c.created_at < then, and_(person.c.created_at == then, person.c.id > person_id)))


def _record(row: Row[Any], finished: int, addresses: tuple[MaskedAddress, ...]) -> Record:
    standing, since = Standing.NOT_YET, None
    if row.revoked_at is not None:
        standing, since = Standing.LEFT, row.revoked_at.date()
    elif row.given_at is not None and row.adult:
        standing, since = Standing.AGREED, row.given_at.date()
    return Record(
        id=row.id,
        created_at=row.created_at,
        community_id=row.community_id,
        country=Country(row.country) if row.country else None,
        mode=Mode(row.mode) if row.mode else None,
        language=row.language,
        standing=standing,
        standing_since=since,
        consent_version=row.text_version or "",
        consent_channel=row.channel or "",
        last_seen=row.last_seen_at.date() if row.last_seen_at else None,
        lessons_finished=finished,
        waits_since=row.asked_at,
        addresses=addresses,
    )

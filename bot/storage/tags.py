"""What staff have marked people with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from bot.storage.tables import insert, person_tag
from bot.storage.transaction import Transaction


class SqlTags:
    """`bot.domain.tags.Tags` on a table."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def all(self) -> Mapping[str, int]:
        """Every tag that somebody has, with how many people, by name."""
        counted = select(person_tag.c.tag, func.count()).group_by(person_tag.c.tag).order_by(person_tag.c.tag)
        return {row[0]: row[1] for row in self._tx.run(counted)}

    def of(self, person_id: str) -> Sequence[str]:
        """Hers, by name."""
        hers = select(person_tag.c.tag).where(person_tag.c.person_id == person_id).order_by(person_tag.c.tag)
        return list(self._tx.run(hers).scalars())

    def put(self, person_id: str, tag: str) -> None:
        """Mark her; once is enough."""
        row: dict[str, Any] = {"person_id": person_id, "tag": tag}
        self._tx.run(insert(self._tx.dialect, person_tag).on_conflict_do_nothing(), row)

    def drop(self, person_id: str, tag: str) -> None:
        """Take a mark away; one that she has not is no error."""
        self._tx.run(delete(person_tag).where(person_tag.c.person_id == person_id, person_tag.c.tag == tag))


def pass_tags_on(tx: Transaction, gone: str, keep: str) -> None:
    """Two persons turned out to be one: she has what either was marked with."""
    tags = SqlTags(tx)
    for tag in tags.of(gone):
        tags.put(keep, tag)

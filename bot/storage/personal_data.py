"""All that is kept of one person, opened: what she may ask for (Ley 1581 of Colombia, art. 8; Ley 29733 of Peru, art. 19)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Table, select

from bot.storage.columns import METADATA
from bot.storage.person_tables import address, line, profile
from bot.storage.polls import SqlPolls
from bot.storage.tables import meeting, person, rsvp
from bot.storage.transaction import Transaction

_SEALED: Final = "sealed"
# What only serves to find rows, and says nothing of her; whoever shares her telephone is somebody else's.
_LEFT_OUT: Final = frozenset({"person_id", "line_id", "claim_id", "seq"})


class SqlPersonalData:
    """`bot.domain.personal_data.PersonalData` on tables."""

    def __init__(self, transaction: Transaction, polls: SqlPolls) -> None:
        self._tx = transaction
        self._polls = polls

    def of(self, person_id: str) -> Mapping[str, Any] | None:
        """Everything, by table; None where there is no such person. Every table with a person in it is read."""
        found = self._rows(person, person.c.id == person_id)
        if not found:
            return None
        kept: dict[str, Any] = {"person": found[0], "address": self._addresses(person_id)}
        for table in METADATA.sorted_tables:
            if "person_id" in table.c and table is not line:
                kept[table.name] = self._rows(table, table.c.person_id == person_id)
        kept["rsvp"] = self._rsvps(person_id)
        kept["poll_answer"] = self._answers(person_id)
        return {name: rows for name, rows in kept.items() if rows}

    def _rows(self, table: Table, hers: Any) -> list[dict[str, Any]]:
        return [self._opened(row) for row in self._tx.run(select(table).where(hers)).all()]

    def _addresses(self, person_id: str) -> list[dict[str, Any]]:
        own = select(line.c.id).where(line.c.person_id == person_id)
        shared = select(profile.c.line_id).where(profile.c.person_id == person_id)
        return self._rows(address, address.c.line_id.in_(own.union(shared)))

    def _rsvps(self, person_id: str) -> list[dict[str, Any]]:
        ids = self._tx.run(select(meeting.c.id)).scalars().all()
        found = []
        for meeting_id in ids:
            hers = self._tx.lookup.of("rsvp", meeting_id, person_id)
            found += self._rows(rsvp, (rsvp.c.meeting_id == meeting_id) & (rsvp.c.person_hash == hers))
        return found

    def _answers(self, person_id: str) -> list[dict[str, Any]]:
        """Answers of rounds that are open: those of closed ones can be nobody's any more."""
        open_rounds = [record.round for record in self._polls.rounds() if record.closed_at is None]
        answers = [(each.id, self._polls.given(each.id, person_id)) for each in open_rounds]
        return [{"round": round_id, "options": list(given)} for round_id, given in answers if given]

    def _opened(self, row: Row[Any]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for name, value in row._mapping.items():  # noqa: SLF001 - public in SQLAlchemy
            if name in _LEFT_OUT or name.endswith("_hash") or value is None:
                continue
            if name.endswith(_SEALED):
                known[name.removesuffix(_SEALED).rstrip("_") or "content"] = _plain(self._tx.vault.open(value))
            else:
                known[name] = value.isoformat() if isinstance(value, date | datetime) else value
        return known


def _plain(text: str) -> Any:
    """A sealed mapping as such, anything else as the text that it is."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text

"""Voice notes that wait to be understood. Of each stands here where its vendor keeps it, sealed, until it has been answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, select, update

from bot.domain.listening import WaitingNote
from bot.domain.message import Inbound
from bot.storage.tables import voice_note
from bot.storage.transaction import Transaction

_INBOUND: Final = TypeAdapter(Inbound)
_BY_ID: Final = voice_note.c.id == bindparam("i")
_KEEP: Final = voice_note.insert()
_WAITING: Final = select(voice_note.c.id, voice_note.c.attempts).order_by(voice_note.c.came_at, voice_note.c.id)
_OPEN: Final = select(voice_note.c.sealed).where(_BY_ID)
_TRIED: Final = update(voice_note).where(_BY_ID).values(attempts=voice_note.c.attempts + 1)
_DONE: Final = delete(voice_note).where(_BY_ID)


class SqlNotes:
    """`bot.domain.store.Notes` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def keep(self, inbound: Inbound, now: datetime) -> WaitingNote:
        """Write one down."""
        note = WaitingNote(uuid.uuid4().hex)
        sealed = self._tx.vault.seal(_INBOUND.dump_json(inbound, exclude_defaults=True).decode())
        self._tx.run(_KEEP, {"id": note.id, "came_at": now, "attempts": 0, "sealed": sealed})
        return note

    def waiting(self) -> Sequence[WaitingNote]:
        """Every one, in the order in which they came."""
        return [WaitingNote(row.id, row.attempts) for row in self._tx.run(_WAITING)]

    def open(self, note_id: str) -> Inbound | None:
        """What came; None where it has been answered. Raises StorageError where the secret does not fit."""
        sealed = self._tx.run(_OPEN, {"i": note_id}).scalar()
        return _INBOUND.validate_json(self._tx.vault.open(sealed)) if sealed else None

    def tried(self, note_id: str) -> None:
        """Count an attempt."""
        self._tx.run(_TRIED, {"i": note_id})

    def done(self, note_id: str) -> None:
        """Forget one; one that is gone already is no error."""
        self._tx.run(_DONE, {"i": note_id})

    def forget(self, before: datetime) -> int:
        """Delete those that came before that; returns how many."""
        return self._tx.run(delete(voice_note).where(voice_note.c.came_at < before)).rowcount

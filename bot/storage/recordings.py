"""Human voices: speakers and what they have recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from bot.domain.recording import Origin, Recorded, Speaker, Take
from bot.storage.recording_tables import recording, speaker
from bot.storage.transaction import Transaction

_NEWEST: Final = select(speaker).order_by(speaker.c.agreed_on.desc(), speaker.c.code)


class SqlVoiceArchive:
    """`bot.domain.recording.VoiceArchive` on tables."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def add_speaker(self, speaker_: Speaker) -> None:
        """Write her consent down."""
        row = {name: getattr(speaker_, name) for name in _SPEAKER}
        self._tx.run(speaker.insert(), {**row, "alias_sealed": self._tx.vault.seal(speaker_.alias)})

    def speakers(self) -> Sequence[Speaker]:
        """All, the newest first."""
        return [self._speaker(row) for row in self._tx.run(_NEWEST)]

    def speaker(self, speaker_id: str) -> Speaker | None:
        """One of them."""
        return self._one_speaker(speaker.c.id == speaker_id)

    def speaker_by_code(self, code: str) -> Speaker | None:
        """The one whom packs name so."""
        return self._one_speaker(speaker.c.code == code)

    def speaker_of(self, member_id: str) -> Speaker | None:
        """The voice of a member of the staff, as long as she has not withdrawn."""
        return self._one_speaker((speaker.c.member_id == member_id) & speaker.c.withdrawn_on.is_(None))

    def withdraw(self, speaker_id: str, on: date) -> int:
        """She takes her voice back. How many recordings were forgotten."""
        self._tx.run(update(speaker).where(speaker.c.id == speaker_id, speaker.c.withdrawn_on.is_(None)).values(withdrawn_on=on))
        return self._tx.run(delete(recording).where(recording.c.speaker_id == speaker_id)).rowcount

    def put(self, recorded: Recorded) -> None:
        """Write it down, in the place of another of the same text, language and standing."""
        self._make_room(recorded, kept=recorded.kept_at is not None)
        row = {name: getattr(recorded, name) for name in _RECORDED}
        sound = {"sound": recorded.take.sound, "duration_s": recorded.take.duration_s, "size_bytes": recorded.take.size_bytes}
        sealed = self._tx.vault.seal(recorded.checked_by) if recorded.checked_by else None
        known = {"origin": recorded.origin.value, "kept": recorded.kept_at is not None, "checked_sealed": sealed}
        self._tx.run(recording.insert(), {**row, **sound, **known})

    def get(self, recorded_id: str) -> Recorded | None:
        """One recording."""
        row = self._tx.run(select(recording).where(recording.c.id == recorded_id)).first()
        return self._recorded(row) if row else None

    def keep(self, recorded_id: str, now: datetime, checked_by: str) -> None:
        """From now on this is what people hear."""
        if (known := self.get(recorded_id)) is not None:
            self.drop(recorded_id)
            self.put(replace(known, kept_at=now, checked_by=checked_by))

    def drop(self, recorded_id: str) -> None:
        """Forget one."""
        self._tx.run(delete(recording).where(recording.c.id == recorded_id))

    def waiting(self) -> int:
        """How many nobody of the team has listened to yet."""
        counted = select(func.count()).select_from(recording).where(recording.c.kept.is_(False))
        return int(self._tx.run(counted).scalar_one())

    def all(self, language: str | None = None) -> Sequence[Recorded]:
        """All of one language, or of all; the oldest first."""
        wanted = select(recording).order_by(recording.c.recorded_at, recording.c.id)
        if language is not None:
            wanted = wanted.where(recording.c.language == language)
        return [self._recorded(row) for row in self._tx.run(wanted)]

    def _make_room(self, recorded: Recorded, *, kept: bool) -> None:
        same = (recording.c.language == recorded.language) & (recording.c.text_sha256 == recorded.text_sha256)
        self._tx.run(delete(recording).where(same, recording.c.kept.is_(kept)))

    def _one_speaker(self, which: Any) -> Speaker | None:
        row = self._tx.run(select(speaker).where(which).order_by(speaker.c.agreed_on.desc())).first()
        return self._speaker(row) if row else None

    def _speaker(self, row: Row[Any]) -> Speaker:
        return Speaker(alias=self._tx.vault.open(row.alias_sealed), **{name: getattr(row, name) for name in _SPEAKER})

    def _recorded(self, row: Row[Any]) -> Recorded:
        return Recorded(
            take=Take(row.sound, row.duration_s, row.size_bytes),
            origin=Origin(row.origin),
            checked_by=self._tx.vault.open(row.checked_sealed) if row.checked_sealed else "",
            **{name: getattr(row, name) for name in _RECORDED},
        )


_SPEAKER: Final = ("id", "code", "agreed_on", "consent", "licence", "paid", "terms", "member_id", "withdrawn_on")
_RECORDED: Final = ("id", "language", "key", "text_sha256", "speaker_id", "recorded_at", "member_id", "kept_at")

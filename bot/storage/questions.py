"""Questions asked by voice, sealed like all that is somebody's own, and what a vendor still keeps of them."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, or_, select, update

from bot.domain.message import Address, ChannelName
from bot.domain.voice_question import KEPT, OPEN_FOR, SHORTEST_S, Asker, Recording, VendorRecording, VoiceQuestion
from bot.storage.inbox import SqlInbox
from bot.storage.question_tables import vendor_recording, voice_question
from bot.storage.tables import community, identity, line
from bot.storage.transaction import Transaction

# Longer than a fetch and a deletion may take together, so that nobody else takes the same up meanwhile.
LEASE: Final = timedelta(minutes=3)

_BY_ID: Final = voice_question.c.id == bindparam("q")
_OF_RECORDING: Final = vendor_recording.c.id == bindparam("r")
_OPEN: Final = voice_question.insert()
_LEFT: Final = vendor_recording.insert()
_SECONDS: Final = select(voice_question.c.seconds).where(_BY_ID)
_RECORDED: Final = (
    update(voice_question)
    .where(_BY_ID, voice_question.c.open_until.is_not(None))
    .values(open_until=None, seconds=bindparam("seconds"))
)
_DROP: Final = delete(voice_question).where(_BY_ID)
_DUE: Final = (
    select(
        vendor_recording,
        # Fetched already: all that is left is to have it deleted there.
        voice_question.c.sound_sealed.is_not(None).label("here"),
    )
    .outerjoin(voice_question, voice_question.c.id == vendor_recording.c.question_id)
    .where(vendor_recording.c.due_at <= bindparam("now"))
    .order_by(vendor_recording.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(of=vendor_recording, skip_locked=True)
)
_TRIED: Final = (
    update(vendor_recording).where(_OF_RECORDING).values(attempts=vendor_recording.c.attempts + 1, due_at=bindparam("until"))
)
_PUT_OFF: Final = update(vendor_recording).where(_OF_RECORDING).values(due_at=bindparam("until"))
_GONE: Final = delete(vendor_recording).where(_OF_RECORDING)
_KEEP: Final = update(voice_question).where(_BY_ID).values(sound_sealed=bindparam("sound"), seconds=bindparam("seconds"))
_AT_VENDOR: Final = select(func.count()).select_from(vendor_recording)
_SOUND: Final = select(voice_question.c.sound_sealed).where(_BY_ID)
_ANSWERED: Final = (
    update(voice_question).where(_BY_ID, voice_question.c.seconds.is_not(None)).values(answered_on=bindparam("day"))
)
_LEFT_FROM: Final = (
    select(voice_question.c.id)
    .where(voice_question.c.identity_hash == bindparam("i"), voice_question.c.seconds.is_not(None))
    .limit(1)
)
_ALL: Final = (
    select(
        voice_question.c.id,
        voice_question.c.asked_on,
        voice_question.c.deletes_on,
        voice_question.c.seconds,
        voice_question.c.answered_on,
        voice_question.c.sound_sealed.is_not(None).label("here"),
        community.c.name.label("community"),
        voice_question.c.community_id,
        voice_question.c.person_id,
        voice_question.c.callback_sealed.is_not(None).label("reachable"),
    )
    .outerjoin(community, community.c.id == voice_question.c.community_id)
    .where(voice_question.c.seconds.is_not(None))
    .order_by(voice_question.c.asked_on, voice_question.c.id)
)


_ONE: Final = _ALL.where(_BY_ID)
_CALLBACK: Final = select(voice_question.c.callback_sealed).where(_BY_ID)


class SqlQuestions:
    """`bot.domain.voice_question.VoiceQuestions` on tables."""

    def __init__(self, transaction: Transaction, inbox: SqlInbox) -> None:
        self._tx = transaction
        self._inbox = inbox

    def open(self, question_id: str, consent_version: str, asker: Asker, now: datetime) -> None:
        """She agreed to be recorded, in those words: keep that, and wait for the recording."""
        back = asker.callback
        row = {
            "id": question_id,
            "open_until": now + OPEN_FOR,
            "asked_on": now.date(),
            "deletes_on": (now + KEPT).date(),
            "consent_version": consent_version,
            "person_id": asker.person_id,
            "community_id": asker.community_id,
            "identity_hash": self._tx.lookup.identity(back) if back else None,
            "callback_sealed": self._tx.vault.seal(back.value) if back else None,
        }
        self._tx.run(_OPEN, row)

    def recorded(self, question_id: str, recording: Recording, now: datetime) -> bool:
        """Take a recording, once; gives whether the question has one. What is kept of nobody is only deleted at the vendor's."""
        if self._inbox.is_new(ChannelName.CALL.value, f"recording:{recording.sid}", now):
            long_enough = recording.seconds >= SHORTEST_S
            taken = long_enough and bool(self._tx.run(_RECORDED, {"q": question_id, "seconds": recording.seconds}).rowcount)
            row = {
                "id": uuid.uuid4().hex,
                "question_id": question_id if taken else None,
                "since": now,
                "due_at": now,
                "attempts": 0,
                "sealed": self._tx.vault.seal(recording.sid),
            }
            self._tx.run(_LEFT, row)
        return self.has_sound(question_id)

    def has_sound(self, question_id: str) -> bool:
        """Whether that question is kept and was recorded."""
        return self._tx.run(_SECONDS, {"q": question_id}).scalar() is not None

    def drop(self, question_id: str) -> None:
        """Delete a question, recorded or not; one that is gone already is no error."""
        self._tx.run(_DROP, {"q": question_id})

    def due(self, now: datetime, limit: int = 5) -> Sequence[VendorRecording]:
        """Recordings to be fetched, or deleted at the vendor's, each counted as tried and not due again for minutes."""
        due = []
        for row in self._tx.run(_DUE, {"now": now, "most": limit}).all():
            self._tx.run(_TRIED, {"r": row.id, "until": now + LEASE})
            wanted = None if row.here else row.question_id
            due.append(VendorRecording(row.id, self._tx.vault.open(row.sealed), row.attempts, row.since, wanted))
        return due

    def keep(self, question_id: str, sound: bytes, seconds: int) -> None:
        """Keep the sound, sealed; of a question that was deleted meanwhile nothing."""
        sealed = self._tx.vault.seal(base64.b64encode(sound).decode())
        self._tx.run(_KEEP, {"q": question_id, "sound": sealed, "seconds": seconds})

    def put_off(self, recording_id: str, until: datetime) -> None:
        """Try a recording again from that moment on."""
        self._tx.run(_PUT_OFF, {"r": recording_id, "until": until})

    def gone(self, recording_id: str) -> None:
        """The vendor has deleted a recording."""
        self._tx.run(_GONE, {"r": recording_id})

    def at_vendor(self) -> int:
        """How many recordings the vendor still keeps."""
        return int(self._tx.run(_AT_VENDOR, {}).scalar() or 0)

    def left_from(self, address: Address) -> bool:
        """Whether a question is kept that is to be answered at that number."""
        return self._tx.run(_LEFT_FROM, {"i": self._tx.lookup.identity(address)}).scalar() is not None

    def all(self) -> Sequence[VoiceQuestion]:
        """Every question that was recorded, the oldest first."""
        return [_question(row) for row in self._tx.run(_ALL, {}).all()]

    def get(self, question_id: str) -> VoiceQuestion | None:
        """One of them."""
        row = self._tx.run(_ONE, {"q": question_id}).first()
        return None if row is None else _question(row)

    def callback(self, question_id: str) -> Address | None:
        """The number at which it is to be answered; None where she left none, or it is somebody else's now."""
        sealed = self._tx.run(_CALLBACK, {"q": question_id}).scalar()
        return Address(ChannelName.CALL, self._tx.vault.open(sealed)) if sealed else None

    def sound(self, question_id: str) -> bytes | None:
        """Its sound as OGG/Opus, None where there is none."""
        sealed = self._tx.run(_SOUND, {"q": question_id}).scalar()
        return base64.b64decode(self._tx.vault.open(sealed)) if sealed else None

    def answered(self, question_id: str, day: date) -> bool:
        """Note that it was answered; gives whether there is such a question."""
        return self._tx.run(_ANSWERED, {"q": question_id, "day": day}).rowcount == 1

    def forget(self, now: datetime) -> int:
        """Delete what has reached its day, and consents that no recording followed; returns how many."""
        late = or_(voice_question.c.deletes_on <= now.date(), voice_question.c.open_until <= now)
        return self._tx.run(delete(voice_question).where(late)).rowcount


def _question(row: Row[Any]) -> VoiceQuestion:
    return VoiceQuestion(
        id=row.id,
        asked_on=row.asked_on,
        deletes_on=row.deletes_on,
        seconds=row.seconds,
        community=row.community or "",
        here=bool(row.here),
        answered_on=row.answered_on,
        community_id=row.community_id,
        person_id=row.person_id,
        reachable=bool(row.reachable),
    )


def forget_questions(tx: Transaction, person_id: str) -> None:
    """Delete what somebody who is erased has asked, also before she was known: by the numbers that are hers alone now."""
    hers = select(identity.c.identity_hash).join(line, line.c.id == identity.c.line_id).where(line.c.person_id == person_id)
    unbound = voice_question.c.person_id.is_(None) & voice_question.c.identity_hash.in_(hers)
    tx.run(delete(voice_question).where((voice_question.c.person_id == person_id) | unbound))


def pass_questions_on(tx: Transaction, gone: str, keep: str) -> None:
    """What one asked is the other's, who turned out to be the same."""
    tx.run(update(voice_question).where(voice_question.c.person_id == gone).values(person_id=keep))


def forget_callbacks(tx: Transaction, line_id: str, person_id: str | None = None) -> None:
    """Nobody, or not that person, is to be answered at a number that belongs to somebody else now."""
    forgotten = update(voice_question).values(identity_hash=None, callback_sealed=None)
    here = select(identity.c.identity_hash).where(identity.c.line_id == line_id)
    forgotten = forgotten.where(voice_question.c.identity_hash.in_(here))
    tx.run(forgotten if person_id is None else forgotten.where(voice_question.c.person_id == person_id))

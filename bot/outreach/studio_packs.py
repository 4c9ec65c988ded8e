"""What leaves the studio in a pack, and what becomes of a pack that comes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.recording import Origin, Packed, Recorded, Speaker
from bot.domain.store import UnitOfWork
from bot.outreach.studio import SPANISH, Studio


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of a pack, in numbers. `ours`: another recording of that text is kept here; `unsaid`: nobody says that."""

    new: int = 0
    known: int = 0
    ours: int = 0
    withdrawn: int = 0
    unchecked: int = 0
    unsaid: int = 0


def packed(studio: Studio, uow: UnitOfWork, language: str = "", group: str = "") -> list[Packed]:
    """What people hear now, of one language and one module, or of all."""
    speakers = {one.id: one for one in uow.voices.speakers() if not one.withdrawn_on}
    found = []
    for code in [language] if language else studio.languages():
        said = {one.sha256: one for one in studio.sentences(code)}
        for one in uow.voices.all(code):
            sentence, speaker = said.get(one.text_sha256), speakers.get(one.speaker_id)
            if one.kept_at and sentence and speaker and (not group or sentence.group == group):
                who = (speaker.code, speaker.consent, speaker.agreed_on, speaker.terms, speaker.licence, speaker.paid)
                found.append(Packed(code, one.key, sentence.text, one.text_sha256, one.take, *who, bool(one.checked_by)))
    return found


def install(
    studio: Studio,
    uow: UnitOfWork,
    recordings: Sequence[Packed],
    now: datetime,
    *,
    replace: bool = False,
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
) -> Installed:
    """Take the recordings of a pack over; their sounds lie on the shelf already. Publish them afterwards."""
    counts = dict.fromkeys(("new", "known", "ours", "withdrawn", "unchecked", "unsaid"), 0)
    kept = {(one.language, one.text_sha256): one for one in uow.voices.all() if one.kept_at}
    said = {(code, one.sha256) for code in studio.languages() for one in studio.sentences(code)}
    for one in recordings:
        ours = kept.get((one.language, one.text_sha256))
        speaker = uow.voices.speaker_by_code(one.speaker)
        if (one.language, one.text_sha256) not in said:
            counts["unsaid"] += 1
        elif one.language != SPANISH and not one.checked:
            counts["unchecked"] += 1
        elif speaker and speaker.withdrawn_on:
            counts["withdrawn"] += 1
        elif ours and ours.take.sound == one.take.sound:
            counts["known"] += 1
        elif ours and not replace:
            counts["ours"] += 1
        else:
            speaker = speaker or _brought(uow, one, new_id())
            facts = (one.language, one.key, one.text_sha256, one.take, speaker.id, Origin.PACK, now, OPERATOR)
            uow.voices.put(Recorded(new_id(), *facts, kept_at=now, checked_by=_checked(one)))
            counts["new"] += 1
    uow.audit.write(AuditEntry(now, OPERATOR, "studio.install"))
    return Installed(**counts)


def _checked(one: Packed) -> str:
    """Who found the translation right stands where the pack was made."""
    return OPERATOR if one.checked else ""


def _brought(uow: UnitOfWork, one: Packed, speaker_id: str) -> Speaker:
    """The speaker of a pack: what she agreed to, and no name."""
    speaker = Speaker(speaker_id, one.speaker, "", one.agreed_on, one.consent, one.licence, one.paid, one.terms)
    uow.voices.add_speaker(speaker)
    return speaker

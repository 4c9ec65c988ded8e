"""The recording studio: what can be recorded, what is, and what becomes of a recording until it is heard, or taken back."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from threading import Lock
from typing import Final, Protocol

from bot.domain.message import Speech
from bot.domain.ports import Clock
from bot.domain.recording import TERMS, Origin, Recorded, Speaker, Take
from bot.domain.store import Store, UnitOfWork

SPANISH: Final = "es"
TAKES_KEPT_S: Final = 24 * 3600.0
"""A take that nobody kept lies on the shelf for a day."""


class Standing(StrEnum):
    """Where a sentence stands in a language. `machine`: only a machine says it; `stale`: its text changed after the recording."""

    MISSING = "missing"
    MACHINE = "machine"
    STALE = "stale"
    WAITING = "waiting"
    RECORDED = "recorded"


class Refused(StrEnum):
    """Why a recording was not kept."""

    NO_SPEAKER = "no_speaker"
    NO_CHECKER = "no_checker"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to record: its name in `content/`, the module or file that it belongs to, its words and their fingerprint."""

    key: str
    group: str
    text: str
    sha256: str

    @property
    def id(self) -> str:
        """Its name in an address."""
        return self.sha256[:32]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in one language: where it stands, and what is heard and what waits of it."""

    sentence: Sentence
    standing: Standing
    kept: Recorded | None = None
    waiting: Recorded | None = None


class Sounds(Protocol):
    """Where sounds lie, and what makes them ready."""

    def prepare(self, sound: bytes, text: str, language: str) -> Take:
        """Measure a recording of that text and make it ready. Raises TakeError, OSError. Takes some tenths of a second."""
        ...

    def read(self, sound: str) -> bytes | None:
        """A sound by its name."""
        ...

    def known(self, sound: str) -> Take | None:
        """The take of that name."""
        ...

    def put(self, data: bytes) -> str:
        """Keep a sound that is ready; gives its name. Raises OSError."""
        ...

    def publish(self, heard: Sequence[tuple[Recorded, Speaker]]) -> None:
        """From now on these are heard, and no others. Raises OSError."""
        ...

    def forget(self, sounds: Iterable[str]) -> None:
        """Delete sounds, and what was made of any recording: what may still be heard is made anew. Raises OSError."""
        ...

    def sweep(self, wanted: Iterable[str], older_than_s: float) -> int:
        """Delete the sounds that nobody wants, and that are older than that. Returns how many. Raises OSError."""
        ...

    def shipped(self, speech: Speech) -> bool:
        """Whether somebody says exactly this, whoever brought it."""
        ...

    def fingerprint(self, text: str) -> str:
        """What names a text."""
        ...

    def languages(self) -> Mapping[str, str]:
        """The languages that live by recordings, their names by code."""
        ...

    def notice(self, language: str) -> Speech:
        """What is said where nothing is recorded in that language."""
        ...


class Studio:
    """Keeps recordings. What it does in a transaction is heard once `publish` was called after it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sounds: Sounds,
        speeches: Callable[[], Iterable[Speech]],
        modules: Callable[[], Mapping[str, str]],
    ) -> None:
        """`speeches` is everything that is said with nothing filled in, `modules` the titles of the modules by id."""
        self._store = store
        self._clock = clock
        self.sounds = sounds
        self._speeches = speeches
        self.modules = modules
        self._lock = Lock()
        self._listed: tuple[date, tuple[Sentence, ...]] | None = None

    def languages(self) -> tuple[str, ...]:
        """Spanish, and those that live by recordings."""
        return (SPANISH, *self.sounds.languages())

    def sentences(self, language: str = SPANISH) -> tuple[Sentence, ...]:
        """Everything that can be recorded, in its order. The first time of a day takes some tenths of a second."""
        today = self._clock.now().date()
        if self._listed is None or self._listed[0] != today:
            modules = self.modules()
            self._listed = (today, tuple(self._sentence(one, modules) for one in self._speeches() if one.catalogue))
        notice = () if language == SPANISH else (self._sentence(self.sounds.notice(language), {}),)
        return (*notice, *self._listed[1])

    def sentence(self, language: str, sentence_id: str) -> Sentence | None:
        """One of them, by its name in an address."""
        return next((one for one in self.sentences(language) if one.id == sentence_id), None)

    def lines(self, uow: UnitOfWork, language: str) -> list[Line]:
        """Every sentence with where it stands in that language."""
        sentences = self.sentences(language)
        recorded = uow.voices.all(language)
        kept = {one.text_sha256: one for one in recorded if one.kept_at}
        waiting = {one.text_sha256: one for one in recorded if not one.kept_at}
        now = {one.sha256 for one in sentences}
        changed = {one.key for one in recorded if one.kept_at and one.text_sha256 not in now}
        return [
            Line(one, self._standing(one, language, kept, waiting, changed), kept.get(one.sha256), waiting.get(one.sha256))
            for one in sentences
        ]

    def _standing(
        self, one: Sentence, language: str, kept: Mapping[str, Recorded], waiting: Mapping[str, Recorded], changed: set[str]
    ) -> Standing:
        if one.sha256 in kept or self.sounds.shipped(Speech(one.text, language)):
            return Standing.RECORDED
        if one.sha256 in waiting:
            return Standing.WAITING
        if one.key in changed:
            return Standing.STALE
        return Standing.MACHINE if language == SPANISH else Standing.MISSING

    def take(self, sound: bytes, sentence: Sentence, language: str) -> Take:
        """Measure what somebody has just recorded. Raises TakeError, OSError. Blocking."""
        return self.sounds.prepare(sound, sentence.text, language)

    def add_speaker(
        self,
        uow: UnitOfWork,
        alias: str,
        licence: str,
        *,
        paid: bool,
        consent: str = "studio",
        terms: str = TERMS,
        member_id: str | None = None,
    ) -> Speaker:
        """She has agreed today."""
        code = f"voz-{secrets.token_hex(3)}"
        facts = (uuid.uuid4().hex, code, alias, self._clock.now().date(), consent, licence, paid, terms)
        speaker = Speaker(*facts, member_id=member_id)
        uow.voices.add_speaker(speaker)
        return speaker

    def record(
        self,
        uow: UnitOfWork,
        sentence: Sentence,
        language: str,
        take: Take,
        *,
        speaker_id: str,
        member_id: str,
        checked_by: str = "",
        origin: Origin = Origin.STUDIO,
        waits: bool = False,
    ) -> Recorded | Refused:
        """Keep a take, or, where it `waits`, put it where somebody of the team listens to it first."""
        speaker = uow.voices.speaker(speaker_id)
        if speaker is None or speaker.withdrawn_on:
            return Refused.NO_SPEAKER
        if language != SPANISH and not checked_by and not waits:
            return Refused.NO_CHECKER
        if self.sounds.read(take.sound) is None:
            return Refused.GONE
        now = self._clock.now()
        facts = (uuid.uuid4().hex, language, sentence.key, sentence.sha256, take, speaker_id, origin, now, member_id)
        recorded = Recorded(*facts, kept_at=None if waits else now, checked_by=checked_by)
        uow.voices.put(recorded)
        return recorded

    def approve(self, uow: UnitOfWork, recorded_id: str, checked_by: str) -> Recorded | Refused:
        """Somebody of the team has listened to what waited, and people may."""
        found = uow.voices.get(recorded_id)
        if found is None or found.kept_at or self.sounds.read(found.take.sound) is None:
            return Refused.GONE
        if found.language != SPANISH and not checked_by:
            return Refused.NO_CHECKER
        uow.voices.keep(recorded_id, self._clock.now(), checked_by)
        return replace(found, checked_by=checked_by)

    def withdraw(self, uow: UnitOfWork, speaker_id: str) -> tuple[str, ...] | None:
        """She takes her voice back. The sounds to be deleted once that is on disk; None where there is no such speaker."""
        if uow.voices.speaker(speaker_id) is None:
            return None
        hers = tuple(one.take.sound for one in uow.voices.all() if one.speaker_id == speaker_id)
        uow.voices.withdraw(speaker_id, self._clock.now().date())
        return hers

    def publish(self, gone: Iterable[str] = ()) -> None:
        """Have everybody hear what the database says, and nothing else; delete those sounds. Raises StorageError, OSError.

        Blocking.
        """
        with self._lock:
            recordings, speakers = self._store.submit(lambda uow: (uow.voices.all(), uow.voices.speakers())).result()
            known = {one.id: one for one in speakers if not one.withdrawn_on}
            heard = [(one, known[one.speaker_id]) for one in recordings if one.kept_at and one.speaker_id in known]
            self.sounds.publish(heard)
            if gone := set(gone):
                self.sounds.forget(gone - {one.take.sound for one in recordings})

    def sweep(self) -> int:
        """Delete what nobody kept. Returns how many sounds. Raises StorageError, OSError. Blocking."""
        with self._lock:
            recordings = self._store.submit(lambda uow: uow.voices.all()).result()
            return self.sounds.sweep((one.take.sound for one in recordings), TAKES_KEPT_S)

    def _sentence(self, speech: Speech, modules: Mapping[str, str]) -> Sentence:
        module = speech.key.partition("/")[0]
        group = module if module in modules else speech.key.partition(".")[0] if "." in speech.key else "polls"
        return Sentence(speech.key, group, speech.text, self.sounds.fingerprint(speech.text))

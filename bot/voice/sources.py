"""Where the sound of a speech comes from: a human recording, an engine, or, of an unrecorded language, Spanish after a notice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

import numpy as np

from bot.domain.errors import ContentError, SpeakingError
from bot.domain.message import Speech
from bot.domain.recording import TAKE
from bot.voice.engines import Voices
from bot.voice.languages import SPANISH, Languages, synthesised
from bot.voice.loudness import as_float, as_pcm, levelled, trimmed
from bot.voice.pronunciation import Pronunciation
from bot.voice.recordings import Recording, Recordings
from bot.voice.shelf import Shelf
from bot.voice.speaking import MAX_SPEECH_CHARS, Pcm, Speaker
from bot.voice.transcoding import decode, resampled, stretched

HUMAN: Final = "recording"
"""The name of a source that is a person's voice."""

_SLOWER: Final = 0.85
_RECORDING_RATE: Final = 48_000
_LONGEST_RECORDING_S: Final = 90.0
_PAUSE_S: Final = 0.35


@dataclass(frozen=True, slots=True)
class Source:
    """One way to come by a sound. `facts` change whenever it would sound otherwise; `online` ones are not asked in haste.

    `sound` raises VoiceError, and OSError where a file cannot be read. In a `human` one a person is heard.
    """

    name: str
    facts: tuple[str, ...]
    sound: Callable[[], Pcm]
    online: bool = False
    entry: Recording | None = None
    version: str = ""
    human: bool = False

    @property
    def voice(self) -> str:
        """Whose voice it is: an engine with its version, or a person's."""
        return f"{self.name} {self.version}".strip()


class Sources:
    """Knows the recordings and the engines. The files of `audio/` are read with the first speech."""

    def __init__(self, voices: Voices, audio_dir: Path, shelf: Shelf, note: Callable[[str, str, Exception], None]) -> None:
        """`note` is told (event, key, error) of a recording or manifest that cannot be used."""
        self._voices = voices
        self._audio_dir = audio_dir
        self._shelf = shelf
        self._note = note

    @cached_property
    def _shipped(self) -> Recordings:
        return Recordings(self._audio_dir)

    @property
    def recordings(self) -> tuple[Recordings, ...]:
        """The human recordings, those of the studio first. Raises ContentError."""
        return self._shelf.current, self._shipped

    @cached_property
    def pronunciation(self) -> Pronunciation:
        """How Spanish is said. Raises ContentError."""
        return Pronunciation(self._audio_dir)

    @cached_property
    def languages(self) -> Languages:
        """Languages without synthesis. Raises ContentError."""
        return Languages.read(self._audio_dir)

    def of(self, speech: Speech) -> Iterator[Source]:
        """Every way to say it, the best first. Raises SpeakingError for a text that no voice note can hold, ContentError."""
        if speech.key.startswith(TAKE):
            yield from self._take(speech)
            return
        if (recording := self._recording(speech)) is not None:
            yield recording
        if synthesised(speech.language):
            yield from self._engines(speech)
        else:
            yield from self._in_spanish(speech)

    def _recording(self, speech: Speech) -> Source | None:
        for studio in (True, False):
            try:
                recordings = self._shelf.current if studio else self._shipped
                entry = recordings.find(speech.text, speech.language)
            except ContentError as error:
                self._note("voice.manifest_broken", speech.key, error)
                continue
            if entry is None:
                continue
            try:
                data = recordings.path(entry).read_bytes()
            except OSError as error:
                self._note("voice.recording_broken", entry.key, error)
                continue
            return _human(data, speech, entry)
        return None

    def _take(self, speech: Speech) -> Iterator[Source]:
        """What somebody has just recorded."""
        if data := self._shelf.read(speech.key.removeprefix(TAKE)):
            yield _human(data, speech, None)

    def _engines(self, speech: Speech) -> Iterator[Source]:
        spoken = self._said_as(speech.text)
        if not spoken:
            return
        for speaker in self._speakers(speech):
            facts = (spoken, speech.language, "slow" if speech.slow else "normal", speaker.name, speaker.version)
            say = partial(speaker.speak, spoken, slow=speech.slow)
            yield Source(speaker.name, facts, say, online=speaker is self._voices.online, version=speaker.version)

    def _in_spanish(self, speech: Speech) -> Iterator[Source]:
        """A notice in her language, where somebody recorded it, or in Spanish; then the sentence in Spanish."""
        notice = self.languages.notice(speech)
        in_spanish = (source for source in self.of(replace(notice, language=SPANISH)) if not source.online)
        notices = [notice for notice in (self._recording(notice), next(in_spanish, None)) if notice]
        for source in self.of(replace(speech, language=SPANISH)):
            for before in notices:
                facts = ("notice", *before.facts, *source.facts)
                sound = partial(_one_after_the_other, before, source)
                yield replace(source, facts=facts, sound=sound, entry=None, human=before.human or source.human)

    def _said_as(self, text: str) -> str:
        """The words for an engine."""
        spoken = self.pronunciation.of(text) if len(text) <= 2 * MAX_SPEECH_CHARS else text
        if len(spoken) > MAX_SPEECH_CHARS:
            raise SpeakingError(f"the text has {len(spoken)} characters; split it: a minute holds some 900")
        return spoken

    def _speakers(self, speech: Speech) -> Iterator[Speaker]:
        """The engines that may say it, the best first: online never what is not of the catalogue."""
        if self._voices.online is not None and speech.catalogue:
            yield self._voices.online
        yield from self._voices.local


def _human(data: bytes, speech: Speech, entry: Recording | None) -> Source:
    facts = (HUMAN, hashlib.sha256(data).hexdigest(), str(speech.slow))
    return Source(HUMAN, facts, partial(_played, data, slow=speech.slow), entry=entry, human=True)


def _played(data: bytes, *, slow: bool) -> Pcm:
    """A recording; slower on wish. Raises AudioError."""
    signal = decode(data, rate=_RECORDING_RATE, limit_s=_LONGEST_RECORDING_S)
    return as_pcm(stretched(signal, _RECORDING_RATE, _SLOWER) if slow else signal, _RECORDING_RATE)


def _one_after_the_other(before: Source, after: Source) -> Pcm:
    """Two sounds, equally loud, a breath apart."""
    first, second = before.sound(), after.sound()
    rate = max(first.rate, second.rate)
    signals = [resampled(levelled(trimmed(as_float(pcm), pcm.rate), pcm.rate), pcm.rate, rate) for pcm in (first, second)]
    return as_pcm(np.concatenate([signals[0], np.zeros(int(_PAUSE_S * rate), np.float32), signals[1]]), rate)

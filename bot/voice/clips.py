"""The clip library: a human recording where there is one, else what was synthesised before, else synthesised now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final

from bot.domain.errors import AudioError, ContentError, SpeakingError, VoiceError
from bot.domain.message import Clip, Speech
from bot.domain.ports import Notebook
from bot.voice.cache import Cache, clip_name
from bot.voice.checking import AudioCheck, check_recordings
from bot.voice.engines import Voices
from bot.voice.loudness import as_pcm
from bot.voice.pronunciation import Pronunciation
from bot.voice.recordings import Recording, Recordings
from bot.voice.speaking import MAX_SPEECH_CHARS, Speaker
from bot.voice.transcoding import Form, decode, encode, mastered

SYNTHESISED: Final = frozenset({"es"})
"""The languages that an engine speaks. All others are heard from recordings or not at all."""

_RENDERING: Final = "1"
"""Raise it when the same sound would be trimmed, levelled or encoded otherwise: old clips are then made anew."""

_SLOWER: Final = 0.85
_MAX_TEMPO: Final = 1.25
# Slow speech that lasts too long may lose its slowness as well: an engine's slow pace is some 0.78 of its own.
_MAX_TEMPO_OF_SLOW: Final = 1.6
_RECORDING_RATE: Final = 48_000
_LONGEST_RECORDING_S: Final = 90.0
_LOCKS: Final = 64


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What became of many clips. `failed` names the speeches (their keys) that have no voice, and why."""

    made: int = 0
    kept: int = 0
    failed: tuple[tuple[str, str], ...] = ()


class Clips:
    """Finds and makes voice notes. Implements `bot.domain.ports.ClipLibrary`; safe for several threads and processes.

    A text that takes more than 60 s is said up to a quarter faster. Where that does not suffice there is no clip, because half
    a lesson is worse than none: `build` reports it, and the text must be split in `content/`.
    """

    def __init__(self, voices: Voices, audio_dir: Path, folder: Path, *, log: Notebook) -> None:
        self._voices = voices
        self._audio_dir = audio_dir
        self._cache = Cache(folder)
        self._log = log
        self._locks = tuple(Lock() for _ in range(_LOCKS))
        self._noted: set[str] = set()

    @cached_property
    def recordings(self) -> Recordings:
        """The human recordings. Raises ContentError."""
        return Recordings(self._audio_dir)

    @cached_property
    def pronunciation(self) -> Pronunciation:
        """How Spanish is said. Raises ContentError."""
        return Pronunciation(self._audio_dir)

    def clip(self, speech: Speech, *, call: bool = False) -> Clip | None:
        """A clip of at most 60 s: OGG/Opus, or mu-law WAV for a call. None where no voice can be had; never raises for that.

        The online engine is not asked here, because somebody waits: what `build` had from it is used.
        """
        try:
            return self._get(speech, Form.CALL if call else Form.NOTE, online=False)[0]
        except (VoiceError, ContentError, OSError) as error:
            self._log_once(f"voice.no_clip.{type(error).__name__}", key=speech.key, reason=_reason(error))
            return None

    def find(self, name: str) -> Clip | None:
        """The clip of that name, where it still lies on disk. Takes any string: no name leads out of the cache."""
        try:
            return self._cache.find(name)
        except OSError:
            return None

    def build(
        self,
        speeches: Iterable[Speech],
        *,
        call: bool = False,
        online: bool = True,
        progress: Callable[[int, int], None] | None = None,
    ) -> BuildReport:
        """Make many clips beforehand, catalogue texts by the online engine where there is one.

        `progress` is told how many are done, of how many. Never raises for a text; raises ContentError for a broken manifest
        or pronunciation file.
        """
        wanted = list(dict.fromkeys(speeches))
        _ = self.recordings, self.pronunciation
        made = kept = 0
        failed: list[tuple[str, str]] = []
        for done, speech in enumerate(wanted, 1):
            try:
                clip, new = self._get(speech, Form.CALL if call else Form.NOTE, online=online)
            except (VoiceError, OSError) as error:
                failed.append((speech.key, _reason(error)))
            else:
                if clip is None:
                    failed.append((speech.key, "no recording, and no engine speaks it"))
                made += clip is not None and new
                kept += clip is not None and not new
            if progress:
                progress(done, len(wanted))
        return BuildReport(made, kept, tuple(failed))

    def check(self, speeches: Iterable[Speech]) -> AudioCheck:
        """Compare the recordings with what is said now. Raises ContentError where the manifest cannot be read."""
        return check_recordings(self.recordings, speeches)

    def prune(self, older_than_s: float) -> int:
        """Delete clips with a date, a place or a name in them that are older than that. Returns how many."""
        return self._cache.prune(older_than_s)

    def close(self) -> None:
        """Let the engines go."""
        for speaker in self._voices.local + ((self._voices.online,) if self._voices.online else ()):
            speaker.close()

    def _get(self, speech: Speech, form: Form, *, online: bool) -> tuple[Clip | None, bool]:
        """The clip, and whether it had to be made."""
        recording = self._recording(speech)
        if recording is not None:
            try:
                return self._from_recording(recording, speech, form)
            except (AudioError, FileNotFoundError) as error:
                self._log_once("voice.recording_broken", key=recording.key, reason=_reason(error))
        if speech.language.split("-")[0] not in SYNTHESISED:
            return None, False
        spoken = self._said_as(speech.text)
        if not spoken:
            return None, False
        speakers = list(self._speakers(speech))
        names = [_name(speaker, spoken, speech, form) for speaker in speakers]
        for speaker, name in zip(speakers, names, strict=True):
            if online and speaker is self._voices.online:
                break
            if (clip := self._cache.find(name)) is not None:
                return clip, False
        return self._spoken(spoken, speech, form, [s for s in speakers if online or s is not self._voices.online])

    def _said_as(self, text: str) -> str:
        """The words for an engine. Raises SpeakingError for a text that no voice note can hold."""
        spoken = self.pronunciation.of(text) if len(text) <= 2 * MAX_SPEECH_CHARS else text
        if len(spoken) > MAX_SPEECH_CHARS:
            raise SpeakingError(f"the text has {len(spoken)} characters; split it: a minute holds some 900")
        return spoken

    def _speakers(self, speech: Speech) -> Iterator[Speaker]:
        """The engines that may say it, the best first: online never what is not of the catalogue."""
        if self._voices.online is not None and speech.catalogue:
            yield self._voices.online
        yield from self._voices.local

    def _spoken(self, spoken: str, speech: Speech, form: Form, speakers: list[Speaker]) -> tuple[Clip | None, bool]:
        failure: VoiceError | None = None
        for speaker in speakers:
            name = _name(speaker, spoken, speech, form)
            with self._locks[hash(name) % _LOCKS]:
                if (clip := self._cache.find(name)) is not None:
                    return clip, False
                try:
                    pcm = speaker.speak(spoken, slow=speech.slow)
                    ready = mastered(pcm, max_tempo=_MAX_TEMPO_OF_SLOW if speech.slow else _MAX_TEMPO)
                    return self._cache.save(name, encode(ready, form)), True
                except (SpeakingError, AudioError) as error:
                    failure = error
                    self._log_once(f"voice.engine_failed.{speaker.name}", key=speech.key, reason=_reason(error))
        if failure is not None:
            raise failure
        return None, False

    def _recording(self, speech: Speech) -> Recording | None:
        try:
            return self.recordings.find(speech.text, speech.language)
        except ContentError as error:
            self._log_once("voice.manifest_broken", reason=_reason(error))
            return None

    def _from_recording(self, recording: Recording, speech: Speech, form: Form) -> tuple[Clip | None, bool]:
        data = self.recordings.path(recording).read_bytes()
        name = clip_name(_RENDERING, "recording", hashlib.sha256(data).hexdigest(), str(speech.slow), form=form, lasting=True)
        with self._locks[hash(name) % _LOCKS]:
            if (clip := self._cache.find(name)) is not None:
                return clip, False
            signal = decode(data, rate=_RECORDING_RATE, limit_s=_LONGEST_RECORDING_S)
            tempo = _SLOWER if speech.slow else 1.0
            ready = mastered(as_pcm(signal, _RECORDING_RATE), tempo=tempo, max_tempo=_MAX_TEMPO)
            return self._cache.save(name, encode(ready, form)), True

    def _log_once(self, event: str, **facts: str) -> None:
        """One line for a thing that would otherwise be said at every reply."""
        if event not in self._noted:
            self._noted.add(event)
            self._log.event(event, **facts)


def _name(speaker: Speaker, spoken: str, speech: Speech, form: Form) -> str:
    facts = (_RENDERING, spoken, speech.language, "slow" if speech.slow else "normal", speaker.name, speaker.version)
    return clip_name(*facts, form=form, lasting=speech.catalogue)


def _reason(error: Exception) -> str:
    """An error in words that hold no person's text: ours are written so, the disk's are cut to their kind."""
    return str(error.strerror) if isinstance(error, OSError) else str(error)

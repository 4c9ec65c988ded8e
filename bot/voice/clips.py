"""The clip library: a human recording where there is one, else what was synthesised before, else synthesised now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from bot.domain.errors import AudioError, ContentError, SpeakingError, VoiceError
from bot.domain.message import Clip, Speech
from bot.domain.ports import Notebook
from bot.voice import team_voice
from bot.voice.cache import Cache, clip_name
from bot.voice.checking import AudioCheck, check_recordings
from bot.voice.engines import Voices
from bot.voice.languages import SPANISH
from bot.voice.shelf import Shelf
from bot.voice.sources import HUMAN, Source, Sources
from bot.voice.speaking import Pcm
from bot.voice.transcoding import Form, encode, mastered

_RENDERING: Final = "2"
"""Raise it when the same sound would be trimmed, levelled or encoded otherwise: old clips are then made anew."""

_MAX_TEMPO: Final = 1.25
# Slow speech that lasts too long may lose its slowness as well: an engine's slow pace is some 0.78 of its own.
_MAX_TEMPO_OF_SLOW: Final = 1.6
_LOCKS: Final = 64


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What became of many clips. `failed` names the speeches (their keys) that have no voice, and why.

    `replaced` counts clips that another voice than the best one speaks, because that one failed: lastly for the reason `why`.
    """

    made: int = 0
    kept: int = 0
    replaced: int = 0
    why: str = ""
    failed: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: BuildReport) -> BuildReport:
        """Both together."""
        return BuildReport(
            self.made + other.made,
            self.kept + other.kept,
            self.replaced + other.replaced,
            other.why or self.why,
            self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A clip with its source, whether it had to be made, and why a better source gave none."""

    clip: Clip
    source: Source
    new: bool
    failure: Exception | None = None


class Clips:
    """Finds and makes voice notes. Implements `bot.domain.ports.ClipLibrary`; safe for several threads and processes.

    A text that takes more than 60 s is said up to a quarter faster. Where that does not suffice there is no clip, because half
    a lesson is worse than none: `build` reports it, and the text must be split in `content/`.
    """

    def __init__(self, voices: Voices, audio_dir: Path, folder: Path, *, log: Notebook, shelf: Shelf | None = None) -> None:
        """Without a shelf of its own the studio's is beside the clips."""
        self._voices = voices
        self.shelf = shelf or Shelf(folder.parent / "recordings")
        self._sources = Sources(voices, audio_dir, self.shelf, self._note)
        self._cache = Cache(folder)
        self._log = log
        self._locks = tuple(Lock() for _ in range(_LOCKS))
        self._noted: set[str] = set()
        self._latest: tuple[tuple[str, ...], Pcm] | None = None

    def clip(self, speech: Speech, *, call: bool = False) -> Clip | None:
        """A clip of at most 60 s: OGG/Opus, or mu-law WAV for a call. None where no voice can be had; never raises for that.

        The online engine is not asked here, because somebody waits: what `build` had from it is used.
        """
        form = Form.CALL if call else Form.NOTE
        if team_voice.is_recorded(speech.key):
            # Nobody else's voice stands in for hers.
            return self.find(team_voice.name_of(speech.key, form))
        try:
            found = self._get(speech, form, online=False)
        except (VoiceError, ContentError, OSError) as error:
            self._note(f"voice.no_clip.{type(error).__name__}", speech.key, error)
            return None
        return found.clip if found else None

    def find(self, name: str) -> Clip | None:
        """The clip of that name, where it still lies on disk. Takes any string: no name leads out of the cache."""
        try:
            return self._cache.find(name)
        except OSError:
            return None

    def record(self, sound: bytes) -> str:
        """Keep what somebody of the team has recorded; gives the key by which a speech says it. Raises AudioError, OSError."""
        key, files = team_voice.prepared(sound)
        for name, data in files.items():
            self._cache.save(name, data)
        return key

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
        _ = self._sources.recordings, self._sources.pronunciation, self._sources.languages
        report = BuildReport()
        for done, speech in enumerate(wanted, 1):
            report += self._built(speech, Form.CALL if call else Form.NOTE, online=online)
            if progress:
                progress(done, len(wanted))
        return report

    def _built(self, speech: Speech, form: Form, *, online: bool) -> BuildReport:
        try:
            found = self._get(speech, form, online=online)
        except (VoiceError, OSError) as error:
            return BuildReport(failed=((speech.key, _reason(error)),))
        if found is None:
            return BuildReport(failed=((speech.key, "no recording, and no engine speaks it"),))
        why = _reason(found.failure) if found.failure else ""
        return BuildReport(int(found.new), int(not found.new), int(found.failure is not None), why)

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        """Spanish and the languages that live by recordings. Raises ContentError."""
        return (SPANISH, *self._sources.languages.recorded)

    def check(self, speeches: Iterable[Speech], *, language: str = "") -> AudioCheck:
        """Compare the recordings with what is said now. Raises ContentError where a manifest cannot be read."""
        return check_recordings(self._sources.recordings, self._sources.languages, speeches, self.kept, language=language)

    def kept(self, speech: Speech, *, call: bool = False) -> Found | None:
        """The clip that lies on disk and would be used, without making one. Raises VoiceError, ContentError, OSError."""
        form = Form.CALL if call else Form.NOTE
        for source in self._sources.of(speech):
            if (clip := self._cache.find(_name(source, speech, form))) is not None:
                return Found(clip, source, new=False)
        return None

    def forget_human(self) -> int:
        """Delete the clips in which somebody of the studio is heard, because one took her voice back. Returns how many."""
        self._latest = None
        return self._cache.forget_human()

    def prune(self, older_than_s: float) -> int:
        """Delete clips with a date, a place or a name in them that are older than that. Returns how many."""
        return self._cache.prune(older_than_s)

    def close(self) -> None:
        """Let the engines go."""
        for speaker in self._voices.local + ((self._voices.online,) if self._voices.online else ()):
            speaker.close()

    def _get(self, speech: Speech, form: Form, *, online: bool) -> Found | None:
        """The clip of the best source that has a sound. Raises what the last one failed with."""
        failure: VoiceError | OSError | None = None
        for source in self._sources.of(speech):
            name = _name(source, speech, form)
            with self._locks[hash(name) % _LOCKS]:
                if (clip := self._cache.find(name)) is not None:
                    return Found(clip, source, new=False, failure=failure)
                if source.online and not online:
                    continue
                try:
                    return Found(self._made(source, speech, form, name), source, new=True, failure=failure)
                except (SpeakingError, AudioError) as error:
                    failure = error
                    event = "voice.recording_broken" if source.name == HUMAN else f"voice.engine_failed.{source.name}"
                    self._note(event, speech.key, error)
        if failure is not None:
            raise failure
        return None

    def _made(self, source: Source, speech: Speech, form: Form, name: str) -> Clip:
        """A new clip. The latest sound is kept: a voice note and its telephone form are often wanted one after the other."""
        latest = self._latest
        pcm = latest[1] if latest and latest[0] == source.facts else source.sound()
        self._latest = (source.facts, pcm)
        ready = mastered(pcm, form, max_tempo=_MAX_TEMPO_OF_SLOW if speech.slow else _MAX_TEMPO)
        return self._cache.save(name, encode(ready, form))

    def _note(self, event: str, key: str, error: Exception) -> None:
        """One line for a thing that would otherwise be said at every reply."""
        if event not in self._noted:
            self._noted.add(event)
            self._log.event(event, key=key, reason=_reason(error))


def _name(source: Source, speech: Speech, form: Form) -> str:
    return clip_name(_RENDERING, *source.facts, form=form, lasting=speech.catalogue, human=source.human)


def _reason(error: Exception) -> str:
    """An error in words that hold no person's text: ours are written so, the disk's are cut to their kind."""
    return str(error.strerror) if isinstance(error, OSError) else str(error)

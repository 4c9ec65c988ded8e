"""Puts together for `wiring` what people record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.domain.message import Speech
from bot.domain.person import Country
from bot.domain.ports import Clock
from bot.domain.recording import Recorded, Speaker, Take
from bot.domain.store import Store
from bot.lessons.catalogue import Catalogue
from bot.outreach.field_recordings import RecordingWork
from bot.outreach.studio import Studio
from bot.running import after_step
from bot.settings import Settings
from bot.voice.clips import Clips
from bot.voice.languages import UNRECORDED, HeardLanguages, Languages
from bot.voice.recordings import Recording, fingerprint
from bot.voice.shelf import Shelf, sound_file
from bot.voice.takes import prepared
from bot.voice.transcoding import duration_s

SHELF: Final = "recordings"


def heard_languages(settings: Settings) -> HeardLanguages:
    """What somebody has recorded, by language."""
    return HeardLanguages(settings.audio_dir, Shelf(settings.data_dir / SHELF))


class StudioSounds:
    """`bot.outreach.studio.Sounds` on the shelf of a clip library."""

    def __init__(self, settings: Settings, clips: Clips) -> None:
        self._clips = clips
        self._settings = settings
        self._heard = HeardLanguages(settings.audio_dir, clips.shelf)

    def prepare(self, sound: bytes, text: str, language: str) -> Take:
        """Measure a recording of that text and make it ready."""
        return prepared(sound, text, language, self._clips.shelf.put)

    def read(self, sound: str) -> bytes | None:
        """A sound by its name."""
        return self._clips.shelf.read(sound)

    def known(self, sound: str) -> Take | None:
        """The take of that name."""
        data = self.read(sound)
        return Take(sound, round(duration_s(data), 2), len(data)) if data else None

    def put(self, data: bytes) -> str:
        """Keep a sound that is ready; gives its name. Raises OSError."""
        return self._clips.shelf.put(data)

    def publish(self, heard: Sequence[tuple[Recorded, Speaker]]) -> None:
        """From now on these are heard, and no others."""
        self._clips.shelf.publish(entry_of(recorded, speaker) for recorded, speaker in heard)

    def forget(self, sounds: Iterable[str]) -> None:
        """Delete sounds, and what was made of any recording."""
        self._clips.shelf.forget(sounds)
        self._clips.forget_human()

    def sweep(self, wanted: Iterable[str], older_than_s: float) -> int:
        """Delete the sounds that nobody wants, and that are older than that."""
        return self._clips.shelf.sweep(wanted, older_than_s)

    def shipped(self, speech: Speech) -> bool:
        """Whether somebody says exactly this."""
        return self._heard.recorded(speech)

    def fingerprint(self, text: str) -> str:
        """What names a text."""
        return fingerprint(text)

    def languages(self) -> Mapping[str, str]:
        """The languages that live by recordings, their names by code."""
        return self._heard.names()

    def notice(self, language: str) -> Speech:
        """What is said where nothing is recorded in that language."""
        return Speech(Languages.read(self._settings.audio_dir).unrecorded, language, key=UNRECORDED)


def entry_of(recorded: Recorded, speaker: Speaker) -> Recording:
    """A line of the index: who it is stands in the database alone."""
    return Recording(
        file=sound_file(recorded.take.sound),
        key=recorded.key,
        language=recorded.language,
        text_sha256=recorded.text_sha256,
        speaker=speaker.code,
        consent=speaker.consent,
        source=recorded.origin.value,
        licence=speaker.licence,
        duration_s=recorded.take.duration_s,
        size_bytes=recorded.take.size_bytes,
    )


def recording_work(studio: Studio, library: Catalogue) -> RecordingWork:
    """What facilitators record from their phones."""
    return RecordingWork(studio, library, after_step(library))


def build_studio(settings: Settings, store: Store, library: Catalogue, clock: Clock, clips: Clips) -> Studio:
    """What people record."""

    def modules() -> dict[str, str]:
        return {module.id: module.title for country in reversed(Country) for module in library.modules(country)}

    return Studio(store, clock, StudioSounds(settings, clips), lambda: library.speeches(after_step(library)), modules)

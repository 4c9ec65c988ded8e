"""Comparing the recordings with what is said now: what nobody has recorded, what has changed since, what nobody says any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.errors import AudioError, ContentError
from bot.domain.message import Speech
from bot.voice.languages import SPANISH, UNRECORDED, Languages, synthesised
from bot.voice.recordings import Recording, Recordings, fingerprint
from bot.voice.transcoding import LISTENING_RATE, decode

_TOLERANCE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A sentence without a recording: `text_sha256` is what its line of the manifest will need, `text` what is to be said."""

    key: str
    language: str
    text_sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class AudioCheck:
    """What was found. `missing` lacks a human recording, `silent` even a clip on disk; neither is an error, the others are."""

    recorded: int
    missing: tuple[Unrecorded, ...]
    silent: tuple[str, ...]
    stale: tuple[ContentError, ...]
    orphaned: tuple[ContentError, ...]
    broken: tuple[ContentError, ...]

    @property
    def problems(self) -> tuple[ContentError, ...]:
        """Everything that somebody must mend."""
        return self.stale + self.orphaned + self.broken


def check_recordings(
    folders: Iterable[Recordings],
    languages: Languages,
    speeches: Iterable[Speech],
    kept: Callable[[Speech], object | None],
    *,
    language: str = "",
) -> AudioCheck:
    """Compare the manifests with the catalogue's speeches (those with something filled in are never recorded).

    A recording in a language without synthesis belongs to a Spanish text. Missing is what Spanish lacks, and each such language
    in which there is any recording; or what `language` lacks. `kept` finds a sentence's clip.
    """
    folders = tuple(folders)
    said = [speech for speech in dict.fromkeys(speeches) if speech.catalogue]
    notice = Speech(languages.unrecorded, key=UNRECORDED)
    hashes: set[str] = set()
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for speech in (*said, notice):
        hashes.add(fingerprint(speech.text))
        keys[speech.key].append(fingerprint(speech.text))
    stale: list[ContentError] = []
    orphaned: list[ContentError] = []
    broken: list[ContentError] = []
    for recordings in folders:
        for entry in recordings.entries:
            if entry.text_sha256 not in hashes:
                if now := keys.get(entry.key):
                    text = f"{entry.file}: the text of {entry.key} changed after the recording; it is now {' or '.join(now)}"
                    stale.append(recordings.fault(entry, text))
                else:
                    orphaned.append(recordings.fault(entry, f"{entry.file}: nothing says {entry.key} any more"))
            if fault := _fault_of(recordings.path(entry), entry):
                broken.append(recordings.fault(entry, f"{entry.file}: {fault}"))
        orphaned += [recordings.stranger(path) for path in recordings.strangers()]
    begun = {entry.language for recordings in folders for entry in recordings.entries}
    wanted = [language] if language else [SPANISH, *sorted(begun - {SPANISH})]
    missing = {
        (one, speech.key, fingerprint(speech.text)): Unrecorded(speech.key, one, fingerprint(speech.text), speech.text)
        for one in wanted
        for speech in ([] if synthesised(one) else [notice]) + said
        if not any(recordings.find(speech.text, one) for recordings in folders)
    }
    silent = tuple(speech.key for speech in said if kept(speech) is None)
    recorded = sum(len(recordings.entries) for recordings in folders)
    return AudioCheck(recorded, tuple(missing.values()), silent, tuple(stale), tuple(orphaned), tuple(broken))


def _fault_of(path: Path, entry: Recording) -> str | None:
    """Where a file is not what its entry says."""
    try:
        data = path.read_bytes()
        length_s = len(decode(data, limit_s=120.0)) / LISTENING_RATE
    except OSError:
        return "the file is not there"
    except AudioError as error:
        return str(error)
    if len(data) != entry.size_bytes:
        return f"the file has {len(data)} bytes, the manifest says {entry.size_bytes}"
    if abs(length_s - entry.duration_s) > _TOLERANCE_S:
        return f"the file lasts {length_s:.1f} s, the manifest says {entry.duration_s}"
    return None

"""Comparing the recordings with what is said now: what nobody has recorded, what has changed since, what nobody says any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.errors import AudioError, ContentError
from bot.domain.message import Speech
from bot.voice.recordings import MANIFEST, Recording, Recordings, fingerprint
from bot.voice.transcoding import LISTENING_RATE, decode

_TOLERANCE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A sentence without a recording: the `text_sha256` is what its line of the manifest will need."""

    key: str
    language: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class AudioCheck:
    """What was found. `missing` is no error where an engine speaks the language; each of the others is one."""

    recorded: int
    missing: tuple[Unrecorded, ...]
    stale: tuple[ContentError, ...]
    orphaned: tuple[ContentError, ...]
    broken: tuple[ContentError, ...]

    @property
    def problems(self) -> tuple[ContentError, ...]:
        """Everything that somebody must mend."""
        return self.stale + self.orphaned + self.broken


def check_recordings(recordings: Recordings, speeches: Iterable[Speech]) -> AudioCheck:
    """Compare the manifest with the catalogue's speeches (those with something filled in are never recorded)."""
    said = [speech for speech in dict.fromkeys(speeches) if speech.catalogue]
    hashes = {(speech.language, fingerprint(speech.text)) for speech in said}
    keys: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for speech in said:
        keys[speech.language, speech.key].append(fingerprint(speech.text))
    stale, orphaned, broken = [], [], []
    for entry in recordings.entries:
        if (entry.language, entry.text_sha256) not in hashes:
            if now := keys.get((entry.language, entry.key)):
                text = f"{entry.file}: the text of {entry.key} changed after the recording; it is now {' or '.join(now)}"
                stale.append(recordings.fault(entry, text))
            else:
                orphaned.append(recordings.fault(entry, f"{entry.file}: nothing says {entry.key} in {entry.language} any more"))
        if fault := _fault_of(recordings.path(entry), entry):
            broken.append(recordings.fault(entry, f"{entry.file}: {fault}"))
    manifest = str(recordings.folder / MANIFEST)
    orphaned += [
        ContentError(manifest, 0, f"{path.name}: the manifest does not name this file") for path in recordings.strangers()
    ]
    missing = {
        (speech.language, speech.key, fingerprint(speech.text)): None
        for speech in said
        if recordings.find(speech.text, speech.language) is None
    }
    unrecorded = tuple(Unrecorded(key, language, digest) for language, key, digest in missing)
    return AudioCheck(len(recordings.entries), unrecorded, tuple(stale), tuple(orphaned), tuple(broken))


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

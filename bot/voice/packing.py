"""One file with every voice note: for a server that cannot make them, or for a memory card."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.domain.message import Speech
from bot.voice.clips import Clips, Found
from bot.voice.recordings import fingerprint


@dataclass(frozen=True, slots=True)
class Packed:
    """A line of the pack's manifest. A machine's clip has no speaker, consent or licence; its `source` is engine and version."""

    file: str
    key: str
    language: str
    text: str
    text_sha256: str
    source: str
    speaker: str | None
    consent: str | None
    licence: str | None
    duration_s: float
    size_bytes: int


def pack(clips: Clips, speeches: Iterable[Speech], target: Path, *, calls: bool = False) -> tuple[int, list[str]]:
    """Write the clips that lie on disk, with `manifest.json`, as a ZIP file that is whole or not there.

    With `calls` their telephone forms too. Returns how many clips, and the keys of sentences without one. Raises OSError,
    VoiceError, ContentError.
    """
    lines: dict[str, dict[str, Any]] = {}
    silent: list[str] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        partial = Path(file.name)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for speech in speeches:
                    for call in (False, True) if calls else (False,):
                        _add(archive, lines, silent, speech, clips.kept(speech, call=call))
                manifest = {"version": 1, "clips": list(lines.values())}
                archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
            partial.chmod(0o644)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    return len(lines), list(dict.fromkeys(silent))


def _add(
    archive: zipfile.ZipFile, lines: dict[str, dict[str, Any]], silent: list[str], speech: Speech, found: Found | None
) -> None:
    if found is None:
        silent.append(speech.key)
        return
    clip, entry = found.clip, found.source.entry
    name = f"clips/{clip.name}"
    if name in lines:
        return
    archive.write(clip.path, name)
    lines[name] = asdict(
        Packed(
            name,
            speech.key,
            speech.language,
            speech.text,
            fingerprint(speech.text),
            entry.source if entry else found.source.voice,
            entry.speaker if entry else None,
            entry.consent if entry else None,
            entry.licence if entry else None,
            round(clip.duration_s, 2),
            Path(clip.path).stat().st_size,
        )
    )

"""Speaking: engines, sound files and the clip library. Reads `audio/`.

Importing this package costs nothing: whatever needs numpy, PyAV or an engine is imported when it is first used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.ports import Notebook

if TYPE_CHECKING:
    from bot.voice.clips import Clips


def build_clips(tts: str, data_dir: Path, audio_dir: Path, *, log: Notebook, gtts_url: str = "") -> Clips:
    """The clip library for a setting of `BATEA_TTS` (auto, pico, espeak, gtts or off).

    `data_dir` takes the cache (in `clips/`), `audio_dir` holds the recordings, their manifest and `pronunciation.yml`.
    `gtts_url` aims the online engine at another server. Cheap: engines start and files are read at the first clip.
    Raises ConfigurationError for an engine that was asked for by name and is not installed.
    """
    from bot.voice.clips import Clips  # noqa: PLC0415 - heavy: numpy and PyAV
    from bot.voice.engines import choose_voices  # noqa: PLC0415 - likewise

    return Clips(choose_voices(tts, gtts_url=gtts_url), audio_dir, data_dir / "clips", log=log)

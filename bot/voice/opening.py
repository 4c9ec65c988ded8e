"""How the room is entered: from settings to a clip library."""

from __future__ import annotations

from pathlib import Path

from bot.domain.ports import Notebook
from bot.voice.clips import Clips
from bot.voice.engines import GTTS_ADDRESS, choose_voices


def build_clips(tts: str, data_dir: Path, audio_dir: Path, log: Notebook, *, gtts_url: str = GTTS_ADDRESS) -> Clips:
    """The clip library for a setting of `BATEA_TTS` (auto, pico, espeak, gtts or off).

    `data_dir` takes the cache (in `clips/`); `audio_dir` holds the recordings, their manifest and `pronunciation.yml`.
    `gtts_url` aims the online engine at another server. Cheap: engines start, and files are read, with the first clip.
    Raises ConfigurationError for an engine that was asked for by name and is not installed.
    """
    return Clips(choose_voices(tts, gtts_url=gtts_url), audio_dir, data_dir / "clips", log=log)

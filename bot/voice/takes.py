"""A recording that somebody has just made for a sentence: measured, refused with a reason, or made ready for the shelf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from bot.domain.errors import AudioError, SilentError, TakeError
from bot.domain.recording import Take, TakeFault
from bot.voice.languages import SPANISH
from bot.voice.loudness import Signal, as_pcm, frame_levels_db, loudness, sound_frames
from bot.voice.transcoding import MAX_CLIP_S, Form, decode, encode, mastered

RATE: Final = 48_000
LONGEST_RAW_S: Final = 90.0
"""What a minute of speech may come in: silence at the ends is cut off."""
SHORTEST_S: Final = 0.4
QUIET_LUFS: Final = -38.0
"""Quieter needs more than 22 dB of gain, and then the noise of any telephone's microphone is heard with the voice."""
CLIPPED_SHARE: Final = 0.001
NOISE_BELOW_DB: Final = 18.5
"""How much louder than the quietest twentieth speech must be: less is a motor, a river or a radio."""
LONGEST_GAP_S: Final = 3.0
FASTEST_CHARS_PER_S: Final = 32.0
"""Nobody says more Spanish letters a second than this; Pico says some 14."""
MASTER_BIT_RATE: Final = 64_000

_FULL_SCALE: Final = 0.985
_FLAT_SAMPLES: Final = 3
_FRAME_S: Final = 0.01


def prepared(sound: bytes, text: str, language: str, put: Callable[[bytes], str]) -> Take:
    """The recording at -16 LUFS, without silence at its ends, put on the shelf by `put`.

    `text` is what was to be said, in Spanish: in that language its length tells when words are missing.
    Raises TakeError with the reason where it is no good, OSError.
    """
    try:
        signal = decode(sound, rate=RATE, limit_s=LONGEST_RAW_S + 1)
    except AudioError as error:
        raise TakeError(TakeFault.BROKEN) from error
    fault = fault_of(signal, RATE, text if language == SPANISH else "")
    if fault:
        raise TakeError(fault)
    try:
        data = encode(pcm := mastered(as_pcm(signal, RATE), max_tempo=1.0), Form.NOTE, bit_rate=MASTER_BIT_RATE)
    except SilentError as error:
        raise TakeError(TakeFault.SILENT) from error
    except AudioError as error:
        raise TakeError(TakeFault.LONG) from error
    return Take(put(data), round(pcm.duration_s, 2), len(data))


def fault_of(signal: Signal, rate: int, text: str = "") -> TakeFault | None:  # noqa: PLR0911 - one return a fault
    """The first thing that is wrong with a recording, from the worst on; None for a good one."""
    levels = frame_levels_db(signal, rate)
    try:
        frames = sound_frames(levels)
    except SilentError:
        return TakeFault.SILENT
    lasts_s = (frames[-1] + 1 - frames[0]) * _FRAME_S
    if len(signal) / rate > LONGEST_RAW_S or lasts_s > MAX_CLIP_S - 0.5:
        return TakeFault.LONG
    if loudness(signal, rate) < QUIET_LUFS:
        return TakeFault.QUIET
    if lasts_s < max(SHORTEST_S, len(text) / FASTEST_CHARS_PER_S):
        return TakeFault.SHORT
    if _clipped_share(signal) > CLIPPED_SHARE:
        return TakeFault.CLIPPED
    if np.percentile(levels, 95) - np.percentile(levels, 5) < NOISE_BELOW_DB:
        return TakeFault.NOISY
    return TakeFault.GAP if np.diff(frames).max(initial=0) * _FRAME_S > LONGEST_GAP_S else None


def _clipped_share(signal: Signal) -> float:
    """How much of the sound stands flat at full scale: peaks that touch it for a moment are none."""
    full = np.abs(signal) >= _FULL_SCALE
    flat = np.convolve(full, np.ones(_FLAT_SAMPLES), "valid") >= _FLAT_SAMPLES
    return float(flat.sum()) / len(signal)

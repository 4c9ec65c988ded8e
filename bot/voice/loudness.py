"""Loudness and silence, measured and set right.

Source: ITU-R BS.1770-4 (K-weighting, gating), EBU R 128 (the unit LUFS).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import SilentError
from bot.voice.speaking import Pcm

Signal = NDArray[np.float32]

TARGET_LUFS: Final = -16.0
SILENT_LUFS: Final = -70.0
"""The absolute gate of BS.1770: what is quieter does not count as sound."""

_CEILING: Final = 10 ** (-3 / 20)  # Opus at 16 kbit/s overshoots by up to 2 dB
_BLOCK_S: Final = 0.4
_HOP_S: Final = 0.1
_FRAME_S: Final = 0.01
_KEPT_S: Final = 0.06
_BELOW_SPEECH_DB: Final = 40.0
_NOISE_FLOOR_DB: Final = -60.0
_TICK_S: Final = 0.08
_TICK_APART_S: Final = 0.2
_TICK_BELOW_DB: Final = 25.0
_LOOKAHEAD_S: Final = 0.005
# The two filters of BS.1770-4, tables 1 and 2, as designed for 48 kHz: (b0, b1, b2), (1, a1, a2).
_SHELF: Final = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_DESIGN_RATE: Final = 48_000
_WINDOW_S: Final = 4


def as_float(pcm: Pcm) -> Signal:
    """Samples from -1 to 1."""
    return pcm.samples.astype(np.float32) / np.float32(32768)


def as_pcm(signal: Signal, rate: int) -> Pcm:
    """Samples of 16 bits; what is beyond full scale is clipped."""
    return Pcm(np.clip(np.rint(signal * 32768), -32768, 32767).astype(np.int16), rate)


@lru_cache(maxsize=8)
def _response(rate: int) -> NDArray[np.complex128]:
    """Both filters at the frequencies of a transform over _WINDOW_S seconds."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(_WINDOW_S * rate, 1 / rate) / _DESIGN_RATE)
    response: NDArray[np.complex128] = np.ones_like(z)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response


def _k_weighted(signal: Signal, rate: int) -> NDArray[np.float64]:
    """The signal through both filters: stretches of three seconds by way of their spectra, each ringing out for a fourth."""
    step, window = (_WINDOW_S - 1) * rate, _WINDOW_S * rate
    count = -(-len(signal) // step)
    stretches = np.zeros((count, step))
    stretches.reshape(-1)[: len(signal)] = signal
    filtered = np.fft.irfft(np.fft.rfft(stretches, window) * _response(rate), window)
    filtered[1:, : window - step] += filtered[:-1, step:]
    weighted: NDArray[np.float64] = filtered[:, :step].reshape(-1)[: len(signal)]
    return weighted


def loudness(signal: Signal, rate: int) -> float:
    """Integrated loudness in LUFS; SILENT_LUFS for silence. Shorter than a block of 0.4 s counts as one block."""
    if not len(signal):
        return SILENT_LUFS
    squares = np.concatenate(([0.0], np.cumsum(_k_weighted(signal, rate) ** 2)))
    block = min(int(_BLOCK_S * rate), len(signal))
    starts = np.arange(0, len(signal) - block + 1, max(1, int(_HOP_S * rate)))
    power = np.maximum((squares[starts + block] - squares[starts]) / block, 1e-12)
    levels = -0.691 + 10 * np.log10(power)
    loud = power[levels > SILENT_LUFS]
    if not len(loud):
        return SILENT_LUFS
    gate = -0.691 + 10 * np.log10(loud.mean()) - 10
    kept = loud[-0.691 + 10 * np.log10(loud) > gate]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def frame_levels_db(signal: Signal, rate: int) -> NDArray[np.float64]:
    """The power of every 10 ms, in dB of full scale."""
    frame = int(_FRAME_S * rate)
    whole = len(signal) // frame * frame
    power = (signal[:whole].reshape(-1, frame).astype(np.float64) ** 2).mean(axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def sound_frames(levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """The frames of sound: what comes within 40 dB of the speech's level. Raises AudioError where there are none."""
    if not len(levels):
        raise SilentError("the sound is shorter than 10 ms")
    heard = np.flatnonzero(levels > max(np.percentile(levels, 95) - _BELOW_SPEECH_DB, _NOISE_FLOOR_DB))
    if not len(heard):
        raise SilentError("nothing is heard in the sound")
    return heard


def sound_span_s(signal: Signal, rate: int) -> tuple[float, float]:
    """When the first and the last sound begin and end, in seconds. Sound is what comes within 40 dB of the speech's level.

    Raises AudioError where nothing is heard.
    """
    heard = sound_frames(frame_levels_db(signal, rate))
    return float(heard[0] * _FRAME_S), float((heard[-1] + 1) * _FRAME_S)


def trimmed(signal: Signal, rate: int) -> Signal:
    """Without the silence at either end, but for 60 ms, nor a faint tick in it, as of a recorder that is switched off.

    Raises AudioError where nothing is heard.
    """
    levels = frame_levels_db(signal, rate)
    runs = np.split(heard := sound_frames(levels), np.flatnonzero(np.diff(heard) * _FRAME_S > _TICK_APART_S) + 1)
    faint_db = np.percentile(levels, 95) - _TICK_BELOW_DB

    def tick(run: NDArray[np.intp]) -> bool:
        return bool(len(runs) > 1 and (run[-1] - run[0] + 1) * _FRAME_S <= _TICK_S and levels[run].max() < faint_db)

    while tick(runs[-1]):
        runs.pop()
    while tick(runs[0]):
        runs.pop(0)
    begin_s, end_s = runs[0][0] * _FRAME_S, (runs[-1][-1] + 1) * _FRAME_S
    return signal[max(0, int((begin_s - _KEPT_S) * rate)) : int((end_s + _KEPT_S) * rate)]


def limited(signal: Signal, rate: int) -> Signal:
    """Peaks held under -3 dBFS by a gain that glides, looking 5 ms ahead, so that nothing is clipped."""
    block = max(1, int(_LOOKAHEAD_S * rate))
    count = -(-len(signal) // block)
    padded = np.zeros(count * block, dtype=np.float32)
    padded[: len(signal)] = np.abs(signal)
    wanted = np.minimum(1.0, _CEILING / np.maximum(padded.reshape(count, block).max(axis=1), 1e-9))
    edged = np.pad(wanted, 1, mode="edge")
    # The least of a block and its neighbours: then the line between two blocks' middles never exceeds what a peak allows.
    least = np.minimum(np.minimum(edged[:-2], edged[1:-1]), edged[2:])
    middles = (np.arange(count) + 0.5) * block
    gain = np.interp(np.arange(len(signal)), middles, least)
    held: Signal = np.clip(signal * gain, -_CEILING, _CEILING).astype(np.float32)
    return held


def levelled(signal: Signal, rate: int) -> Signal:
    """At -16 LUFS: one gain for the whole, then the limiter, again where the limiter took much away."""
    for _ in range(3):
        measured = loudness(signal, rate)
        if measured <= SILENT_LUFS:
            raise SilentError("nothing is heard in the sound")
        signal = signal * np.float32(10 ** ((TARGET_LUFS - measured) / 20))
        if float(np.abs(signal).max()) <= _CEILING:
            break
        signal = limited(signal, rate)
    return signal

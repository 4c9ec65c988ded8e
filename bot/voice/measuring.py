"""Measuring a clip: what anybody with an ear and a ruler would find."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.errors import AudioError
from bot.voice.loudness import TARGET_LUFS, loudness, sound_span_s
from bot.voice.transcoding import MAX_CLIP_S, Form, decode, described

LUFS_TOLERANCE: Final = 1.5
MAX_SILENCE_S: Final = 0.2
MAX_NOTE_BYTES_PER_S: Final = 2_100
MAX_NOTE_BYTES: Final = 512 * 1024
"""WhatsApp shows a play button up to here. Source: channels.md, read November 2026."""

_HEADER_BYTES: Final = 600  # an OGG file's two header pages, which weigh on very short clips only


@dataclass(frozen=True, slots=True)
class Measurement:
    """A clip in numbers; `lead_s` and `tail_s` are the silence at its ends."""

    form: Form
    duration_s: float
    lufs: float
    lead_s: float
    tail_s: float
    size_bytes: int

    @property
    def bytes_per_s(self) -> float:
        """Size by duration."""
        return self.size_bytes / self.duration_s

    def faults(self) -> list[str]:
        """What is wrong with the clip; nothing, for a good one."""
        found = []
        if self.duration_s > MAX_CLIP_S:
            found.append(f"lasts {self.duration_s:.1f} s; {MAX_CLIP_S:.0f} s are the limit")
        if abs(self.lufs - TARGET_LUFS) > LUFS_TOLERANCE:
            found.append(f"has {self.lufs:.1f} LUFS instead of {TARGET_LUFS:.0f}")
        if max(self.lead_s, self.tail_s) >= MAX_SILENCE_S:
            found.append(f"has {self.lead_s:.2f} s of silence before and {self.tail_s:.2f} s after the sound")
        if self.form is Form.NOTE and self.size_bytes > min(
            MAX_NOTE_BYTES, _HEADER_BYTES + MAX_NOTE_BYTES_PER_S * self.duration_s
        ):
            found.append(f"weighs {self.bytes_per_s:.0f} bytes a second; {MAX_NOTE_BYTES_PER_S} are the limit")
        return found


def measure(path: Path) -> Measurement:
    """Measure a clip file. Raises AudioError where it is neither of the two kinds that Batea writes, OSError where it is gone."""
    data = path.read_bytes()
    codec, rate, channels = described(data)
    form = next((form for form in Form if (form.value[1].removeprefix("lib"), form.value[2], 1) == (codec, rate, channels)), None)
    if form is None:
        raise AudioError(f"{path.name} is {codec} at {rate} Hz with {channels} channels: no voice note and no call clip")
    signal = decode(data, rate=rate, limit_s=2 * MAX_CLIP_S)
    begin, end = sound_span_s(signal, rate)
    length_s = len(signal) / rate
    return Measurement(form, length_s, loudness(signal, rate), begin, max(0.0, length_s - end), len(data))

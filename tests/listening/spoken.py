"""Notes spoken by our own voices, with noise, in the forms in which phones send them."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from bot.voice import pico
from bot.voice.espeak import Espeak
from bot.voice.listening.weights import installed
from bot.voice.loudness import Signal, as_pcm
from bot.voice.pico import Pico
from bot.voice.transcoding import Form, decode, encode, mastered

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content"
MODEL = ROOT / "var" / "listening"
RATE = 16_000
# Containers and codecs of voice notes: WhatsApp, older phones, forwarded recordings, iPhones.
KINDS = {
    "ogg": ("ogg", "libopus", 48_000),
    "mp3": ("mp3", "libmp3lame", 16_000),
    "m4a": ("ipod", "aac", 44_100),
    "wav": ("wav", "pcm_s16le", 16_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
}


def why_deaf_here() -> str:
    """Why the recogniser cannot be tested here, '' where it can."""
    if not installed() or not (MODEL / "model.bin").is_file():
        return "nobody listens here: run make listen"
    return "" if pico.available() else "Pico was not built here, and eSpeak NG is not understood well enough"


@cache
def signal(text: str) -> Signal:
    """The sentence, a little silence on either side."""
    voice: Any = Pico() if pico.available() else Espeak()
    spoken = decode(encode(mastered(voice.speak(text, slow=False)), Form.NOTE))
    voice.close()
    return np.concatenate([np.zeros(RATE // 3, np.float32), spoken, np.zeros(RATE // 3, np.float32)])


def noisy(clean: Signal, noise_db: float | None) -> Signal:
    """With the hiss of a river, so many dB below the voice."""
    if noise_db is None:
        return clean
    hiss = np.convolve(np.random.default_rng(1).normal(size=len(clean)), np.ones(6) / 6, "same")
    level = np.sqrt((clean[np.abs(clean) > 1e-3] ** 2).mean()) * 10 ** (-noise_db / 20)
    return ((clean + hiss / hiss.std() * level) * 0.8).astype(np.float32)


def note(text: str, *, noise_db: float | None = None) -> bytes:
    """A voice note as WhatsApp and Telegram send it."""
    return encode(as_pcm(noisy(signal(text), noise_db), RATE), Form.NOTE)


def sound(text: str, kind: str) -> bytes:
    """The sentence in a file of that kind."""
    container_format, codec, rate = KINDS[kind]
    pcm = as_pcm(signal(text), RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.samples[None, :]), format="s16", layout="mono")
    frame.sample_rate = RATE
    target = io.BytesIO()
    with av.open(target, "w", format=container_format) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout="mono")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()

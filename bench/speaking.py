"""How fast, how small and how evenly Batea speaks: synthesis, transcoding, the way from a text to a clip on disk, memory.

Times are of processors (ours and the engine's child), because others may use the machine; where a person waits, by the clock too.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.domain.message import Speech
from bot.telemetry import Telemetry
from bot.voice import espeak, pico
from bot.voice.clips import Clips
from bot.voice.engines import Voices
from bot.voice.espeak import Espeak
from bot.voice.loudness import TARGET_LUFS
from bot.voice.measuring import LUFS_TOLERANCE, MAX_NOTE_BYTES_PER_S, MAX_SILENCE_S, Measurement, measure
from bot.voice.opening import build_clips
from bot.voice.pico import Pico
from bot.voice.pronunciation import Pronunciation
from bot.voice.speaking import Pcm, Speaker
from bot.voice.transcoding import MAX_CLIP_S, Form, decode, encode, mastered

NOTE_S: Final = 45
GOALS: Final = {
    "real_time_factor": 0.05,
    "note_of_45s_bytes": 90_000,
    "transcoding_x": 30,
    "new_reply_ms": 300,
    "memory_grown_mb_per_300": 5,
}
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_WARM_UP: Final = 50


def measured(audio_dir: Path, lessons: Sequence[Speech], everything: Sequence[Speech], most: int) -> dict[str, Any]:
    """All figures, of at most so many texts and replies; `everything` has every clip of the catalogue, lessons included."""
    lessons, everything = lessons[:most], everything[:most]
    say = Pronunciation(audio_dir).of
    texts = [say(speech.text) for speech in lessons]
    figures: dict[str, Any] = {"goals": GOALS, "texts": len(texts)}
    for speaker in _speakers():
        with closing(speaker):
            figures[speaker.name] = _synthesis(speaker, texts)
    with closing(next(iter(_speakers()))) as best:
        figures["voice"] = f"{best.name} {best.version}"
        figures |= _transcoding(_speech(best, texts))
    figures["new_reply"] = _new_replies(audio_dir, min(most, 100))
    figures["clips"] = _clips(audio_dir, everything)
    figures["memory"] = {
        name: _apart(_memory, name, audio_dir, min(most * 10, 1000)) for name in ("pico", "espeak") if _present(name)
    }
    return figures


def _present(name: str) -> bool:
    return pico.available() if name == "pico" else espeak.available()


def _speakers() -> Iterator[Speaker]:
    """The local engines, the best first."""
    if _present("pico"):
        yield Pico()
    if _present("espeak"):
        yield Espeak()


def _cpu_s(speaker: Speaker | None = None) -> float:
    """Seconds of processors spent by this process, and by the engine's own."""
    child = speaker.pid if isinstance(speaker, Espeak) else None
    if child is None:
        return time.process_time()
    fields = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / _TICKS


def _synthesis(speaker: Speaker, texts: Sequence[str]) -> dict[str, Any]:
    """Every lesson text, spoken: processor time and time by the clock for each second of speech."""
    speaker.speak("hola", slow=False)
    began, cpu = time.monotonic(), _cpu_s(speaker)
    spoken = [speaker.speak(text, slow=False).duration_s for text in texts]
    return {
        "real_time_factor": round((_cpu_s(speaker) - cpu) / sum(spoken), 4),
        "real_time_factor_wall": round((time.monotonic() - began) / sum(spoken), 4),
        "spoken_s": round(sum(spoken)),
    }


def _speech(speaker: Speaker, texts: Sequence[str]) -> Pcm:
    """45 seconds of lessons."""
    parts: list[Pcm] = []
    while sum(part.duration_s for part in parts) < NOTE_S + 1:
        parts.append(speaker.speak(texts[len(parts) % len(texts)], slow=False))
    return Pcm(np.concatenate([part.samples for part in parts])[: NOTE_S * parts[0].rate], parts[0].rate)


def _transcoding(pcm: Pcm) -> dict[str, Any]:
    """Bytes of a note of 45 s; seconds of sound for each second of processor, with trimming and levelling."""
    ready = mastered(pcm)
    note = encode(ready, Form.NOTE)

    def times(work: Callable[[], object]) -> float:
        work()
        cpu = time.process_time()
        for _ in range(5):
            work()
        return round(5 * ready.duration_s / (time.process_time() - cpu), 1)

    return {
        "note_of_45s_bytes": len(note),
        "note_of_45s_s": round(ready.duration_s, 2),
        "transcoding_x": times(lambda: encode(mastered(pcm), Form.NOTE)),
        "transcoding_call_x": times(lambda: encode(mastered(pcm), Form.CALL)),
        "reading_x": times(lambda: decode(note)),
    }


def _new_replies(audio_dir: Path, count: int) -> dict[str, Any]:
    """A sentence with a place and an hour that was never said before: from its text to its clip on disk, cold and warm."""
    took, cpu = [], []
    with tempfile.TemporaryDirectory() as folder, closing(_library(audio_dir, Path(folder))) as clips:
        for number in range(count + 1):
            hour, day = 7 + number % 5, 1 + number % 28
            text = (
                f"La reunión {number} del comité es el sábado {day}, a las {hour} de la mañana, en la Escuela El Hato. ¿Va a ir?"
            )
            began, used = time.monotonic(), time.process_time()
            if clips.clip(Speech(text, catalogue=False)) is None:
                raise RuntimeError("no voice can be had: run batea doctor")
            took.append(1000 * (time.monotonic() - began))
            cpu.append(1000 * (time.process_time() - used))
    return {
        "first_ms": round(took[0]),
        "p50_ms": round(statistics.median(took[1:])),
        "p95_ms": round(sorted(took[1:])[int(0.95 * (count - 1))]),
        "cpu_p50_ms": round(statistics.median(cpu[1:])),
        "replies": count,
    }


def _clips(audio_dir: Path, speeches: Sequence[Speech]) -> dict[str, Any]:
    """Every voice note of the catalogue as an ear and a ruler find it: the worst of each, and how many break a rule."""
    with tempfile.TemporaryDirectory() as folder, closing(_library(audio_dir, Path(folder))) as clips:
        found = [measure(Path(clip.path)) for clip in map(clips.clip, speeches) if clip]
    return {"count": len(found), "without": len(speeches) - len(found), **table(found)}


def table(found: Sequence[Measurement]) -> dict[str, Any]:
    """The worst of each measure over many clips."""
    return {
        "lufs": [round(min(one.lufs for one in found), 2), round(max(one.lufs for one in found), 2)],
        "lufs_wanted": [TARGET_LUFS - LUFS_TOLERANCE, TARGET_LUFS + LUFS_TOLERANCE],
        "silence_s": round(max(max(one.lead_s, one.tail_s) for one in found), 3),
        "silence_limit_s": MAX_SILENCE_S,
        "longest_s": round(max(one.duration_s for one in found), 1),
        "limit_s": MAX_CLIP_S,
        "bytes_per_s": round(sum(one.size_bytes for one in found) / sum(one.duration_s for one in found)),
        "most_bytes_per_s": round(max(one.bytes_per_s for one in found)),
        "limit_bytes_per_s": MAX_NOTE_BYTES_PER_S,
        "faulty": sum(bool(one.faults()) for one in found),
    }


def _library(audio_dir: Path, folder: Path) -> Clips:
    return build_clips("auto", folder, audio_dir, log=Telemetry())


def _apart(work: Callable[..., dict[str, Any]], *facts: object) -> dict[str, Any]:
    """In a process of its own, whose memory nothing else has used."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *facts).result()


def _memory(name: str, audio_dir: Path, count: int) -> dict[str, Any]:
    """Resident memory before and after so many syntheses, each the whole way to a clip on disk; of eSpeak's process too."""
    speaker: Speaker = Pico() if name == "pico" else Espeak()
    with tempfile.TemporaryDirectory() as folder, _talking(speaker, audio_dir, Path(folder)) as say:
        for number in range(-min(_WARM_UP, count), 0):
            say(number)
        before = _resident_mb(speaker)
        for number in range(count):
            say(number)
        after = _resident_mb(speaker)
    grown = after - before
    per_300 = grown * 300 / count
    return {
        "syntheses": count,
        "rss_mb_before": round(before, 1),
        "rss_mb_after": round(after, 1),
        "grown_mb_per_300": round(per_300, 2),
    }


@contextmanager
def _talking(speaker: Speaker, audio_dir: Path, folder: Path) -> Iterator[Callable[[int], None]]:
    clips = Clips(Voices((speaker,)), audio_dir, folder, log=Telemetry())

    def say(number: int) -> None:
        more = "Saque a los niños. " * (number % 4)
        if clips.clip(Speech(f"Reunión {number}. {more}Nos vemos en la escuela.", catalogue=False)) is None:
            raise RuntimeError(f"{speaker.name} does not speak")

    with closing(clips):
        yield say


def _resident_mb(speaker: Speaker) -> float:
    pids = [os.getpid(), *([speaker.pid] if isinstance(speaker, Espeak) and speaker.pid else [])]
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

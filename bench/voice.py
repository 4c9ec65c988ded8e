"""`batea bench voice`: how fast, small and evenly Batea speaks, and how well and how fast it understands such voice notes.

The last line on standard output is JSON; with `--json` it is the only one. `listening` is null where nobody listens. A full
run is kept in `bench/results/voice.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from num2words import num2words
from rapidfuzz.distance import Levenshtein

from bench import speaking
from bench.turn import RESULTS, machine
from bot import running, wiring
from bot.dialogue.words import Words
from bot.domain.clock import SystemClock
from bot.domain.errors import ListeningError
from bot.domain.folding import plain
from bot.domain.listening import Heard, Offer
from bot.domain.message import Speech
from bot.domain.person import Country
from bot.lessons.catalogue import Catalogue
from bot.lessons.source import read_document
from bot.settings import Settings, load
from bot.telemetry import Telemetry, start_logging
from bot.voice.clips import Clips
from bot.voice.listening.opening import build_listener, why_deaf
from bot.voice.listening.process import ListeningProcess
from bot.voice.opening import build_clips

NOTE_S: Final = (4.0, 6.0)
_NUMBERS: Final = ("uno", "dos", "tres", "cuatro", "cinco")


class ListeningBench:
    """Lesson texts as free text, labels and numbers of polls as short answers."""

    def __init__(self, settings: Settings, listener: ListeningProcess, clips: Clips) -> None:
        self._listener = listener
        self._clips = clips
        self._library: Catalogue = wiring.build_library(replace(settings, serve_drafts=True), SystemClock())
        self._words = Words.from_mapping(read_document(settings.content_dir / "words.yml", settings.content_dir).data)
        self._took: list[float] = []

    def measure(self, most: int) -> dict[str, Any]:
        """Word error, short answers right and wrong, seconds a note of 4 to 6 s, memory. `most` texts and questions of each."""
        error, words = self._lessons(most)
        right, wrong, asked = self._answers(most)
        status = Path(f"/proc/{self._listener.pid}/status").read_text(encoding="ascii")
        memory = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("Vm")}
        return {
            "word_error": round(error / words, 4),
            "words": words,
            "short_answers": asked,
            "short_right": round(right / asked, 4),
            "short_wrong": round(wrong / asked, 4),
            "note_of_5s_s": round(statistics.median(self._took), 2) if self._took else None,
            "rss_mb": memory["VmRSS"],
            "peak_mb": memory["VmHWM"],
        }

    def _lessons(self, most: int) -> tuple[int, int]:
        error = words = 0
        for speech in list(self._steps())[:most]:
            meant, heard = _spoken(speech.text), _spoken(self._heard(speech, ()).text)
            error += Levenshtein.distance(meant, heard)
            words += len(meant)
        return error, words

    def _steps(self) -> Iterator[Speech]:
        for module in self._library.modules(Country.CO):
            for lesson in module.lessons:
                for step in lesson.steps:
                    speech = self._library.say(f"{lesson.id}/{step.id}", step.wording, Country.CO).speech
                    if speech is not None:
                        yield speech

    def _answers(self, most: int) -> tuple[int, int, int]:
        """Right (a doubtful one that is asked back counts), taken for another, and all."""
        right = wrong = asked = 0
        for poll in self._library.polls()[:most]:
            labels = [option.label for option in poll.options]
            offers = self._offers(labels)
            for number, label in enumerate(labels):
                for said in (label.partition("/")[0].strip(), _NUMBERS[number]):
                    heard = self._heard(Speech(said), offers)
                    asked += 1
                    right += heard.option == label
                    wrong += heard.sure and heard.option not in {"", label}
        return right, wrong, asked

    def _offers(self, labels: Sequence[str]) -> tuple[Offer, ...]:
        spoken = self._words.spoken
        ways = [tuple(f"{half.strip().capitalize()}." for half in label.split("/")) for label in labels]
        choices = [Offer(label, (*said, *spoken[str(n)])) for n, (label, said) in enumerate(zip(labels, ways, strict=True), 1)]
        return (*choices, *(Offer(key, spoken[key]) for key in ("6", "7", "8", "9", "0", "*")))

    def _heard(self, speech: Speech, offers: Sequence[Offer]) -> Heard:
        clip = self._clips.clip(speech)
        if clip is None:
            return Heard("", 0.0)
        audio = Path(clip.path).read_bytes()
        started = time.monotonic()
        try:
            return self._listener.listen(audio, offers)
        except ListeningError:
            return Heard("", 0.0)
        finally:
            if NOTE_S[0] <= clip.duration_s <= NOTE_S[1]:
                self._took.append(time.monotonic() - started)


def _spoken(text: str) -> list[str]:
    """The words of a text, numbers as they are said."""
    return re.sub(r"\d+", lambda number: f" {plain(num2words(int(number[0]), lang='es'))} ", plain(text)).split()


def _heard(settings: Settings, most: int) -> dict[str, Any]:
    """The figures of listening, or why there are none."""
    said = read_document(settings.content_dir / "words.yml", settings.content_dir).data
    listener = build_listener(settings.asr, settings.asr_model, settings.data_dir, str(said.get("trade", "")))
    if listener is None:
        return {"listening": None, "why": why_deaf(settings.asr, settings.asr_model, settings.data_dir)}
    clips = build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=Telemetry())
    try:
        return {"listening": ListeningBench(settings, listener, clips).measure(most)}
    finally:
        listener.close()
        clips.close()


def _spoken_figures(settings: Settings, most: int) -> dict[str, Any]:
    """The figures of speaking."""
    library = wiring.build_library(replace(settings, serve_drafts=True), SystemClock())
    everything = list(library.speeches(running.after_step(library)))
    modules = tuple({f"{module.id}/" for country in Country for module in library.modules(country)})
    return speaking.measured(settings.audio_dir, [s for s in everything if s.key.startswith(modules)], everything, most)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    settings, most = load(), 2 if options.quick else 1000
    start_logging(quiet=True)
    ran_on = machine()
    figures = {"speaking": _spoken_figures(settings, most), **_heard(settings, most), "machine": ran_on}
    ran_on["load_1m_after"] = round(os.getloadavg()[0], 2)
    if not options.quick:
        (RESULTS / "voice.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not options.json:
        for name, value in [*figures["speaking"].items(), *(figures["listening"] or {"listening": figures.get("why")}).items()]:
            print(f"{name}: {value}")  # noqa: T201
    print(json.dumps(figures, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()

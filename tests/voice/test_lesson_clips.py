"""Every voice note of the lessons as an ear and a ruler find it: a sample here, all of them in the soak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot import running, wiring
from bot.domain.clock import SystemClock
from bot.domain.message import Speech
from bot.settings import load
from bot.telemetry import Telemetry
from bot.voice.loudness import TARGET_LUFS
from bot.voice.measuring import Measurement, measure
from bot.voice.opening import build_clips

AUDIO = Path(__file__).resolve().parents[2] / "audio"
EVERY = 37  # a sample of some dozen, spread over the catalogue


@pytest.fixture(scope="module")
def catalogue() -> list[Speech]:
    library = wiring.build_library(replace(load({}), serve_drafts=True), SystemClock())
    return list(library.speeches(running.after_step(library)))


def made(speeches: Sequence[Speech], folder: Path, engine: str = "auto", *, call: bool = False) -> dict[str, Measurement]:
    """The clips of all these sentences, measured; fails where one has none."""
    clips = build_clips(engine, folder, AUDIO, log=Telemetry())
    found = {}
    for speech in speeches:
        clip = clips.clip(speech, call=call)
        assert clip is not None, speech.key
        found[speech.key] = measure(Path(clip.path))
        Path(clip.path).unlink()
    clips.close()
    return found


def complaints(found: dict[str, Measurement], *, call: bool = False) -> list[str]:
    """What is not as promised, by the sentence's key."""
    wrong = []
    for key, one in found.items():
        told = f"{key}: {one}"
        wrong += [told] * (abs(one.lufs - TARGET_LUFS) > 1.5 or max(one.lead_s, one.tail_s) >= 0.2 or one.duration_s > 60)
        # A file's first page weighs on clips of a few seconds only.
        wrong += [told] * (not call and one.duration_s >= 5 and one.bytes_per_s > 2100)
    return wrong


@pytest.mark.parametrize("call", [False, True], ids=["note", "call"])
def test_a_sample_of_the_clips_is_loud_tight_short_and_light(catalogue: list[Speech], tmp_path: Path, call: bool) -> None:
    sample = catalogue[::EVERY] + sorted(catalogue, key=lambda speech: len(speech.text))[-2:]
    assert len(sample) > 10
    assert complaints(made(sample, tmp_path, call=call), call=call) == []


def test_the_longest_sentence_is_short_enough_slowly_too(catalogue: list[Speech], tmp_path: Path) -> None:
    longest = max(catalogue, key=lambda speech: len(speech.text))
    assert complaints(made([replace(longest, slow=True)], tmp_path)) == []


def test_the_longest_sentence_still_fits_after_the_notice_of_another_language(catalogue: list[Speech], tmp_path: Path) -> None:
    longest = max(catalogue, key=lambda speech: len(speech.text))
    assert complaints(made([replace(longest, language="qu")], tmp_path)) == []


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine", ["auto", "espeak"])
@pytest.mark.parametrize("call", [False, True], ids=["note", "call"])
@pytest.mark.parametrize("slow", [False, True], ids=["usual", "slow"])
def test_every_clip_is_loud_tight_short_and_light(
    catalogue: list[Speech], tmp_path: Path, engine: str, call: bool, slow: bool
) -> None:
    speeches = [replace(speech, slow=slow) for speech in catalogue]
    assert complaints(made(speeches, tmp_path, engine, call=call), call=call) == []

"""The online engine against a stand-in on loopback: each way in which it fails, and what it is never given."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import SpeakingError
from bot.domain.message import Speech
from bot.voice.clips import Clips
from bot.voice.google import Google
from bot.voice.measuring import measure

SENTENCE = "Nunca queme azogue en la casa."
FAILURES = [
    *("429", "403", "500", "redirect", "html", "empty", "no audio", "zero bytes", "not mp3", "null", "short", "cut off"),
    *("silence", "flood"),
]


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(translate: Any, clock: Clock) -> Iterator[Google]:
    engine = Google(translate.url, timeout_s=(1.0, 0.3), clock=clock, sleep=clock.sleep)
    yield engine
    engine.close()


def test_it_speaks(google: Google, translate: Any) -> None:
    assert google.speak(SENTENCE, slow=False).duration_s == pytest.approx(5.0, abs=0.1)
    assert translate.texts == [SENTENCE]


def test_a_long_text_goes_in_few_spaced_requests_and_comes_back_whole(google: Google, translate: Any, clock: Clock) -> None:
    text = "Llame al uno, cinco, cinco. " * 10
    pcm = google.speak(text, slow=False)
    assert len(translate.texts) <= 4
    assert all(len(part) <= 100 for part in translate.texts)
    assert "".join(translate.texts).replace(" ", "") == text.replace(" ", "")
    assert pcm.duration_s == pytest.approx(5.0 * len(translate.texts), abs=0.5)
    assert clock.slept[1:] == pytest.approx([1.0] * (len(translate.texts) - 1))


@pytest.mark.parametrize("mode", FAILURES)
def test_every_failure_is_a_speaking_error(google: Google, translate: Any, mode: str) -> None:
    translate.mode = mode
    begun = time.monotonic()
    with pytest.raises(SpeakingError):
        google.speak(SENTENCE, slow=False)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("mode", FAILURES)
def test_every_failure_falls_back_and_caches_nothing_empty(
    make_clips: Callable[..., Clips], hummer: Any, google: Google, translate: Any, mode: str, tmp_path: Path
) -> None:
    translate.mode = mode
    clips = make_clips(hummer, online=google)
    report = clips.build([Speech(SENTENCE, key="s")])
    assert (report.made, report.failed) == (1, ())
    assert hummer.heard == [SENTENCE]
    (file,) = [path for path in (tmp_path / "clips").rglob("*") if path.is_file()]
    assert measure(file).duration_s > 1


def test_without_a_local_engine_a_failure_leaves_no_file(
    make_clips: Callable[..., Clips], google: Google, translate: Any, tmp_path: Path
) -> None:
    translate.mode = "html"
    assert [key for key, _ in make_clips(online=google).build([Speech(SENTENCE, key="s")]).failed] == ["s"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_nobody_listening_is_a_speaking_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        engine = Google(f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(SpeakingError, match="cannot be reached"):
            engine.speak(SENTENCE, slow=False)
        engine.close()


@pytest.mark.parametrize("text", ["", "...", "\0", "?!", "a" * 2001])
def test_what_it_cannot_say_is_a_speaking_error(google: Google, translate: Any, text: str) -> None:
    with pytest.raises(SpeakingError):
        google.speak(text, slow=False)
    assert translate.texts == []


def test_half_an_answer_is_no_answer(google: Google, translate: Any) -> None:
    translate.mode = "short"
    with pytest.raises(SpeakingError, match="something is missing"):
        google.speak(SENTENCE, slow=False)


@pytest.mark.parametrize("mode", ["429", "500", "html", "zero bytes", "not mp3", "silence"])
def test_a_text_of_which_a_later_part_fails_is_not_spoken_in_part(
    make_clips: Callable[..., Clips], google: Google, translate: Any, mode: str, tmp_path: Path
) -> None:
    translate.then = mode
    text = "Saque primero a los niños y a las embarazadas, abra la puerta y aléjese. " * 2
    assert [key for key, _ in make_clips(online=google).build([Speech(text, key="s")]).failed] == ["s"]
    assert len(translate.texts) == 2
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_answer_that_trickles_is_given_up(translate: Any) -> None:
    clock = Clock()

    def hurrying() -> float:
        clock.now += 6.0
        return clock.now

    engine = Google(translate.url, timeout_s=(1.0, 0.3), clock=hurrying, sleep=clock.sleep)
    translate.mode = "flood"
    with pytest.raises(SpeakingError, match="without an end"):
        engine.speak(SENTENCE, slow=False)
    engine.close()


def test_a_page_for_robots_is_not_visited(google: Google, translate: Any) -> None:
    translate.mode = "redirect"
    for _ in range(2):
        with pytest.raises(SpeakingError):
            google.speak(SENTENCE, slow=False)
    assert (len(translate.texts), translate.followed) == (1, 0)


def test_requests_are_spaced_over_texts_too_and_after_failures(google: Google, translate: Any, clock: Clock) -> None:
    google.speak(SENTENCE, slow=False)
    translate.mode = "500"
    with pytest.raises(SpeakingError):
        google.speak(SENTENCE, slow=False)
    translate.mode = "speech"
    clock.now += 0.4
    google.speak(SENTENCE, slow=False)
    assert clock.slept == pytest.approx([0.0, 1.0, 0.6])


def test_after_a_refusal_it_is_left_in_peace(google: Google, translate: Any, clock: Clock) -> None:
    translate.mode = "429"
    with pytest.raises(SpeakingError, match="429"):
        google.speak(SENTENCE, slow=False)
    translate.mode = "speech"
    with pytest.raises(SpeakingError, match="left in peace"):
        google.speak(SENTENCE, slow=False)
    assert len(translate.texts) == 1
    clock.now += 601
    assert google.speak(SENTENCE, slow=False).duration_s > 1


def test_three_failures_in_a_row_are_enough_for_now(google: Google, translate: Any) -> None:
    translate.mode = "500"
    for _ in range(4):
        with pytest.raises(SpeakingError):
            google.speak(SENTENCE, slow=False)
    assert len(translate.texts) == 3


def test_only_catalogue_texts_leave_the_house(
    make_clips: Callable[..., Clips], hummer: Any, google: Google, translate: Any
) -> None:
    clips = make_clips(hummer, online=google)
    clips.build([Speech(SENTENCE), Speech("Hola, doña Rosa de Suárez.", catalogue=False)])
    assert translate.texts == [SENTENCE]
    assert hummer.heard == ["Hola, doña Rosa de Suárez."]


def test_a_reply_does_not_wait_for_it_but_uses_what_was_built(
    make_clips: Callable[..., Clips], hummer: Any, google: Google, translate: Any
) -> None:
    clips = make_clips(hummer, online=google)
    assert clips.clip(Speech(SENTENCE)) is not None
    assert translate.texts == []
    clips.build([Speech(SENTENCE)])
    online = clips.clip(Speech(SENTENCE))
    assert online is not None
    assert online.duration_s == pytest.approx(5.0, abs=0.3)
    assert clips.build([Speech(SENTENCE)]).kept == 1
    assert len(translate.texts) == 1

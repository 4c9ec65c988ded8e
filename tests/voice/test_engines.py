"""Every engine: it speaks, survives any text, keeps its memory, and comes back from the dead."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import ConfigurationError, SpeakingError
from bot.voice import pico
from bot.voice.engines import choose_voices
from bot.voice.espeak import Espeak
from bot.voice.pico import Pico, seseo
from bot.voice.speaking import MAX_SPEECH_CHARS, Speaker

SENTENCE = "Nunca queme la amalgama en la casa."


def _rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_an_engine_says_a_sentence_in_the_time_that_it_takes(engine: Speaker) -> None:
    pcm = engine.speak(SENTENCE, slow=False)
    assert 1.5 < pcm.duration_s < 6
    assert abs(pcm.samples).max() > 3000


def test_pico_says_the_same_text_alike_whatever_it_said_before() -> None:
    if not pico.available():
        pytest.skip("Pico was not built here: it needs a C compiler and Python headers")
    engine = Pico()
    first = engine.speak(SENTENCE, slow=False)
    engine.speak("Buenos días a todos.", slow=True)
    assert (engine.speak(SENTENCE, slow=False).samples == first.samples).all()
    engine.close()


def test_nothing_is_cut_off_at_full_scale(engine: Speaker) -> None:
    samples = engine.speak("El humo del azogue no se ve y no huele. " + SENTENCE, slow=False).samples.astype(int)
    assert (abs(samples) >= 32_767).sum() <= 2


def test_slow_speech_takes_longer(engine: Speaker) -> None:
    ratio = engine.speak(SENTENCE, slow=True).duration_s / engine.speak(SENTENCE, slow=False).duration_s
    assert 1.15 < ratio < 1.6


@pytest.mark.parametrize(
    "text", ["a\0b", "hola \ud800 \udfff", "<b>hola</b>", "a < b & c > d", "<break time='60s'/>hola", "</speed>hola"]
)
def test_odd_signs_are_said_or_passed_over(engine: Speaker, text: str) -> None:
    assert engine.speak(text, slow=False).duration_s < 5


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "<>&", "a" * (MAX_SPEECH_CHARS + 1)])
def test_what_cannot_be_said_is_an_error(engine: Speaker, text: str) -> None:
    with pytest.raises(SpeakingError):
        engine.speak(text, slow=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), slow=st.booleans())
def test_any_text_is_sound_or_a_speaking_error(engine: Speaker, text: str, slow: bool) -> None:
    with contextlib.suppress(SpeakingError):
        assert len(engine.speak(text, slow=slow).samples)
    assert engine.speak("sí", slow=False).duration_s > 0.1


def test_memory_stays_flat_over_300_syntheses(engine: Speaker) -> None:
    for _ in range(20):
        engine.speak(SENTENCE, slow=False)
    pids = [os.getpid()] + ([engine.pid] if isinstance(engine, Espeak) and engine.pid else [])
    before = [_rss_bytes(pid) for pid in pids]
    for turn in range(300):
        engine.speak(f"Saque a los niños. {'Ya. ' * (turn % 4)}", slow=turn % 2 == 0)
    grown = [_rss_bytes(pid) - was for pid, was in zip(pids, before, strict=True)]
    assert max(grown) < 5_000_000


def test_four_threads_share_an_engine(engine: Speaker) -> None:
    alone = engine.speak(SENTENCE, slow=False).duration_s
    durations: list[float] = []
    threads = [threading.Thread(target=lambda: durations.append(engine.speak(SENTENCE, slow=False).duration_s)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert durations == pytest.approx([alone] * 4, abs=0.05)


def test_an_engine_speaks_again_after_it_was_closed(engine: Speaker) -> None:
    engine.speak(SENTENCE, slow=False)
    engine.close()
    assert engine.speak(SENTENCE, slow=False).duration_s > 1


def test_seseo_changes_z_and_soft_c_only() -> None:
    assert seseo("Hace diez CERCAS: zapato, cabeza, queso, cría, Cénit, ácido") == (
        "Hase dies sERCAS: sapato, cabesa, queso, cría, sénit, ásido"
    )


def test_pico_costs_a_twentieth_of_the_time_it_speaks() -> None:
    if not pico.available():
        pytest.skip("Pico was not built here: it needs a C compiler and Python headers")
    engine = Pico()
    engine.speak(SENTENCE, slow=False)
    begun = time.process_time()
    spoken_s = sum(engine.speak(SENTENCE, slow=False).duration_s for _ in range(10))
    assert (time.process_time() - begun) / spoken_s < 0.05
    engine.close()


def test_a_killed_espeak_is_started_again(espeak: Espeak) -> None:
    espeak.speak("hola", slow=False)
    first = espeak.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert espeak.speak("hola", slow=False).duration_s > 0.1
    assert espeak.pid != first


def test_espeak_runs_outside_of_this_process(espeak: Espeak) -> None:
    espeak.speak("hola", slow=False)
    assert espeak.pid not in {None, os.getpid()}
    assert "libespeak" not in Path("/proc/self/maps").read_text()


def test_espeak_leaves_no_process_behind_when_it_is_forgotten() -> None:
    engine = Espeak()
    engine.speak("hola", slow=False)
    pid = engine.pid
    assert pid is not None
    del engine
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_espeak_that_hangs_is_given_up() -> None:
    engine = Espeak((sys.executable, "-c", "import time; time.sleep(60)"), timeout_s=0.3)
    begun = time.monotonic()
    with pytest.raises(SpeakingError, match="fell silent"):
        engine.speak("hola", slow=False)
    engine.close()
    assert time.monotonic() - begun < 10


def test_an_espeak_that_talks_nonsense_is_given_up() -> None:
    engine = Espeak((sys.executable, "-c", "import sys; sys.stdout.write('x' * 99); sys.stdout.flush(); sys.stdin.read()"))
    with pytest.raises(SpeakingError, match="nonsense"):
        engine.speak("hola", slow=False)
    engine.close()


def test_a_missing_interpreter_is_a_speaking_error() -> None:
    engine = Espeak(("/nowhere/python",))
    with pytest.raises(SpeakingError, match="does not run"):
        engine.speak("hola", slow=False)


def test_off_means_no_engine_and_auto_means_local_ones() -> None:
    assert choose_voices("off").local == ()
    names = [speaker.name for speaker in choose_voices("auto").local]
    assert names == (["pico", "espeak"] if pico.available() else ["espeak"])
    assert [speaker.name for speaker in choose_voices("espeak").local] == ["espeak"]


def test_gtts_stands_beside_the_local_engines() -> None:
    voices = choose_voices("gtts", gtts_url="http://127.0.0.1:9")
    assert voices.online is not None
    assert voices.online.name == "gtts"
    assert voices.local


def test_without_pico_auto_falls_back_and_pico_says_what_to_do() -> None:
    # An interpreter that finds no compiled Pico, as on a machine without a C compiler.
    script = (
        "import sys\n"
        "sys.modules['ctts'] = None\n"
        "import importlib.util\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, package=None: None if name == 'ctts' else real(name, package)\n"
        "from bot.voice.engines import choose_voices\n"
        "print([s.name for s in choose_voices('auto').local])\n"
        "try:\n    choose_voices('pico')\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "['espeak']" in said
    assert f"{ConfigurationError.__name__} BATEA_TTS is pico" in said

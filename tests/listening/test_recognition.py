"""The real recogniser on notes that our own voices speak, clean and noisy; skipped where the extra or its model is missing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from listening.spoken import CONTENT, MODEL, ROOT, noisy, note, signal, sound, why_deaf_here

from bot.domain.errors import ListeningError
from bot.domain.folding import plain
from bot.domain.listening import Heard, Offer, Unheard
from bot.voice.listening.process import ListeningProcess
from bot.voice.loudness import as_pcm
from bot.voice.transcoding import Form, encode

pytestmark = pytest.mark.skipif(bool(why_deaf_here()), reason=why_deaf_here())

WORDS = yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def process() -> Iterator[ListeningProcess]:
    made = ListeningProcess.of(MODEL, WORDS["trade"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def hear(process: ListeningProcess) -> Callable[..., Heard]:
    def hear(text: str, offers: tuple[Offer, ...] = (), *, noise_db: float | None = None) -> Heard:
        return process.listen(note(text, noise_db=noise_db), offers)

    return hear


def offered(*labels: str) -> tuple[Offer, ...]:
    spoken = WORDS["spoken"]
    keys = [Offer(key, tuple(spoken[key])) for key in ("6", "7", "8", "9", "0", "*")]
    return (*(Offer(label, (f"{label}.", *spoken[str(n)])) for n, label in enumerate(labels, 1)), *keys)


@pytest.mark.parametrize("noise_db", [None, 15.0])
def test_short_answers_are_told_apart_and_none_is_taken_for_another(hear: Callable[..., Heard], noise_db: float | None) -> None:
    options = offered("Nada", "Poco", "No digo")
    asked = [("Sí", "Sí", offered("Sí", "No")), ("No", "No", offered("Sí", "No"))]
    asked += [
        (said, meant, options) for said, meant in (("nada", "Nada"), ("poco", "Poco"), ("dos", "Poco"), ("tres", "No digo"))
    ]
    right = wrong = 0
    for said, meant, offers in asked:
        try:
            heard = hear(said, offers, noise_db=noise_db)
        except ListeningError:
            continue
        right += heard.option == meant
        wrong += heard.sure and bool(heard.option) and heard.option != meant
    assert wrong == 0
    assert right >= len(asked) - 1


def test_a_question_is_heard_as_one_while_options_are_pending(hear: Callable[..., Heard]) -> None:
    heard = hear("¿Cuándo es la reunión?", offered("Sí", "No"))
    assert (heard.option, plain(heard.text)) == ("", "cuando es la reunion")


def test_a_reserved_key_may_be_said(hear: Callable[..., Heard]) -> None:
    assert hear("Repita, por favor", offered("Sí", "No")).option == "8"


def test_a_danger_is_made_out(hear: Callable[..., Heard]) -> None:
    heard = hear("Se derrumbó el socavón y hay gente adentro", offered("Sí", "No"))
    assert (heard.option, "gente adentro" in plain(heard.text)) == ("", True)


def test_a_sentence_comes_out_in_words(hear: Callable[..., Heard]) -> None:
    heard = hear("Saque primero a los niños y a las embarazadas. Tampoco cerca de la escuela ni de la tienda.")
    assert plain(heard.text) == "saque primero a los niños y a las embarazadas tampoco cerca de la escuela ni de la tienda"
    assert heard.sure


@pytest.mark.parametrize("laughter", ["Ja, ja, ja, ja, ja.", "Jajajaja, ay no, jajaja."])
def test_laughter_is_taken_for_no_option(hear: Callable[..., Heard], laughter: str) -> None:
    try:
        heard = hear(laughter, offered("Nada", "Poco", "No digo"))
    except ListeningError:
        return
    assert not (heard.option and heard.sure)


@pytest.mark.parametrize("kind", ["ogg", "mp3", "m4a", "amr", "wav"])
def test_every_kind_of_file_that_phones_send_is_read(process: ListeningProcess, kind: str) -> None:
    heard = process.listen(sound("Quiero hablar con una persona", kind), ())
    assert plain(heard.text) == "quiero hablar con una persona"


@pytest.mark.parametrize("loudness", [0.0, 0.001, 0.05])
def test_silence_and_noise_say_nothing(process: ListeningProcess, loudness: float) -> None:
    hiss = np.random.default_rng(3).normal(scale=loudness, size=48_000).astype(np.float32)
    with pytest.raises(ListeningError) as raised:
        process.listen(encode(as_pcm(hiss, 16_000), Form.NOTE), offered("Sí", "No"))
    assert raised.value.why is Unheard.SILENCE


@pytest.mark.parametrize("data", [b"", b"OggS", b"hello", b"OggS" + bytes(range(256)) * 20, b"#EXTM3U\nfile:///etc/passwd"])
def test_what_is_no_sound_is_unreadable(process: ListeningProcess, data: bytes) -> None:
    with pytest.raises(ListeningError) as raised:
        process.listen(data, ())
    assert raised.value.why is Unheard.UNREADABLE


def test_of_a_long_note_the_first_minute_counts(process: ListeningProcess) -> None:
    minute = noisy(np.tile(signal("Buenos días a todos. El agua del río está limpia. La reunión es el sábado."), 14), None)
    heard = process.listen(encode(as_pcm(minute[: 16_000 * 70], 16_000), Form.NOTE), ())
    assert heard.cut
    assert "dias" in plain(heard.text)


def test_a_note_of_five_seconds_is_understood_in_time_and_in_half_a_gigabyte(process: ListeningProcess) -> None:
    five_seconds = note("Quiero saber cómo cuidarme cuando quemo la amalgama en la cocina de mi casa")
    process.listen(five_seconds, ())
    took = []
    for _ in range(3):
        started = time.monotonic()
        process.listen(five_seconds, ())
        took.append(time.monotonic() - started)
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    peak_kb = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    assert peak_kb < 500_000
    assert min(took) < 2.0


def test_a_voice_note_answers_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "si.ogg").write_bytes(note("Sí, acepto"))
    (tmp_path / "peligro.ogg").write_bytes(note("Se derrumbó el socavón y hay gente adentro"))
    lines = f"hola\n/voice {tmp_path / 'si.ogg'}\n/voice {tmp_path / 'peligro.ogg'}\n/voice {tmp_path / 'none.ogg'}\n"
    command = [sys.executable, "-m", "bot.cli.app", "chat", "--fresh", "--json"]
    environment = {"BATEA_ASR_MODEL": str(MODEL), "BATEA_DATA_DIR": str(ROOT / "var"), "BATEA_TTS": "off", "PATH": ""}
    ran = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT, env=environment, timeout=120)
    _, agreed, danger, absent = (json.loads(line) for line in ran.stdout.splitlines())
    assert agreed["state"] == "onboarding:country"
    assert danger["understood"]["danger"] == "accident"
    assert absent["state"] == "onboarding:country"
    assert absent["replies"][0]["choices"]

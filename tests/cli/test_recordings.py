"""Recordings that travel from one Batea to another, and sheets to print, by the command line."""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from standins import commands
from voice.conftest import hum

from bot import wiring
from bot.domain.clock import SystemClock
from bot.settings import load
from bot.storage import schema
from bot.telemetry import Telemetry
from bot.voice.espeak import Espeak
from bot.voice.opening import build_clips
from bot.voice.pronunciation import Pronunciation
from bot.voice.speaking import Pcm
from bot.voice.transcoding import Form, encode
from bot.wiring_studio import build_studio

ROOT = Path(__file__).resolve().parents[2]
RATE = 48_000


def environment(data):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATEA_")}
    return clean | {"BATEA_DATA_DIR": str(data), "BATEA_DEMO": "1", "BATEA_SECRET_KEY": "a key of the tests that is long enough"}


def audio(data, *words):
    return commands.run("audio", *words, environment=environment(data), folder=ROOT).as_text()


def studio_of(settings, store):
    clips = build_clips("off", settings.data_dir, settings.audio_dir, log=Telemetry())
    return build_studio(settings, store, wiring.build_library(settings, SystemClock()), SystemClock(), clips)


def spoken(seconds):
    word, pause = hum(0.9, RATE), np.zeros(RATE // 2, np.int16)
    return encode(Pcm(np.concatenate([word, pause] * seconds), RATE), Form.NOTE)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A Batea in which two emergency answers are recorded in Quechua, and its pack."""
    data = tmp_path_factory.mktemp("made")
    settings = load(environment(data))
    schema.upgrade(settings.database_url)
    with wiring.database(settings) as store:
        studio = studio_of(settings, store)
        crisis = [one for one in studio.sentences("quz") if one.group == "crisis"][:2]
        takes = [studio.take(spoken(3 + number), one, "quz") for number, one in enumerate(crisis)]

        def work(uow):
            voice = studio.add_speaker(uow, "Planted Alias", "CC-BY-4.0", paid=True)
            for one, take in zip(crisis, takes, strict=True):
                studio.record(uow, one, "quz", take, speaker_id=voice.id, member_id="m", checked_by="Planted Checker")

        store.submit(work).result()
        studio.publish()
    done = audio(data, "pack", "--language", "quz", "--module", "crisis", data / "quz.zip")
    assert done.returncode == 0, done.stderr
    return data, data / "quz.zip", re.search(r"seal (\w+)", done.stdout)[1]


def test_a_pack_is_looked_through_installed_and_heard_and_its_names_stay_at_home(made, tmp_path):
    _, pack, seal = made
    schema.upgrade(load(environment(tmp_path)).database_url)
    seen = audio(tmp_path, "check", "--pack", pack)
    assert (seen.returncode, seen.stdout.splitlines()[0]) == (0, f"{pack} is whole: 2 in quz")
    done = audio(tmp_path, "install", pack, "--expect", seal)
    assert done.returncode == 0, done.stderr
    assert "new: 2, known: 0" in done.stdout
    index = json.loads((tmp_path / "recordings" / "manifest.json").read_text())
    assert {line["key"].split(".")[0] for line in index["recordings"]} == {"crisis"}
    assert {line["source"] for line in index["recordings"]} == {"pack"}
    assert b"Planted" not in pack.read_bytes()
    assert "new: 0, known: 2" in audio(tmp_path, "install", pack).stdout
    settings = load(environment(tmp_path))
    with wiring.database(settings) as store:
        studio = studio_of(settings, store)
        hers = store.submit(lambda uow: uow.voices.speakers()).result()[0]
        assert (hers.alias, hers.licence, hers.paid) == ("", "CC-BY-4.0", True)
        studio.publish(store.submit(lambda uow: studio.withdraw(uow, hers.id)).result())
    again = audio(tmp_path, "install", pack)
    assert "withdrawn: 2" in again.stdout, "whoever took her voice back is not brought back by a pack"
    assert json.loads((tmp_path / "recordings" / "manifest.json").read_text())["recordings"] == []


def test_a_pack_that_is_not_what_was_told_or_not_whole_changes_nothing(made, tmp_path):
    _, pack, _ = made
    schema.upgrade(load(environment(tmp_path)).database_url)
    done = audio(tmp_path, "install", pack, "--expect", "0" * 64)
    assert done.returncode == 1
    assert "do not use it" in done.stderr
    broken = tmp_path / "broken.zip"
    broken.write_bytes(pack.read_bytes()[:-200])
    assert audio(tmp_path, "install", broken).returncode == 1
    assert audio(tmp_path, "install", tmp_path / "nothing.zip").returncode == 2
    assert not (tmp_path / "recordings").exists()


def test_sheets_are_whole_pages_with_the_spanish_words_and_empty_lines(made):
    data, _, _ = made
    done = audio(data, "sheets", "quz", "--module", "crisis")
    assert done.returncode == 0, done.stderr
    page = (data / "sheets" / "quz" / "crisis.html").read_text()
    assert "quechua de Cusco y Puno" in page
    assert page.count('<div class="lines"></div>') == int(done.stdout.split()[-2])
    assert page.count("(ya grabada)") == 2
    assert "Quién revisa (otra persona)" in page
    assert "<script" not in page
    assert audio(data, "sheets", "es").returncode == 2
    assert audio(data, "sheets", "quz", "--module", "nothing").returncode == 2


def test_a_facilitator_records_a_step_by_telegram_in_the_terminal_with_real_speech(tmp_path):
    """The demonstration's Eva: `/voice` is her voice note; too short first, then whole."""
    shutil.copytree(ROOT / "var" / "models", tmp_path / "models")
    engine, words = Espeak(), Pronunciation(ROOT / "audio")

    def said(text, name):
        spoken_ = engine.speak(words.of(text), slow=False)
        (tmp_path / name).write_bytes(encode(spoken_, Form.NOTE))
        return f"/voice {tmp_path / name}"

    text = "Acérquese, que esto es por los suyos. Hablemos del azogue. Otros le dicen mercurio. Para seguir, marque nueve."
    lines = ["grabar", "1", "1", "1", "1", "1", said("Hola.", "short.ogg"), said(text, "whole.ogg"), "1", "cancelar"]
    engine.close()
    words_ = ("chat", "--fresh", "--json", "--channel", "telegram", "--from", "9000000012")
    env = environment(tmp_path) | {"BATEA_ASR": "off", "BATEA_TTS": "espeak"}
    done = commands.run(*words_, environment=env, folder=ROOT, stdin="\n".join(lines).encode() + b"\n").as_text()
    assert done.returncode == 0, done.stderr
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["state"] for turn in turns] == [
        "facilitator:recording/lends",
        "facilitator:recording/tongue",
        "facilitator:recording/module",
        "facilitator:recording/lesson",
        "facilitator:recording/script",
        "facilitator:recording/take",
        "facilitator:recording/take",
        "facilitator:recording/keeping",
        "facilitator:recording/script",
        "menu",
    ]
    assert "Mande una nota de voz" in turns[5]["replies"][0]["text"]
    assert turns[5]["replies"][0]["voice"]["duration_s"] > 5, "the script is spoken, too"
    assert "faltan palabras" in turns[6]["replies"][0]["text"]
    assert turns[7]["replies"][0]["voice"]["duration_s"] > 4, "she hears herself"
    assert any(part["api"] == "telegram.sendVoice" for part in turns[7]["replies"][0]["rendered"])
    assert "El equipo la oye primero" in turns[8]["replies"][0]["text"]

"""`batea audio`, as somebody calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from shutil import copytree

import pytest

from bot.voice.measuring import measure
from bot.voice.recordings import fingerprint

ROOT = Path(__file__).resolve().parents[2]
KEY = "answers.ask_mercury"


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bot.cli.app", "audio", *words]


def environment(data: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATEA_")}
    return clean | {"BATEA_DATA_DIR": str(data), "BATEA_DEMO": "1"} | {f"BATEA_{name}": value for name, value in settings.items()}


def audio(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = environment(data, **settings)
    return subprocess.run(command(*words), cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=600)


def test_checking_a_fresh_checkout_names_what_is_missing_and_is_no_failure(tmp_path: Path) -> None:
    done = audio(tmp_path, "check", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["recorded"], found["problems"]) == (0, [])
    missing = {one["key"]: one for one in found["missing"]}
    assert missing[KEY]["text_sha256"] == fingerprint(missing[KEY]["text"])
    assert missing[KEY]["language"] == "es"
    assert KEY in found["silent"]


def test_what_to_record_in_quechua_is_listed_with_its_fingerprints(tmp_path: Path) -> None:
    lines = audio(tmp_path, "check", "--language", "quz").stdout.splitlines()
    line, *_ = [line for line in lines if line.startswith(f"missing: {KEY} ")]
    assert line.split()[2] == "quz"
    assert len(line.split()[3]) == 64
    assert lines[0].startswith("missing: languages.unrecorded quz ")


def test_an_unknown_language_is_wrong_use(tmp_path: Path) -> None:
    done = audio(tmp_path, "check", "--language", "fr")
    assert (done.returncode, done.stdout) == (2, "")
    assert "use one of es, quz, quy, ay, pbb" in done.stderr


@pytest.mark.parametrize(("key", "kind"), [(KEY, "stale"), ("answers.gone", "orphaned")])
def test_a_recording_whose_text_changed_or_went_is_named_and_a_failure(tmp_path: Path, key: str, kind: str) -> None:
    copytree(ROOT / "audio", tmp_path / "audio")
    entry = f"  - {{file: qu/x.wav, key: {key}, language: qu, text_sha256: {'a' * 64}, speaker: voz-01, consent: form 1, "
    entry += "source: workshop, licence: CC-BY-4.0, duration_s: 3.0, size_bytes: 9}\n"
    (tmp_path / "audio" / "manifest.yml").write_text(f"version: 1\nrecordings:\n{entry}", encoding="utf-8")
    done = audio(tmp_path, "check", AUDIO_DIR=str(tmp_path / "audio"))
    assert done.returncode == 1
    assert f"{kind}: " in done.stdout
    assert "broken: " in done.stdout
    assert f"manifest.yml:3: qu/x.wav: {'the text of' if kind == 'stale' else 'nothing says'} {key}" in done.stdout


def test_where_there_are_calls_telephone_clips_are_built_beside_the_notes(tmp_path: Path) -> None:
    building = subprocess.Popen(
        command("build", "--engine", "espeak"), cwd=ROOT, env=environment(tmp_path, CALLS="answer"), stdout=subprocess.DEVNULL
    )
    ends_at = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.wav"))) < 3 and time.monotonic() < ends_at and building.poll() is None:
        time.sleep(0.05)
    building.kill()
    building.wait()
    notes, calls = list(tmp_path.rglob("*.ogg")), list(tmp_path.rglob("*.wav"))
    assert len(notes) - len(calls) in {0, 1}
    assert len(calls) >= 3
    assert all(measure(file).faults() == [] for file in notes + calls)


def test_packing_tells_what_has_no_voice_note_yet(tmp_path: Path) -> None:
    building = subprocess.Popen(
        command("build", "--engine", "espeak"), cwd=ROOT, env=environment(tmp_path), stdout=subprocess.DEVNULL
    )
    while not list(tmp_path.rglob("*.ogg")) and building.poll() is None:
        time.sleep(0.05)
    building.kill()
    building.wait()
    done = audio(tmp_path, "pack", TTS="espeak")
    assert done.returncode == 1
    assert "sentences have no voice note yet: run batea audio build" in done.stderr
    with zipfile.ZipFile(tmp_path / "audio-pack.zip") as archive:
        line = json.loads(archive.read("manifest.json"))["clips"][0]
        assert len(archive.read(line["file"])) == line["size_bytes"]
    assert line["source"].startswith("espeak ")
    assert line["text_sha256"] == fingerprint(line["text"])
    assert line["duration_s"] > 0.5
    assert (line["speaker"], line["consent"], line["licence"]) == (None, None, None)

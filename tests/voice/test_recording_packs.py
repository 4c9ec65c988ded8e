"""Packs of recordings: what comes out is what went in, and whatever was tampered with is refused."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import AudioError, ContentError
from bot.domain.recording import Packed
from bot.voice.recording_packs import Pack, write_pack
from bot.voice.recordings import fingerprint
from bot.voice.shelf import Shelf
from bot.voice.speaking import Pcm
from bot.voice.takes import prepared
from bot.voice.transcoding import Form, encode
from tests.voice.conftest import hum

TEXTS = {"crisis.accident": "No entre al hueco. Llame ya.", "m1/humo/s1": "Nunca queme azogue en la casa."}
LIST = "recordings.json"
Change = Callable[[dict[str, bytes]], Any]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "recordings")


@pytest.fixture
def recordings(shelf: Shelf) -> list[Packed]:
    made = []
    for number, (key, text) in enumerate(TEXTS.items()):
        voice = hum(3 + number, 48_000)
        voice[20_000:40_000] = 0
        take = prepared(encode(Pcm(voice, 48_000), Form.NOTE), text, "quz", shelf.put)
        who = ("voz-a1b2c3", "studio", date(2026, 11, 1), "voice-1", "CC-BY-4.0", True, True)
        made.append(Packed("quz", key, text, fingerprint(text), take, *who))
    return made


@pytest.fixture
def pack(tmp_path: Path, shelf: Shelf, recordings: list[Packed]) -> Path:
    target = tmp_path / "out" / "pack.zip"
    assert write_pack(recordings, shelf.read, target)[0] == 2
    return target


def repacked(pack: Path, change: Change) -> Path:
    """The same pack after somebody had it in his hands."""
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    target = pack.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def test_what_comes_out_is_what_went_in(pack: Path, shelf: Shelf, recordings: list[Packed]) -> None:
    opened = Pack(pack)
    assert list(opened.recordings) == recordings
    assert [opened.sound(one.take.sound) for one in recordings] == [shelf.read(one.take.sound) for one in recordings]
    assert len(opened.seal) == 64


def test_the_seal_is_the_same_for_the_same_recordings_and_another_for_others(
    tmp_path: Path, shelf: Shelf, recordings: list[Packed]
) -> None:
    seals = [write_pack(some, shelf.read, tmp_path / "x.zip")[1] for some in (recordings, recordings, recordings[:1])]
    assert seals[0] == seals[1] != seals[2]


def test_a_sound_that_is_gone_leaves_no_pack(tmp_path: Path, recordings: list[Packed]) -> None:
    with pytest.raises(AudioError):
        write_pack(recordings, lambda _: None, tmp_path / "none.zip")
    assert not list(tmp_path.glob("none*"))
    assert not list(tmp_path.glob("*.part"))


def _in_list(**facts: Any) -> Change:
    def change(files: dict[str, bytes]) -> None:
        whole = json.loads(files[LIST])
        whole["recordings"][0].update(facts)
        files[LIST] = json.dumps(whole).encode()

    return change


def _first_sound(files: dict[str, bytes]) -> str:
    return next(name for name in files if name.startswith("sounds/"))


def _other_sound(files: dict[str, bytes]) -> None:
    one, two = (name for name in files if name.startswith("sounds/"))
    files[one] = files[two]


def _drop(files: dict[str, bytes]) -> None:
    del files[_first_sound(files)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_other_sound, "was changed"),
        (lambda files: files.update({_first_sound(files): b"OggS"}), "was changed"),
        (_drop, "lacks a sound"),
        (lambda files: files.update({"../../evil.py": b"x"}), "does not name"),
        (lambda files: files.update({"sounds/extra.ogg": b"x"}), "does not name"),
        (_in_list(text="Queme azogue en la casa."), "changed after it was sealed"),
        (_in_list(licence="mine"), "changed after it was sealed"),
        (_in_list(speaker="voz-ffffff"), "changed after it was sealed"),
        (_in_list(language="Quechua"), "recordings.0.language"),
        (_in_list(sound="../../../etc/passwd"), "recordings.0.sound"),
        (_in_list(duration_s=61), "recordings.0.duration_s"),
        (_in_list(more="x"), "recordings.0.more"),
        (lambda files: files.pop(LIST), "holds no recordings.json"),
        (lambda files: files.update({LIST: b"[]"}), "its list is wrong"),
    ],
)
def test_what_was_tampered_with_is_refused(pack: Path, change: Change, text: str) -> None:
    with pytest.raises(ContentError, match=text):
        Pack(repacked(pack, change))


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_what_was_cut_off_on_the_way_is_refused(pack: Path, size: int) -> None:
    pack.write_bytes(pack.read_bytes()[:size])
    with pytest.raises(ContentError, match="is no pack"):
        Pack(pack)


@pytest.mark.parametrize(
    "wrong", [{"licence": "mine"}, {"duration": 9.0}], ids=["a licence of somebody's own", "a length that is not true"]
)
def test_a_pack_sealed_with_wrong_facts_is_refused(
    tmp_path: Path, shelf: Shelf, recordings: list[Packed], wrong: dict[str, Any]
) -> None:
    first = recordings[0]
    bad = replace(first, licence="mine") if "licence" in wrong else replace(first, take=replace(first.take, duration_s=9.0))
    write_pack([bad], shelf.read, tmp_path / "bad.zip")
    with pytest.raises(ContentError):
        Pack(tmp_path / "bad.zip")


def test_one_text_twice_is_refused(tmp_path: Path, shelf: Shelf, recordings: list[Packed]) -> None:
    twice = [recordings[0], replace(recordings[0], key="other")]
    write_pack(twice, shelf.read, tmp_path / "twice.zip")
    with pytest.raises(ContentError, match="twice"):
        Pack(tmp_path / "twice.zip")

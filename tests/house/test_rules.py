"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(file for file in (ROOT / "bot").rglob("*.py") if "versions" not in file.parts)
REGISTRIES = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org")
SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(usted|marque|escriba|llame|reunión|gracias)\b", re.IGNORECASE)
WORD = re.compile(r"[¿¡\"(]*[^\W\d_]{2,14}[.,;:!?)]*")
MOST_LINES = 330
MOST_FUNCTION_LINES = 60
AUDIO_BUDGET_BYTES = 20_000_000


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine():
    this = Path(__file__)
    for file in tracked():
        if file == this or file.suffix in {".png", ".ogg"}:
            continue
        text = file.read_text("utf-8", "replace")
        assert not REGISTRIES.search(text), f"{file} names a registry"
        assert not re.search(r"(?<![\w./-])/(?:work|root|home/[a-z])/", text), f"{file} holds a path of one machine"


def test_every_pin_has_a_hash():
    for file in (ROOT / "requirements").glob("*.txt"):
        pins = re.findall(r"^[\w.\[\]-]+==", file.read_text(), re.MULTILINE)
        assert pins, file
        assert len(pins) <= file.read_text().count("--hash=sha256:")


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_sentence_for_people_stands_in_python(file):
    tree = ast.parse(file.read_text("utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            words = [word for word in node.value.split() if WORD.fullmatch(word)]
            assert not (len(words) > 2 and SPANISH.search(" ".join(words))), f"{file}:{node.lineno}: {node.value[:60]!r}"


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_stay_small(file):
    source = file.read_text("utf-8")
    assert source.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < MOST_FUNCTION_LINES, f"{file}:{node.lineno} {node.name}"


def test_recordings_stay_within_their_budget():
    assert sum(file.stat().st_size for file in tracked() if file.is_relative_to(ROOT / "audio")) <= AUDIO_BUDGET_BYTES


def test_only_settings_read_the_environment():
    for file in PYTHON:
        if file.name != "settings.py":
            assert not re.search(r"os\.environ|os\.getenv|getenv\(", file.read_text("utf-8")), file

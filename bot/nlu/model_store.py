"""Where trained models lie: `<data_dir>/models/<content hash>/`. Any number of processes may read and train at once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.domain.errors import UnderstandingError
from bot.nlu import alarm_data, lexicon, model, training_data
from bot.nlu.model import Model

LEXICON: Final = "lexicon.yml"
DANGER: Final = "danger.yml"
TRAINING_TIMEOUT_S: Final = 300
MODELS_KEPT: Final = 3
"""The newest; who went back to yesterday's sentences need not train again."""


def content_hash(intents_dir: Path, language: str = "es") -> str:
    """A name for what a model would be trained from: the files of sentences, lexicon, word list, format; 16 hexadecimal digits.

    The files are not read as YAML, which would cost a start half a second: a changed remark is another content.
    """
    state = hashlib.sha256()
    sentences = [path for folder in (language, alarm_data.FOLDER) for path in sorted((intents_dir / folder).glob("*.yml"))]
    words = [path for path in (intents_dir / LEXICON, intents_dir / lexicon.FRAMES) if path.is_file()]
    for path in (*sentences, *words):
        written = path.read_bytes()
        state.update(f"{path.parent.name}/{path.name} {len(written)}\n".encode())
        state.update(written)
    state.update(f"format {model.FORMAT} wordfreq {version('wordfreq')}".encode())
    return state.hexdigest()[:16]


def folder_of(data_dir: Path, content: str) -> Path:
    """Where the model of that content lies, or would."""
    return data_dir / "models" / content


def keep(trained: Model, data_dir: Path, content: str) -> Path:
    """Put a model in its place, whole or not at all; where another process was quicker, its model stays."""
    final = folder_of(data_dir, content)
    final.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        trained.save(making)
        if final.exists() and not _readable(final):
            shutil.rmtree(final)
        os.rename(making, final)  # noqa: PTH104  fails, as it should, when another process was quicker
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
        if not _readable(final):
            raise
    _forget_older(final)
    return final


def _forget_older(newest: Path) -> None:
    """Models of sentences that have changed since. Whoever serves one has it in memory."""
    others = [folder for folder in newest.parent.iterdir() if folder != newest and not folder.name.startswith(".")]
    others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[MODELS_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def find(data_dir: Path, content: str) -> Model | None:
    """The model of that content, or None where there is none that can be read."""
    folder = folder_of(data_dir, content)
    if not folder.is_dir():
        return None
    try:
        return model.load(folder)
    except UnderstandingError:
        return None


def _readable(folder: Path) -> bool:
    try:
        model.load(folder)
    except UnderstandingError:
        return False
    return True


def find_or_train(intents_dir: Path, data_dir: Path, train: Callable[[Path, Path], None] | None = None) -> Model:
    """The model of what stands in `intents/` now. Raises ContentError for a broken file, UnderstandingError if training fails."""
    content = content_hash(intents_dir)
    found = find(data_dir, content)
    if found is None:
        # Here, where a broken file is told with its line, not only in the process that trains.
        training_data.read(intents_dir)
        alarm_data.read(intents_dir)
        (train or train_apart)(intents_dir, data_dir)
        found = find(data_dir, content)
    if found is None:
        raise UnderstandingError(f"training left no model in {folder_of(data_dir, content)}: run batea nlu train")
    return found


def train_apart(intents_dir: Path, data_dir: Path) -> None:
    """Train in a process of its own, so that whoever serves never loads what only training needs."""
    command = [sys.executable, "-m", "bot.nlu.training", str(intents_dir), str(data_dir)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TRAINING_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnderstandingError(f"training did not finish: {error}") from error
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise UnderstandingError(f"training failed: {reason[0]}")


def file_hash(path: Path) -> str:
    """A name for a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]

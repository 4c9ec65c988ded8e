"""`batea` as a process of its own for each command, forked off one that has imported it: a second less each time."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it wrote, as text."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: bytes
    stderr: bytes

    def as_text(self) -> Said:
        return Said(self.returncode, self.stdout.decode(), self.stderr.decode())


def run(*words: object, environment: Mapping[str, str], folder: Path = Path(), stdin: bytes = b"") -> Done:
    """Run `batea WORDS` in that folder with nothing but that environment."""
    with TemporaryDirectory() as kept:
        files = [Path(kept) / name for name in ("in", "out", "err")]
        for file in files:
            file.write_bytes(stdin if file.name == "in" else b"")
        order = {
            "words": [str(word) for word in words],
            "environment": dict(environment),
            "folder": str(folder.resolve()),
            "files": [str(file) for file in files],
        }
        mother = _mother()
        assert mother.stdin is not None
        assert mother.stdout is not None
        mother.stdin.write(json.dumps(order) + "\n")
        mother.stdin.flush()
        code = int(mother.stdout.readline())
        return Done(code, files[1].read_bytes(), files[2].read_bytes())


@cache
def _mother() -> subprocess.Popen[str]:
    """The process that commands are forked off; pytest's own has threads and pipes that a fork would share."""
    program = Path(__file__).with_name("mother.py")
    mother = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(mother.communicate)
    return mother

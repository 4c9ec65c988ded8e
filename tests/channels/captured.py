"""The captured payloads of `../shared/fixtures`, where a checkout has them beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def captured(name: str) -> Any:
    """One fixture file. Skips the module that asks where there is none."""
    file = SHARED / "fixtures" / f"{name}.json"
    if not file.is_file():
        pytest.skip(f"{file.name} of the shared fixtures is not beside this checkout", allow_module_level=True)
    return json.loads(file.read_text("utf-8"))

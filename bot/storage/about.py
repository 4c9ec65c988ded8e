"""What a person said of herself for counts alone, and how she wants to be told things, sealed."""

from __future__ import annotations

import json
from typing import Any

from bot.domain.person import Person, Role, Sex
from bot.storage.vault import Vault


def sealed_about(vault: Vault, person: Person) -> str | None:
    """The column, None where nothing was asked yet: most turns then have nothing to seal."""
    said = {"sex": person.sex, "role": person.role, "panel": person.panel, "pictures": None if person.pictures else False}
    known = {name: value for name, value in said.items() if value is not None}
    return vault.seal(json.dumps(known)) if known else None


def about_her(vault: Vault, sealed: str | None) -> dict[str, Any]:
    """The fields of a Person."""
    said = json.loads(vault.open(sealed)) if sealed else {}
    return {
        "sex": Sex(said["sex"]) if "sex" in said else None,
        "role": Role(said["role"]) if "role" in said else None,
        "panel": said.get("panel"),
        "pictures": said.get("pictures", True),
    }

"""What people may ask to have of what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PersonalData(Protocol):
    """What is kept of one person, for herself."""

    def of(self, person_id: str) -> Mapping[str, Any] | None:
        """Everything, opened, as plain values that JSON can hold; None where there is no such person."""
        ...

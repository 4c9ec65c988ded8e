"""The audit log: who did what to whom on the staff side. Rows are only ever added, and each covers the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

OPERATOR: Final = "operator"
"""The actor of what was done by a command on the machine itself."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. `actor` is an account's id or `OPERATOR`; `kind` and `object_id` say what it was done to.

    `action` reads `<noun>.<verb>`, e.g. `person.read`. There is no address and no text of a message in it, ever: `reason` is
    the id of a sentence in the translations, or a few words without numbers and links.
    """

    at: datetime
    actor: str
    action: str
    kind: str = ""
    object_id: str = ""
    reason: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the log has been read and found whole; `broken` is the number of the first row that does not fit, 0: none."""

    number: int = 0
    link: str = ""
    broken: int = 0
    finished: bool = False


class AuditLog(Protocol):
    """Rows that nobody changes or deletes."""

    def write(self, entry: AuditEntry) -> None:
        """Add a row; its `number` is given by the log."""
        ...

    def recent(self, *, before: int | None = None, actor: str = "", action: str = "", limit: int = 50) -> Sequence[AuditEntry]:
        """Rows, the newest first, with numbers below `before`; of one actor, or of actions that begin so, where given."""
        ...

    def verify(self, so_far: Verified, limit: int = 2000) -> Verified:
        """Read on from there; call again until it is finished."""
        ...

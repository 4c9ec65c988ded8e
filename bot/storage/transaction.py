"""What the repositories of one transaction share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable

from bot.storage.rounds import RoundKeys
from bot.storage.vault import Lookup, Vault


@dataclass(slots=True)
class Transaction:
    """An open transaction with what opens and hides its contents.

    `erased` are the persons deleted in it, so that a goodbye queued afterwards does not point at nobody; `opted_out` the
    addresses whose opt-out is already known, by hash, which spares a query.
    """

    connection: Connection
    vault: Vault
    lookup: Lookup
    round_keys: RoundKeys
    erased: set[str] = field(default_factory=set)
    opted_out: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement."""
        return self.connection.execute(statement, values)

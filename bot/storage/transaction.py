"""What the repositories of one transaction share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Executable

from bot.domain.line import Line
from bot.storage.fresh import Fresh
from bot.storage.prepared import PreparedStatements, Rows
from bot.storage.rounds import RoundKeys
from bot.storage.vault import Lookup, Vault

_PREPARED: Final = PreparedStatements()


@dataclass(slots=True)
class Transaction:
    """An open transaction with what opens and hides its contents.

    `opted_out` and `shut_by_carrier` are the addresses of which that is already known, by hash, which spares a query; `lines` the
    lines of those that were met; `prompted` whether something about learning was sent unasked to those persons, `noticed` about a
    meeting, `invited` about a poll.
    """

    connection: Connection
    vault: Vault
    lookup: Lookup
    round_keys: RoundKeys
    fresh: Fresh
    opted_out: dict[str, datetime | None] = field(default_factory=dict)
    shut_by_carrier: dict[str, datetime | None] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    prompted: dict[str, bool] = field(default_factory=dict)
    noticed: dict[str, bool] = field(default_factory=dict)
    invited: dict[str, bool] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]] | Rows:
        """Execute one statement; one that is a constant of its module without SQLAlchemy's overhead from the second time on."""
        if isinstance(values, list) and len(values) == 1:
            values = values[0]
        if isinstance(values, dict):
            prepared = _PREPARED.find(statement, self.connection.dialect, values)
            if prepared is not None:
                return prepared.run(self.connection, values)
        return self.connection.execute(statement, values)

    def run_each(self, statement: Executable, many: Sequence[Mapping[str, Any]]) -> list[int]:
        """Execute a constant of a module with each of these values, of the same names: how many rows each has written."""
        prepared = _PREPARED.find(statement, self.connection.dialect, many[0]) if many else None
        if prepared is not None:
            return prepared.run_each(self.connection, many)
        return [self.run(statement, dict(values)).rowcount for values in many]

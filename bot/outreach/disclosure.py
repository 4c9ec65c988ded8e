"""What could be worked out of published tables: the values that each hidden count may have, as far as the tables tell.

Everything published of a round is a set of linear constraints on whole numbers that are not negative: answers of a group add
up to the group, groups add up to the round. This module only bounds; what to hide is `suppression`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

NARROWEST: Final = 5  # no hidden count may be known to within fewer: its least and greatest possible value differ by this
PEOPLE: Final = ""  # the column of a table that holds how many people a group has; every other is an option's id
TOTAL: Final = ("", "")  # the row of everybody
_TRIALS: Final = 6
_EXACT: Final = {"mip_rel_gap": 0.0}

Row = tuple[str, str]  # what it is broken down by, and the group
Cell = tuple[Row, str]


class Shape(Enum):
    """How the answers of a group add up: each person counts in one column, or in several."""

    SINGLE = "single"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Table:
    """The true counts of some groups of one round and of everybody: cells by row and column. Groups partition everybody.

    Where several may be chosen, `most` says how many, and whoever chose `alone` chose nothing else.
    """

    shape: Shape
    columns: tuple[str, ...]
    counts: Mapping[Cell, int]
    most: int = 1
    alone: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, everybody's first."""
        return tuple(dict.fromkeys(row for row, _ in self.counts))

    def part(self, by: str) -> Table:
        """Everybody and the groups of one breakdown."""
        kept = {cell: count for cell, count in self.counts.items() if cell[0] == TOTAL or cell[0][0] == by}
        return replace(self, counts=kept)

    def without(self, bys: Iterable[str]) -> Table:
        """The table less some breakdowns."""
        gone = set(bys)
        return replace(self, counts={cell: n for cell, n in self.counts.items() if cell[0][0] not in gone})


def exposed(table: Table, hidden: Iterable[Cell]) -> list[Cell]:
    """The hidden cells whose possible values lie within less than NARROWEST, given all the others."""
    return _Possible(table, sorted(set(hidden))).narrow()


class _Possible:
    """The integer tables that agree with what is shown. Each one found widens what many cells may be.

    scipy is loaded only where something is to be hidden: a server that only talks does not hold its 60 MB.
    """

    def __init__(self, table: Table, hidden: list[Cell]) -> None:
        from scipy.optimize import Bounds, milp  # noqa: PLC0415 see above

        self._milp = milp
        self._table = table
        self._hidden = hidden
        self._index = {cell: i for i, cell in enumerate(hidden)}
        truth = np.array([table.counts[cell] for cell in hidden], dtype=float)
        self._least, self._greatest = truth.copy(), truth.copy()
        self._bounds = Bounds(np.zeros(len(hidden)), np.full(len(hidden), float(table.counts[TOTAL, PEOPLE])))
        self._constraint = self._constraints()

    def narrow(self) -> list[Cell]:
        if not self._hidden:
            return []
        for weights in np.random.default_rng(0).choice([-1.0, 1.0], size=(_TRIALS, len(self._hidden))):
            self._try(weights)
        for i in range(len(self._hidden)):
            for sign in (1.0, -1.0):
                if self._greatest[i] - self._least[i] < NARROWEST:
                    self._try(np.eye(1, len(self._hidden), i)[0] * sign)
        return [cell for i, cell in enumerate(self._hidden) if self._greatest[i] - self._least[i] < NARROWEST]

    def _try(self, weights: np.ndarray) -> None:
        found = self._milp(
            weights, integrality=np.ones(len(weights)), bounds=self._bounds, constraints=self._constraint, options=_EXACT
        )
        if found.x is not None:
            values = np.round(found.x)
            self._least, self._greatest = np.minimum(self._least, values), np.maximum(self._greatest, values)

    def _constraints(self) -> LinearConstraint | None:
        """Those in which something hidden occurs; what is shown moves to the other side."""
        from scipy.optimize import LinearConstraint  # noqa: PLC0415 see above
        from scipy.sparse import csr_array  # noqa: PLC0415

        data, rows, columns = list[float](), list[int](), list[int]()
        least, most = list[float](), list[float]()
        for terms, low, high in self._sums():
            unknown = [(self._index[cell], sign) for cell, sign in terms if cell in self._index]
            if not unknown:
                continue
            known = sum(sign * self._table.counts[cell] for cell, sign in terms if cell not in self._index)
            for column, sign in unknown:
                data.append(float(sign))
                rows.append(len(least))
                columns.append(column)
            least.append(low - known)
            most.append(high - known)
        if not least:
            return None
        return LinearConstraint(csr_array((data, (rows, columns)), shape=(len(least), len(self._hidden))), least, most)

    def _sums(self) -> Iterator[tuple[list[tuple[Cell, int]], float, float]]:
        """Every sum that anybody can write down of the tables: its terms, and between what it lies."""
        table = self._table
        for row in table.rows:
            person: tuple[Cell, int] = ((row, PEOPLE), -1)
            options: list[tuple[Cell, int]] = [((row, column), 1) for column in table.columns]
            if table.shape is Shape.SEVERAL:
                yield from self._choices(row)
            elif options:
                yield [*options, person], 0, 0
        for by in dict.fromkeys(row[0] for row in table.rows if row != TOTAL):
            groups = [row for row in table.rows if row[0] == by]
            for column in (*table.columns, PEOPLE):
                yield [*(((row, column), 1) for row in groups), ((TOTAL, column), -1)], 0, 0

    def _choices(self, row: Row) -> Iterator[tuple[list[tuple[Cell, int]], float, float]]:
        """What holds of a group where several options may be chosen: at least one, none twice, one of them only alone."""
        table = self._table
        alone: list[tuple[Cell, int]] = [((row, table.alone), 1)] if table.alone else []
        others: list[tuple[Cell, int]] = [((row, column), 1) for column in table.columns if column != table.alone]
        yield [*others, *alone, ((row, PEOPLE), -1)], 0, np.inf
        for one in others:
            yield [one, *alone, ((row, PEOPLE), -1)], -np.inf, 0
        yield [*others, *((cell, table.most) for cell, _ in alone), ((row, PEOPLE), -table.most)], -np.inf, 0

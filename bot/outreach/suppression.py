"""Which counts of a closed round may be shown: the rule, and the check that nothing hidden follows from what is shown.

Hidden are: a group of fewer than 10, whole; an option that 1 to 4 people chose (or all but 1 to 4, where several may be chosen);
a group that is all of one mind about something sensitive; and as many other counts as it takes, in the row and in the column,
until no hidden count could be told to within 5. A breakdown that cannot be made so is not published at all.

Source: domain.md, section C (a threshold of 10 for groups, given threats; a second cell hidden where one could be deduced);
Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4 (threshold rules, secondary suppression).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.poll import PollKind
from bot.domain.results import By, RoundTally, Tally
from bot.outreach.disclosure import NARROWEST, PEOPLE, TOTAL, Cell, Row, Shape, Table, exposed

SMALLEST_GROUP: Final = 10
FEWEST: Final = 5  # an option that fewer chose, but somebody, is hidden
NUMBERS: Final = "#"  # the column of those who answered with a number
UNKNOWN: Final = "unknown"  # the group of those of whom it is not known
ROUNDED_TO: Final = 10
# Where two breakdowns together tell too much, the later goes first.
PRIORITY: Final = (By.SEX, By.TERRITORY, By.ROLE, By.CHANNEL)
_A_CELL: Final = 1_000  # what hiding one more count weighs beside its size
_THE_HEADLINE: Final = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A table with its hidden cells, and the breakdowns that are not published."""

    table: Table
    hidden: frozenset[Cell]
    dropped: tuple[By, ...] = ()

    def count(self, row: Row, column: str) -> int | None:
        """A count as it may be shown. None: hidden."""
        return None if (row, column) in self.hidden else self.table.counts[row, column]

    def people(self, row: Row) -> int | None:
        """How many people a group has. None: hidden."""
        return self.count(row, PEOPLE)

    def groups(self, by: By) -> tuple[Row, ...]:
        """The rows of a breakdown; none where it is not published."""
        return () if by in self.dropped else tuple(row for row in self.table.rows if row[0] == by)


def rounded_down(people: int) -> int:
    """What is shown while a round is open."""
    return people // ROUNDED_TO * ROUNDED_TO


def partition(groups: Mapping[str, Tally], everybody: Tally) -> dict[str, Tally]:
    """The groups, and where they leave people over, these as `unknown`. Raises ValueError where they are no part of everybody."""
    left = everybody.people - sum(group.people for group in groups.values())
    options = {option for tally in (everybody, *groups.values()) for option in tally.counts}
    counts = {o: everybody.counts.get(o, 0) - sum(group.counts.get(o, 0) for group in groups.values()) for o in options}
    if min([left, *counts.values()]) < 0 or (not left and any(counts.values())):
        raise ValueError("the groups of a breakdown do not add up to the round")
    if not left:
        return dict(groups)
    known = [number for group in groups.values() for number in group.numbers]
    numbers = list(everybody.numbers)
    for number in known:
        numbers.remove(number)
    return {**groups, UNKNOWN: Tally(left, counts, tuple(numbers))}


def hide(tally: RoundTally, headline_id: str) -> Shown:
    """Decide for a closed round. Raises ValueError where its counts do not add up."""
    return decide(_table(tally), sensitive=tally.poll.sensitive, headline_id=headline_id)


def decide(table: Table, *, sensitive: bool, headline_id: str = "") -> Shown:
    """The rule on a table."""
    bys = [by for by in PRIORITY if any(row[0] == by for row in table.rows)]
    if table.counts[TOTAL, PEOPLE] < SMALLEST_GROUP:
        return Shown(table, frozenset(table.counts), tuple(bys))
    rule = _Rule(table, sensitive, headline_id)
    everybody = rule.everybody()
    published: dict[By, set[Cell]] = {}
    for by in bys:
        cells = rule.breakdown(by, everybody)
        if cells is not None:
            published[by] = cells
    # The breakdowns share the row of everybody: what each leaves open alone, all together might not.
    while published:
        told = table.without(by for by in bys if by not in published)
        if not exposed(told, everybody.union(*published.values())):
            break
        del published[max(published, key=PRIORITY.index)]
    dropped = tuple(by for by in bys if by not in published)
    return Shown(table, frozenset(everybody.union(*published.values())), dropped)


def hide_sizes(sizes: Mapping[str, int]) -> dict[str, int | None]:
    """Groups of which only the sizes are told, as the funnel does of channels, beside their sum."""
    people = sum(sizes.values())
    by = PRIORITY[-1]
    counts: dict[Cell, int] = {(TOTAL, PEOPLE): people} | {((by, group), PEOPLE): n for group, n in sizes.items()}
    shown = decide(Table(Shape.SINGLE, (), counts), sensitive=False)
    return {group: None if by in shown.dropped else shown.people((by, group)) for group in sizes}


def _table(tally: RoundTally) -> Table:
    poll = tally.poll
    columns = tuple(option.id for option in poll.options) + ((NUMBERS,) if poll.kind is PollKind.NUMBER else ())
    rows: dict[Row, Tally] = {TOTAL: tally.all}
    for by, groups in tally.groups.items():
        rows |= {(by.value, group): one for group, one in partition(groups, tally.all).items()}
    counts: dict[Cell, int] = {}
    for row, one in rows.items():
        found = {**one.counts, NUMBERS: len(one.numbers)} if poll.kind is PollKind.NUMBER else one.counts
        if set(found) - set(columns):
            raise ValueError("a round counts an option that its poll does not have")
        counts[row, PEOPLE] = one.people
        counts |= {(row, column): found.get(column, 0) for column in columns}
    if all(sum(counts[row, column] for column in columns) == counts[row, PEOPLE] for row in rows) and poll.most == 1:
        return Table(Shape.SINGLE, columns, counts)
    return Table(
        Shape.SEVERAL, columns, counts, poll.most if poll.most > 1 else len(columns), poll.way_out if poll.most > 1 else ""
    )


class _Rule:
    """The rule, at work on one table."""

    def __init__(self, table: Table, sensitive: bool, headline_id: str) -> None:
        self._table = table
        self._counts = table.counts
        self._sensitive = sensitive
        self._headline_id = headline_id

    def everybody(self) -> frozenset[Cell]:
        """What to hide of the row of everybody, whose size is always told."""
        table = self._table.part(TOTAL[0])
        cells = [(TOTAL, column) for column in self._table.columns]
        hidden = set(cells) if self._of_one_mind(TOTAL) else {cell for cell in cells if self._few(cell)}
        # A zero covers nothing up; the headline goes last.
        rest = sorted(cells, key=lambda cell: (cell[1] == self._headline_id, not self._counts[cell], self._counts[cell]))
        waiting = [cell for cell in rest if cell not in hidden]
        while waiting and exposed(table, hidden):
            hidden.add(waiting.pop(0))
        return frozenset(hidden)

    def breakdown(self, by: By, everybody: frozenset[Cell]) -> set[Cell] | None:
        """What to hide of a breakdown; None where nothing of it is left to show, or too much would follow from it."""
        rows = sorted((row for row in self._table.rows if row[0] == by), key=lambda row: self._counts[row, PEOPLE])
        must = [row for row in rows if self._counts[row, PEOPLE] < SMALLEST_GROUP or self._of_one_mind(row)]
        told_zeros = [c for c in self._table.columns if not self._counts[TOTAL, c] and (TOTAL, c) not in everybody]
        if must and told_zeros:
            return None  # where nobody at all chose an option, nobody in a hidden group did
        may = [row for row in rows if row not in must]
        # As few groups as possible are hidden beside those that must be, the smallest first; at last all but one.
        attempts = [may[:more] for more in range(len(may))] + [[each for each in may if each != kept] for kept in may[-2::-1]]
        found = (self._within(by, rows, {*must, *also}, everybody) for also in attempts)
        return next((hidden for hidden in found if hidden is not None), None)

    def _tells(self, rows: Sequence[Row], hidden: set[Cell]) -> bool:
        """Whether anything is left to read but sizes, where there is anything else to it."""
        columns = self._table.columns
        return not columns or any((row, column) not in hidden for row in rows for column in columns)

    def _within(self, by: By, rows: Sequence[Row], whole: set[Row], everybody: frozenset[Cell]) -> set[Cell] | None:
        """The like, with some groups hidden whole from the start."""
        table = self._table.part(by)
        hidden = {cell for row in rows for cell in self._whole(row) if row in whole or (cell[1] != PEOPLE and self._few(cell))}
        while any((row, PEOPLE) not in hidden for row in rows):
            open_to_view = exposed(table, everybody | hidden)
            if not open_to_view:
                return hidden if self._tells(rows, hidden) else None
            more: set[Cell] = set()
            for cell in open_to_view:
                if cell[0] != TOTAL:
                    more |= self._cover(cell, rows, everybody | hidden | more)
            if not more:
                return None
            hidden |= more
        return None

    def _few(self, cell: Cell) -> bool:
        """Whether a count would tell of one to four people."""
        count, people = self._counts[cell], self._counts[cell[0], PEOPLE]
        return 0 < count < FEWEST or (self._table.shape is Shape.SEVERAL and 0 < people - count < FEWEST)

    def _of_one_mind(self, row: Row) -> bool:
        """Whether all of a group chose the same, about something sensitive."""
        options = (column for column in self._table.columns if column != NUMBERS)
        return self._sensitive and self._counts[row, PEOPLE] in {self._counts[row, column] for column in options}

    def _whole(self, row: Row) -> set[Cell]:
        return {(row, column) for column in (*self._table.columns, PEOPLE)}

    def _cover(self, cell: Cell, rows: Sequence[Row], hidden: set[Cell] | frozenset[Cell]) -> set[Cell]:
        """The cheapest further cells under which people could be moved about so that this one might be anything within 5.

        Nothing is returned where no cells help at all.
        """
        best: tuple[tuple[bool, int, int], set[Cell]] | None = None
        for corners, width in self._cycles(cell, rows):
            needed = set(corners) - hidden
            for row in {corner[0] for corner in needed if corner[1] == PEOPLE}:
                needed |= self._whole(row) - hidden
            if any(corner[0] == TOTAL for corner in needed) or not width or not needed:
                continue
            # Enough before not enough, cheap before dear, wide before narrow.
            rank = (width < NARROWEST, sum(map(self._price, needed)), -width)
            if best is None or rank < best[0]:
                best = (rank, needed)
        return best[1] if best else set()

    def _price(self, cell: Cell) -> int:
        return _A_CELL + _THE_HEADLINE * (cell[1] == self._headline_id) + min(self._counts[cell], _A_CELL // 10)

    def _cycles(self, cell: Cell, rows: Iterable[Row]) -> Iterator[tuple[tuple[Cell, ...], int]]:
        """Ways of moving people that leave every sum as it is: the cells that change, and by how much in all.

        Somebody of this group is exchanged for somebody of another who chose otherwise; or, where sizes are hidden, simply
        comes over from there; or, where the row of everybody hides both options, changes her mind.
        """
        (row, column), of = cell, self._counts
        columns = [each for each in self._table.columns if column not in (each, PEOPLE)]
        for other in rows:
            corners: tuple[Cell, ...] = (cell, (other, column))
            if other == row:
                continue
            yield (*corners, (row, PEOPLE), (other, PEOPLE)), of[cell] + of[other, column]
            if column != PEOPLE and self._table.shape is Shape.SEVERAL:
                up = min(of[other, column], of[row, PEOPLE] - of[cell])
                yield corners, up + min(of[cell], of[other, PEOPLE] - of[other, column])
            else:
                for each in columns:
                    up = min(of[row, each], of[other, column])
                    yield (*corners, (row, each), (other, each)), up + min(of[cell], of[other, each])
        for each in columns:
            yield (cell, (row, each), (TOTAL, column), (TOTAL, each)), of[cell] + of[row, each]

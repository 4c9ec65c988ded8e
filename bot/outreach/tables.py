"""The numbers behind the charts as tables: CSV and XLSX for offices."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.poll import PollKind
from bot.domain.results import Change, NumberResult, OptionResult, Results
from bot.outreach.phrasing import Phrasing

Cell = str | int | float | None  # None: there is no such value
# What makes a spreadsheet take a text for a formula; tab and line ends shift it into another cell.
# Source: OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection (read November 2026).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_COUNTS: Final = ("breakdown", "group", "option", "n", "count", "pct", "lo", "hi", "median", "q1", "q3")
_WIDEST: Final = 60
_DECIMALS: Final = 4  # of a p-value; percentages have one


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: what it is called, its columns, its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets(results: Results, words: Phrasing) -> tuple[Sheet, ...]:
    """Everything published of a round: counts, the comparison, participation, and the notes. What is hidden says so."""

    def named(*columns: str) -> tuple[str, ...]:
        return tuple(words.say(f"table.{column}") for column in columns)

    comparison = ("option", "what", "before", "after", "difference", "lo", "hi", "p_adjusted", "verdict")
    every = [
        Sheet(words.say("table.results"), named(*_COUNTS), tuple(_counts(results, words))),
        Sheet(words.say("table.comparison"), named(*comparison), tuple(_changes(results, words))),
        Sheet(words.say("table.funnel"), named("what", "how_many"), tuple(_funnel(results, words))),
        Sheet(words.say("table.notes"), named("notes"), tuple((words.note(note),) for note in results.notes)),
    ]
    return tuple(sheet for sheet in every if sheet.rows)


def to_csv(results: Results, words: Phrasing) -> bytes:
    """All tables one below the other, in UTF-8 with the mark by which offices know it. No cell can be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in _about(results, words):
        writer.writerow([_safe(cell) for cell in row])
    for sheet in sheets(results, words):
        writer.writerow([])
        writer.writerow([_safe(sheet.title)])
        writer.writerow([_safe(column) for column in sheet.columns])
        writer.writerows([_safe(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def to_text(results: Results, words: Phrasing) -> bytes:
    """All tables for a terminal, in columns."""
    lines = [words.answered(results), f"{results.poll.wording.text} ({results.poll.id}, {words.round(results.number)})"]
    for sheet in sheets(results, words):
        # A column that nothing stands in is left away.
        kept = [j for j in range(len(sheet.columns)) if any(row[j] not in {None, ""} for row in sheet.rows)]
        rows = [[sheet.columns[j] for j in kept], *([_plain(row[j], words) for j in kept] for row in sheet.rows)]
        widths = [max(len(row[j]) for row in rows) for j in range(len(kept))]
        lines += ["", sheet.title.upper()]
        lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _plain(cell: Cell, words: Phrasing) -> str:
    return cell if isinstance(cell, str) else "" if cell is None else words.number(cell, _DECIMALS)


def to_xlsx(results: Results, words: Phrasing) -> bytes:
    """A workbook that begins with how to read it. The same results give the same bytes."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - only whoever wants a workbook waits for it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, options) as book:
        book.set_properties({"title": results.poll.id, "created": results.closes_at.replace(tzinfo=None)})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True}),
        }
        readme = Sheet(words.say("table.readme"), (), tuple(_readme(results, words)))
        for sheet in (readme, *sheets(results, words)):
            _write(book.add_worksheet(sheet.title), sheet, formats)
    return out.getvalue()


def _write(worksheet: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    rows: list[tuple[Cell, ...]] = [sheet.columns, *sheet.rows] if sheet.columns else list(sheet.rows)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                worksheet.write_string(i, j, cell, formats["head" if sheet.columns and i == 0 else "text"])
            elif cell is not None:
                worksheet.write_number(i, j, cell)
    for j in range(max(map(len, rows))):
        longest = max((len(str(row[j])) for row in rows if j < len(row) and row[j] is not None), default=0)
        worksheet.set_column(j, j, min(longest + 2, _WIDEST))
    if sheet.columns:
        worksheet.freeze_panes(1, 0)


def _safe(cell: Cell) -> str:
    """A CSV cell. A text that a spreadsheet would compute gets an apostrophe in front, which shows that it is text."""
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _about(results: Results, words: Phrasing) -> Iterator[tuple[Cell, ...]]:
    yield words.say("table.poll"), results.poll.id
    yield words.say("table.question"), results.poll.wording.text
    yield words.say("table.round"), words.round(results.number)
    yield words.say("table.opened"), results.opens_at.date().isoformat()
    yield words.say("table.closed"), results.closes_at.date().isoformat()


def _readme(results: Results, words: Phrasing) -> Iterator[tuple[Cell, ...]]:
    yield from _about(results, words)
    yield ()
    explained = ["explain_hidden", "explain_interval", "explain_groups"]
    if results.poll.kind is PollKind.SEVERAL:
        explained.append("explain_several")
    for key in explained:
        yield (words.say(f"table.{key}"),)
    yield ()
    for note in results.notes:
        yield (words.note(note),)


def _counts(results: Results, words: Phrasing) -> Iterator[tuple[Cell, ...]]:
    yield from _group(words, ("", words.say("table.all")), results.n, results.options, results.numbers)
    for breakdown in results.breakdowns:
        for group in breakdown.groups:
            name = (words.by(breakdown.by), words.group(group.id))
            yield from _group(words, name, group.n, group.options, group.numbers)


def _group(
    words: Phrasing, name: tuple[str, str], n: int | None, options: Sequence[OptionResult], numbers: NumberResult | None
) -> Iterator[tuple[Cell, ...]]:
    people: Cell = words.say("table.hidden") if n is None else n
    for option in options:
        hidden: tuple[Cell, ...] = (words.say("table.hidden"),) * 4
        shown: tuple[Cell, ...] = (option.count, option.pct, option.lo, option.hi)
        yield (*name, option.label, people, *(hidden if option.count is None else shown), None, None, None)
    if numbers is not None:
        count: Cell = words.say("table.hidden") if numbers.n is None else numbers.n
        figures = (numbers.lo, numbers.hi, numbers.median, numbers.q1, numbers.q3)
        yield (*name, words.say("table.number"), people, count, None, *figures)


def _changes(results: Results, words: Phrasing) -> Iterator[tuple[Cell, ...]]:
    comparison = results.comparison
    if comparison is None:
        return
    for change in comparison.options:
        told = comparison.headline if comparison.headline and comparison.headline.option_id == change.option_id else change
        yield _change(told, words.say("table.rounds"), words)
    if comparison.panel is not None:
        yield _change(comparison.panel, words.say("table.panel"), words)


def _change(change: Change, what: str, words: Phrasing) -> tuple[Cell, ...]:
    p = None if change.p_adjusted is None else round(change.p_adjusted, 4)
    verdict = words.say(f"table.{change.direction}") if change.direction else None
    return change.label, what, change.before, change.after, change.difference, change.lo, change.hi, p, verdict


def _funnel(results: Results, words: Phrasing) -> Iterator[tuple[Cell, ...]]:
    funnel = results.funnel
    hidden = words.say("table.hidden")
    yield words.say("table.invited"), funnel.invited
    if results.closed:
        yield words.say("table.delivered"), hidden if funnel.delivered is None else funnel.delivered
    yield words.say("table.answered"), hidden if funnel.answered is None else funnel.answered
    if results.population:
        yield words.say("table.population"), results.population
    if results.closed:
        yield words.say("table.face_to_face"), hidden if funnel.face_to_face is None else funnel.face_to_face
    for channel in funnel.channels:
        answered = hidden if channel.answered is None else channel.answered
        yield f"{words.say('table.answered')}: {words.group(channel.id)}", answered

"""`batea poll results`: what may be shown of a round, as a table, as data, as a chart, or as a page for the wall."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.domain.errors import BateaError, UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.domain.poll import RoundRecord
    from bot.domain.results import Results
    from bot.domain.store import Store, UnitOfWork
    from bot.outreach.phrasing import Phrasing
    from bot.outreach.publication import Material


class Format(StrEnum):
    """What comes out."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


class Language(StrEnum):
    """Whose words stand around the figures."""

    ES = "es"
    EN = "en"


_BINARY = frozenset({Format.XLSX, Format.PNG, Format.PDF})


def results(
    poll: Annotated[str, typer.Argument(help="A poll's version, such as Q05_v1.")],
    number: Annotated[int | None, typer.Option("--round", help="Which round, from 0; without it the last.")] = None,
    compare: Annotated[int | None, typer.Option(help="An earlier round to set beside it.")] = None,
    form: Annotated[Format, typer.Option("--format", help="pdf is the page for the wall.")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of to standard output.")] = None,
    language: Annotated[Language, typer.Option(help="The language of tables and charts.")] = Language.ES,
) -> None:
    """Show what may be shown of a round: while it is open only how many, rounded down; then counts that tell on nobody."""
    from bot import wiring  # noqa: PLC0415
    from bot.lessons.phrases import result_phrases  # noqa: PLC0415
    from bot.outreach.phrasing import Phrasing  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    if form in _BINARY and output is None and sys.stdout.isatty():
        raise UsageError(f"{form} is no text: add --output FILE.{form}, or send it to a file with >")
    settings = load()
    with wiring.database(settings) as store:
        published = _published(store, poll, number, compare)
    words = Phrasing(result_phrases(settings.content_dir, language), language, ZoneInfo(settings.timezone))
    written = _written(published, form, words)
    if output is not None:
        output.write_bytes(written)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()


def _published(store: Store, poll: str, number: int | None, compare: int | None) -> Results:
    """The round and, beside it, the earlier one. Raises BateaError where there is none of that number."""
    from bot.outreach.publication import material  # noqa: PLC0415

    def work(uow: UnitOfWork) -> Material:
        rounds = uow.polls.rounds(poll)
        if not rounds:
            raise BateaError(f"{poll} was never asked: see batea poll list")
        shown = rounds[-1] if number is None else _round(rounds, number)
        if compare is None:
            return material(uow, shown)
        earlier = _round(rounds, compare)
        if earlier.round.number >= shown.round.number:
            raise UsageError(f"round {compare} is not earlier than round {shown.round.number}")
        return material(uow, shown, earlier)

    # Worked out after the transaction: it takes its time.
    return store.submit(work).result().published()


def _round(rounds: Sequence[RoundRecord], number: int) -> RoundRecord:
    found = [record for record in rounds if record.round.number == number]
    if not found:
        known = ", ".join(sorted({str(record.round.number) for record in rounds}))
        raise BateaError(f"there is no round {number} of that poll: there are {known}")
    return found[-1]


def _written(published: Results, form: Format, words: Phrasing) -> bytes:
    if form is Format.JSON:
        from bot.outreach.document import to_json  # noqa: PLC0415

        return (json.dumps(to_json(published), ensure_ascii=False) + "\n").encode()
    if form in {Format.TABLE, Format.CSV, Format.XLSX}:
        from bot.outreach import tables  # noqa: PLC0415

        writers = {Format.TABLE: tables.to_text, Format.CSV: tables.to_csv, Format.XLSX: tables.to_xlsx}
        return writers[form](published, words)
    if form is Format.PDF:
        from bot.outreach.poster import poster  # noqa: PLC0415

        return poster(published, words).pdf()
    from bot.outreach.charts import report  # noqa: PLC0415

    chart = report(published, words)
    return chart.svg() if form is Format.SVG else chart.png()

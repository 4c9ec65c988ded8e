"""The results of a round: page, drawings, and files. All of them say the same, from what is published and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.poll import PollKind, RoundRecord
from bot.domain.results import By, Results
from bot.domain.staff import Role
from bot.outreach.comparison import judged
from bot.outreach.document import to_json
from bot.outreach.phrasing import Phrasing
from bot.outreach.tables import to_csv, to_xlsx
from bot.web.staff.gate import EVERYBODY, PROGRAMME, allowed, missing
from bot.web.staff.polls_seen import NOTHING, PATH, Around, around, audience_text, once, question_of, results_of, words_of
from bot.web.staff.rendering import PRIVATE, page, texts_of
from bot.web.staff.visit import visit_of

# A drawing has its own styles within; nothing else may be in it, and it may be shown nowhere else.
DRAWN: Final = {
    **PRIVATE,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
}
MOST_IN_TIME: Final = 8
SPANISH: Final = "es"


@dataclass(frozen=True, slots=True)
class File:
    """A kind of file that results come as. The page for the wall is Spanish, whatever the language of the staff."""

    media_type: str
    write: Callable[[Results, Phrasing], bytes]
    language: str = ""


@allowed(*EVERYBODY)
async def results(request: Request) -> Response:
    """One round, open or closed."""
    found = await around(request)
    if found is None:
        return missing(request)
    t, words, record = texts_of(request), words_of(request), found.record
    published = await results_of(request, record, found.earlier, found.together)
    in_time = await _in_time(request, found)
    by = request.query_params.get("by", "")
    shown = next((one for one in published.breakdowns if one.by == by), next(iter(published.breakdowns), None))
    change = judged(published)
    visit = visit_of(request)
    return page(
        request,
        "poll_results.html",
        title=question_of(record),
        crumbs=[(t("polls.title"), PATH)],
        record=record,
        results=published,
        words=words,
        audience=audience_text(t, words, record, found.communities),
        earlier=found.earlier,
        comparable=found.comparable,
        compare=str(found.earlier.round.number) if found.earlier else NOTHING,
        nothing=NOTHING,
        breakdown=shown,
        change=change,
        verdict=words.say(f"change.{change.direction}", label=change.label, before=change.before, after=change.after)
        if change and change.direction
        else "",
        in_time=in_time,
        hides=_hides(published),
        several=record.poll is not None and record.poll.kind is PollKind.SEVERAL,
        notes=[words.note(note) for note in published.notes],
        files=[name for name in FILES if name != "json"],
        told=found.told,
        may_run=visit.role in PROGRAMME,
        may_tally=visit.role is not Role.PME,
    )


@allowed(*EVERYBODY)
async def chart(request: Request) -> Response:
    """A drawing for the page: `bars`, `time`, or what answers are broken down by."""
    found, what = await around(request), request.path_params["what"]
    if found is None or found.record.closed_at is None or what not in {"bars", "time", *By}:
        return missing(request)
    words = words_of(request)
    published = await results_of(request, found.record)
    if what in set(By) and what not in {one.by for one in published.breakdowns}:
        return missing(request)
    in_time = await _in_time(request, found) if what == "time" else []
    if what == "time" and not in_time:
        return missing(request)
    key = ("chart", found.record.round.id, what, words.language)
    drawn = await once(request, found.record, key, lambda: _drawn(what, published, in_time, words))
    return Response(drawn, media_type="image/svg+xml", headers=DRAWN)


@allowed(*EVERYBODY)
async def download(request: Request) -> Response:
    """The results as a file."""
    found, file = await around(request), FILES.get(request.path_params["form"])
    if found is None or found.record.closed_at is None or file is None:
        return missing(request)
    published = await results_of(request, found.record, found.earlier, found.together)
    words = words_of(request, file.language)
    form, earlier = request.path_params["form"], found.earlier.round.id if found.earlier else ""
    key = ("file", form, found.record.round.id, earlier, words.language, *found.together)
    written = await once(request, found.record, key, lambda: file.write(published, words))
    name = f"{published.poll.id}-{published.number}.{form}"
    headers = {**DRAWN, "content-disposition": f'attachment; filename="{name}"'}
    return Response(written, media_type=file.media_type, headers=headers)


def prepare_to_publish() -> None:
    """Load the library that counts and hides."""
    from scipy import optimize, sparse, special  # noqa: F401, PLC0415 - nobody else pays for it


def prepare_to_draw() -> None:
    """Load the library that draws: the first who wants to see something need not wait for it."""
    from matplotlib.backends import backend_agg, backend_pdf, backend_svg  # noqa: F401, PLC0415 - nobody else pays for it


async def _in_time(request: Request, found: Around) -> list[Results]:
    """The comparable rounds up to this one, the oldest first; none where there is but one."""
    if found.record.closed_at is None or not found.comparable:
        return []
    records: Sequence[RoundRecord] = [*found.comparable, found.record][-MOST_IN_TIME:]
    return [await results_of(request, record) for record in records]


def _hides(published: Results) -> bool:
    """Whether anything on the page says that it is hidden."""
    groups = [group for one in published.breakdowns for group in one.groups]
    options = [*published.options, *(option for group in groups for option in group.options)]
    return any(group.n is None for group in groups) or any(option.count is None for option in options)


def _drawn(what: str, published: Results, in_time: Sequence[Results], words: Phrasing) -> bytes:
    from bot.outreach import charts  # noqa: PLC0415 - only a drawing waits for the library that draws

    if what == "time":
        return charts.over_time(in_time, words).svg()
    return (charts.bars(published, words) if what == "bars" else charts.breakdown(published, By(what), words)).svg()


def _svg(published: Results, words: Phrasing) -> bytes:
    from bot.outreach.charts import report  # noqa: PLC0415 - as above

    return report(published, words).svg()


def _png(published: Results, words: Phrasing) -> bytes:
    from bot.outreach.charts import report  # noqa: PLC0415 - as above

    return report(published, words).png()


def _pdf(published: Results, words: Phrasing) -> bytes:
    from bot.outreach.poster import poster  # noqa: PLC0415 - as above

    return poster(published, words).pdf()


def _json(published: Results, _: Phrasing) -> bytes:
    return (json.dumps(to_json(published), ensure_ascii=False) + "\n").encode()


FILES: Final = {
    "pdf": File("application/pdf", _pdf, SPANISH),
    "csv": File("text/csv; charset=utf-8", to_csv),
    "xlsx": File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
    "png": File("image/png", _png),
    "svg": File("image/svg+xml", _svg),
    "json": File("application/json", _json),
}
ROUTES: Final = (
    Route(f"{PATH}/rounds/{{round_id}}", results),
    Route(f"{PATH}/rounds/{{round_id}}/chart/{{what}}.svg", chart),
    Route(f"{PATH}/rounds/{{round_id}}/results.{{form}}", download),
)

"""`batea meeting`: announce, change and call off meetings, and enter how many came."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.domain.errors import MeetingError, UsageError

if TYPE_CHECKING:
    from bot.domain.meeting import Meeting, MeetingDraft
    from bot.domain.store import UnitOfWork
    from bot.outreach.meetings import MeetingOffice

app = typer.Typer(help="Committee meetings: announced, changed, called off, counted.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Id = Annotated[str, typer.Argument(help="A meeting's id, as `batea meeting announce` and `list` print it.")]
At = Annotated[str, typer.Option("--at", help="When, by the clock of the place: 2026-12-05T09:00 (or with an offset).")]
Place = Annotated[str, typer.Option(help="Where, in words.")]
Agenda = Annotated[str, typer.Option(help="What about: at most eight words.")]
Voice = Annotated[Path | None, typer.Option(help="A recording that says it, at most a minute.", exists=True, dir_okay=False)]
FACTS: dict[str, Any] = {
    "landmark": Annotated[str | None, typer.Option(help="What the place is next to.")],
    "contact": Annotated[str | None, typer.Option(help="Whom to ask for: a first name and a role, no number.")],
    "open_to": Annotated[str | None, typer.Option("--for", help="all, women or members.")],
    "language": Annotated[str | None, typer.Option(help="Spoken there: es, quz, quy, ay or pbb.")],
    "food": Annotated[bool | None, typer.Option("--food/--no-food", help="There is something to eat.")],
    "childcare": Annotated[bool | None, typer.Option("--childcare/--no-childcare", help="Children are looked after.")],
    "transport": Annotated[bool | None, typer.Option("--transport/--no-transport", help="The way is helped with.")],
    "children": Annotated[bool | None, typer.Option("--children/--no-children", help="Children may come.")],
    "place_told": Annotated[
        bool | None, typer.Option("--tell-place/--keep-place", help="The committee lets the place be told by message.")
    ],
    "quorum": Annotated[int | None, typer.Option(min=1, help="How many must come.")],
}
"""What else may be said of a meeting, to announce it and to change it."""


def _with_facts(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each of them, which it takes by name."""
    own = inspect.signature(command, eval_str=True)
    fixed = [one for one in own.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=a) for name, a in FACTS.items()]
    fixed = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in fixed]
    last = [one for one in fixed if one.name == "as_json"]
    whole = [*(one for one in fixed if one not in last), *more, *last]
    command.__signature__ = own.replace(parameters=whole)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in whole} | {"return": None}
    return command


@app.command()
@_with_facts
def announce(
    committee: Annotated[str, typer.Option(help="A committee's id, such as taraza-management.")],
    at: At,
    place: Place,
    agenda: Agenda,
    voice: Voice = None,
    as_json: AsJson = False,
    **facts: Any,
) -> None:
    """Announce a meeting to everybody concerned; a running `batea serve` sends it."""
    given = _given({"at": at, "place": place, "agenda": agenda, **facts})

    def work(uow: UnitOfWork, desk: MeetingOffice) -> Meeting:
        from bot.domain.meeting import MeetingDraft  # noqa: PLC0415

        draft = _filled(uow, MeetingDraft(committee_id=committee), given)
        return desk.announce(uow, draft)

    _tell(_done("announced", work, voice), as_json)


@app.command()
@_with_facts
def change(
    meeting_id: Id,
    at: Annotated[str | None, typer.Option("--at", help="When, by the clock of the place.")] = None,
    place: Annotated[str | None, typer.Option(help="Where, in words.")] = None,
    agenda: Annotated[str | None, typer.Option(help="What about: at most eight words.")] = None,
    voice: Voice = None,
    as_json: AsJson = False,
    **facts: Any,
) -> None:
    """Change a meeting: everybody who knows of it is told at once, until she confirms. What is not named stays."""
    given = _given({"at": at, "place": place, "agenda": agenda, **facts})

    from bot.domain.clock import SystemClock  # noqa: PLC0415

    now = SystemClock().now()

    def work(uow: UnitOfWork, desk: MeetingOffice) -> Meeting:
        from bot.domain.meeting import MeetingDraft, needs_second_person  # noqa: PLC0415

        before = _known(uow, meeting_id)
        draft = MeetingDraft.of(before)
        if "place" in given and "landmark" not in given:
            draft = replace(draft, landmark="")  # that of another place
        draft = _filled(uow, draft, given)
        if before.lies_ahead(now) and needs_second_person(before, draft, now):
            raise UsageError("it begins within a day: a change of place takes a facilitator's phone and somebody else's word")
        return desk.change(uow, meeting_id, draft)

    _tell(_done("changed", work, voice), as_json)


@app.command()
def cancel(meeting_id: Id, as_json: AsJson = False) -> None:
    """Call a meeting off: everybody who knows of it is told at once, until she confirms."""
    _tell(_done("cancelled", lambda uow, desk: desk.cancel(uow, meeting_id)), as_json)


@app.command()
def attendance(
    meeting_id: Id, count: Annotated[int, typer.Option("--count", min=0, help="How many came.")], as_json: AsJson = False
) -> None:
    """Enter how many came to a meeting, as counted there."""
    _tell(_done("counted", lambda uow, desk: desk.attended(uow, meeting_id, count)), as_json)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the meetings of the last and the next months, in numbers; never who."""
    from bot import wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.domain.meeting import FARTHEST  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    now = SystemClock().now()
    with wiring.meeting_desk(load()) as (store, desk):
        rows = store.look(
            lambda uow: [
                (each, desk.counts(uow, each.id)) for each in uow.meetings.between(now - timedelta(days=90), now + FARTHEST)
            ]
        ).result()
    shown = [
        _mapping(each, each.stage(now).value)
        | {"told": c.told, "reached": c.reached, "heard": c.heard, "coming": c.coming.yes, "came": c.came}
        for each, c in rows
    ]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for row in shown:
        typer.echo(f"{row['meeting']}\t{row['stage']}\t{row['at']}\t{row['committee']}\t{row['coming']} coming")


def _done(deed: str, work: Callable[[Any, Any], Meeting], voice: Path | None = None) -> tuple[str, Meeting]:
    """Do it in one transaction, with a line in the audit log. Raises UsageError for what the office refuses."""
    from bot import wiring  # noqa: PLC0415
    from bot.domain.audit import OPERATOR, AuditEntry  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415
    from bot.wiring_meetings import record_voice  # noqa: PLC0415

    settings, now = load(), SystemClock().now()
    key = record_voice(settings, voice) if voice else ""
    with wiring.meeting_desk(settings) as (store, desk):

        def whole(uow: UnitOfWork) -> Meeting:
            made = work(uow, desk)
            if key:
                made = replace(made, voice=key)
                uow.meetings.put(made)
            uow.audit.write(AuditEntry(now, OPERATOR, f"meeting.{deed}", "meeting", made.id))
            return made

        try:
            return deed, store.submit(whole).result()
        except MeetingError as error:
            raise UsageError(f"nothing was sent: {error}") from error


def _tell(done: tuple[str, Meeting], as_json: bool) -> None:
    deed, meeting = done
    shown = _mapping(meeting, deed)
    typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else f"{meeting.id}: {deed}, {shown['at']}")


def _mapping(meeting: Meeting, stage: str) -> dict[str, Any]:
    at = meeting.starts_at.astimezone(ZoneInfo(meeting.timezone)).isoformat()
    return {
        "meeting": meeting.id,
        "stage": stage,
        "committee": meeting.committee_id,
        "at": at,
        "agenda": meeting.agenda,
        "version": meeting.version,
        "count": meeting.came,
    }


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The options that were named."""
    return {name: value for name, value in values.items() if value is not None}


def _filled(uow: UnitOfWork, draft: MeetingDraft, given: dict[str, Any]) -> MeetingDraft:
    from bot.domain.meeting import OpenTo as Whom  # noqa: PLC0415

    facts = {name: value for name, value in given.items() if name not in {"at", "open_to"}}
    if "open_to" in given:
        if given["open_to"] not in set(Whom):
            raise UsageError("--for is all, women or members")
        facts["open_to"] = Whom(given["open_to"])
    if "at" in given:
        facts["starts_at"] = _moment(uow, draft.committee_id, given["at"])
    return replace(draft, **facts)


def _moment(uow: UnitOfWork, committee_id: str, written: str) -> datetime:
    """An ISO time; without an offset it is the place's."""
    from bot.domain.home import ZONES  # noqa: PLC0415

    try:
        moment = datetime.fromisoformat(written.replace(" ", "T"))
    except ValueError as error:
        raise UsageError(f"--at {written!r} is no time: write it like 2026-12-05T09:00") from error
    if len(written.strip()) <= len("2026-12-05"):
        raise UsageError(f"--at {written!r}: the hour is missing, write it like 2026-12-05T09:00")
    if moment.tzinfo is None:
        places = uow.communities.all()
        zones = {body.id: ZONES[place.country] for place in places for body in uow.communities.committees(place.id)}
        if committee_id not in zones:
            known = ", ".join(sorted(zones)) or "(there are none yet)"
            raise UsageError(f"there is no committee {committee_id!r}: use one of {known}")
        moment = moment.replace(tzinfo=ZoneInfo(zones[committee_id]))
    return moment.astimezone(UTC)


def _known(uow: UnitOfWork, meeting_id: str) -> Meeting:
    meeting = uow.meetings.get(meeting_id)
    if meeting is None:
        raise UsageError(f"there is no meeting {meeting_id!r}: see `batea meeting list`")
    return meeting

"""`batea broadcast`: what a message to many would cost, sending it, and stopping it. What runs on the server does the sending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.address import asked
from bot.cli.quoting import quoted, told
from bot.cli.wish import PURPOSES, Given
from bot.domain.errors import UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.store import UnitOfWork
    from bot.outreach.broadcasting import Broadcasting, Maker
    from bot.outreach.composing import Wish

app = typer.Typer(help="One message to many: quoted, sent, stopped.", no_args_is_help=True)

_SHOWN: Final = 50
APPROVE: Final = "batea broadcast approve --by EMAIL"
HERE: Final = "this machine"
"""Where tries of codes come from that are typed here."""

To = Annotated[
    str,
    typer.Option(
        "--to",
        help="Who gets it: community:ID, territory:NAME, country:CO, committee:ID, sex:S, role:R, language:L, channel:C, "
        "module:ID:finished, poll:ID:unanswered, tag:T or all, joined with +.",
    ),
]
Text = Annotated[str, typer.Option("--text", help="What is said, in two segments of SMS at most.")]
TemplateId = Annotated[str, typer.Option("--template", help="An approved text of content/templates.yml instead.")]
Var = Annotated[list[str] | None, typer.Option("--var", help="NAME=VALUE for a slot of the template; as often as it has slots.")]
Voice = Annotated[Path | None, typer.Option("--voice", help="A sound file that is heard instead of the spoken text, 1 to 60 s.")]
At = Annotated[str, typer.Option("--at", help="When it begins to leave: 2026-12-01T15:00, in BATEA_TIMEZONE; without it, now.")]
Expires = Annotated[str, typer.Option("--expires", help="From when on it is not sent any more; without it, three days later.")]
Budget = Annotated[int | None, typer.Option("--budget", help="Pesos (COP) at which it stops.")]
Spread = Annotated[int, typer.Option("--spread", help="Over how many minutes it is spread.")]
Purpose = Annotated[str, typer.Option("--purpose", help="service, urgent, promotional or chosen: its hours depend on it.")]
RetryOf = Annotated[str, typer.Option("--failed-of", help="Only those whom that broadcast did not reach, instead of --to.")]
Title = Annotated[str, typer.Option("--title", help="What the staff pages call it.")]
Practice = Annotated[bool, typer.Option("--practice", help="Practise: nothing leaves.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Approver = Annotated[str, typer.Option("--by", metavar="EMAIL", help="Who approves: her account, never whoever made it.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="A broadcast's id, as `batea broadcast list` shows it.")]


@app.command()
def quote(
    to: To = "",
    text: Text = "",
    template: TemplateId = "",
    var: Var = None,
    voice: Voice = None,
    at: At = "",
    expires: Expires = "",
    budget: Budget = None,
    spread: Spread = 0,
    purpose: Purpose = PURPOSES[0],
    failed_of: RetryOf = "",
    as_json: AsJson = False,
) -> None:
    """Whom it would reach, how, what it would cost and how long it would take. Nothing leaves."""
    given = Given(to, text, template, var or [], voice, at, expires, budget, spread, purpose, failed_of)
    from bot.outreach.composing import Refused  # noqa: PLC0415

    def look(uow: UnitOfWork, desk: Broadcasting, by: Maker, wish: Wish, now: datetime) -> Any:
        return desk.look(uow, wish, by, now)

    seen = _with_wish(given, look, reads=True)
    if any(fault.code not in COUNTED for fault in seen.faults):
        raise Refused(seen.faults)
    typer.echo(json.dumps(quoted(seen.quote), ensure_ascii=False) if as_json else told(seen.quote))
    if seen.faults:
        raise Refused(seen.faults)


COUNTED: Final = frozenset({"nobody", "budget_small", "month"})
"""Faults with which it is counted all the same: the figures say why."""


@app.command()
def send(
    to: To = "",
    text: Text = "",
    template: TemplateId = "",
    var: Var = None,
    voice: Voice = None,
    at: At = "",
    expires: Expires = "",
    budget: Budget = None,
    spread: Spread = 0,
    purpose: Purpose = PURPOSES[0],
    failed_of: RetryOf = "",
    title: Title = "",
    practice: Practice = False,
    as_json: AsJson = False,
) -> None:
    """Write it down for its time; the server sends it. Much (BATEA_APPROVE_PEOPLE, BATEA_APPROVE_COP) is approved first."""
    from bot.domain.broadcast import BroadcastState  # noqa: PLC0415

    given = Given(to, text, template, var or [], voice, at, expires, budget, spread, purpose, failed_of, title, practice)

    def make(uow: UnitOfWork, desk: Broadcasting, by: Maker, wish: Wish, now: datetime) -> Any:
        return desk.make(uow, wish, by, now)

    made = _with_wish(given, make)
    shown = {
        "id": made.id,
        "state": made.state.value,
        "to": made.audience,
        "at": made.not_before.isoformat() if made.not_before else None,
        "expires": made.expires_at.isoformat(),
    }
    typer.echo(json.dumps(shown) if as_json else f"{made.id}: {made.state.value} to {made.audience}")
    if made.state is BroadcastState.WAITING_APPROVAL:
        typer.echo(
            f"somebody of the staff approves it first, on /staff/broadcasts/{made.id} or by: {APPROVE} {made.id}", err=True
        )


@app.command()
def approve(broadcast: Id, by: Approver, as_json: AsJson = False) -> None:
    """Let one leave that waits for a second person, an administrator or staff. Reads her one-time code from standard input."""
    from bot import wiring, wiring_broadcasts  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.domain.staff import Role  # noqa: PLC0415
    from bot.outreach.broadcasting import Maker  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    with wiring.access(settings) as access:
        member = access.member(by)
        if member is None or member.role not in {Role.ADMIN, Role.STAFF}:
            raise UsageError(f"{by.strip()!r} approves nothing: name an administrator or staff of `batea staff list`")
        if not access.proves(member, asked("Her one-time code: "), HERE):
            raise UsageError("that is not her code of this moment: wait for the next one")
    with wiring_broadcasts.for_command(settings) as (store, broadcasts, _):
        second, now = Maker(member.id), SystemClock().now()
        store.submit(lambda uow: broadcasts.desk.approve(uow, broadcast, second, now)).result()
        state = store.submit(lambda uow: _found(uow.broadcasts.get(broadcast), broadcast)).result().state.value
    typer.echo(json.dumps({"id": broadcast, "state": state}) if as_json else f"{broadcast}: {state}")


@app.command()
def status(broadcast: Id, as_json: AsJson = False) -> None:
    """How far it has come: how many messages are in each state of the ledger."""
    from bot.outreach.prices import MICROS  # noqa: PLC0415

    def work(uow: UnitOfWork, desk: Broadcasting, by: Maker, _now: datetime) -> dict[str, Any]:
        found = _found(desk.get(uow, broadcast, by), broadcast)
        counts = uow.broadcasts.states(broadcast)
        return {
            "id": found.id,
            "state": found.state.value,
            "halt": found.halt,
            "people": found.people,
            "expanded": found.expanded,
            "spent_cop": round(found.spent / MICROS, 2),
            "budget_cop": None if found.budget is None else found.budget / MICROS,
            **{state.value: counts.get(state, 0) for state in _states()},
        }

    shown = _with_desk(work)
    if as_json:
        typer.echo(json.dumps(shown))
        return
    halted = f" ({shown['halt']})" if shown["halt"] else ""
    typer.echo(f"{shown['id']}: {shown['state']}{halted}, {shown['people']} people, {shown['spent_cop']} pesos")
    for state in _states():
        if shown[state.value]:
            typer.echo(f"{state.value}\t{shown[state.value]}")


@app.command()
def pause(broadcast: Id, as_json: AsJson = False) -> None:
    """Nothing of it leaves from now on, until it is resumed."""
    _moved(broadcast, lambda uow, desk, by, now: desk.pause(uow, broadcast, by, now), as_json=as_json)


@app.command()
def resume(broadcast: Id, budget: Budget = None, as_json: AsJson = False) -> None:
    """Let one go on that is paused, with another budget where one is given."""
    _moved(broadcast, lambda uow, desk, by, now: desk.resume(uow, broadcast, by, now, budget), as_json=as_json)


@app.command()
def cancel(broadcast: Id, as_json: AsJson = False) -> None:
    """Nothing of it leaves any more."""
    _moved(broadcast, lambda uow, desk, by, now: desk.cancel(uow, broadcast, by, now), as_json=as_json)


@app.command()
def retry(broadcast: Id, as_json: AsJson = False) -> None:
    """Send once more to those whom it did not reach."""

    def work(uow: UnitOfWork, desk: Broadcasting, by: Maker, now: datetime) -> int:
        return desk.retry(uow, broadcast, by, now)

    again = _with_desk(work)
    typer.echo(json.dumps({"id": broadcast, "queued": again}) if as_json else f"{broadcast}: {again} messages queued again")


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """The latest broadcasts."""

    def work(uow: UnitOfWork, desk: Broadcasting, by: Maker, _now: datetime) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "state": one.state.value, "to": one.audience, "people": one.people, "at": one.created_at.isoformat()}
            for one in desk.all(uow, by, _SHOWN)
        ]

    found = _with_desk(work)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for one in found:
        typer.echo(f"{one['id']}\t{one['state']}\t{one['at'][:16]}\t{one['people']}\t{one['to']}")


def _with_wish(
    given: Given, work: Callable[[UnitOfWork, Broadcasting, Maker, Wish, datetime], Any], *, reads: bool = False
) -> Any:
    """Do something with a wish, in one transaction."""
    from bot import wiring_broadcasts  # noqa: PLC0415
    from bot.domain.audit import OPERATOR  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.outreach.broadcasting import Maker  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    with wiring_broadcasts.for_command(settings) as (store, broadcasts, clips):
        wish, now = given.wish(settings, clips.record), SystemClock().now()
        broadcasts.desk.prepare(wish)
        by = Maker(OPERATOR)
        run = store.look if reads else store.submit
        return run(lambda uow: work(uow, broadcasts.desk, by, wish, now)).result()


def _with_desk(work: Callable[[UnitOfWork, Broadcasting, Maker, datetime], Any]) -> Any:
    from bot import wiring_broadcasts  # noqa: PLC0415
    from bot.domain.audit import OPERATOR  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.outreach.broadcasting import Maker  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring_broadcasts.for_command(load()) as (store, broadcasts, _):
        by, now = Maker(OPERATOR), SystemClock().now()
        return store.submit(lambda uow: work(uow, broadcasts.desk, by, now)).result()


def _moved(broadcast: str, work: Callable[[UnitOfWork, Broadcasting, Maker, datetime], None], *, as_json: bool) -> None:
    def moved(uow: UnitOfWork, desk: Broadcasting, by: Maker, now: datetime) -> str:
        work(uow, desk, by, now)
        return str(_found(desk.get(uow, broadcast, by), broadcast).state.value)

    state = _with_desk(moved)
    typer.echo(json.dumps({"id": broadcast, "state": state}) if as_json else f"{broadcast}: {state}")


def _found(one: Any, broadcast: str) -> Any:
    if one is None:
        raise UsageError(f"there is no broadcast {broadcast!r}: see `batea broadcast list`")
    return one


def _states() -> list[Any]:
    from bot.domain.message import MessageState  # noqa: PLC0415

    return list(MessageState)

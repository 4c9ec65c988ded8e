"""`batea poll`: list polls and rounds, open and close them, and enter what was counted in person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.results import results
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.domain.poll import RoundRecord

app = typer.Typer(help="Quick polls: their rounds, opened, closed and counted.", no_args_is_help=True)
app.command()(results)

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Round = Annotated[str, typer.Argument(help="A round's id, as `batea poll list` shows it.")]
To = Annotated[
    str,
    typer.Option(
        "--to", help="Who is asked: community:ID, territory:NAME, country:CO, committee:ID, sex:S, role:R or all, joined with +."
    ),
]


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the polls and every round of each; while a round is open its numbers are rounded down to tens."""
    from bot import wiring  # noqa: PLC0415
    from bot.outreach.publication import material  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.poll_rounds(load()) as (store, library, _):
        found_rounds = store.submit(lambda uow: [(record, material(uow, record)) for record in uow.polls.rounds()]).result()
        polls = [*library.polls(), *store.submit(lambda uow: uow.composed.all()).result()]
    rounds = [_mapping(record, *counted.sizes()) for record, counted in found_rounds]
    if as_json:
        found = [
            {
                "poll": poll.id,
                "enabled": poll.enabled,
                "kind": poll.kind.value,
                "sensitive": poll.sensitive,
                "question": poll.wording.text,
            }
            for poll in polls
        ]
        typer.echo(json.dumps({"polls": found, "rounds": rounds}, ensure_ascii=False))
        return
    for poll in polls:
        typer.echo(f"{poll.id}\t{'' if poll.enabled else 'off'}\t{poll.wording.text}")
    for shown in rounds:
        state = "open" if shown["open"] else "closed"
        sizes = "too few" if shown["answered"] is None else f"{shown['answered']}/{shown['invited']}"
        typer.echo(f"{shown['round']}\t{state} until {shown['closes_at']}\t{shown['to']}\t{sizes}")


@app.command(name="open")
def open_(
    poll: Annotated[str, typer.Argument(help="A poll's version, such as Q05_v1.")],
    to: To,
    days: Annotated[int, typer.Option(help="For how many days.")] = 10,
    population: Annotated[int | None, typer.Option(help="How many people there are in all, where that is known.")] = None,
    panel: Annotated[bool, typer.Option("--panel", help="Compare those who agree to it from round to round.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open a round: the first of a poll is its baseline, the next ones its follow-ups."""
    from bot import wiring  # noqa: PLC0415
    from bot.outreach.rounds import Asking  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.poll_rounds(load()) as (_, _, rounds):
        record = rounds.open(poll, to, Asking(days, population, panel))
    shown = _mapping(record, record.invited, 0)
    typer.echo(
        json.dumps(shown, ensure_ascii=False)
        if as_json
        else f"{record.round.id}: open until {shown['closes_at']} to {shown['to']}, {record.invited} people to ask"
    )


@app.command()
def publish(poll: Annotated[str, typer.Argument(help="A poll's version, such as Q13_v1.")]) -> None:
    """Publish a poll of `content/polls`: from then on its words never change."""
    from bot.lessons.published import publish as write_down  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    fresh = write_down(load().content_dir, poll)
    typer.echo(f"{poll}: published" if fresh else f"{poll}: published before")


@app.command()
def close(round_id: Round, as_json: AsJson = False) -> None:
    """Close a round for good: its answers become counts that belong to nobody."""
    from bot import wiring  # noqa: PLC0415
    from bot.outreach.publication import material  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.poll_rounds(load()) as (store, _, rounds):
        rounds.close(round_id)
        counted = store.submit(lambda uow: (record := uow.polls.get(round_id)) and material(uow, record)).result()
    invited, answered = counted.sizes() if counted else (None, None)
    said = "too few answers to tell how many" if answered is None else f"{answered} answers of {invited} people asked"
    typer.echo(json.dumps({"round": round_id, "invited": invited, "n": answered}) if as_json else f"{round_id}: closed, {said}")


@app.command(name="in-person")
def in_person(
    round_id: Round,
    counts: Annotated[list[str], typer.Argument(help="OPTION=NUMBER, for a number VALUE=NUMBER.")],
    people: Annotated[int | None, typer.Option(help="How many people answered, where each could give several answers.")] = None,
    name: Annotated[str, typer.Option(help="A name for this list: the same name again replaces it.")] = "",
    territory: Annotated[str, typer.Option(help="Where it was taken.")] = "",
) -> None:
    """Enter what a facilitator counted in person; it is marked as such (presencial)."""
    from bot import wiring  # noqa: PLC0415
    from bot.domain.poll import InPerson  # noqa: PLC0415
    from bot.outreach.in_person import checked  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    given = _counts(counts)
    with wiring.poll_rounds(load()) as (store, _, _):

        def work(uow: Any) -> InPerson:
            taken = InPerson(name or "facilitator", sum(given.values()) if people is None else people, given, territory.strip())
            record = uow.polls.get(round_id)
            checked(record, taken, uow.communities.all(), round_id)
            uow.polls.put_in_person(round_id, taken)
            return taken

        taken = store.submit(work).result()
    typer.echo(f"{round_id}: {taken.people} people in person")


def _counts(given: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in given:
        option, equals, number = one.partition("=")
        if not equals or not number.isdecimal() or not option:
            raise UsageError(f"{one!r} is no count: write OPTION=NUMBER, such as si=12")
        counts[option] = counts.get(option, 0) + int(number)
    return counts


def _mapping(record: RoundRecord, invited: int | None, answered: int | None) -> dict[str, Any]:
    """A round for machines; `invited` and `answered` are null where that is not told."""
    asked, running = record.round, record.closed_at is None
    return {
        "round": asked.id,
        "poll": asked.poll_id,
        "number": asked.number,
        "to": asked.audience or "all",
        "opens_at": asked.opens_at.isoformat(),
        "closes_at": asked.closes_at.isoformat(),
        "open": running,
        "invited": invited,
        "answered": answered,
        "population": asked.population,
        "panel": asked.panel,
    }

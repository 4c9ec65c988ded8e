"""`batea people import|export|erase`: people who agreed on paper; all that is kept of one; forgetting her."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.address import asked, read_address
from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.errors import BateaError, UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from collections.abc import Sequence

    from bot.domain.store import Store, UnitOfWork
    from bot.outreach.people_file import Verdict

_YES: Final = frozenset({"yes", "y", "si", "sí"})
_AT_ONCE: Final = 200

FromInput = Annotated[str, typer.Argument(metavar="-", help="The address is read from standard input.")]


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file: number, consent date, proof of consent, adult; country, community.")],
    yes: Annotated[bool, typer.Option("--yes", help="Keep the good lines without asking.")] = False,
) -> None:
    """Look at a file of people who agreed on paper, line by line; keep the good ones once that is confirmed.

    The same file twice changes nothing.
    """
    from bot import wiring  # noqa: PLC0415
    from bot.channels.numbering import read_number  # noqa: PLC0415
    from bot.outreach.people_file import compared, keep, read  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): name a CSV file") from error
    now = datetime.now(UTC)
    with wiring.database(load()) as store:
        places = store.submit(lambda uow: uow.communities.all()).result()
        verdicts = store.submit(lambda uow: compared(uow, read(content, places, now.date(), read_number))).result()
        good = _report(verdicts)
        if not good:
            return
        if not yes and asked(f"Keep {len(good)} people? Type yes: ").lower() not in _YES:
            raise BateaError("nothing was kept: it was not confirmed with yes")
        kept = 0
        chunks = [good[first : first + _AT_ONCE] for first in range(0, len(good), _AT_ONCE)]
        with typer.progressbar(chunks, label="keeping", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
            for chunk in shown:
                kept += store.submit(lambda uow, chunk=chunk: keep(uow, chunk, now)).result()  # type: ignore[misc]
        store.submit(lambda uow: uow.audit.write(AuditEntry(now, OPERATOR, "enrolment.keep", "file"))).result()
    typer.echo(f"{kept} people kept")


def _report(verdicts: Sequence[Verdict]) -> list[Verdict]:
    good = [each for each in verdicts if each.row is not None]
    known = sum(each.known for each in verdicts)
    for each in verdicts:
        if each.problem:
            why = each.problem.replace("_", " ") + (f" ({each.detail})" if each.detail else "")
            typer.echo(f"line {each.line}\t{each.shown or '-'}\t{why}")
    wrong = len(verdicts) - len(good) - known
    typer.echo(f"{len(verdicts)} lines: {len(good)} can be kept, {known} were there already, {wrong} not kept")
    return good


def export(address: FromInput = "-") -> None:
    """Print all that is kept of one person, as JSON: she may ask for it. Her address is read from standard input."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    _only_input(address)
    with wiring.database(load()) as store:
        person_id = _chosen(store)
        kept = store.submit(lambda uow: _noted(uow, "person.export", person_id).personal_data.of(person_id)).result()
    if kept is None:
        raise BateaError("she was erased meanwhile: nothing is kept of her")
    typer.echo(json.dumps(kept, ensure_ascii=False, indent=2))


def erase(address: FromInput = "-") -> None:
    """Forget one person with all that is hers. Reads from standard input: her address, and yes."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    _only_input(address)
    with wiring.database(load()) as store:
        person_id = _chosen(store)
        if asked("Erase her for good? Type yes: ").lower() not in _YES:
            raise BateaError("nothing was changed: it was not confirmed with yes")
        store.submit(lambda uow: _noted(uow, "person.erase", person_id).people.erase(person_id)).result()
    typer.echo("erased: nothing is kept of her but, where she said BAJA, that nothing is sent there")


def _only_input(address: str) -> None:
    if address != "-":
        raise UsageError("write - : the address is read from standard input, so that no list of commands keeps it")


def _noted(uow: UnitOfWork, action: str, person_id: str) -> UnitOfWork:
    uow.audit.write(AuditEntry(datetime.now(UTC), OPERATOR, action, "person", person_id))
    return uow


def _chosen(store: Store) -> str:
    """The person behind the address that standard input names; of several who share it, the one whose number it gives too."""
    to = read_address(asked("The address: "))
    line = store.submit(lambda uow: uow.lines.find(to)).result()
    if line is None:
        raise BateaError("nobody ever wrote from that address: see that it is written in full, with its country code")
    if not line.shared:
        return store.submit(lambda uow: uow.lines.writes(line.id)).result()
    sharing = store.submit(lambda uow: uow.lines.profiles(line.id)).result()
    for each in sharing:
        typer.echo(f"{each.number}: {each.name or 'without a nickname'}", err=True)
    answer = asked("Several share that address. The number of the one who is meant: ")
    chosen = next((each.person_id for each in sharing if str(each.number) == answer), None)
    if chosen is None:
        raise UsageError("that is the number of nobody there: give one of the numbers listed")
    return chosen

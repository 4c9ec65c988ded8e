"""`batea people`: what the team does for one person. Addresses come by standard input, so that no list of commands keeps them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer

from bot.cli.address import asked as _asked
from bot.cli.address import read_address
from bot.cli.personal_data import erase, export, import_file
from bot.cli.questions import questions
from bot.domain.errors import BateaError, UsageError
from bot.domain.line import MOST_PROFILES, Line
from bot.domain.message import Address
from bot.domain.person import Person

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from collections.abc import Sequence

    from bot.domain.store import UnitOfWork

app = typer.Typer(help="People: files, what is kept of one, a lost number, questions by voice.", no_args_is_help=True)
app.command()(questions)
app.command(name="import")(import_file)
app.command()(export)
app.command()(erase)

_YES: Final = frozenset({"yes", "y", "si", "sí"})


@app.callback()
def people() -> None:
    """People: files, what is kept of one, a lost number, questions by voice."""


@app.command()
def move() -> None:
    """Bring a profile from a lost number to another one.

    Reads from standard input: the lost address, the new one, which profile it is where several share the lost phone or
    somebody new has the number, and yes.
    An address is a number such as +573001234567, `telegram 3527065` or `whatsapp CO.1234`. She must have written to Batea from
    the new one, so that it is known to be hers; be sure that it is she.
    """
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    lost = read_address(_asked("The lost address: "))
    found = read_address(_asked("The new address, from which she has written: "))
    with wiring.database(settings) as store:
        known = store.submit(lambda uow: _candidates(uow, lost)).result()
        chosen = _which(known) if known else ""
        shown = store.submit(lambda uow: _Moving.of(uow, lost, found, chosen)).result()
        typer.echo(shown.told())
        if _asked("Move it? Type yes: ").lower() not in _YES:
            raise BateaError("nothing was changed: it was not confirmed with yes")

        def work(uow: UnitOfWork) -> None:
            if _Moving.of(uow, lost, found, chosen) != shown:
                raise BateaError("nothing was changed: meanwhile somebody wrote from one of the two; look again")
            shown.carry_out(uow)

        store.submit(work).result()
    typer.echo("moved: she goes on at the new address where she was; whoever writes from the lost one is told that it moved")


@dataclass(frozen=True, slots=True)
class _Side:
    """What is known of whoever comes by one of the two addresses."""

    line: Line | None
    person: Person
    lessons: int

    @classmethod
    def of(cls, uow: UnitOfWork, line: Line | None, person_id: str) -> _Side:
        met = uow.people.get(person_id)
        if met is None:
            raise BateaError("she was erased meanwhile: there is nothing to move")
        finished = sum(record.finished_at is not None for record in uow.people.progress(person_id).lessons)
        return cls(line and replace(line, heard_at=None), replace(met[0], last_seen_at=None), finished)

    def told(self) -> str:
        who, consent = self.person, self.person.consent
        agreed = f"agreed on {consent.given_at:%Y-%m-%d}" if who.enrolled and consent else "has not agreed to anything yet"
        return f"{who.country or 'no country'}, known since {who.created_at:%Y-%m-%d}, {agreed}, {self.lessons} lessons finished"


@dataclass(frozen=True, slots=True)
class _Moving:
    """One move, looked at before it is made."""

    lost: _Side
    found: _Side

    @classmethod
    def of(cls, uow: UnitOfWork, lost: Address, found: Address, chosen: str) -> _Moving:
        """Look, and write nothing. Raises BateaError where it cannot be done."""
        old, new = uow.lines.find(lost), uow.lines.find(found)
        lost_to_another = chosen in {each.person_id for each in uow.lines.lost(lost)}
        if old is None and not lost_to_another:
            raise BateaError("nobody ever wrote from the lost address: see that it is written in full, with its country code")
        if new is None or new.asked or new.silent(datetime.now(UTC)):
            raise BateaError("it is not known who has the new address: have her write hola to Batea from it first")
        if lost_to_another:
            left = _Side.of(uow, None, chosen)
        elif old is None or old.id == new.id:
            raise BateaError("the two addresses belong together already: nothing needs to be moved")
        else:
            left = _Side.of(uow, old, chosen or uow.lines.writes(old.id))
        sides = cls(left, _Side.of(uow, new, uow.lines.writes(new.id)))
        if not sides.lost.person.enrolled:
            raise BateaError("whoever has the lost address has not agreed to anything: there is nothing to move")
        if new.shared and len(uow.lines.profiles(new.id)) >= MOST_PROFILES:
            raise BateaError("on the phone with the new address there is no room for one more")
        return sides

    def told(self) -> str:
        """What will be done, for a person who decides."""
        if self.found.line and self.found.line.shared:
            becomes = "several share that phone, she becomes one more of them"
        elif self.found.person.id == self.lost.person.id:
            becomes = "it is hers already, the lost one is taken from her"
        else:
            becomes = f"{self.found.told()}; the two become one"
        return f"lost: {self.lost.told()}\nnew: {becomes}"

    def carry_out(self, uow: UnitOfWork) -> None:
        """Make it."""
        now, who = datetime.now(UTC), self.lost.person
        if self.found.line is None:
            raise BateaError("the new address is gone")
        if self.lost.line is None:
            uow.lines.recover(who.id, self.found.line, now)
            return
        placeholder = Person(uuid.uuid4().hex, now, country=who.country, mode=who.mode, language=who.language)
        uow.lines.restore(who.id, self.lost.line, self.found.line, placeholder, now)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One of those whom the lost address may mean."""

    person_id: str
    told: str


def _candidates(uow: UnitOfWork, lost: Address) -> Sequence[_Candidate]:
    """Who may be meant, where that is not one alone: those who share the phone, or had the number before its new owner."""
    line, gone = uow.lines.find(lost), uow.lines.lost(lost)
    here: list[_Candidate] = []
    if line and line.shared:
        here = [_Candidate(each.person_id, each.name or "without a nickname") for each in uow.lines.profiles(line.id)]
    elif line and gone:
        here = [_Candidate(uow.lines.writes(line.id), "who has the number now")]
    for each in gone:
        known = f"{each.name or 'without a nickname'}, who had the number before: {_Side.of(uow, None, each.person_id).told()}"
        here.append(_Candidate(each.person_id, known))
    return here


def _which(known: Sequence[_Candidate]) -> str:
    """The person's id of one of several. Raises UsageError."""
    for number, each in enumerate(known, start=1):
        typer.echo(f"{number}: {each.told}", err=True)
    answer = _asked("Several had or have the lost address. The number of the one who moves: ")
    chosen = next((each.person_id for number, each in enumerate(known, start=1) if str(number) == answer), None)
    if chosen is None:
        raise UsageError("that is the number of nobody there: give one of the numbers listed")
    return chosen

"""`batea staff`, `batea audit`: accounts of those who work with Batea, and whether the audit log is whole."""

from __future__ import annotations

import getpass
import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.address import asked, read_address
from bot.domain.errors import BateaError, UsageError
from bot.domain.staff import Role

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.access import Enrolment

app = typer.Typer(help="Accounts of those who work with Batea.", no_args_is_help=True)
audit_app = typer.Typer(help="The log of who did what on the staff side.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="E-mail address.", metavar="EMAIL")]


@app.callback()
def staff() -> None:
    """Accounts of those who work with Batea."""


@app.command()
def add(
    email: Email,
    role: Annotated[Role, typer.Option(help="admin, staff, facilitator or pme.")],
    community: Annotated[str, typer.Option(help="A facilitator's community.")] = "",
    language: Annotated[str, typer.Option(help="Of her pages: es or en.")] = "es",
) -> None:
    """Make an account. Shows, this once, a temporary password and what her authenticator application reads."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    if language not in {"es", "en"}:
        raise UsageError(f"--language {language!r}: use es or en")
    with wiring.access(load()) as access:
        _show(access.enrol(email, role, community.strip() or None, language))


@app.command()
def renew(email: Email) -> None:
    """Give somebody who lost them a new temporary password and new codes. Lets in again who was disabled."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.access(load()) as access:
        _show(access.renew(email))


@app.command(name="list")
def show() -> None:
    """Every account: address, role, community, since when, whether it was disabled."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.database(load()) as store:
        members = store.submit(lambda uow: uow.staff.all()).result()
    for member in members:
        since = f"{member.created_at:%Y-%m-%d}" if member.created_at else "-"
        state = f"disabled {member.disabled_at:%Y-%m-%d}" if member.disabled_at else "active"
        typer.echo(f"{member.email}\t{member.role}\t{member.community_id or '-'}\t{since}\t{state}")
    if not members:
        typer.echo("nobody yet: batea staff add EMAIL --role admin", err=True)


@app.command()
def disable(email: Email) -> None:
    """Let somebody in no more; ends her sessions at once."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.access(load()) as access:
        access.disable(email)
    typer.echo(f"{email.strip()}: disabled; her sessions have ended")


@app.command()
def phone(
    email: Email,
    simulated: Annotated[bool, typer.Option("--simulated", help="A phone of `batea chat` or the simulator page.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the role from all her phones, as when one was stolen.")] = False,
) -> None:
    """Let a facilitator announce from her own phone. Reads its address from standard input; shows her PIN, once.

    An address is a number such as +573001234567 (WhatsApp and calls), `telegram 3527065` or `whatsapp CO.1234`.
    """
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.pins(load()) as pins:
        if remove:
            typer.echo(f"{email.strip()}: taken from {pins.withdraw(email)} phones")
            return
        given = pins.enrol(email, replace(read_address(asked("Her address: ")), simulated=simulated))
    typer.echo(f"{email.strip()}: enrolled")
    _show_pin(given)


@app.command()
def pin(
    email: Email,
    own: Annotated[bool, typer.Option("--own", help="She types one of her own, unseen, on standard input.")] = False,
) -> None:
    """Give a facilitator a new PIN, shown once; unlocks her after three wrong ones."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.pins(load()) as pins:
        if not own:
            _show_pin(pins.renew(email))
            return
        chosen = getpass.getpass("Her PIN: ") if sys.stdin.isatty() else asked("Her PIN: ")
        pins.choose(email, chosen.strip())
    typer.echo(f"{email.strip()}: her PIN is set")


@audit_app.callback()
def audit() -> None:
    """The log of who did what on the staff side."""


@audit_app.command()
def verify() -> None:
    """Read the whole audit log and check that no row was changed, added or taken out. Exit code 1 names the first that was."""
    from bot import wiring  # noqa: PLC0415
    from bot.domain.audit import Verified  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    so_far = Verified()
    with wiring.database(load()) as store:
        while not so_far.finished:
            start = so_far
            so_far = store.submit(lambda uow, start=start: uow.audit.verify(start)).result()  # type: ignore[misc]
    if so_far.broken:
        raise BateaError(
            f"the audit log is broken at row {so_far.broken}: it was changed, added or taken out; the rows before it are whole"
        )
    typer.echo(f"{so_far.number} rows, all whole")


def _show(enrolment: Enrolment) -> None:
    import segno  # noqa: PLC0415

    member = enrolment.member
    place = f" of {member.community_id}" if member.community_id else ""
    typer.echo(f"{member.email}: {member.role}{place}")
    typer.echo(f"temporary password, until {enrolment.until:%Y-%m-%d %H:%M} UTC: {enrolment.password}")
    typer.echo(f"one-time codes: {enrolment.uri}\n")
    drawn = io.StringIO()
    segno.make(enrolment.uri, error="l").terminal(drawn, border=2, compact=True)
    typer.echo(drawn.getvalue())
    typer.echo("This is shown once. Hand both over in person; at the first sign-in she chooses a password of her own.", err=True)


def _show_pin(pin: str) -> None:
    if pin:
        typer.echo(f"PIN: {pin}")
        typer.echo("This is shown once. Tell her in person. It is never asked for by SMS, nor by the team.", err=True)

"""`batea keys`: the key that hides who is who."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import BateaError, ConfigurationError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.storage.rotation import Rotation

app = typer.Typer(help="The key that hides who is who.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """The key that hides who is who."""


@app.command()
def rotate(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Seal everything with the first key of BATEA_SECRET_KEY, so that the ones behind it may be taken away.

    Before: put the new key in front (NEW,OLD) and restart every process. It may be stopped at any moment and run again.
    """
    from bot import wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415
    from bot.storage import rotation  # noqa: PLC0415
    from bot.storage.secret_key import secret_key  # noqa: PLC0415
    from bot.storage.vault import secrets_in  # noqa: PLC0415

    settings = load()
    if len(secrets_in(secret_key(settings, make=False))) == 1:
        raise ConfigurationError(
            "BATEA_SECRET_KEY holds one key: put a new one in front of it (NEW,OLD), restart every process, then run this again"
        )
    with wiring.database(settings) as store:
        length = rotation.count(store)
        with typer.progressbar(length=length, label="sealing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            done = rotation.rotate(store, SystemClock().now, bar.update)
    typer.echo(json.dumps(_mapping(done)) if as_json else _told(done))
    if done.total.unreadable:
        tables = ", ".join(f"{name} {one.unreadable}" for name, one in done.tables.items() if one.unreadable)
        raise BateaError(
            f"{done.total.unreadable} values open with none of these keys and stayed as they are ({tables}): put the key they "
            "were sealed with behind the others in BATEA_SECRET_KEY and run this again"
        )
    if not done.finished:
        raise BateaError(
            "something still seals with an old key: restart every process with the new key in front, then run this again"
        )


def _mapping(done: Rotation) -> dict[str, object]:
    tables = [
        {"table": name, "values": one.values, "resealed": one.resealed, "unreadable": one.unreadable}
        for name, one in done.tables.items()
    ]
    total = done.total
    facts = {"values": total.values, "resealed": total.resealed, "unreadable": total.unreadable, "finished": done.finished}
    return {"tables": tables, **facts}


def _told(done: Rotation) -> str:
    lines = [f"{name}\t{one.values} values\t{one.resealed} sealed anew" for name, one in done.tables.items() if one.values]
    total = done.total
    lines.append(f"in all\t{total.values} values\t{total.resealed} sealed anew")
    if done.finished and not total.unreadable:
        lines.append("everything is sealed with the first key: the others may be taken away, and kept for backups of before")
    return "\n".join(lines)

"""`batea db`: the database's schema, copies and retention."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Upgrade, copy and tidy the database.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to this version's schema."""
    from bot.settings import load  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415
    from bot.storage.secret_key import make_folder  # noqa: PLC0415

    settings = load()
    make_folder(settings.data_dir)
    schema.upgrade(settings.database_url)


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Revision, or -1 for one step back, or base.")] = "-1",
) -> None:
    """Go back to an earlier schema."""
    from bot.settings import load  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415

    schema.downgrade(load().database_url, revision)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write the copy.")]) -> None:
    """Write a consistent copy of the database, also while Batea serves."""
    from bot.settings import load  # noqa: PLC0415
    from bot.storage.backup import backup as copy_to  # noqa: PLC0415

    copy_to(load().database_url, file)
    typer.echo(f"Saved to {file}: keep the secret key with it, it cannot be read without")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A copy made by `batea db backup`.")]) -> None:
    """Put a copy back; stop `batea serve` first."""
    from bot.settings import load  # noqa: PLC0415
    from bot.storage.backup import restore as copy_from  # noqa: PLC0415

    copy_from(load().database_url, file)
    typer.echo("Restored")


@app.command()
def retention() -> None:
    """Delete what is older than it may be kept."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    for what, count in wiring.forget(load()).items():
        typer.echo(f"{what}: {count}")

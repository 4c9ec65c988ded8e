"""`batea bench`: how fast it is, measured from a checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.errors import ConfigurationError

app = typer.Typer(help="Measure how fast Batea is.", no_args_is_help=True)

CHECKOUT = Path(__file__).resolve().parents[2]


class DatabaseName(StrEnum):
    """The databases that can be asked for."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@app.command()
def turn(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A few turns only: to see that it runs, not how fast.")] = False,
    database: Annotated[DatabaseName | None, typer.Option("--database", help="Only this database (default: both).")] = None,
) -> None:
    """Signed webhooks in, replies to a stub: turns a second, waiting time at 300 a second, memory. Takes some minutes."""
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else [])]
    options += ["--database", database.value] if database else []
    if not (CHECKOUT / "bench" / "turn.py").is_file():
        raise ConfigurationError("the benchmarks are not part of the installed package: run them from a checkout of Batea")
    done = subprocess.run([sys.executable, "-m", "bench.turn", *options], cwd=CHECKOUT, check=False)  # noqa: S603
    if done.returncode:
        raise typer.Exit(1)


@app.command()
def nlu(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Understanding: time of one parse, memory that serving adds, time of training. For the table beside Rasa: make compare."""
    from bot.nlu import benchmark  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    facts = benchmark.measure(settings.intents_dir, settings.data_dir)
    typer.echo(json.dumps(facts) if as_json else "\n".join(f"{key}: {value}" for key, value in facts.items()))


@app.command()
def voice(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A few notes only: to see that it runs, not how well.")] = False,
) -> None:
    """Voice notes spoken (speed, size, memory, evenness) and, after make listen, understood (word error, short answers)."""
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else [])]
    if not (CHECKOUT / "bench" / "voice.py").is_file():
        raise ConfigurationError("the benchmarks are not part of the installed package: run them from a checkout of Batea")
    done = subprocess.run([sys.executable, "-m", "bench.voice", *options], cwd=CHECKOUT, check=False)  # noqa: S603
    if done.returncode:
        raise typer.Exit(1)


@app.command()
def pages(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Few answers and visits: to see that it runs, not how fast.")] = False,
) -> None:
    """Staff pages with a hundred thousand answers: milliseconds and kilobytes of each. Takes some minutes."""
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else [])]
    if not (CHECKOUT / "bench" / "pages.py").is_file():
        raise ConfigurationError("the benchmarks are not part of the installed package: run them from a checkout of Batea")
    done = subprocess.run([sys.executable, "-m", "bench.pages", *options], cwd=CHECKOUT, check=False)  # noqa: S603
    if done.returncode:
        raise typer.Exit(1)


@app.command()
def broadcast(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A few people only: to see that it runs, not how fast.")] = False,
    people: Annotated[int | None, typer.Option("--people", help="So many at the most (default: a million).", min=1_000)] = None,
) -> None:
    """Rows for up to a million people, messages to a vendor that takes all at once, answers meanwhile. Takes many minutes."""
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else []), *(["--people", str(people)] if people else [])]
    if not (CHECKOUT / "bench" / "broadcast.py").is_file():
        raise ConfigurationError("the benchmarks are not part of the installed package: run them from a checkout of Batea")
    done = subprocess.run([sys.executable, "-m", "bench.broadcast", *options], cwd=CHECKOUT, check=False)  # noqa: S603
    if done.returncode:
        raise typer.Exit(1)

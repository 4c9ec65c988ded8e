"""`batea audio`: make and check voice notes."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(help="Make and check voice notes.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


class SpeakerName(StrEnum):
    """The speaking engines that can be asked for."""

    PICO = "pico"
    ESPEAK = "espeak"
    GTTS = "gtts"


@app.command()
def build(
    engine: Annotated[SpeakerName | None, typer.Option("--engine", help="Which voice (default: BATEA_TTS).")] = None,
) -> None:
    """Make the voice note of every sentence that has none yet."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    speeches, clips = wiring.clips_to_build(load(), engine.value if engine else None)
    missing = 0
    with typer.progressbar(speeches, label="Voice notes", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for speech in bar:
            missing += clips.clip(speech) is None
    typer.echo(f"{len(speeches) - missing} voice notes ready, {missing} missing")
    if missing:
        raise typer.Exit(1)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Name recordings that are missing, stale or orphaned; exit code 1 where one is stale or orphaned."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    report = wiring.check_audio(load())
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for kind, names in report.items():
            for name in names:
                typer.echo(f"{kind}: {name}")
    if report["stale"] or report["orphaned"]:
        raise typer.Exit(1)

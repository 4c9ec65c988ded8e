"""`batea audio`: make and check voice notes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # the rooms are imported when a command runs
    from bot.domain.message import Speech
    from bot.settings import Settings
    from bot.voice.clips import Clips

app = typer.Typer(help="Make and check voice notes.", no_args_is_help=True)


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
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    clips, speeches = _clips(settings, engine.value if engine else settings.tts)
    with typer.progressbar(length=len(speeches), label="Voice notes", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        report = clips.build(speeches, progress=lambda done, _: bar.update(done - bar.pos))
    clips.close()
    for key, why in report.failed:
        typer.echo(f"{key}: {why}", err=True)
    typer.echo(f"{report.made} made, {report.kept} kept, {len(report.failed)} failed")
    if report.failed:
        raise typer.Exit(1)


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Compare the human recordings with the texts; exit code 1 where one is stale, orphaned or broken."""
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    clips, speeches = _clips(settings, "off")
    found = clips.check(speeches)
    report = {
        "recorded": found.recorded,
        "missing": [asdict(one) for one in found.missing],
        "problems": [{"file": one.file, "line": one.line, "text": one.text} for one in found.problems],
    }
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for problem in found.problems:
            typer.echo(str(problem))
        typer.echo(f"{found.recorded} recordings, {len(found.missing)} sentences without one, {len(found.problems)} problems")
    if found.problems:
        raise typer.Exit(1)


def _clips(settings: Settings, tts: str) -> tuple[Clips, list[Speech]]:
    from bot import running, telemetry, wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.voice.opening import build_clips  # noqa: PLC0415

    telemetry.start_logging(quiet=True)
    library = wiring.build_library(settings, SystemClock())
    clips = build_clips(tts, settings.data_dir, settings.audio_dir, log=telemetry.Telemetry())
    return clips, list(library.speeches(running.after_step(library)))

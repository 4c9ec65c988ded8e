"""`batea audio`: make, check and pack voice notes."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # the rooms are imported when a command runs
    from collections.abc import Iterator

    from bot.domain.errors import ContentError
    from bot.domain.message import Speech
    from bot.settings import Settings
    from bot.voice.checking import AudioCheck
    from bot.voice.clips import Clips

PROBLEMS = ("stale", "orphaned", "broken")

app = typer.Typer(help="Make, check and pack voice notes.", no_args_is_help=True)


class SpeakerName(StrEnum):
    """The speaking engines that can be asked for."""

    PICO = "pico"
    ESPEAK = "espeak"
    GTTS = "gtts"


@app.command()
def build(
    engine: Annotated[SpeakerName | None, typer.Option("--engine", help="Which voice (default: BATEA_TTS).")] = None,
) -> None:
    """Make the voice note of every sentence that has none yet, and its form for the telephone where there are calls."""
    from bot.settings import load  # noqa: PLC0415
    from bot.voice.clips import BuildReport  # noqa: PLC0415

    settings = load()
    clips, speeches = _clips(settings, engine.value if engine else settings.tts)
    forms = (False, True) if settings.telephones else (False,)
    report = BuildReport()
    with (
        closing(clips),
        typer.progressbar(
            length=len(speeches) * len(forms), label="Voice notes", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar,
    ):
        for speech in speeches:
            for call in forms:
                report += clips.build([speech], call=call)
                bar.update(1)
    for key, why in dict.fromkeys(report.failed):
        typer.echo(f"{key}: {why}", err=True)
    if report.replaced:
        typer.echo(f"{report.replaced} spoken by another voice than the one asked for: {report.why}", err=True)
    kinds = "voice notes and telephone clips" if settings.telephones else "voice notes"
    typer.echo(f"{kinds}: {report.made} made, {report.kept} kept, {len(report.failed)} failed")
    if report.failed:
        raise typer.Exit(1)


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    language: Annotated[
        str, typer.Option("--language", help="List what is not recorded in this language, such as qu, ay or pbb.")
    ] = "",
) -> None:
    """Compare the human recordings with the texts; exit code 1 where one is stale, orphaned or broken."""
    from bot.domain.errors import UsageError  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    clips, speeches = _clips(settings, settings.tts)
    with closing(clips):
        if language and language not in clips.spoken_languages:
            raise UsageError(f"--language {language}: use one of {', '.join(clips.spoken_languages)}")
        found = clips.check(speeches, language=language)
    typer.echo(json.dumps(_facts(found), ensure_ascii=False) if as_json else "\n".join(_lines(found)))
    if found.problems:
        raise typer.Exit(1)


def _facts(found: AudioCheck) -> dict[str, object]:
    return {
        "recorded": found.recorded,
        "missing": [asdict(one) for one in found.missing],
        "silent": found.silent,
        **{kind: [_fault(one) for one in getattr(found, kind)] for kind in PROBLEMS},
        "problems": [_fault(one) for one in found.problems],
    }


def _fault(error: ContentError) -> dict[str, object]:
    return {"file": error.file, "line": error.line, "text": error.text}


def _lines(found: AudioCheck) -> Iterator[str]:
    for one in found.missing:
        yield f"missing: {one.key} {one.language} {one.text_sha256}"
    for key in found.silent:
        yield f"silent: {key}: no voice note yet, run batea audio build"
    for kind in PROBLEMS:
        for problem in getattr(found, kind):
            yield f"{kind}: {problem}"
    sums = (f"{len(found.missing)} sentences without one", f"{len(found.silent)} without any voice note")
    yield ", ".join((f"{found.recorded} recordings", *sums, f"{len(found.problems)} problems"))


@app.command()
def pack(
    file: Annotated[Path | None, typer.Argument(help="The ZIP file (default: audio-pack.zip in the data folder).")] = None,
) -> None:
    """Put every voice note into one ZIP file, with a manifest: to carry them to another machine or on a memory card."""
    from bot.settings import load  # noqa: PLC0415
    from bot.voice.packing import pack as write_pack  # noqa: PLC0415

    settings = load()
    clips, speeches = _clips(settings, settings.tts)
    target = file or settings.data_dir / "audio-pack.zip"
    with closing(clips):
        count, silent = write_pack(clips, speeches, target, calls=settings.telephones)
    typer.echo(f"{count} clips in {target}")
    if silent:
        typer.echo(f"{len(silent)} sentences have no voice note yet: run batea audio build", err=True)
        raise typer.Exit(1)


def _clips(settings: Settings, tts: str) -> tuple[Clips, list[Speech]]:
    from bot import running, telemetry, wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.voice.opening import build_clips  # noqa: PLC0415

    telemetry.start_logging(quiet=True)
    library = wiring.build_library(settings, SystemClock())
    clips = build_clips(tts, settings.data_dir, settings.audio_dir, log=telemetry.Telemetry())
    return clips, list(library.speeches(running.after_step(library)))

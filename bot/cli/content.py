"""`batea content`: list and check what is taught and said."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # the rooms are imported when a command runs
    from collections.abc import Callable, Iterator, Sequence

    from bot.domain.errors import ContentError
    from bot.domain.message import Choice, Clip, Speech
    from bot.settings import Settings

app = typer.Typer(help="List and check lessons, polls and replies.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def _report(*, strict: bool) -> dict[str, Any]:
    from bot.lessons.check import check as check_content  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings, today = load(), datetime.now(UTC).date()
    clip, after_step, recordings = _voices(settings) if strict else (None, (), [])
    report = check_content(settings.content_dir, today=today, strict=strict, clip=clip, after_step=after_step).to_json()
    report["problems"] += [{"file": f"audio/{one.file}", "line": one.line, "text": one.text} for one in recordings]
    return report


def _voices(
    settings: Settings,
) -> tuple[Callable[[Speech], Clip | None] | None, Sequence[Choice], Sequence[ContentError]]:
    """What finds a sentence's voice note, what is read below a step, and the recordings that no longer say what is written.

    Where most voice notes are missing nobody has made them on this machine: that is said, and is no problem of the content.
    """
    from bot import running, telemetry, wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.domain.errors import ContentError  # noqa: PLC0415
    from bot.voice.opening import build_clips  # noqa: PLC0415

    telemetry.start_logging(quiet=True)
    try:
        library = wiring.build_library(replace(settings, serve_drafts=True), SystemClock())
    except ContentError:
        return None, (), []  # the check itself says what is wrong
    after_step = running.after_step(library)
    speeches = list(library.speeches(after_step))
    with closing(build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=telemetry.Telemetry())) as clips:
        said = {speech: found.clip if (found := clips.kept(speech)) else None for speech in speeches}
        recordings = clips.check(speeches).problems
    missing = sum(clip is None for clip in said.values())
    if missing > len(said) / 2:
        typer.echo(f"voice notes were not looked at: {missing} of {len(said)} are not made, run `batea audio build`", err=True)
        return None, after_step, recordings
    return said.get, after_step, recordings


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the modules."""
    modules = _report(strict=False)["modules"]
    if as_json:
        typer.echo(json.dumps({"modules": modules}, ensure_ascii=False))
        return
    for module in modules:
        countries = ",".join(module["countries"])
        typer.echo(f"{module['id']}\t{module['status']}\t{countries}\t{module['lessons']} lessons, {module['steps']} steps")


@app.command()
def check(
    strict: Annotated[
        bool, typer.Option("--strict", help="Also what is measured: reading ease, sentences, options, hard words, voice notes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every content file; exit code 1 where there is a problem."""
    report = _report(strict=strict)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for problem in report["problems"]:
            typer.echo(f"{problem['file']}:{problem['line']}: {problem['text']}")
        typer.echo(f"{len(report['modules'])} modules, {len(report['problems'])} problems")
    if report["problems"]:
        raise typer.Exit(1)


@app.command()
def review() -> None:
    """Print docs/review.md: every text and fact, by the expert who must sign it."""
    from bot.lessons.content import read_content  # noqa: PLC0415
    from bot.lessons.review import review as document  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    content = read_content(load().content_dir)
    if content.problems:
        raise content.problems[0]
    typer.echo(document(content), nl=False)


@app.command()
def sign(
    module: Annotated[str, typer.Argument(help="A module, such as m1.")],
    by: Annotated[str, typer.Option("--by", help="Who has read all of it, and answers for it.")],
) -> None:
    """Mark a module as signed: it is a draft again as soon as one of its texts changes."""
    from bot.lessons.signatures import sign as write_down  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    fresh = write_down(load().content_dir, module, by, datetime.now(UTC).date())
    typer.echo(f"{module}: signed" if fresh else f"{module}: signed before, and nothing changed")


@app.command()
def pictures(
    names: Annotated[list[str] | None, typer.Argument(help="Which of content/images, such as m1-humo (default: all).")] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder to draw into.")] = Path("pictures"),
    side: Annotated[int, typer.Option("--side", min=64, max=1024, help="How many pixels wide.")] = 512,
) -> None:
    """Draw the pictograms as PNG, with a page (index.html) that shows them all small, beside their descriptions."""
    from bot.domain.errors import ContentError, UsageError  # noqa: PLC0415
    from bot.lessons.drawing import png  # noqa: PLC0415
    from bot.lessons.pictures import FOLDER  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    content_dir = load().content_dir
    known = {path.stem: path for path in sorted((content_dir / FOLDER).glob("*.svg"))}
    chosen = [name.removesuffix(".svg") for name in names or known]
    if unknown := [name for name in chosen if name not in known]:
        raise UsageError(f"there is no {FOLDER}/{unknown[0]}.svg: use one of {', '.join(known) or '(none yet)'}")
    out.mkdir(parents=True, exist_ok=True)
    drawn, failed = [], 0
    for name in chosen:
        try:
            (out / f"{name}.png").write_bytes(png(known[name].read_bytes(), f"{FOLDER}/{name}.svg", side))
            drawn.append(name)
        except ContentError as error:
            typer.echo(str(error), err=True)
            failed += 1
    (out / "index.html").write_text("\n".join(_sheet(content_dir, drawn)), encoding="utf-8")
    typer.echo(f"{len(drawn)} pictures in {out}, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _sheet(content_dir: Path, names: list[str]) -> Iterator[str]:
    """A page with every picture as small as it is seen on a phone."""
    from bot.lessons.content import read_content  # noqa: PLC0415
    from bot.lessons.pictures import pictures_of  # noqa: PLC0415

    shown = [(f"{module}/{lesson.id}: {lesson.title}", one) for module, lesson, one in pictures_of(read_content(content_dir))]
    yield '<!doctype html><meta charset="utf-8"><title>Pictures</title>'
    yield "<style>figure{display:inline-block;width:220px;vertical-align:top;font:14px sans-serif}</style>"
    for name in names:
        lines = [f"{escape(where)}<br>{escape(one.means)}" for where, one in shown if one.file == f"{name}.svg"]
        said = "<br>".join(lines) or "no lesson shows it"
        yield f'<figure><img src="{name}.png" width="200" height="200" alt=""><figcaption>{name}<br>{said}</figcaption></figure>'

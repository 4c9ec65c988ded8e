"""`batea audio`: make, check and pack voice notes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # the rooms are imported when a command runs
    from collections.abc import Iterator, Sequence

    from bot.domain.errors import ContentError
    from bot.domain.message import Speech
    from bot.domain.store import Store
    from bot.outreach.studio import Studio
    from bot.settings import Settings
    from bot.voice.checking import AudioCheck
    from bot.voice.clips import Clips
    from bot.voice.recording_packs import Pack

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
    part: Annotated[
        str, typer.Option("--part", help="Only a part of them, such as 1/2: one process for each processor.")
    ] = "1/1",
) -> None:
    """Make the voice note of every sentence that has none yet, and its form for the telephone where there are calls."""
    from bot.settings import load  # noqa: PLC0415
    from bot.voice.clips import BuildReport  # noqa: PLC0415

    settings = load()
    number, parts = _part(part)
    clips, everything = _clips(settings, engine.value if engine else settings.tts)
    speeches = everything[number - 1 :: parts]
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


def _part(part: str) -> tuple[int, int]:
    """1/2 as (1, 2). Raises UsageError for what is no part."""
    from bot.domain.errors import UsageError  # noqa: PLC0415

    number, _, parts = part.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise UsageError(f"--part {part}: write it as 1/2, the first of two")
    return int(number), int(parts)


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
    language: Annotated[
        str, typer.Option("--language", help="List what is not recorded in this language, such as quz, quy, ay or pbb.")
    ] = "",
    pack_file: Annotated[Path | None, typer.Option("--pack", help="Look through a pack of recordings instead.")] = None,
) -> None:
    """Compare the human recordings with the texts; exit code 1 where one is stale, orphaned or broken."""
    from bot.domain.errors import UsageError  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    if pack_file:
        _look_through(pack_file, "")
        return
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
    recordings: Annotated[bool, typer.Option("--recordings", help="What people recorded, for another Batea.")] = False,
    language: Annotated[str, typer.Option("--language", help="With --recordings: one language, such as quz.")] = "",
    module: Annotated[str, typer.Option("--module", help="With --recordings: one module or file, such as m1.")] = "",
) -> None:
    """Put every voice note into one ZIP file, with a manifest: to carry them to another machine or on a memory card.

    With --recordings it holds what people recorded, with their consent and licence, and `batea audio install` takes it.
    """
    from bot.settings import load  # noqa: PLC0415
    from bot.voice.packing import pack as write_pack  # noqa: PLC0415

    settings = load()
    if recordings or language or module:
        _pack_recordings(settings, file or settings.data_dir / "recordings-pack.zip", language, module)
        return
    clips, speeches = _clips(settings, settings.tts)
    target = file or settings.data_dir / "audio-pack.zip"
    with closing(clips):
        count, silent = write_pack(clips, speeches, target, calls=settings.telephones)
    typer.echo(f"{count} clips in {target}")
    if silent:
        typer.echo(f"{len(silent)} sentences have no voice note yet: run batea audio build", err=True)
        raise typer.Exit(1)


def _pack_recordings(settings: Settings, target: Path, language: str, module: str) -> None:
    from bot.outreach.studio_packs import packed  # noqa: PLC0415
    from bot.voice.recording_packs import write_pack  # noqa: PLC0415

    with _studio(settings) as (store, studio):
        _known(studio, language, module)
        chosen = store.submit(lambda uow: packed(studio, uow, language, module)).result()
        count, seal = write_pack(chosen, studio.sounds.read, target)
    typer.echo(f"{count} recordings in {target}\nseal {seal}")


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="A pack that `batea audio pack --recordings` made.")],
    expect: Annotated[str, typer.Option("--expect", help="The seal that whoever made the pack has told you.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Also in the place of recordings that are kept here.")] = False,
) -> None:
    """Have people hear the recordings of a pack, from now on. Nothing of a pack is taken where anything in it is wrong."""
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.outreach.studio_packs import install as take_over  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    pack_ = _look_through(file, expect)
    with _studio(load()) as (store, studio):
        now = SystemClock().now()
        for sound in dict.fromkeys(one.take.sound for one in pack_.recordings):
            studio.sounds.put(pack_.sound(sound))
        took = store.submit(lambda uow: take_over(studio, uow, pack_.recordings, now, replace=replace)).result()
        studio.publish()
    typer.echo(", ".join(f"{name}: {number}" for name, number in asdict(took).items()))
    if took.ours:
        typer.echo(f"{took.ours} sentences are recorded here already and stay so: --replace takes the pack's", err=True)


@app.command()
def sheets(
    language: Annotated[str, typer.Argument(help="quz, quy, ay or pbb.")],
    module: Annotated[str, typer.Option("--module", help="One module or file, such as m1 (default: each one).")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to (default: sheets/ in the data folder).")] = None,
) -> None:
    """Write recording sheets to print: what a community's speaker translates by hand, who checks it, and her consent."""
    from bot.domain.message import Speech  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415
    from bot.voice.sheets import SheetLine, sheet  # noqa: PLC0415

    settings = load()
    target = (folder or settings.data_dir / "sheets") / language
    with _studio(settings, database=False) as (_, studio):
        _known(studio, language, module, spanish=False)
        name, titles = studio.sounds.languages()[language], studio.modules()
        target.mkdir(parents=True, exist_ok=True)
        sentences = studio.sentences(language)
        for group in [module] if module else dict.fromkeys(one.group for one in sentences):
            lines = [
                SheetLine(one.key, one.text, one.id, studio.sounds.shipped(Speech(one.text, language)))
                for one in sentences
                if one.group == group
            ]
            page = sheet(settings.audio_dir, name, titles.get(group, group), lines)
            (target / f"{group}.html").write_text(page, encoding="utf-8")
            typer.echo(f"{target / group}.html: {len(lines)} sentences")


def _look_through(file: Path, expect: str) -> Pack:
    from bot.domain.errors import AudioError, UsageError  # noqa: PLC0415
    from bot.voice.recording_packs import Pack as OpenPack  # noqa: PLC0415

    try:
        pack_ = OpenPack(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if expect and pack_.seal != expect.strip().lower():
        raise AudioError(f"the seal of {file} is {pack_.seal}: it is not the pack that you were told of, do not use it")
    by_language = Counter(one.language for one in pack_.recordings)
    said = ", ".join(f"{number} in {code}" for code, number in sorted(by_language.items())) or "nothing"
    typer.echo(f"{file} is whole: {said}\nseal {pack_.seal}")
    return pack_


def _known(studio: Studio, language: str, module: str, *, spanish: bool = True) -> None:
    from bot.domain.errors import UsageError  # noqa: PLC0415

    languages: Sequence[str] = studio.languages() if spanish else tuple(studio.sounds.languages())
    if language and language not in languages:
        raise UsageError(f"there is no language {language}: use one of {', '.join(languages)}")
    groups = dict.fromkeys(one.group for code in languages for one in studio.sentences(code))
    if module and module not in groups:
        raise UsageError(f"there is no module {module}: use one of {', '.join(groups)}")


@contextmanager
def _studio(settings: Settings, *, database: bool = True) -> Iterator[tuple[Store, Studio]]:
    """The studio of this data folder; without the database only what needs none."""
    from bot import telemetry, wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.voice.opening import build_clips  # noqa: PLC0415
    from bot.wiring_studio import build_studio  # noqa: PLC0415

    telemetry.start_logging(quiet=True)
    clock = SystemClock()
    library = wiring.build_library(settings, clock)
    clips = build_clips("off", settings.data_dir, settings.audio_dir, log=telemetry.Telemetry())
    with ExitStack() as stack:
        stack.callback(clips.close)
        store: Any = stack.enter_context(wiring.database(settings)) if database else None
        yield store, build_studio(settings, store, library, clock, clips)


def _clips(settings: Settings, tts: str) -> tuple[Clips, list[Speech]]:
    from bot import running, telemetry, wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.voice.opening import build_clips  # noqa: PLC0415

    telemetry.start_logging(quiet=True)
    library = wiring.build_library(settings, SystemClock())
    clips = build_clips(tts, settings.data_dir, settings.audio_dir, log=telemetry.Telemetry())
    return clips, list(library.speeches(running.after_step(library)))

"""`batea nlu review`: learn from messages that were not understood, without taking any of them out of the database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.errors import UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.domain.understanding import Miss
    from bot.nlu.review import Review
    from bot.settings import Settings


def review(
    attempt: Annotated[
        bool, typer.Option("--try", help="Train with the reviewed sentences and show what would change. Nothing is switched on.")
    ] = False,
    on: Annotated[Path | None, typer.Option("--on", help="With --try: lines of intent<TAB>text to judge by.")] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Write the reviewed sentences below this folder, e.g. intents, to commit them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output; alone: the messages, one a line.")] = False,
) -> None:
    """Go through the messages that were not understood; write new sentences in their manner. They are kept for 30 days."""
    from bot.settings import load  # noqa: PLC0415

    if attempt and export:
        raise UsageError("--try and --export do not go together: try first")
    if on and not attempt:
        raise UsageError("--on says what --try judges by: add --try")
    settings = load()
    if attempt:
        _try(settings, on, as_json=as_json)
    elif export:
        _export(settings, export, as_json=as_json)
    elif as_json:
        _list(settings)
    elif sys.stdin.isatty():
        _walk(settings)
    else:
        raise UsageError("nobody is at this terminal to answer: use --json, --try or --export FOLDER")


class Walk:
    """One reviewer going through the messages. `ask` gives what is typed, `say` shows a line, `forget` deletes a message."""

    def __init__(
        self, sentences: Review, ask: Callable[[str], str], say: Callable[[str], object], forget: Callable[[str], object]
    ) -> None:
        self._sentences = sentences
        self._ask = ask
        self._say = say
        self._forget = forget

    def through(self, misses: Sequence[Miss]) -> int:
        """Show each; returns how many were dealt with and are gone."""
        gone = 0
        for number, miss in enumerate(misses, 1):
            self._say(f"\n{number}/{len(misses)}  {miss.day}  {miss.guess} {miss.confidence:.2f}\n  {printable(miss.text)}")
            dealt_with = self._one(miss)
            if dealt_with is None:
                break
            gone += dealt_with
        return gone

    def _one(self, miss: Miss) -> bool | None:
        """Whether it was dealt with; None to quit."""
        while True:
            typed = self._ask("Intent (s skip, d delete, q quit, ? intents)").strip()
            if typed == "q":
                return None
            if typed in {"s", ""}:
                return False
            if typed == "d" or (typed != "?" and self._written(typed, miss)):
                self._forget(miss.id)
                return True
            if typed == "?":
                self._say(", ".join(self._sentences.intents))

    def _written(self, intent: str, miss: Miss) -> bool:
        """Whether a new sentence was written for it."""
        try:
            self._sentences.intent(intent)
            typed = self._ask("A new sentence in its manner (empty: back)").strip()
            if not typed:
                return False
            self._sentences.add(intent, self._sentences.new(typed, miss.text))
        except UsageError as error:
            self._say(str(error))
            return False
        return True


def printable(text: str) -> str:
    """Text that cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _walk(settings: Settings) -> None:
    from bot import wiring  # noqa: PLC0415

    sentences = _sentences(settings)
    with wiring.database(settings) as store:
        misses = store.submit(lambda uow: uow.misses.all()).result()

        def ask(question: str) -> str:
            return str(typer.prompt(question, default="", show_default=False))

        def forget(miss_id: str) -> None:
            store.submit(lambda uow: uow.misses.delete(miss_id)).result()

        try:
            gone = Walk(sentences, ask, typer.echo, forget).through(misses)
        except typer.Abort:
            return
    typer.echo(
        f"{gone} of {len(misses)} dealt with; {len(sentences.examples())} reviewed sentences wait in {settings.data_dir}/review"
    )


def _list(settings: Settings) -> None:
    from bot import wiring  # noqa: PLC0415

    with wiring.database(settings) as store:
        misses = store.submit(lambda uow: uow.misses.all()).result()
    for miss in misses:
        line = {
            "id": miss.id,
            "day": miss.day.isoformat(),
            "text": miss.text,
            "guess": miss.guess,
            "confidence": round(miss.confidence, 4),
        }
        typer.echo(json.dumps(line, ensure_ascii=False))


def _export(settings: Settings, folder: Path, *, as_json: bool) -> None:
    count = _sentences(settings).export(folder)
    typer.echo(
        json.dumps({"exported": count}) if as_json else f"{count} sentences written below {folder}: review and commit them"
    )


def _try(settings: Settings, on: Path | None, *, as_json: bool) -> None:
    from bot.nlu import evaluation, trial  # noqa: PLC0415

    reviewed = _sentences(settings).examples()
    if not reviewed:
        raise UsageError("there are no reviewed sentences that intents/ does not hold: write some with batea nlu review")
    try:
        lines = evaluation.read_lines(on.read_text("utf-8").splitlines()) if on else None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{on} cannot be read: give a UTF-8 file with lines of intent<TAB>text") from error
    with typer.progressbar(length=trial.STEPS, label="Training", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        done = trial.attempt(settings.intents_dir, settings.data_dir, reviewed, lines, progress=lambda: bar.update(1))
    if as_json:
        facts: dict[str, Any] = {
            "reviewed": done.reviewed,
            "n": done.n,
            "better": done.better,
            "worse": done.worse,
            "chance": done.chance,
        }
        typer.echo(json.dumps({**facts, "current": done.current, "candidate": done.candidate, "change": done.change}))
        return
    typer.echo(f"{done.reviewed} reviewed sentences, judged on {done.n}\n{'':<20}  current  candidate   change")
    for name in trial.FIGURES:
        typer.echo(
            f"{name:<20}{_share(done.current[name]):>9}{_share(done.candidate[name]):>11}{_share(done.change[name], '+'):>9}"
        )
    typer.echo(f"{done.better} sentences better, {done.worse} worse; by chance alone in {done.chance:.0%} of cases")


def _share(value: float | None, sign: str = "") -> str:
    return "-" if value is None else format(value, f"{sign}.4f")


def _sentences(settings: Settings) -> Review:
    from bot.nlu.review import Review  # noqa: PLC0415

    return Review(settings.intents_dir, settings.data_dir)

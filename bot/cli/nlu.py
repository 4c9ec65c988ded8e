"""`batea nlu`: train, parse and evaluate the understanding of messages."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.review import review
from bot.domain.errors import UsageError
from bot.domain.understanding import Understood

app = typer.Typer(help="Train, try and judge the understanding of messages.", no_args_is_help=True)
app.command()(review)


class EngineName(StrEnum):
    """The engines that can be asked for."""

    EMBEDDED = "embedded"
    RASA = "rasa"


Engine = Annotated[EngineName | None, typer.Option("--engine", help="Which engine to ask (default: BATEA_NLU).")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def as_mapping(understood: Understood) -> dict[str, object]:
    """The public JSON of one parse (design.md, section 4)."""
    return {
        "text": understood.text,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "ranking": [{"intent": g.intent, "confidence": round(g.confidence, 4)} for g in understood.ranking],
        "danger": understood.danger.value if understood.danger else None,
        "unsafe": understood.unsafe.value if understood.unsafe else None,
    }


@app.command()
def train(as_json: AsJson = False) -> None:
    """Train the embedded engine on intents/ now, unless a model of the same content is there."""
    from bot.nlu import model_store  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    facts = dict(model_store.find_or_train(settings.intents_dir, settings.data_dir).meta)
    typer.echo(json.dumps(facts) if as_json else "\n".join(f"{key}: {value}" for key, value in facts.items()))


@app.command()
def parse(engine: Engine = None, as_json: AsJson = False) -> None:
    """Read messages from standard input, one a line, and say what each means."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    understander = wiring.build_understander(load(), engine.value if engine else None)
    for raw in sys.stdin.buffer:
        understood = understander.parse(raw.decode("utf-8", "replace").rstrip("\r\n"))
        if as_json:
            line = json.dumps(as_mapping(understood), ensure_ascii=False)
        else:
            alarm = understood.danger or understood.unsafe
            line = f"{understood.intent}\t{understood.confidence:.2f}" + (f"\t{alarm.value}" if alarm else "")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lines of intent<TAB>text.")],
    engine: Engine = None,
    as_json: AsJson = False,
    picture: Annotated[Path | None, typer.Option("--picture", help="Write the confusion matrix there, as SVG.")] = None,
) -> None:
    """Judge an engine on labelled sentences."""
    from bot import wiring  # noqa: PLC0415
    from bot.nlu import confusion, evaluation  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    try:
        lines = evaluation.read_lines(file.read_text("utf-8").splitlines())
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): give a file with lines of intent<TAB>text") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: save it as UTF-8") from error
    facts = evaluation.evaluate(wiring.build_understander(load(), engine.value if engine else None), lines)
    if picture is not None:
        try:
            picture.write_text(confusion.draw(facts), "utf-8")
        except OSError as error:
            raise UsageError(f"{picture} cannot be written ({error.strerror})") from error
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for key, value in facts.items():
        if not isinstance(value, dict | list):
            typer.echo(f"{key}: {value}")

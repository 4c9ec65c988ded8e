"""`batea`: the root command, and how errors reach a person."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot import __version__
from bot.cli import (
    audio,
    bench,
    broadcast,
    channels,
    chat,
    content,
    db,
    doctor,
    keys,
    meeting,
    nlu,
    pause,
    people,
    poll,
    serve,
    staff,
    worker,
)
from bot.domain.errors import BateaError, ConfigurationError, UsageError

app = typer.Typer(
    name="batea",
    help="Batea: lessons, polls and meetings for people who mine gold by hand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(name="serve")(serve.serve)
app.command(name="worker")(worker.worker)
app.command(name="chat")(chat.chat)
app.command(name="doctor")(doctor.doctor)
app.add_typer(nlu.app, name="nlu")
app.add_typer(content.app, name="content")
app.add_typer(audio.app, name="audio")
app.add_typer(channels.app, name="channels")
app.add_typer(people.app, name="people")
app.add_typer(meeting.app, name="meeting")
app.add_typer(poll.app, name="poll")
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(pause.app, name="pause")
app.command(name="resume")(pause.resume)
app.add_typer(staff.app, name="staff")
app.add_typer(staff.audit_app, name="audit")
app.add_typer(db.app, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"batea {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """Batea: lessons, polls and meetings for people who mine gold by hand."""


def main() -> None:
    """Run a command. Exit code 0, 1 (it failed) or 2 (wrong use); an error is one line on stderr that says what to do."""
    try:
        app(prog_name="batea")
    except UsageError as error:
        sys.exit(_complain(error, 2))
    except BateaError as error:
        sys.exit(_complain(error, 1))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(_complain(ConfigurationError(f"{error.strerror}: {error.filename or 'see what it names'}"), 1))


def _complain(error: BateaError, code: int) -> int:
    line = " ".join(str(error).split())
    sys.stderr.write(f"batea: {line}\n")
    return code


if __name__ == "__main__":
    main()

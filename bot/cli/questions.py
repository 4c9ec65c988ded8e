"""`batea people questions`: questions left by voice, until the staff pages have a place for them. No address is ever shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.domain.errors import BateaError, UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from collections.abc import Sequence

    from bot.domain.store import Store
    from bot.domain.voice_question import VoiceQuestion


def questions(
    question: Annotated[str, typer.Argument(help="A question's id, or the beginning of it.")] = "",
    file: Annotated[Path | None, typer.Argument(help="Where to write its sound, FILE.ogg.")] = None,
    done: Annotated[bool, typer.Option("--done", help="It was answered.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it now, before its day.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the questions left by voice; write one to a file; note that it was answered; delete it."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    if bool(question) != (file is not None or done or delete) or (done and delete):
        raise UsageError("write batea people questions, or with ID one of: FILE.ogg, --done, --delete")
    if file is not None and (file.suffix != ".ogg" or file.exists()):
        raise UsageError(f"{file} must be a new file that ends in .ogg")
    with wiring.database(load()) as store:
        if question:
            _act(store, _found(store, question), file, done=done, delete=delete)
        else:
            _list(store, as_json=as_json)


def _found(store: Store, beginning: str) -> VoiceQuestion:
    kept = store.submit(lambda uow: uow.questions.all()).result()
    meant = [each for each in kept if each.id.startswith(beginning)]
    if len(meant) != 1:
        raise BateaError(f"{len(meant) or 'no'} questions begin with that id: see batea people questions")
    return meant[0]


def _act(store: Store, question: VoiceQuestion, file: Path | None, *, done: bool, delete: bool) -> None:
    if file is not None:
        sound = store.submit(lambda uow: uow.questions.sound(question.id)).result()
        if sound is None:
            raise BateaError("its sound has not come from Twilio yet: try again in a minute")
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(sound)
        typer.echo(
            f"{file} is a person's voice: play it where nobody else hears it, send it to nobody, and delete it once answered",
            err=True,
        )
    if done:
        today = datetime.now(UTC).date()
        store.submit(lambda uow: uow.questions.answered(question.id, today)).result()
        typer.echo(f"{question.id}: answered; its sound is deleted on {question.deletes_on}")
    if delete:
        store.submit(lambda uow: uow.questions.drop(question.id)).result()
        typer.echo(f"{question.id}: deleted")


def _list(store: Store, *, as_json: bool) -> None:
    kept: Sequence[VoiceQuestion]
    kept, at_vendor = store.submit(lambda uow: (uow.questions.all(), uow.questions.at_vendor())).result()
    if as_json:
        typer.echo(json.dumps({"questions": [_mapping(each) for each in kept], "at_vendor": at_vendor}, ensure_ascii=False))
    for each in () if as_json else kept:
        state = f"answered {each.answered_on}" if each.answered_on else "waits" if each.here else "on its way from Twilio"
        place = each.community or "-"
        typer.echo(f"{each.id}\t{place}\t{each.asked_on}\t{each.seconds} s\tdeleted on {each.deletes_on}\t{state}")
    if at_vendor:
        typer.echo(f"{at_vendor} recordings are still at Twilio: batea serve fetches and deletes them there", err=True)


def _mapping(question: VoiceQuestion) -> dict[str, Any]:
    def day(of: date | None) -> str | None:
        return of.isoformat() if of else None

    return {
        "id": question.id,
        "community": question.community or None,
        "day": day(question.asked_on),
        "seconds": question.seconds,
        "deletes_on": day(question.deletes_on),
        "here": question.here,
        "answered_on": day(question.answered_on),
    }

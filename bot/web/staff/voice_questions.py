"""Questions left by voice: heard only by those whom they concern, each time written down, and kept by no browser."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import AudioError
from bot.domain.folding import clean
from bot.domain.store import UnitOfWork
from bot.domain.voice_question import VoiceQuestion
from bot.outreach.answering import LONGEST_ANSWER, Answer
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.rendering import PRIVATE, page, texts_of
from bot.web.staff.visit import Visit, ask, batea_of, id_of, visit_of

PATH: Final = "/staff/inbox/questions"
MOST_SOUND_BYTES: Final = 8_000_000


def questions_for(uow: UnitOfWork, visit: Visit) -> list[VoiceQuestion]:
    """Those that she may hear: of her community; who belongs to none is the staff's."""
    return [each for each in uow.questions.all() if visit.sees(each.community_id)]


@allowed(*FIELD)
async def question(request: Request) -> Response:
    """One question: what is known of it, and its sound behind a warning."""
    return await _question_page(request)


@allowed(*FIELD)
async def sound(request: Request) -> Response:
    """A person's voice."""
    visit, question_id = visit_of(request), id_of(request.path_params["question_id"])

    def work(uow: UnitOfWork) -> bytes | None:
        if _seen(uow, visit, question_id) is None:
            return None
        content = uow.questions.sound(question_id)
        if content:
            visit.note(uow, "question.hear", "question", question_id)
        return content

    content = await ask(request, work)
    if content is None:
        return missing(request)
    return Response(content, media_type="audio/ogg", headers=PRIVATE)


@allowed(*FIELD)
async def done(request: Request) -> Response:
    """It was answered; its sound goes on its day all the same."""
    visit, question_id = visit_of(request), id_of(request.path_params["question_id"])

    def work(uow: UnitOfWork) -> bool:
        if _seen(uow, visit, question_id) is None:
            return False
        uow.questions.answered(question_id, visit.now.date())
        visit.note(uow, "question.done", "question", question_id)
        return True

    if not await ask(request, work):
        return missing(request)
    return cookies.flash(request, RedirectResponse("/staff/inbox", 303), "questions.done")


@allowed(*FIELD, most_bytes=MOST_SOUND_BYTES)
async def answer(request: Request) -> Response:
    """Answer by a call to the number that she left: a text that is read to her, or a voice."""
    form, t, batea = await request.form(), texts_of(request), batea_of(request)
    text, given = clean(str(form.get("text", ""))), form.get("sound")
    if given is not None and not isinstance(given, str):
        try:
            said = Answer(voice=await asyncio.to_thread(batea.clips.record, await given.read()))
        except AudioError:
            return await _question_page(request, error=t("inbox.no_sound"))
    elif not text or len(text) > LONGEST_ANSWER:
        return await _question_page(request, error=t("inbox.wrong_length", most=LONGEST_ANSWER))
    else:
        said = Answer(text=text)
    visit, question_id = visit_of(request), id_of(request.path_params["question_id"])

    def work(uow: UnitOfWork) -> tuple[str, str]:
        known = _seen(uow, visit, question_id)
        to = uow.questions.callback(question_id) if known else None
        if known is None:
            return "", ""
        met = uow.people.get(known.person_id) if known.person_id else None
        sent = batea.answering.send(uow, met[0] if met else None, to, said, visit.now) if to else None
        if sent is None:
            return "inbox.unreachable", ""
        uow.questions.answered(question_id, visit.now.date())
        visit.note(uow, "question.answer", "question", question_id)
        return "inbox.sent", sent

    sentence, message_id = await ask(request, work)
    if message_id:
        batea.senders.submit(batea.sender.send, [message_id])
    if not sentence:
        return missing(request)
    return cookies.flash(request, RedirectResponse(f"{PATH}/{question_id}", 303), sentence)


async def _question_page(request: Request, error: str = "") -> Response:
    visit, t = visit_of(request), texts_of(request)
    question_id = id_of(request.path_params["question_id"])

    def work(uow: UnitOfWork) -> VoiceQuestion | None:
        found = _seen(uow, visit, question_id)
        if found:
            visit.note(uow, "question.read", "question", question_id)
        return found

    found = await ask(request, work)
    if found is None:
        return missing(request)
    return page(
        request,
        "inbox_question.html",
        title=t("questions.one", code=found.id[:6]),
        crumbs=[(t("inbox.title"), "/staff/inbox")],
        errors=[error] if error else [],
        status=422 if error else 200,
        question=found,
        longest=LONGEST_ANSWER,
    )


def _seen(uow: UnitOfWork, visit: Visit, question_id: str) -> VoiceQuestion | None:
    found = uow.questions.get(question_id) if question_id else None
    return found if found and visit.sees(found.community_id) else None


ROUTES: Final = (
    Route(f"{PATH}/{{question_id}}", question),
    Route(f"{PATH}/{{question_id}}/sound", sound),
    Route(f"{PATH}/{{question_id}}/done", done, methods=["POST"]),
    Route(f"{PATH}/{{question_id}}/answer", answer, methods=["POST"]),
)

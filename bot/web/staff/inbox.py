"""People who wait for a person: who is next, what she wrote, and the answer to her."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import AudioError, ChannelError
from bot.domain.folding import clean
from bot.domain.help_desk import Case, Word
from bot.domain.message import Address, ChannelName
from bot.domain.person import Person
from bot.domain.register import Record
from bot.domain.store import UnitOfWork
from bot.domain.voice_question import VoiceQuestion
from bot.outreach.answering import LONGEST_ANSWER, Answer
from bot.running import Batea
from bot.web.staff import cookies
from bot.web.staff.duty import ROUTES as DUTY_ROUTES
from bot.web.staff.duty import Standing, standings
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import Visit, ask, batea_of, id_of, visit_of
from bot.web.staff.voice_questions import ROUTES as QUESTION_ROUTES
from bot.web.staff.voice_questions import questions_for

PATH: Final = "/staff/inbox"
MOST_SOUND_BYTES: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the list shows."""

    cases: list[Case]
    closed: list[Record]
    questions: list[VoiceQuestion]
    places: dict[str, str]
    names: dict[str, str]
    duty: list[Standing]


@dataclass(frozen=True, slots=True)
class Preview:
    """An answer as it will leave: its text, how long it is, and how many SMS it takes (0: it is no SMS)."""

    text: str
    chars: int
    segments: int


@dataclass(frozen=True, slots=True)
class Thread:
    """One person who waits, or did."""

    record: Record
    case: Case | None
    words: list[Word]
    questions: list[VoiceQuestion]
    place: str
    names: dict[str, str]
    person: Person
    to: Address | None


@allowed(*FIELD)
async def inbox(request: Request) -> Response:
    """Who waits, the longest first; those of her community alone for a facilitator."""
    visit = visit_of(request)

    def work(uow: UnitOfWork) -> Waiting:
        visit.note(uow, "help.list", "community", visit.community_id or "")
        closed = [uow.register.record(each) for each in uow.help_desk.lately_closed(visit.community_id)]
        return Waiting(
            cases=list(uow.help_desk.cases(visit.community_id)),
            closed=[record for record in closed if record],
            questions=questions_for(uow, visit),
            places={place.id: place.name for place in visit.communities(uow)},
            names=_names(uow),
            duty=standings(uow, visit),
        )

    seen = await ask(request, work)
    return page(request, "inbox.html", title=texts_of(request)("inbox.title"), seen=seen)


@allowed(*FIELD)
async def thread(request: Request) -> Response:
    """What one person wrote, and where she is answered."""
    return await _thread_page(request)


@allowed(*FIELD)
async def claim(request: Request) -> Response:
    """She answers her; or gives her back."""
    visit = visit_of(request)
    person_id, wanted = id_of(request.path_params["person_id"]), (await request.form()).get("claim") == "mine"

    def work(uow: UnitOfWork) -> str:
        case = _seen(uow, visit, person_id)
        if case is None:
            return ""
        if wanted and case.claimed_by not in {"", visit.member.id}:
            return "inbox.taken"
        uow.help_desk.claim(person_id, visit.member.id if wanted else "")
        visit.note(uow, "help.claim" if wanted else "help.give_back", "person", person_id)
        return "inbox.claimed" if wanted else "inbox.given_back"

    return await _back(request, await ask(request, work))


@allowed(*FIELD)
async def close(request: Request) -> Response:
    """It is done."""
    visit, person_id = visit_of(request), id_of(request.path_params["person_id"])

    def work(uow: UnitOfWork) -> str:
        if _seen(uow, visit, person_id) is None:
            return ""
        uow.help_desk.close(person_id, visit.now)
        visit.note(uow, "help.close", "person", person_id)
        return "inbox.closed"

    done = await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), done) if done else missing(request)


@allowed(*FIELD)
async def answer(request: Request) -> Response:
    """Look at an answer as it will leave, or send it."""
    form, t = await request.form(), texts_of(request)
    text = clean(str(form.get("text", "")))
    if not text or len(text) > LONGEST_ANSWER:
        return await _thread_page(request, text=text[:LONGEST_ANSWER], error=t("inbox.wrong_length", most=LONGEST_ANSWER))
    if form.get("do") != "send":
        return await _thread_page(request, text=text, look=True)
    return await _send(request, Answer(text=text), text)


@allowed(*FIELD, most_bytes=MOST_SOUND_BYTES)
async def answer_by_voice(request: Request) -> Response:
    """Send what she has recorded, or a file."""
    sound, batea, t = (await request.form()).get("sound"), batea_of(request), texts_of(request)
    content = await sound.read() if isinstance(sound, UploadFile) else b""
    try:
        key = await asyncio.to_thread(batea.clips.record, content)
    except AudioError:
        return await _thread_page(request, error=t("inbox.no_sound"))
    return await _send(request, Answer(voice=key), t("inbox.voice_note"))


async def _send(request: Request, said: Answer, shown: str) -> Response:
    visit, batea = visit_of(request), batea_of(request)
    person_id = id_of(request.path_params["person_id"])

    def work(uow: UnitOfWork) -> tuple[str, str]:
        met = uow.people.get(person_id) if _seen(uow, visit, person_id) else None
        if met is None:
            return "", ""
        to = uow.help_desk.address(person_id)
        sent = batea.answering.send(uow, met[0], to, said, visit.now) if to else None
        if sent is None:
            return "inbox.unreachable", ""
        uow.help_desk.keep(person_id, shown, visit.now, author=visit.member.id, voice=bool(said.voice))
        visit.note(uow, "help.answer", "person", person_id)
        return "inbox.sent", sent

    done, message_id = await ask(request, work)
    if message_id:
        batea.senders.submit(batea.sender.send, [message_id])
    return await _back(request, done)


async def _back(request: Request, sentence: str) -> Response:
    if not sentence:
        return missing(request)
    return cookies.flash(request, RedirectResponse(f"{PATH}/{id_of(request.path_params['person_id'])}", 303), sentence)


async def _thread_page(request: Request, *, text: str = "", look: bool = False, error: str = "") -> Response:
    visit, t, batea = visit_of(request), texts_of(request), batea_of(request)
    person_id = id_of(request.path_params["person_id"])
    found = await ask(request, lambda uow: _thread(uow, visit, person_id))
    if found is None:
        return missing(request)
    preview = _preview(batea, found, text) if look and found.to else None
    carried = found.to is not None and batea.answering.channel(found.to, Answer(voice="x")) is not None
    return page(
        request,
        "inbox_thread.html",
        title=t("people.person", code=found.record.id[:6]),
        crumbs=[(t("inbox.title"), PATH)],
        errors=[error] if error else [],
        status=422 if error else 200,
        thread=found,
        text=text,
        preview=preview,
        by_voice=carried,
        rings=carried and found.to is not None and found.to.channel in {ChannelName.SMS, ChannelName.CALL},
        longest=LONGEST_ANSWER,
    )


def _thread(uow: UnitOfWork, visit: Visit, person_id: str) -> Thread | None:
    record = uow.register.record(person_id)
    met = uow.people.get(person_id) if record and visit.sees(record.community_id) else None
    if record is None or met is None:
        return None
    case, words = uow.help_desk.case(person_id), list(uow.help_desk.words(person_id))
    if case is None and not words:
        return None
    visit.note(uow, "help.read", "person", person_id)
    place = uow.communities.get(record.community_id) if record.community_id else None
    return Thread(
        record=record,
        case=case,
        words=words,
        questions=[each for each in questions_for(uow, visit) if each.person_id == person_id],
        place=place.name if place else "",
        names=_names(uow),
        person=met[0],
        to=uow.help_desk.address(person_id),
    )


def _seen(uow: UnitOfWork, visit: Visit, person_id: str) -> Case | None:
    case = uow.help_desk.case(person_id)
    return case if case and visit.sees(case.community_id) else None


def _names(uow: UnitOfWork) -> dict[str, str]:
    return {member.id: member.email.partition("@")[0] for member in uow.staff.all()}


def _preview(batea: Batea, found: Thread, text: str) -> Preview | None:
    """What will leave, measured by the channel itself."""
    if found.to is None:
        return None
    reply = batea.answering.reply(found.person, Answer(text=text))
    segments = 0
    if found.to.channel is ChannelName.SMS:
        try:
            segments = sum(
                each.segments or 0 for each in batea.channel(found.to.channel.value).render(reply, found.to, None, None)
            )
        except ChannelError:
            segments = 0
    return Preview(reply.text, len(reply.text), segments)


SECTION: Final = Section(
    "inbox",
    PATH,
    FIELD,
    (
        Route(PATH, inbox),
        *DUTY_ROUTES,
        *QUESTION_ROUTES,
        Route(f"{PATH}/{{person_id}}", thread),
        Route(f"{PATH}/{{person_id}}/claim", claim, methods=["POST"]),
        Route(f"{PATH}/{{person_id}}/close", close, methods=["POST"]),
        Route(f"{PATH}/{{person_id}}/answer", answer, methods=["POST"]),
        Route(f"{PATH}/{{person_id}}/voice", answer_by_voice, methods=["POST"]),
    ),
)

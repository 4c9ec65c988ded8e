"""What people said, given back to them: to read and to hear first, then with one click to everybody who was asked, once."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.domain.learning import Wording
from bot.domain.message import Address, ChannelName, Clip, Reply
from bot.domain.store import UnitOfWork
from bot.domain.told import ToldRound
from bot.outreach.telling import tell
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed, missing
from bot.web.staff.polls_seen import PATH, Around, around, audience_text, question_of, results_of, words_of
from bot.web.staff.rendering import PRIVATE, page, texts_of
from bot.web.staff.visit import ask, batea_of, look_sometimes, visit_of

SPANISH: Final = "es"
LONGEST_S: Final = 45.0
_EXAMPLE: Final = Address(ChannelName.SMS, "+573000000000", simulated=True)


@allowed(*PROGRAMME)
async def told(request: Request) -> Response:
    """The text, the voice note, how many it goes to; and, once approved, sent."""
    found = await around(request)
    if found is None or found.record.closed_at is None:
        return missing(request)
    if request.method == "POST":
        return await _send(request, found)
    t, batea, record = texts_of(request), batea_of(request), found.record
    reply, clip = await _made(request, found)
    done, people = await _state(request, found)
    rendered = batea.channel("sms").render(reply, _EXAMPLE, None, None)
    return page(
        request,
        "poll_told.html",
        title=t("polls.told.title"),
        crumbs=[(t("polls.title"), PATH), (question_of(record), f"{PATH}/rounds/{record.round.id}")],
        record=record,
        reply=reply,
        sms="\n".join(str(each.params["body"]) for each in rendered),
        segments=sum(each.segments or 0 for each in rendered),
        clip=clip,
        seconds=round(clip.duration_s) if clip else 0,
        too_long=clip is not None and clip.duration_s > LONGEST_S,
        audience=audience_text(t, words_of(request), record, found.communities),
        done=done,
        people=people,
        shown=_mark(reply),
    )


@allowed(*PROGRAMME)
async def voice(request: Request) -> Response:
    """The voice note."""
    found = await around(request)
    if found is None or found.record.closed_at is None:
        return missing(request)
    _, clip = await _made(request, found)
    if clip is None:
        return missing(request)
    return FileResponse(clip.path, media_type=clip.mime, headers=PRIVATE)


async def _send(request: Request, found: Around) -> Response:
    visit, batea, record = visit_of(request), batea_of(request), found.record
    wording = await _wording(request, found)
    if (await request.form()).get("shown") != _mark(batea.giving_back.reply(wording)):
        return cookies.flash(request, RedirectResponse(request.url.path, 303), "polls.told.changed")

    def work(uow: UnitOfWork) -> ToldRound | None:
        sent = batea.giving_back.send(uow, record, wording, visit.now)
        if sent:
            visit.note(uow, "round.tell", "round", record.round.id)
        return sent

    sent = await ask(request, work)
    return cookies.flash(request, RedirectResponse(request.url.path, 303), "polls.told.sent" if sent else "polls.told.before")


async def _state(request: Request, found: Around) -> tuple[ToldRound | None, int]:
    """When it was sent; or how many it would go to now."""
    record, giving_back = found.record, batea_of(request).giving_back
    if found.told:
        return found.told, 0
    count = f"asked in {record.round.id}"
    return None, await look_sometimes(request, count, lambda uow: sum(1 for _ in giving_back.asked(uow, record)))


async def _wording(request: Request, found: Around) -> Wording:
    """Its words: in Spanish, and always beside the last comparable round, whatever the page looked at."""
    earlier = found.comparable[-1] if found.comparable else None
    return tell(await results_of(request, found.record, earlier, found.together), words_of(request, SPANISH))


def _mark(reply: Reply) -> str:
    """What stands for the words that were read: nothing else is sent."""
    return hashlib.sha256(f"{reply.text}|{reply.sms}|{reply.speech}".encode()).hexdigest()[:16]


async def _made(request: Request, found: Around) -> tuple[Reply, Clip | None]:
    batea, wording = batea_of(request), await _wording(request, found)
    reply = batea.giving_back.reply(wording)
    return reply, await asyncio.to_thread(batea.clips.clip, reply.speech) if reply.speech else None


ROUTES: Final = (
    Route(f"{PATH}/rounds/{{round_id}}/told", told, methods=["GET", "POST"]),
    Route(f"{PATH}/rounds/{{round_id}}/told.ogg", voice),
)

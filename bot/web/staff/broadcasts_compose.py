"""Composing a broadcast: whom, what and when; counted and shown as each channel will say it; tested on oneself; sent."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.audience import Learning
from bot.domain.community import Community
from bot.domain.errors import UsageError
from bot.domain.message import ChannelName, Purpose, Speech
from bot.domain.person import Country, Role, Sex
from bot.domain.store import UnitOfWork
from bot.outreach.broadcasting import Look
from bot.outreach.composing import LONGEST, LONGEST_VALUE, Fault, Refused, Template, Wish, recorded
from bot.web.staff import cookies
from bot.web.staff.broadcasts_seen import PATH, audience_words, maker_of, money, previews, span
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.polls_seen import words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.texts import Texts
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

MOST_BYTES: Final = 4_000_000
KINDS: Final = ("place", "sex", "role", "language", "channel", "module", "poll", "tag")
PURPOSES: Final = (Purpose.SERVICE, Purpose.URGENT, Purpose.PROMOTIONAL)
SPREADS: Final = (0, 30, 60, 120, 240, 480)
_VOICE: Final = re.compile(r"team:[0-9a-f]{32}", re.ASCII)
_SEX: Final = tuple(Sex)[:-1]
_ROLES: Final = tuple(Role)[:-1]


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it was filled in; `chosen` are the terms of the audience by kind."""

    text: str = ""
    title: str = ""
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    voice: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    purpose: str = Purpose.SERVICE.value
    at: str = ""
    expires: str = ""
    spread: str = "0"
    budget: str = ""
    practice: bool = False
    failed_of: str = ""

    @classmethod
    def read(cls, form: FormData, slots: Sequence[str]) -> Draft:
        """What stood in the form; `slots` are those of its template."""

        def said(name: str, most: int = 120) -> str:
            given = form.get(name, "")
            return given.replace("\x00", "").strip()[:most] if isinstance(given, str) else ""

        return cls(
            said("text", LONGEST).replace("\r\n", "\n"),
            said("title", LONGEST_VALUE),
            id_of(form.get("template")),
            {slot: " ".join(said(f"slot-{slot}", 2 * LONGEST_VALUE).split()) for slot in slots},
            said("voice") if _VOICE.fullmatch(said("voice")) else "",
            {kind: said(kind) for kind in KINDS if said(kind)},
            said("purpose"),
            said("at"),
            said("expires"),
            said("spread"),
            said("budget").replace(".", "").replace(" ", ""),
            bool(form.get("practice")),
            id_of(form.get("failed_of")),
        )

    def wish(self, zone: ZoneInfo) -> Wish:
        """What it asks for. Raises Refused for what is no number and no time."""
        faults = []
        if self.budget and not (self.budget.isascii() and self.budget.isdecimal()):
            faults.append(Fault("budget", "no number"))
        times: dict[str, datetime | None] = {}
        for name, given in (("at", self.at), ("expires", self.expires)):
            try:
                times[name] = datetime.fromisoformat(given).replace(tzinfo=zone) if given else None
            except ValueError:
                faults.append(Fault("time", "no time"))
        if faults:
            raise Refused(tuple(faults))
        return Wish(
            to="+".join(self.chosen.values()) or "all",
            text=self.text,
            title=self.title,
            template=self.template,
            variables=self.variables,
            voice=self.voice,
            purpose=Purpose(self.purpose) if self.purpose in set(PURPOSES) else Purpose.SERVICE,
            at=times["at"],
            expires=times["expires"],
            spread_s=int(self.spread) * 60 if self.spread in {str(minutes) for minutes in SPREADS} else 0,
            budget=int(self.budget[:12]) if self.budget else None,
            practice=self.practice,
            retry_of=self.failed_of,
        )

    @property
    def mark(self) -> str:
        """What stands for all of it: only what was looked at is sent."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@allowed(*FIELD, most_bytes=MOST_BYTES)
async def compose(request: Request) -> Response:
    """The form; counted and shown; tested; written down."""
    templates = batea_of(request).broadcasts.desk.composing.templates
    if request.method == "GET":
        template = templates.get(request.query_params.get("template", ""))
        failed_of = id_of(request.query_params.get("failed_of"))
        return await _page(request, Draft(template=template.id if template else "", failed_of=failed_of))
    form = await request.form()
    template = templates.get(id_of(form.get("template")))
    draft = Draft.read(form, template.slots if template else ())
    try:
        draft = await _with_voice(request, draft, form)
        wish = draft.wish(_zone(request))
        batea = batea_of(request)
        await asyncio.to_thread(batea.broadcasts.desk.prepare, wish)
        by, now = maker_of(visit_of(request)), visit_of(request).now
        seen = await look(request, lambda uow: batea.broadcasts.desk.look(uow, wish, by, now))
        if form.get("step") == "test":
            return await _test(request, draft, wish, seen)
        if form.get("step") == "send" and not seen.faults and form.get("shown") == draft.mark:
            return await _send(request, wish)
    except Refused as refused:
        return await _page(request, draft, refused.faults)
    except UsageError:
        return await _page(request, draft, [Fault("audience", "no such audience")])
    return await _page(request, draft, seen.faults, seen)


async def _with_voice(request: Request, draft: Draft, form: FormData) -> Draft:
    """With the key of what was recorded or uploaded now; '' where she took it away. Raises Refused."""
    if form.get("no_voice"):
        return replace(draft, voice="")
    sound = form.get("sound")
    content = await sound.read() if isinstance(sound, UploadFile) else b""
    if not content:
        return draft
    return replace(draft, voice=await asyncio.to_thread(recorded, batea_of(request).clips.record, content))


async def _test(request: Request, draft: Draft, wish: Wish, seen: Look) -> Response:
    """Send it to herself alone, where she is alerted."""
    visit, batea = visit_of(request), batea_of(request)

    def work(uow: UnitOfWork) -> str:
        to = uow.roster.contact(visit.member.id)
        return batea.broadcasts.desk.test(uow, wish, to, maker_of(visit), visit.now) if to else ""

    message_id = await ask(request, work)
    if message_id:
        batea.senders.submit(batea.sender.send, [message_id])
    said = "broadcasts.test.sent" if message_id else "broadcasts.test.nowhere"
    return await _page(request, draft, seen.faults, seen, said=said)


async def _send(request: Request, wish: Wish) -> Response:
    visit, desk = visit_of(request), batea_of(request).broadcasts.desk
    made = await ask(request, lambda uow: desk.make(uow, wish, maker_of(visit), visit.now))
    said = "broadcasts.made.waiting" if made.state == "waiting_approval" else "broadcasts.made.scheduled"
    return cookies.flash(request, RedirectResponse(f"{PATH}/{made.id}", 303), said)


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen of each kind: the term of the expression, and what it is called."""

    by_kind: Mapping[str, Sequence[tuple[str, str]]]
    places: Sequence[Community]
    contact: bool
    failed_of: str = ""


def _choices(uow: UnitOfWork, request: Request, draft: Draft) -> Choices | None:
    """None where it goes on from a broadcast that she may not see."""
    visit, t, words = visit_of(request), texts_of(request), words_of(request)
    desk = batea_of(request).broadcasts.desk
    earlier = desk.get(uow, draft.failed_of, maker_of(visit)) if draft.failed_of else None
    if draft.failed_of and earlier is None:
        return None
    places, beyond = visit.communities(uow), desk.beyond(uow, visit.now)
    territories = sorted({place.territory for place in places})
    modules = {module.id: module.title for country in Country for module in batea_of(request).library.modules(country)}
    languages = {"es": t("broadcasts.spanish"), **batea_of(request).library.languages()}
    by_kind = {
        "place": [
            *([(f"country:{country}", t(f"countries.{country}")) for country in Country] if visit.community_id is None else []),
            *(
                [(f"territory:{name}", t("broadcasts.territory", name=name)) for name in territories]
                if visit.community_id is None
                else []
            ),
            *[(f"community:{place.id}", place.name) for place in places],
        ],
        "sex": [(f"sex:{sex}", words.group(sex)) for sex in _SEX],
        "role": [(f"role:{role}", words.group(role)) for role in _ROLES],
        "language": [(f"language:{code}", name) for code, name in languages.items()] if len(languages) > 1 else [],
        "channel": [(f"channel:{channel}", t(f"channels.{channel}")) for channel in ChannelName],
        "module": [
            (f"module:{key}:{how}", t(f"broadcasts.learning.{how}", module=title))
            for key, title in modules.items()
            for how in Learning
        ],
        "poll": [
            (f"poll:{round_id}:{how}", t(f"broadcasts.poll.{how}", round=round_id))
            for round_id in beyond.rounds
            for how in ("answered", "unanswered")
        ],
        "tag": [(f"tag:{tag}", tag) for tag in beyond.tags],
    }
    return Choices(by_kind, places, uow.roster.contact(visit.member.id) is not None, earlier.content.title if earlier else "")


async def _page(
    request: Request, draft: Draft, faults: Sequence[Fault] = (), seen: Look | None = None, said: str = ""
) -> Response:
    t, batea = texts_of(request), batea_of(request)
    if any(fault.code == "few" for fault in faults):
        seen = None  # how many there are is what nobody may know
    choices = await look(request, lambda uow: _choices(uow, request, draft))
    if choices is None:
        return missing(request)
    desk = batea.broadcasts.desk
    template = desk.composing.templates.get(draft.template)
    shown = await asyncio.to_thread(previews, batea, seen.content, seen.recipients.groups) if seen else []
    now = visit_of(request).now.astimezone(_zone(request))
    return page(
        request,
        "broadcast_compose.html",
        title=t("broadcasts.compose.title"),
        crumbs=[(t("broadcasts.title"), PATH)],
        draft=draft,
        choices=choices,
        approved=template,
        templates=sorted(desk.composing.templates),
        slots=_slots(t, template),
        purposes=PURPOSES,
        spreads=[(minutes, _spread(t, minutes)) for minutes in SPREADS],
        longest=LONGEST,
        longest_value=LONGEST_VALUE,
        earliest=now.strftime("%Y-%m-%dT%H:%M"),
        latest=(now + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M"),
        voice_clip=await asyncio.to_thread(_clip_of, request, draft.voice),
        quote=seen.quote if seen else None,
        audience=audience_words(t, words_of(request), str(seen.audience), choices.places) if seen else "",
        cost=money(t, seen.quote.cost) if seen else "",
        costs={one.channel: money(t, one.cost) for one in seen.quote.channels} if seen else {},
        duration=span(t, seen.quote.duration_s) if seen else "",
        approval=seen is not None and seen.needs_approval,
        ready=seen is not None and not faults,
        previews=shown,
        mark=draft.mark,
        said=said,
        errors=[t(f"broadcasts.faults.{fault.code}", **fault.facts) for fault in faults],
        status=422 if faults else 200,
    )


def _slots(t: Texts, template: Template | None) -> list[tuple[str, str]]:
    return [(slot, t.named("broadcasts.slots", slot)) for slot in template.slots] if template else []


def _spread(t: Texts, minutes: int) -> str:
    return span(t, minutes * 60) if minutes else t("broadcasts.compose.at_once")


def _clip_of(request: Request, key: str) -> str:
    """The address of what was recorded; '' where there is nothing."""
    batea = batea_of(request)
    clip = batea.clips.clip(Speech("", catalogue=False, key=key)) if key else None
    return batea.clip_links.path(clip) if clip else ""


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(batea_of(request).settings.timezone)


ROUTES: Final = (Route(f"{PATH}/new", compose, methods=["GET", "POST"]),)

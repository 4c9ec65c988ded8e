"""Enrolment: posters to begin by oneself, signing up somebody who is present, and files of people who agreed on paper."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import segno
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.channels.numbering import read_number
from bot.channels.senders import sender_for
from bot.domain.community import Community
from bot.domain.enrolment import Expected, UploadedFile, keyword
from bot.domain.home import CODES
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode
from bot.domain.store import UnitOfWork
from bot.domain.telephone_number import NumberProblem
from bot.outreach.people_file import MOST_BYTES, REQUIRED, PeopleFileError, Verdict, compared, keep, read
from bot.outreach.signing_up import Begun
from bot.running import Batea
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, PROGRAMME, allowed, missing
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import ask, batea_of, id_of, visit_of

PATH: Final = "/staff/enrolment"
MOST_UPLOAD_BYTES: Final = MOST_BYTES + 20_000
SHOWN: Final = 200
BY: Final = (ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.CALL)
# A poster may be read from some metres away, and half of it be covered: a quarter of the code may be missing.
_CORRECTION: Final = "q"


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: its code, and the number to ring or write to."""

    channel: ChannelName
    code: Markup
    number: str
    link: str


@dataclass(frozen=True, slots=True)
class Report:
    """A file that was judged: how many lines of each kind, and the lines that need somebody."""

    file_id: str
    total: int
    good: int
    known: int
    problems: list[tuple[str, int]]
    lines: list[Verdict]


@allowed(*FIELD)
async def enrolment(request: Request) -> Response:
    """The three ways."""
    return await _page(request)


@allowed(*FIELD)
async def poster(request: Request) -> Response:
    """One page for the wall of one community."""
    visit, batea = visit_of(request), batea_of(request)
    community_id = id_of(request.path_params["community_id"])

    def work(uow: UnitOfWork) -> tuple[Community, str] | None:
        place = uow.communities.get(community_id) if community_id else None
        return (place, keyword(place, uow.communities.all())) if place and visit.sees(place.id) else None

    found = await ask(request, work)
    if found is None:
        return missing(request)
    place, word = found
    ways = ways_in(batea, place, word)
    wanted = request.query_params.get("by", "")
    chosen = next((way for way in ways if way.channel == wanted), ways[0] if ways else None)
    said = {name: batea.library.reply(f"poster.{name}", place.country).text for name in ("title", "free", "scan", "privacy")}
    phones = {way.channel: way.number for way in ways}
    lines = []
    for channel in (ChannelName.SMS, ChannelName.WHATSAPP):
        if phones.get(channel):
            lines.append(batea.library.reply("poster.write", place.country, keyword=word, phone=phones[channel]).text)
            break
    if phones.get(ChannelName.CALL):
        sentence = "poster.answer" if batea.settings.calls == "answer" else "poster.ring"
        lines.append(batea.library.reply(sentence, place.country, phone=phones[ChannelName.CALL]).text)
    return page(
        request,
        "enrolment_poster.html",
        title=texts_of(request)("enrolment.poster.title", place=place.name),
        crumbs=[(texts_of(request)("enrolment.title"), PATH)],
        place=place,
        word=word,
        said=said,
        lines=lines,
        ways=ways,
        chosen=chosen,
    )


@allowed(*FIELD)
async def assist(request: Request) -> Response:
    """Sign somebody up who is present: she is asked at her own number, and answers herself."""
    visit, t, batea, form = visit_of(request), texts_of(request), batea_of(request), await request.form()
    typed = {name: str(form.get(name, ""))[:60] for name in ("number", "country", "community", "by", "mode")}
    if typed["by"] not in set(BY) or typed["mode"] not in set(Mode) or typed["country"] not in set(Country):
        return await _page(request, typed=typed, error=t("enrolment.assist.incomplete"))
    number = read_number(typed["number"], Country(typed["country"]))
    if isinstance(number, NumberProblem):
        return await _page(request, typed=typed, error=t(f"enrolment.problems.{number}"))
    if number[1] != typed["country"]:
        return await _page(request, typed=typed, error=t("enrolment.problems.country_differs"))
    simulated = batea.settings.demo and form.get("simulated") == "yes"
    address = Address(ChannelName(typed["by"]), number[0], simulated)

    def work(uow: UnitOfWork) -> tuple[str, tuple[str, ...]]:
        place = next((each for each in visit.communities(uow) if each.id == typed["community"]), None)
        if place is None or place.country != typed["country"]:
            return "enrolment.assist.incomplete", ()
        expected = Expected(address, Country(typed["country"]), place.id, Mode(typed["mode"]))
        begun, messages = batea.signing_up.begin(uow, expected, visit.member.id, visit.now)
        visit.note(uow, "enrolment.assist", "community", place.id)
        return f"enrolment.begun.{begun}", messages

    sentence, message_ids = await ask(request, work)
    if sentence not in {f"enrolment.begun.{each}" for each in (Begun.WRITTEN, Begun.CALLED)}:
        return await _page(request, typed=typed, error=t(sentence))
    if message_ids:
        batea.senders.submit(batea.sender.send, message_ids)
    return cookies.flash(request, RedirectResponse(PATH, 303), sentence)


@allowed(*PROGRAMME, most_bytes=MOST_UPLOAD_BYTES)
async def upload(request: Request) -> Response:
    """Judge a file line by line. Nothing of it is kept before somebody says so."""
    visit, t = visit_of(request), texts_of(request)
    given = (await request.form()).get("file")
    content = await given.read() if isinstance(given, UploadFile) else b""
    file = UploadedFile(uuid.uuid4().hex, visit.member.id, content)
    today = visit.now.date()

    def work(uow: UnitOfWork) -> list[Verdict] | PeopleFileError:
        try:
            verdicts = compared(uow, read(content, uow.communities.all(), today, read_number))
        except PeopleFileError as error:
            return error
        uow.enrolments.put_file(file, visit.now)
        visit.note(uow, "enrolment.look", "file", file.id)
        return verdicts

    judged = await ask(request, work)
    if isinstance(judged, PeopleFileError):
        return await _page(request, error=t(f"enrolment.file.{judged.code}", detail=judged.detail))
    return page(
        request,
        "enrolment_report.html",
        title=t("enrolment.report.title"),
        crumbs=[(t("enrolment.title"), PATH)],
        report=_report(file.id, judged),
        shown=SHOWN,
    )


@allowed(*PROGRAMME)
async def confirm(request: Request) -> Response:
    """Keep the good lines of the file that she has looked at."""
    visit, t = visit_of(request), texts_of(request)
    file_id = id_of((await request.form()).get("file_id"))

    def work(uow: UnitOfWork) -> int | None:
        file = uow.enrolments.file(file_id, visit.member.id, visit.now)
        if file is None:
            return None
        kept = keep(uow, read(file.content, uow.communities.all(), visit.now.date(), read_number), visit.now)
        uow.enrolments.drop_file(file_id)
        visit.note(uow, "enrolment.keep", "file", file_id)
        return kept

    kept = await ask(request, work)
    if kept is None:
        return await _page(request, error=t("enrolment.file.gone"))
    return page(
        request,
        "enrolment_kept.html",
        title=t("enrolment.report.kept_title"),
        crumbs=[(t("enrolment.title"), PATH)],
        kept=kept,
    )


async def _page(request: Request, *, typed: dict[str, str] | None = None, error: str = "") -> Response:
    visit, t = visit_of(request), texts_of(request)

    def work(uow: UnitOfWork) -> tuple[list[tuple[Community, str]], int]:
        everywhere = uow.communities.all()
        places = [(place, keyword(place, everywhere)) for place in visit.communities(uow)]
        return places, uow.enrolments.pending(visit.community_id, visit.now)

    places, pending = await ask(request, work)
    return page(
        request,
        "enrolment.html",
        title=t("enrolment.title"),
        errors=[error] if error else [],
        status=422 if error else 200,
        places=places,
        pending=pending,
        typed=typed
        or {"number": "", "country": "", "community": "", "by": ChannelName.WHATSAPP.value, "mode": Mode.LISTEN.value},
        ways=BY,
        countries=list(Country),
        codes=CODES,
        modes=list(Mode),
        files=visit.role in PROGRAMME,
        demo=batea_of(request).settings.demo,
        columns=REQUIRED,
    )


def _report(file_id: str, verdicts: list[Verdict]) -> Report:
    counted = Counter(each.problem for each in verdicts if each.problem)
    return Report(
        file_id=file_id,
        total=len(verdicts),
        good=sum(each.row is not None for each in verdicts),
        known=sum(each.known for each in verdicts),
        problems=counted.most_common(),
        lines=[each for each in verdicts if each.problem],
    )


def ways_in(batea: Batea, place: Community, word: str) -> list[Way]:
    """What is set up, the simplest to use first."""
    senders, home = batea.settings.senders, Address(ChannelName.SMS, f"+{CODES[place.country]}0")
    whatsapp = sender_for(senders.whatsapp, home).removeprefix("whatsapp:")
    voice, sms = sender_for(senders.voice, home), sender_for(senders.sms, home)
    name = batea.names.get(ChannelName.TELEGRAM.value, "").removeprefix("@")
    links = {
        ChannelName.WHATSAPP: (whatsapp, f"https://wa.me/{whatsapp.removeprefix('+')}?text={quote(word)}"),
        ChannelName.TELEGRAM: (f"@{name}" if name else "", f"https://t.me/{name}?start={quote(word.lower())}"),
        ChannelName.CALL: (voice if batea.settings.telephones else "", f"tel:{voice}"),
        ChannelName.SMS: (sms if place.country is Country.CO else "", f"sms:{sms}?body={quote(word)}"),
    }
    return [
        Way(channel, _code(link), _spaced(number), link)
        for channel, (number, link) in links.items()
        if number.startswith(("+", "@"))
    ]


def _code(link: str) -> Markup:
    """The drawing of a QR code, made here of a link of ours."""
    drawn = segno.make(link, error=_CORRECTION, micro=False).svg_inline(svgclass="code", lineclass=None, omitsize=True, border=4)
    return Markup(drawn)  # noqa: S704 - segno writes numbers and path commands only


def _spaced(number: str) -> str:
    """A number in groups that can be read from afar."""
    found = re.fullmatch(r"(\+5[17])(\d{3})(\d{3})(\d{3,4})", number)
    return " ".join(found.groups()) if found else number


SECTION: Final = Section(
    "enrolment",
    PATH,
    FIELD,
    (
        Route(PATH, enrolment),
        Route(f"{PATH}/assist", assist, methods=["POST"]),
        Route(f"{PATH}/upload", upload, methods=["POST"]),
        Route(f"{PATH}/confirm", confirm, methods=["POST"]),
        Route(f"{PATH}/poster/{{community_id}}", poster),
    ),
)

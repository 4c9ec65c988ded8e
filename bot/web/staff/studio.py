"""The recording studio: what is missing in a language, one sentence large on the page, and the microphone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.domain.errors import TakeError
from bot.domain.folding import clean
from bot.domain.recording import Recorded, Take
from bot.domain.store import UnitOfWork
from bot.outreach.studio import SPANISH, Line, Refused, Sentence, Standing, Studio
from bot.voice.sheets import STYLE_HASH, SheetLine, sheet
from bot.web.security_headers import HEADERS
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed, missing
from bot.web.staff.rendering import PRIVATE, page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.studio_speakers import ROUTES as SPEAKERS
from bot.web.staff.studio_speakers import lending
from bot.web.staff.texts import Texts
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

PATH: Final = "/staff/studio"
MOST_SOUND_BYTES: Final = 12_000_000
ON_A_PAGE: Final = 120
LONGEST_NAME: Final = 60
_URGENT: Final = ("languages", "crisis", "onboarding", "menu")
_TO_DO: Final = frozenset({Standing.MISSING, Standing.MACHINE, Standing.STALE})


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that belong together, and how many stand where."""

    id: str
    title: str
    total: int
    by_standing: Mapping[Standing, int]

    @property
    def recorded(self) -> int:
        """How many a person says."""
        return self.by_standing.get(Standing.RECORDED, 0)


@allowed(*PROGRAMME)
async def overview(request: Request) -> Response:
    """What is recorded in a language, by module, and what waits to be listened to."""
    batea, t = batea_of(request), texts_of(request)
    language = request.query_params.get("language", SPANISH)
    if language not in batea.studio.languages():
        return missing(request)
    await asyncio.to_thread(batea.studio.sentences)
    lines, waiting = await look(request, lambda uow: (batea.studio.lines(uow, language), waits(uow)))
    return page(
        request,
        "studio.html",
        title=t("studio.title"),
        language=language,
        names=names(batea.studio, t),
        sums=Counter(line.standing for line in lines),
        total=len(lines),
        groups=groups(batea.studio, lines, t),
        waiting=[(one, found) for one in waiting if (found := _sentence_of(batea.studio, one))],
    )


@allowed(*PROGRAMME)
async def group(request: Request) -> Response:
    """The sentences of one module or file."""
    batea, t = batea_of(request), texts_of(request)
    language, group_id = request.path_params["language"], request.path_params["group"]
    lines = await _lines(request, language, group_id)
    if not lines:
        return missing(request)
    given = request.query_params.get("page", "")
    first = (int(given) - 1 if given.isascii() and given.isdecimal() and len(given) < 4 else 0) * ON_A_PAGE  # noqa: PLR2004
    return page(
        request,
        "studio_group.html",
        title=title_of(batea.studio, group_id, t),
        crumbs=[(t("studio.title"), f"{PATH}?language={language}")],
        language=language,
        name=names(batea.studio, t)[language],
        group=group_id,
        lines=lines[max(0, first) : max(0, first) + ON_A_PAGE],
        pages=-(-len(lines) // ON_A_PAGE),
        here_page=first // ON_A_PAGE + 1,
        first=next((line.sentence.id for line in lines if line.standing in _TO_DO), ""),
    )


@allowed(*PROGRAMME, most_bytes=MOST_SOUND_BYTES)
async def say(request: Request) -> Response:
    """One sentence: read it, record it, listen to it, keep it."""
    studio, t = batea_of(request).studio, texts_of(request)
    language = request.path_params["language"]
    sentence = await asyncio.to_thread(studio.sentence, language, id_of(request.path_params["sentence"]))
    if language not in studio.languages() or sentence is None:
        return missing(request)
    if request.method == "GET":
        return await _say_page(request, sentence, language)
    form = await request.form()
    if form.get("step") == "keep":
        return await _kept(request, sentence, language)
    given = form.get("sound")
    content = await given.read() if isinstance(given, UploadFile) else b""
    try:
        taken = await asyncio.to_thread(studio.take, content, sentence, language)
    except TakeError as error:
        return await _say_page(request, sentence, language, error=t(f"studio.faults.{error.why}"))
    return await _say_page(request, sentence, language, taken=taken)


async def _kept(request: Request, sentence: Sentence, language: str) -> Response:
    visit, studio, t, form = visit_of(request), batea_of(request).studio, texts_of(request), await request.form()
    taken = await asyncio.to_thread(studio.sounds.known, id_of(form.get("take")))
    if taken is None:
        return await _say_page(request, sentence, language, error=t("studio.refused.gone"))
    speaker_id, checker = id_of(form.get("speaker")), _name(form.get("checker"))

    def work(uow: UnitOfWork) -> Recorded | Refused:
        by = visit.member.id
        done = studio.record(uow, sentence, language, taken, speaker_id=speaker_id, member_id=by, checked_by=checker)
        if isinstance(done, Recorded):
            visit.note(uow, "studio.record", "recording", done.id)
        return done

    done = await ask(request, work)
    if isinstance(done, Refused):
        return await _say_page(request, sentence, language, taken=taken, error=t(f"studio.refused.{done}"))
    await asyncio.to_thread(studio.publish)
    lines = await _lines(request, language, sentence.group)
    after = [line.sentence.id for line in lines if line.standing in _TO_DO]
    onward = f"{PATH}/{language}/say/{after[0]}?speaker={speaker_id}" if after else f"{PATH}/{language}/{sentence.group}"
    return cookies.flash(request, RedirectResponse(onward, 303), "studio.kept")


async def _say_page(
    request: Request, sentence: Sentence, language: str, *, taken: Take | None = None, error: str = ""
) -> Response:
    studio, t = batea_of(request).studio, texts_of(request)
    form = await request.form() if request.method == "POST" else request.query_params
    lines = await _lines(request, language, sentence.group)
    at = next((number for number, line in enumerate(lines) if line.sentence == sentence), 0)
    speakers = await look(request, lending)
    return page(
        request,
        "studio_say.html",
        title=t("studio.say.title", n=at + 1, total=len(lines)),
        crumbs=[
            (t("studio.title"), f"{PATH}?language={language}"),
            (title_of(studio, sentence.group, t), f"{PATH}/{language}/{sentence.group}"),
        ],
        errors=[error] if error else [],
        status=422 if error else 200,
        language=language,
        name=names(studio, t)[language],
        spanish=language == SPANISH,
        line=lines[at] if lines else Line(sentence, Standing.MISSING),
        taken=taken,
        speakers=speakers,
        chosen=id_of(form.get("speaker")),
        checker=_name(form.get("checker")),
        before=lines[at - 1].sentence.id if at else "",
        after=lines[at + 1].sentence.id if at + 1 < len(lines) else "",
    )


@allowed(*PROGRAMME)
async def sound(request: Request) -> Response:
    """A recording, kept or not."""
    data = await asyncio.to_thread(batea_of(request).studio.sounds.read, id_of(request.path_params["sound"]))
    return Response(data, media_type="audio/ogg", headers=PRIVATE) if data else missing(request)


@allowed(*PROGRAMME)
async def printed(request: Request) -> Response:
    """A sheet to print, for a speaker and whoever checks what she wrote."""
    batea, t = batea_of(request), texts_of(request)
    language, group_id = request.path_params["language"], request.path_params["group"]
    lines = await _lines(request, language, group_id)
    if not lines or language == SPANISH:
        return missing(request)
    shown = [SheetLine(one.sentence.key, one.sentence.text, one.sentence.id, one.standing is Standing.RECORDED) for one in lines]
    name = names(batea.studio, t)[language]
    drawn = sheet(batea.settings.audio_dir, name, title_of(batea.studio, group_id, t), shown)
    policy = HEADERS["content-security-policy"].replace("style-src 'self'", f"style-src '{STYLE_HASH}'")
    return HTMLResponse(drawn, headers={**PRIVATE, "content-security-policy": policy})


@allowed(*PROGRAMME)
async def approve(request: Request) -> Response:
    """What came by phone was listened to, and people may hear it."""
    visit, studio, t, form = visit_of(request), batea_of(request).studio, texts_of(request), await request.form()
    recording_id, checker = id_of(request.path_params["recording"]), _name(form.get("checker"))

    def work(uow: UnitOfWork) -> Recorded | Refused:
        done = studio.approve(uow, recording_id, checker)
        if isinstance(done, Recorded):
            visit.note(uow, "studio.approve", "recording", recording_id)
        return done

    done = await ask(request, work)
    if done is Refused.NO_CHECKER:
        waiting = await look(request, lambda uow: uow.voices.get(recording_id))
        sentence = _sentence_of(studio, waiting) if waiting else None
        if waiting and sentence:
            return await _say_page(request, sentence, waiting.language, error=t("studio.refused.no_checker"))
    if isinstance(done, Refused):
        return missing(request)
    await asyncio.to_thread(studio.publish)
    return cookies.flash(request, RedirectResponse(f"{PATH}?language={done.language}", 303), "studio.approved")


@allowed(*PROGRAMME)
async def drop(request: Request) -> Response:
    """A recording that nobody shall hear, or hear no more."""
    visit, studio = visit_of(request), batea_of(request).studio
    recording_id = id_of(request.path_params["recording"])

    def work(uow: UnitOfWork) -> Recorded | None:
        found = uow.voices.get(recording_id)
        if found:
            uow.voices.drop(recording_id)
            visit.note(uow, "studio.drop", "recording", recording_id)
        return found

    found = await ask(request, work)
    if found is None:
        return missing(request)
    await asyncio.to_thread(studio.publish, [found.take.sound])
    return cookies.flash(request, RedirectResponse(f"{PATH}?language={found.language}", 303), "studio.dropped")


def names(studio: Studio, t: Texts) -> dict[str, str]:
    """The languages by code, Spanish first."""
    others = {code: f"{name[:1].upper()}{name[1:]}" for code, name in studio.sounds.languages().items()}
    return {SPANISH: t("studio.spanish"), **others}


def title_of(studio: Studio, group_id: str, t: Texts) -> str:
    """What a group is called."""
    return studio.modules().get(group_id) or t.named("studio.groups", group_id)


def groups(studio: Studio, lines: Sequence[Line], t: Texts) -> list[Group]:
    """What must never be missing first, then the modules, then all else."""
    sorted_out: dict[str, list[Standing]] = {}
    for line in lines:
        sorted_out.setdefault(line.sentence.group, []).append(line.standing)
    modules = list(studio.modules())
    order = [*_URGENT, *modules, *sorted(set(sorted_out) - {*_URGENT, *modules})]
    return [
        Group(each, title_of(studio, each, t), len(sorted_out[each]), Counter(sorted_out[each]))
        for each in order
        if each in sorted_out
    ]


def waits(uow: UnitOfWork) -> list[Recorded]:
    """What came by phone and nobody has listened to, in every language."""
    return [one for one in uow.voices.all() if not one.kept_at]


def _sentence_of(studio: Studio, recorded: Recorded) -> Sentence | None:
    """What somebody recorded, where it is still said."""
    return next((one for one in studio.sentences(recorded.language) if one.sha256 == recorded.text_sha256), None)


async def _lines(request: Request, language: str, group_id: str) -> list[Line]:
    studio = batea_of(request).studio
    if language not in studio.languages():
        return []
    await asyncio.to_thread(studio.sentences)
    lines = await look(request, lambda uow: studio.lines(uow, language))
    return [line for line in lines if line.sentence.group == group_id]


def _name(given: object) -> str:
    return clean(given)[:LONGEST_NAME].strip() if isinstance(given, str) else ""


SECTION: Final = Section(
    "studio",
    PATH,
    PROGRAMME,
    (
        Route(PATH, overview),
        *SPEAKERS,
        Route(f"{PATH}/sounds/{{sound}}", sound),
        Route(f"{PATH}/recordings/{{recording}}/approve", approve, methods=["POST"]),
        Route(f"{PATH}/recordings/{{recording}}/drop", drop, methods=["POST"]),
        Route(f"{PATH}/{{language}}/say/{{sentence}}", say, methods=["GET", "POST"]),
        Route(f"{PATH}/{{language}}/sheet/{{group}}", printed),
        Route(f"{PATH}/{{language}}/{{group}}", group),
    ),
)

"""Composing a question: checked as those of `content/` are, shown as each channel will say it, saved as a new version."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.asking import offered
from bot.domain.learning import Wording
from bot.domain.message import Address, ChannelName, Reply
from bot.domain.person import Country
from bot.domain.poll import MOST_DIGITS, MOST_PICKS, Bounds, Condition, Poll, PollKind, PollOption, PollRound
from bot.domain.store import UnitOfWork
from bot.lessons.poll_check import MAX_OPTIONS, Finding, findings
from bot.running import Batea
from bot.web.staff import cookies
from bot.web.staff.gate import PROGRAMME, allowed
from bot.web.staff.polls_seen import PATH
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.texts import Texts
from bot.web.staff.visit import ask, batea_of, id_of, look, visit_of

WAY_OUT: Final = "no_digo"
WAYS_OUT: Final = ("know_or_say", "say", "rather")
"""Keys of `polls.ways_out`, which are Spanish in either language: people read them."""
LONGEST: Final = 300
MOST_ANSWERS: Final = 2
"""So many answers to another question may lead to this one."""
_LETTER: Final = "P"
"""Questions of `content/` begin with Q: neither ever takes the other's number."""
_EXAMPLE: Final = Address(ChannelName.SMS, "+573000000000", simulated=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it was filled in. `origin` is the version that it goes on from, '' for a new question."""

    text: str = ""
    simpler: str = ""
    kind: PollKind = PollKind.SINGLE
    labels: tuple[str, ...] = ("",) * (MAX_OPTIONS - 1)
    way_out: str = WAYS_OUT[0]
    most: int = 2
    least: str = "0"
    greatest: str = "31"
    sensitive: bool = False
    countries: tuple[str, ...] = tuple(country.value for country in Country)
    origin: str = ""
    when: tuple[str, ...] = ()

    @classmethod
    def read(cls, form: FormData) -> Draft:
        """What stood in the form."""

        def said(name: str) -> str:
            return " ".join(str(form.get(name, "")).replace("\x00", "").split())[:LONGEST]

        kind, way_out = said("kind"), said("way_out")
        return cls(
            said("text"),
            said("simpler"),
            PollKind(kind) if kind in set(PollKind) else PollKind.SINGLE,
            tuple(said(f"option-{number}") for number in range(1, MAX_OPTIONS)),
            way_out if way_out in WAYS_OUT else WAYS_OUT[0],
            MOST_PICKS if said("most") == str(MOST_PICKS) else 2,
            said("least"),
            said("greatest"),
            bool(form.get("sensitive")),
            tuple(country.value for country in Country if form.get(f"country-{country.value}")),
            id_of(form.get("origin")),
            tuple(dict.fromkeys(filter(None, (id_of(form.get(f"when-{number}")) for number in range(1, MOST_ANSWERS + 1))))),
        )

    @classmethod
    def of(cls, poll: Poll, t: Texts) -> Draft:
        """A version to go on from."""
        labels = [option.label for option in poll.options[:-1]]
        way_out = next((key for key in WAYS_OUT if t(f"polls.ways_out.{key}") == poll.options[-1].label), WAYS_OUT[0])
        bounds = poll.bounds or Bounds(0, 31)
        return cls(
            poll.wording.text,
            poll.simpler.text,
            poll.kind,
            tuple([*labels, *("",) * MAX_OPTIONS][: MAX_OPTIONS - 1]),
            way_out,
            max(2, poll.most),
            str(bounds.least),
            str(bounds.most),
            poll.sensitive,
            tuple(country.value for country in poll.countries),
            poll.id,
            tuple(f"{poll.when.poll_id}:{option}" for option in poll.when.options) if poll.when else (),
        )

    def poll(self, poll_id: str, t: Texts) -> Poll:
        """The question that it would be."""
        labels = [] if self.kind is PollKind.NUMBER else [label for label in self.labels if label]
        options = [PollOption(f"o{number}", label) for number, label in enumerate(labels, 1)]
        options.append(PollOption(WAY_OUT, t(f"polls.ways_out.{self.way_out}")))
        ends = [
            int(end) if end.isascii() and end.isdecimal() and len(end) <= MOST_DIGITS else -1
            for end in (self.least, self.greatest)
        ]
        return Poll(
            poll_id,
            poll_id.partition("_")[0],
            Wording(self.text),
            Wording(self.simpler),
            tuple(options),
            sensitive=self.sensitive,
            countries=tuple(Country(code) for code in self.countries),
            kind=self.kind,
            most=self.most if self.kind is PollKind.SEVERAL else 1,
            bounds=Bounds(*ends) if self.kind is PollKind.NUMBER else None,
            when=self._condition(),
        )

    def _condition(self) -> Condition | None:
        """Whom it is asked of: of everybody, or of those who gave one of these answers. One question's; `_wrong` sees to that."""
        answers = [one.partition(":") for one in self.when]
        return Condition(answers[0][0], tuple(option for _, _, option in answers)) if answers else None

    def misled(self, before: Sequence[Before]) -> list[Finding]:
        """What is wrong with the answers that lead to it."""
        known = {value for one in before for value, _ in one.answers}
        if set(self.when) - known:
            return [Finding("when", "unknown_answer")]
        return [Finding("when", "two_questions")] if len({one.partition(":")[0] for one in self.when}) > 1 else []


@dataclass(frozen=True, slots=True)
class Before:
    """A question whose answers may lead to another one, and these: what a form says for each, and what it is called."""

    question: str
    answers: tuple[tuple[str, str], ...]

    @classmethod
    def all(cls, polls: Iterable[Poll], origin: str) -> list[Before]:
        """Those that may: not what is sensitive (who is asked would tell), nor numbers, nor what depends on another itself."""
        itself = origin.partition("_")[0]
        return [
            cls(f"{poll.wording.text} ({poll.id})", tuple((f"{poll.id}:{option.id}", option.label) for option in poll.options))
            for poll in polls
            if poll.enabled and not (poll.sensitive or poll.when or poll.kind is PollKind.NUMBER) and poll.question_id != itself
        ]


@dataclass(frozen=True, slots=True)
class Preview:
    """How the channels will say it. `units` of `most_units` letters are used of the last SMS' kind."""

    sms: str
    segments: int
    encoding: str
    chat: Reply
    spoken: str


@allowed(*PROGRAMME)
async def compose(request: Request) -> Response:
    """The form; checked and shown; saved where nothing is wrong."""
    t, batea = texts_of(request), batea_of(request)
    if request.method == "GET":
        origin = id_of(request.query_params.get("from"))
        poll = batea.library.poll(origin) or await look(request, lambda uow: uow.composed.get(origin))
        return await _page(request, Draft.of(poll, t) if poll else Draft())
    form = await request.form()
    draft = Draft.read(form)
    tried = draft.poll(f"{_LETTER}00_v1", t)
    wrong = [*await asyncio.to_thread(_wrong, tried), *draft.misled(await _before(request, draft.origin))]
    if wrong or form.get("step") != "save":
        return await _page(request, draft, wrong, _preview(batea, tried) if draft.text else None, 422 if wrong else 200)
    visit = visit_of(request)

    def work(uow: UnitOfWork) -> str:
        # The log is written first: whoever else composes now waits for the number.
        visit.note(uow, "poll.compose", "poll", draft.origin)
        poll_id = following([poll.id for poll in uow.composed.all()], draft.origin)
        uow.composed.put(replace(tried, id=poll_id, question_id=poll_id.partition("_")[0]), visit.member.id, visit.now)
        return poll_id

    await ask(request, work)
    return cookies.flash(request, RedirectResponse(PATH, 303), "polls.compose.done")


def following(known: Sequence[str], origin: str) -> str:
    """The next version of a question that staff wrote, `P03_v2`; or the first of a new one, `P04_v1`."""
    question, _, _ = origin.partition("_")
    versions = [int(poll_id.rpartition("_v")[2]) for poll_id in known if poll_id.startswith(f"{question}_v")]
    if question.startswith(_LETTER) and versions:
        return f"{question}_v{max(versions) + 1}"
    numbers = [int(poll_id[1:].partition("_")[0]) for poll_id in known if poll_id.startswith(_LETTER)]
    return f"{_LETTER}{max(numbers, default=0) + 1:02}_v1"


async def _before(request: Request, origin: str) -> list[Before]:
    composed = await look(request, lambda uow: list(uow.composed.all()))
    return Before.all([*batea_of(request).library.polls(), *composed], origin)


def _wrong(poll: Poll) -> list[Finding]:
    if not poll.wording.text or not poll.simpler.text:
        empty = [where for where, said in (("text", poll.wording), ("simpler", poll.simpler)) if not said.text]
        return [Finding(where, "missing") for where in empty]
    found = list(findings(poll))
    return found if poll.countries else [*found, Finding("countries", "missing")]


def _preview(batea: Batea, poll: Poll) -> Preview:
    """The question as it comes unasked, with its options."""
    now = batea.clock.now()
    asked = PollRound("preview", poll.id, now, now + timedelta(days=1))
    reply = batea.library.reply("poll.invitation", None, choices=offered(poll, asked), question=poll.wording.text)
    rendered = batea.channel("sms").render(reply, _EXAMPLE, None, None)
    return Preview(
        "\n".join(str(each.params["body"]) for each in rendered),
        sum(each.segments or 0 for each in rendered),
        rendered[0].encoding or "",
        reply,
        reply.speech.text if reply.speech else "",
    )


async def _page(
    request: Request, draft: Draft, wrong: Sequence[Finding] = (), preview: Preview | None = None, status: int = 200
) -> Response:
    t = texts_of(request)
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for finding in wrong:
        by_field[finding.where].append(t(f"polls.faults.{finding.code}", **{"where": finding.where, **finding.facts}))
    return page(
        request,
        "poll_compose.html",
        title=t("polls.compose.title"),
        crumbs=[(t("polls.title"), PATH)],
        draft=draft,
        kinds=list(PollKind),
        ways_out=WAYS_OUT,
        countries=list(Country),
        most_picks=MOST_PICKS,
        before=await _before(request, draft.origin),
        most_answers=MOST_ANSWERS,
        longest=LONGEST,
        wrong=by_field,
        ready=preview is not None and not wrong,
        checked=request.method == "POST",
        preview=preview,
        errors=[t.count("polls.compose.refused", len(wrong))] if wrong else [],
        status=status,
    )


ROUTES: Final = (Route(f"{PATH}/compose", compose, methods=["GET", "POST"]),)

"""What a facilitator counted in person, entered as counts, without names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.errors import StorageError, UsageError
from bot.domain.poll import InPerson, Poll, PollKind
from bot.domain.store import UnitOfWork
from bot.outreach.in_person import MOST_PEOPLE, checked
from bot.web.staff import cookies
from bot.web.staff.gate import FIELD, allowed, missing
from bot.web.staff.polls_seen import PATH, around, question_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.visit import ask, look, visit_of

_NAME: Final = re.compile(r"[^\w-]+")
MOST_NUMBERS: Final = 2_000


@dataclass
class Typed:
    """The form as it was filled in: counts by option id, and for a number the numbers themselves."""

    place: str = ""
    name: str = ""
    people: str = ""
    counts: dict[str, str] = field(default_factory=dict)
    numbers: str = ""

    @classmethod
    def read(cls, form: FormData, poll: Poll) -> Typed:
        """What stood in the form."""
        counts = {option.id: str(form.get(f"count-{option.id}", "")).strip() for option in poll.options}
        place, name, people, numbers = (str(form.get(each, "")).strip() for each in ("place", "name", "people", "numbers"))
        return cls(place, name, people, counts, numbers)

    def counted(self, poll: Poll) -> tuple[int, dict[str, int]] | str:
        """How many people, and the counts; else the key of what is wrong."""
        if any(not _is_count(count) for count in (*self.counts.values(), self.people)):
            return "polls.tally.refused.number"
        counts = {option: int(count) for option, count in self.counts.items() if count and int(count)}
        if poll.kind is PollKind.NUMBER:
            given = re.split(r"[\s,;]+", self.numbers) if self.numbers else []
            if len(given) > MOST_NUMBERS or any(not poll.accepts((one,)) or not _is_count(one) for one in given):
                return "polls.tally.refused.bounds"
            counts |= Counter(str(int(one)) for one in given)
        people = int(self.people or 0) if poll.kind is PollKind.SEVERAL else sum(counts.values())
        if not people and counts:
            return "polls.tally.refused.people"
        return people, counts


@allowed(*FIELD)
async def tally(request: Request) -> Response:
    """The form, and what was entered from her community so far."""
    found = await around(request)
    if found is None or found.record.closed_at is not None or found.record.poll is None:
        return missing(request)
    visit, poll, record = visit_of(request), found.record.poll, found.record
    places = [place for place in found.communities if visit.sees(place.id)]
    if request.method == "GET":
        return await _page(request, poll, places, Typed())
    typed = Typed.read(await request.form(), poll)
    place = next((place for place in places if place.id == typed.place), places[0] if len(places) == 1 else None)
    counted = typed.counted(poll)
    if place is None:
        return await _page(request, poll, places, typed, "polls.tally.refused.place")
    if isinstance(counted, str):
        return await _page(request, poll, places, typed, counted)
    taken = InPerson(_list_id(place, typed.name), counted[0], counted[1], place.territory)

    def work(uow: UnitOfWork) -> None:
        checked(uow.polls.get(record.round.id), taken, uow.communities.all(), record.round.id)
        uow.polls.put_in_person(record.round.id, taken)
        visit.note(uow, "round.tally", "round", record.round.id)

    try:
        await ask(request, work)
    except (UsageError, StorageError):
        return await _page(request, poll, places, typed, "polls.tally.refused.sum")
    said = "polls.tally.done" if taken.people else "polls.tally.gone"
    return cookies.flash(request, RedirectResponse(request.url.path, 303), said)


async def _page(request: Request, poll: Poll, places: list[Community], typed: Typed, error: str = "") -> Response:
    t, round_id = texts_of(request), request.path_params["round_id"]
    record, lists = await look(request, lambda uow: (uow.polls.get(round_id), uow.polls.in_person(round_id)))
    names = {place.id: place.name for place in places}
    # A list's id begins with its community: she sees and corrects those of hers.
    entered = [(one, *one.id.partition(":")[::2]) for one in lists if one.id.partition(":")[0] in names]
    return page(
        request,
        "poll_tally.html",
        title=t("polls.tally.title"),
        crumbs=[(t("polls.title"), PATH)],
        poll=poll,
        question=question_of(record) if record else "",
        several=poll.kind is PollKind.SEVERAL,
        number=poll.kind is PollKind.NUMBER,
        places=places,
        names=names,
        entered=entered,
        typed=typed,
        most=MOST_PEOPLE,
        errors=[_said(request, error, poll)] if error else [],
        status=422 if error else 200,
    )


def _said(request: Request, error: str, poll: Poll) -> str:
    bounds = {"least": poll.bounds.least, "most": poll.bounds.most} if poll.bounds else {"least": 0, "most": 0}
    return texts_of(request)(error, **bounds, picks=poll.most)


def _is_count(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PEOPLE)))


def _list_id(place: Community, name: str) -> str:
    """The same list again replaces it."""
    bare = _NAME.sub("-", name.casefold()).strip("-")[:30]
    return f"{place.id}:{bare}"


ROUTES: Final = (Route(f"{PATH}/rounds/{{round_id}}/in-person", tally, methods=["GET", "POST"]),)

"""The first page: what runs, and what needs somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.community import Community
from bot.domain.meeting import Meeting
from bot.domain.pause import Pause
from bot.domain.poll import RoundRecord
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.running import Batea
from bot.web.staff.gate import EVERYBODY, PROGRAMME, allowed
from bot.web.staff.polls_seen import sees_round, share, tens
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import Visit, batea_of, look, look_sometimes, visit_of

LATELY: Final = timedelta(days=7)
MEETINGS: Final = 4


@dataclass(frozen=True, slots=True)
class OpenRound:
    """An open round as it may be shown: nothing but two counts, rounded down to tens; None: not told."""

    id: str
    question: str
    closes: date
    answered: int | None
    invited: int

    @property
    def share(self) -> int:
        """How many of a hundred have answered, for the length of a bar."""
        return share(self.answered, self.invited)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says for this page."""

    waiting: int
    failed: int
    unread: int
    recorded: int
    meetings: Sequence[Meeting]
    rounds: Sequence[OpenRound]
    pauses: Sequence[Pause]
    communities: dict[str, Community]


@allowed(*EVERYBODY)
async def overview(request: Request) -> Response:
    """What runs and what needs her, as far as her role goes."""
    visit, batea, t = visit_of(request), batea_of(request), texts_of(request)
    title = t("overview.title")
    if visit.role is Role.PME:
        return page(request, "overview_pme.html", title=title)
    agreed = await look_sometimes(request, counted(visit.community_id), enrolled(visit.community_id))
    seen = await look(request, lambda uow: _seen(uow, visit, batea))
    past = batea.library.past_facts() if visit.role in PROGRAMME else ()
    return page(
        request,
        "overview.html",
        title=title,
        seen=seen,
        enrolled=agreed,
        past_facts=past,
        channels=_channels(batea),
        lately=LATELY.days,
    )


def counted(community_id: str | None) -> str:
    """Under what the number of people is kept."""
    return f"enrolled of {community_id}"


def enrolled(community_id: str | None) -> Callable[[UnitOfWork], int]:
    """What counts the people who agreed, of one community or of all."""
    return lambda uow: uow.figures.enrolled(community_id)


def _seen(uow: UnitOfWork, visit: Visit, batea: Batea) -> Seen:
    hers, figures, places = visit.community_id, uow.figures, uow.communities.all()
    communities = {place.id: place for place in places if visit.sees(place.id)}
    territories = {place.territory for place in communities.values()}
    return Seen(
        waiting=figures.waiting(hers),
        failed=figures.failed(visit.now - LATELY, hers),
        unread=figures.unread() if hers is None else 0,
        recorded=uow.voices.waiting() if hers is None else 0,
        meetings=figures.meetings(visit.now, hers, MEETINGS),
        rounds=[_open(record, batea) for record in uow.polls.rounds() if _runs(record, visit, places)],
        pauses=[pause for pause in uow.pauses.all() if not pause.territory or pause.territory in territories],
        communities=communities,
    )


def _runs(record: RoundRecord, visit: Visit, places: Sequence[Community]) -> bool:
    return record.closed_at is None and record.round.open_at(visit.now) and sees_round(visit, record, places)


def _open(record: RoundRecord, batea: Batea) -> OpenRound:
    poll = record.poll or batea.library.poll(record.round.poll_id)
    question = poll.wording.text if poll else record.round.poll_id
    return OpenRound(record.round.id, question, record.round.closes_at.date(), *tens(record))


def _channels(batea: Batea) -> list[tuple[str, bool]]:
    """Each channel, and whether it is set up."""
    senders, settings = batea.settings.senders, batea.settings
    return [
        ("sms", any(senders.sms.values())),
        ("whatsapp", any(senders.whatsapp.values())),
        ("telegram", bool(settings.telegram_token)),
        ("call", settings.telephones and any(senders.voice.values())),
    ]


SECTION: Final = Section("overview", "/staff/", EVERYBODY, (Route("/staff/", overview),))

"""What donors ask for, as counts that tell on nobody: people reached, modules finished, polls answered. To be printed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.figures import SMALLEST_GROUP, ModuleCounts
from bot.domain.poll import RoundRecord
from bot.domain.store import UnitOfWork
from bot.outreach.publication import Material, material
from bot.outreach.suppression import UNKNOWN, hide_sizes
from bot.web.staff.gate import PROGRAMME, allowed
from bot.web.staff.modules import module_rows
from bot.web.staff.polls_seen import question_of, words_of
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import batea_of, look_sometimes, visit_of

PATH: Final = "/staff/donors"
COUNTED: Final = "donors"


@dataclass(frozen=True, slots=True)
class Reached:
    """People by one thing known of them; None: hidden. `people` is their sum, None where they are too few to be told."""

    people: int | None
    by_sex: Mapping[str, int | None]
    by_territory: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A closed round: how many were asked and how many answered. None: hidden."""

    question: str
    name: str
    closed: date
    invited: int | None
    answered: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says for this page."""

    sexes: Mapping[str, int]
    territories: Mapping[str, int]
    modules: Sequence[ModuleCounts]
    rounds: Sequence[tuple[RoundRecord, Material]]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The sum of what is shown; with something hidden it is a least."""

    number: int
    exact: bool


@allowed(*PROGRAMME)
async def donors(request: Request) -> Response:
    """One page of counts."""
    batea, t, words = batea_of(request), texts_of(request), words_of(request)
    seen = await look_sometimes(request, COUNTED, seen_by_donors)
    sizes = await asyncio.to_thread(lambda: [material.sizes() for _, material in seen.rounds])
    rounds = [
        AnsweredRow(
            question_of(record),
            words.round(record.round.number),
            min(record.round.closes_at, record.closed_at or record.round.closes_at).date(),
            *told,
        )
        for (record, _), told in zip(seen.rounds, sizes, strict=True)
    ]
    modules = [row for row in module_rows(batea, seen.modules) if row.begun != 0]
    return page(
        request,
        "donors.html",
        title=t("donors.title"),
        today=visit_of(request).now.date(),
        reached=reached(seen.sexes, seen.territories),
        modules=modules,
        finished=_at_least([row.finished for row in modules]),
        rounds=rounds,
        answered=_at_least([row.answered for row in rounds]),
        words=words,
        smallest=SMALLEST_GROUP,
    )


def reached(sexes: Mapping[str, int], territories: Mapping[str, int]) -> Reached:
    """The counts as they may be shown."""
    people = sum(sexes.values())
    if people < SMALLEST_GROUP:
        return Reached(None, dict.fromkeys(sexes), dict.fromkeys(territories))
    return Reached(people, hide_sizes(sexes), hide_sizes(territories))


def _at_least(numbers: Sequence[int | None]) -> AtLeast:
    return AtLeast(sum(number or 0 for number in numbers), None not in numbers)


def seen_by_donors(uow: UnitOfWork) -> Seen:
    """Count everybody."""
    sexes, territories = Counter[str](), Counter[str]()
    for one in uow.reach.enrolled():
        sexes[one.person.sex or UNKNOWN] += 1
        territories[one.community.territory if one.community else UNKNOWN] += 1
    closed = [record for record in uow.polls.rounds() if record.closed_at is not None]
    rounds = [(record, material(uow, record)) for record in reversed(closed)]
    return Seen(sexes, territories, uow.figures.modules(None), rounds)


SECTION: Final = Section("donors", PATH, PROGRAMME, (Route(PATH, donors),))

"""What was learnt, as counts: groups that are too small are not shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.figures import SMALLEST_GROUP, ModuleCounts, QuizCounts, shown
from bot.domain.learning import Module
from bot.domain.person import Country
from bot.domain.store import UnitOfWork
from bot.running import Batea
from bot.web.staff.gate import FIELD, allowed
from bot.web.staff.modules_learnt import learnt_rows
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import batea_of, look_sometimes, visit_of

MOST_MISSED: Final = 5
Learnt = tuple[Sequence[ModuleCounts], Sequence[QuizCounts], Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module with how many began it and how many finished all of it; None: too few to be shown."""

    title: str
    lessons: int
    draft: bool
    begun: int | None
    finished: int | None


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A quiz item that many get wrong: `missed` of a hundred people at their first try."""

    module: str
    question: str
    people: int
    missed: int


@allowed(*FIELD)
async def modules(request: Request) -> Response:
    """Modules, and the quiz items that are missed most."""
    visit, batea = visit_of(request), batea_of(request)
    hers = visit.community_id
    counts, quizzes, practised = await look_sometimes(request, counted(hers), learnt(hers))
    return page(
        request,
        "modules.html",
        title=texts_of(request)("modules.title"),
        rows=module_rows(batea, counts),
        missed=quiz_rows(batea, quizzes),
        learnt=learnt_rows(_served(batea).values(), quizzes, practised),
        smallest=SMALLEST_GROUP,
    )


def counted(community_id: str | None) -> str:
    """Under what these counts are kept."""
    return f"modules of {community_id}"


def learnt(community_id: str | None) -> Callable[[UnitOfWork], Learnt]:
    """What counts who learnt what, of one community or of all. What people set out to do is counted over all alone."""

    def counting(uow: UnitOfWork) -> Learnt:
        practised = uow.study.practised() if community_id is None else {}
        return uow.figures.modules(community_id), uow.figures.quizzes(community_id), practised

    return counting


def module_rows(batea: Batea, counts: Sequence[ModuleCounts]) -> list[ModuleRow]:
    """Every module that is served, the countries together."""
    begun, finished = defaultdict[str, int](int), defaultdict[str, int](int)
    lessons = {(country, module.id): len(module.lessons) for country in Country for module in batea.library.modules(country)}
    for each in counts:
        whole = lessons.get((each.country or Country.CO, each.module_id), 0)
        begun[each.module_id] += sum(each.by_lessons.values())
        finished[each.module_id] += sum(people for number, people in each.by_lessons.items() if whole and number >= whole)
    return [
        ModuleRow(
            module.title, len(module.lessons), module.status != "signed", shown(begun[module.id]), shown(finished[module.id])
        )
        for module in _served(batea).values()
    ]


def quiz_rows(batea: Batea, quizzes: Sequence[QuizCounts]) -> list[QuizRow]:
    """The items missed most often, of those that enough people have answered."""
    served = _served(batea)
    questions = {
        (module.id, quiz.id): (module.title, quiz.wording.text)
        for module in served.values()
        for lesson in module.lessons
        for quiz in lesson.quizzes
    }
    rows = [
        QuizRow(*questions[each.module_id, each.quiz_id], each.people, round(100 * each.missed / each.people))
        for each in quizzes
        if each.people >= SMALLEST_GROUP and (each.module_id, each.quiz_id) in questions
    ]
    return sorted((row for row in rows if row.missed), key=lambda row: (-row.missed, -row.people))[:MOST_MISSED]


def _served(batea: Batea) -> dict[str, Module]:
    """The modules of both countries, each once."""
    return {module.id: module for country in reversed(Country) for module in batea.library.modules(country)}


SECTION: Final = Section("modules", "/staff/modules", FIELD, (Route("/staff/modules", modules),))

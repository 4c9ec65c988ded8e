"""How hard each quiz item is, what changed between the first and the last answer, and what people set out to do: counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.figures import SMALLEST_GROUP, QuizCounts, shown
from bot.domain.learning import Module
from bot.domain.study import Managed

CHOSEN: Final = "chosen"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A quiz item; shares in whole per cent, None where too few people stand behind one.

    `first`: right at the first answer, of `people`. Of the `again` who answered once more `before` were right at first and
    `after` the last time.
    """

    question: str
    people: int | None
    first: int | None
    again: int | None
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """By how many points those who answered again are better, or worse (below 0)."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class LearntRow:
    """A module: its items, and all of their answers together; what people chose to do after it, and how it went."""

    title: str
    items: tuple[ItemRow, ...]
    whole: ItemRow
    chosen: tuple[tuple[str, int | None], ...] = ()
    managed: tuple[tuple[str, int | None], ...] = ()

    @property
    def answered(self) -> bool:
        """Whether there is anything to show."""
        return any(item.people for item in self.items) or any(number for _, number in (*self.chosen, *self.managed))


def learnt_rows(
    modules: Iterable[Module], quizzes: Sequence[QuizCounts], practised: Mapping[str, Mapping[str, int]]
) -> list[LearntRow]:
    """Every module that is served, in its order. `practised` is empty for whoever sees one community alone."""
    counted = {(each.module_id, each.quiz_id): each for each in quizzes}
    rows = []
    for module in modules:
        items = [
            (quiz.wording.text, counted.get((module.id, quiz.id), QuizCounts(module.id, quiz.id, 0, 0)))
            for lesson in module.lessons
            for quiz in lesson.quizzes
        ]
        numbers = practised.get(module.id, {})
        options = module.practice.options if module.practice else ()
        rows.append(
            LearntRow(
                module.title,
                tuple(_row(question, counts) for question, counts in items),
                _together(module, [counts for _, counts in items]),
                tuple((option.label, shown(numbers.get(f"{CHOSEN}:{option.id}", 0))) for option in options) if practised else (),
                tuple((how.value, shown(numbers.get(how.value, 0))) for how in Managed) if practised and options else (),
            )
        )
    return rows


def _row(question: str, counts: QuizCounts) -> ItemRow:
    people, again, others = counts.people, counts.again, counts.people - counts.again
    first = _right(counts.missed, people) if people >= SMALLEST_GROUP else None
    # Who is left over, when the others are shown, must not be few either.
    seen = again >= SMALLEST_GROUP and (others == 0 or others >= SMALLEST_GROUP)
    before, after = (_right(counts.missed_before, again), _right(counts.missed_again, again)) if seen else (None, None)
    return ItemRow(question, shown(people), first, again if seen else (0 if again == 0 else None), before, after)


def _together(module: Module, counts: Sequence[QuizCounts]) -> ItemRow:
    """The answers to those items that are shown by themselves: what is hidden there shows in no sum either."""
    large = [each for each in counts if each.people >= SMALLEST_GROUP]
    firsts = QuizCounts(module.id, "", sum(each.people for each in large), sum(each.missed for each in large))
    known = [each for each in large if _row("", each).after is not None]
    again = sum(each.again for each in known)
    before, after = sum(each.missed_before for each in known), sum(each.missed_again for each in known)
    return ItemRow(
        module.title,
        firsts.people,
        _right(firsts.missed, firsts.people) if large else None,
        again,
        _right(before, again) if known else None,
        _right(after, again) if known else None,
    )


def _right(missed: int, people: int) -> int:
    return round(100 * (people - missed) / people)

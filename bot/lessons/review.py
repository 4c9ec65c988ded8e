"""docs/review.md: every text and every fact, by the expert who must read it before it counts as signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.person import Country
from bot.lessons.content import Content, ModuleFolder, Sourced
from bot.lessons.filling import fill, placeholders
from bot.lessons.rules import NOWHERE_OR_COUNTRY, SAYINGS
from bot.lessons.schema import LessonEntry, ReplyEntry
from bot.lessons.signatures import facts_of, facts_said, status_of, strings
from bot.lessons.variants import (
    Forms,
    practice_variant,
    quiz_variant,
    reply_forms,
    reply_variant,
    serves,
    spoken_forms,
    step_forms,
    step_variant,
)

MUST_BE_READ: Final = ("answers.ask_", "crisis.", "unsafe.")
HEADER: Final = """# What experts must sign

Made by `batea content review`; not written by hand. Each text stands as people get it, with what the facts say today in
**bold**; where both countries get the same words they stand once. A module counts as signed once its experts have read all of
it and somebody ran `batea content sign MODULE --by NAME`; when its texts change afterwards it is a draft again, and
`batea content check` says so. Common sense (`common-sense`) and choices of the designers (`DC`) need no source; the sources
are in `content/sources.yml`.
"""


@dataclass(slots=True)
class _Task:
    """What one expert must read."""

    modules: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)


def review(content: Content) -> str:
    """The whole document, in Markdown."""
    tasks = _tasks(content)
    return "\n".join([HEADER, *_who(tasks), "", *_modules(content), *_replies(content), *_facts(content, tasks)]) + "\n"


def _tasks(content: Content) -> Mapping[str, _Task]:
    tasks: dict[str, _Task] = defaultdict(_Task)
    for folder in content.modules:
        for expert in folder.module.entry.review:
            tasks[expert].modules.append(folder.module.entry.id)
            tasks[expert].facts.update(facts_said(folder, content))
    for reply_id, experts in content.reviewers.items():
        entry = content.replies[reply_id].entry.model_dump(mode="json") if reply_id in content.replies else {}
        said = facts_of({name for text in strings(entry) for name in placeholders(text)}, content)
        for expert in experts.entry:
            tasks[expert].replies.append(reply_id)
            tasks[expert].facts.update(said)
    return dict(sorted(tasks.items()))


def _who(tasks: Mapping[str, _Task]) -> Iterator[str]:
    yield "## Who reads what\n"
    yield from _table(
        ("expert", "modules", "replies", "facts"),
        [
            (
                expert,
                ", ".join(f"[{module}](#{module})" for module in task.modules),
                ", ".join(task.replies),
                ", ".join(sorted(task.facts)),
            )
            for expert, task in tasks.items()
        ],
    )


def _modules(content: Content) -> Iterator[str]:
    for folder in content.modules:
        module, signed = folder.module.entry, folder.module.entry.signed
        state = f"signed by {signed.by} on {signed.on}" if signed and status_of(folder) == "signed" else "draft"
        yield f"## {module.id}\n\n**{module.title}** ({', '.join(module.countries)}): {state}."
        yield f"To be read by: {', '.join(module.review)}.\n"
        yield "\n".join(f"- {objective}" for objective in module.objectives) + "\n"
        for lesson in folder.lessons:
            only = f" ({', '.join(lesson.entry.only)} only)" if lesson.entry.only else ""
            yield f"### {module.id}/{lesson.entry.id}: {lesson.entry.title}{only}\n"
            yield from _table(("where", "for", "text", "sources"), _lesson(content, folder, lesson))
            yield ""
        if module.practice:
            yield f"### {module.id}: what she will do this week\n"
            yield from _table(("where", "for", "text", "sources"), _practice(content, folder))
            yield ""


def _lesson(content: Content, folder: ModuleFolder, lesson: Sourced[LessonEntry]) -> Iterator[Sequence[str]]:
    countries = [code for code in map(Country, folder.module.entry.countries) if serves(lesson.entry.only, code)]
    drawn = [(c, ((own := getattr(lesson.entry, c)) and own.picture) or lesson.entry.picture) for c in countries]
    yield from _rows(content, "picture", [(c, "shows", one.means) for c, one in drawn if one], ())
    for step in lesson.entry.steps:
        said = [(c, where, form) for c in countries if serves(step.only, c) for where, form in _said(step_variant(step, c))]
        yield from _rows(content, step.id, said, step.sources)
    for quiz in lesson.entry.quiz:
        asked: list[tuple[Country | None, str, str]] = []
        for country in (c for c in countries if serves(quiz.only, c)):
            part = quiz_variant(quiz, country)
            asked += [(country, where, form) for where, form in _said(part)]
            for option in part.options or ():
                words = option.right or option.wrong
                if words:
                    mark = "right" if option.right else "wrong"
                    asked += [(country, f"{option.label} ({mark}){kind}", form) for kind, form in _forms(spoken_forms(words))]
        yield from _rows(content, quiz.id, asked, quiz.sources)


def _practice(content: Content, folder: ModuleFolder) -> Iterator[Sequence[str]]:
    practice = folder.module.entry.practice
    if practice is None:
        return
    asked: list[tuple[Country | None, str, str]] = []
    for country in map(Country, folder.module.entry.countries):
        part = practice_variant(practice, country)
        asked += [(country, where, form) for where, form in _said(part)]
        for option in part.options or ():
            later = _forms(spoken_forms(option.later))
            asked += [(country, f"{option.label}, a week later{kind}", form) for kind, form in later]
    yield from _rows(content, "practice", asked, practice.sources)


def _replies(content: Content) -> Iterator[str]:
    yield "## Replies\n\nWhat is answered to a question, to a danger and to an unsafe request.\n"
    for reply_id, experts in content.reviewers.items():
        if reply_id not in content.replies:
            continue
        yield f"### {reply_id}\n\nTo be read by: {', '.join(experts.entry)}.\n"
        said: list[tuple[Country | None, str, str]] = []
        for name in (reply_id, f"{reply_id}_simpler", f"{reply_id}_call"):
            if name in content.replies:
                said += _reply(content.replies[name].entry, name.removeprefix(reply_id).strip("_") or "text")
        yield from _table(("where", "for", "text"), [row[:3] for row in _rows(content, "", said, ())])
        yield ""


def _reply(entry: ReplyEntry, where: str) -> Iterator[tuple[Country | None, str, str]]:
    for country in NOWHERE_OR_COUNTRY:
        part = reply_variant(entry, country)
        for number in range(len(part.text or ())):
            yield from ((country, f"{where}{kind}", form) for kind, form in _forms(reply_forms(part, number)))
        if part.expired:
            yield from ((country, f"{where}, expired{kind}", form) for kind, form in _forms(reply_forms(part.expired, 0)))


def _facts(content: Content, tasks: Mapping[str, _Task]) -> Iterator[str]:
    yield "## Facts\n\nWhat is `unverified` is never said. After the last day the text says whom to ask instead.\n"
    rows = []
    for file, facts in content.facts.items():
        for name, fact in facts.items():
            one, experts = fact.entry, [expert for expert, task in tasks.items() if f"{file}.{name}" in task.facts]
            said = one.value if one.speech is None else f"{one.value} (spoken: {one.speech})"
            dates = (str(one.read), str(one.expires or ""))
            waits = "whoever can verify it" if one.status == "unverified" else ", ".join(experts) or "nobody: no text says it"
            rows.append((f"{file}.{name}", said, one.source, *dates, one.status, waits, one.note or ""))
    yield from _table(("fact", "says", "source", "read on", "last day", "status", "to be read by", "note"), rows)


def _said(part: Any) -> Iterator[tuple[str, str]]:
    """Every form of a step or a question: what it is, and the text."""
    for saying in SAYINGS:
        yield from ((f"{saying}{kind}", form) for kind, form in _forms(step_forms(part, saying)))
    for saying in SAYINGS if part.expired else ():
        yield from ((f"{saying}, expired{kind}", form) for kind, form in _forms(step_forms(part.expired, saying)))


def _forms(forms: Forms) -> Iterator[tuple[str, str]]:
    yield from ((kind, form) for kind, form in (("", forms.text), (", spoken", forms.speech), (", SMS", forms.sms)) if form)


def _rows(
    content: Content, name: str, said: Iterable[tuple[Country | None, str, str]], sources: Sequence[str]
) -> Iterator[Sequence[str]]:
    """One row a text; what several countries get in the same words stands once."""
    told: dict[tuple[str, str], list[str]] = {}
    for country, where, form in said:
        filled, text = (_filled(content, each, country) for each in (where, form))
        told.setdefault((filled, text), []).append(country.value if country else "unknown")
    for (where, text), countries in told.items():
        yield f"{name} {where}".strip(), " ".join(dict.fromkeys(countries)), text, ", ".join(sources)


def _filled(content: Content, text: str, country: Country | None) -> str:
    def value(name: str) -> str:
        fact = content.fact_book.find(name, country) if name.startswith("fact.") else None
        return f"**{fact.value}**" if fact else f"*{name}*"

    return fill(text, value)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def review_problems(content: Content) -> Iterator[ContentError]:
    """Replies that nobody is named to read, and names of replies that are gone. Nothing where there is no `review.yml`."""
    for reply_id, experts in content.reviewers.items():
        if reply_id not in content.replies:
            yield experts.error((), f"there is no reply {reply_id}: correct it, or remove the line")
    for reply_id, reply in content.replies.items():
        first = reply_id.startswith(MUST_BE_READ) and not reply_id.endswith(("_simpler", "_call"))
        if content.reviewers and first and reply_id not in content.reviewers:
            yield reply.error((), f"nobody is named to read {reply_id}: add who must sign it to review.yml")

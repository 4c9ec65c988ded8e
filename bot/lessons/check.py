"""`batea content check`: what is there, and everything that is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.message import Choice, Clip, Speech
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import Content, read_content
from bot.lessons.demo import DEMO_FILE, load_demo
from bot.lessons.limits import limit_problems
from bot.lessons.pictures import missing_pictures, picture_problems
from bot.lessons.plain_words import jargon
from bot.lessons.poll_check import findings
from bot.lessons.published import published_problems
from bot.lessons.reach import unreached, unsourced, untranslated
from bot.lessons.review import review_problems
from bot.lessons.rules import PRACTICE, breaches
from bot.lessons.signatures import signature_problems, status_of
from bot.lessons.strictness import strict_problems
from bot.lessons.topics import topic_problems

MAX_CLIP_S: Final = 60.0
MOST_SILENT: Final = 3

# Any zone serves: nothing that is checked tells the time.
_ZONE: Final = "America/Bogota"


@dataclass(frozen=True, slots=True)
class ModuleSummary:
    """One module in a few figures."""

    id: str
    lessons: int
    steps: int
    countries: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong where (line from 1, 0 where none can be named), and what to do."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """As compilers write it, so that editors jump there."""
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome: modules in their order, problems by file and line."""

    modules: tuple[ModuleSummary, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """The mapping of design.md, section 4."""
        modules = [asdict(module) | {"countries": list(module.countries)} for module in self.modules]
        return {"modules": modules, "problems": [asdict(problem) for problem in self.problems]}


def check(
    content_dir: Path,
    *,
    today: date,
    strict: bool = False,
    clip: Callable[[Speech], Clip | None] | None = None,
    after_step: Sequence[Choice] = (),
) -> Report:
    """Check the whole folder. Never raises for bad content.

    `today` decides which facts have expired; `clip` finds a sentence's voice note (None: do not look for any);
    `after_step` are the choices spoken below a step. With `strict`, texts are measured too.
    """
    content = read_content(content_dir)
    found = [*content.problems, *breaches(content), *expired_facts(content, today), *demo_problems(content)]
    # What breaks the schema cannot be rendered, so that neither clips nor texts can be judged.
    if not found or all(error.file.startswith("facts/") for error in found):
        catalogue = Catalogue(content, drafts=True, today=lambda: today, timezone=_ZONE)
        if clip is not None:
            found += missing_clips(content, catalogue.speeches(after_step), clip)
        found += poll_problems(content, catalogue, measured=strict)
        found += limit_problems(content)
        if strict:
            afterwards = Catalogue(content, drafts=True, today=lambda: date.max, timezone=_ZONE)
            found += [*strict_problems(content, catalogue), *strict_problems(content, afterwards), *jargon(content)]
            found += [*unreached(content), *unsourced(content), *untranslated(content)]
    found += [*published_problems(content), *signature_problems(content), *topic_problems(content), *review_problems(content)]
    found += picture_problems(content)
    if strict:
        found += missing_pictures(content)
    problems = sorted({(error.file, error.line, error.text) for error in found})
    return Report(summaries(content), tuple(Problem(*problem) for problem in problems))


def summaries(content: Content) -> tuple[ModuleSummary, ...]:
    """Every module, drafts included."""
    return tuple(
        ModuleSummary(
            folder.module.entry.id,
            len(folder.lessons),
            sum(len(lesson.entry.steps) for lesson in folder.lessons),
            tuple(folder.module.entry.countries),
            status_of(folder),
        )
        for folder in content.modules
    )


def expired_facts(content: Content, today: date) -> Iterator[ContentError]:
    """Facts past their date: texts no longer say them, and somebody must read the source again."""
    for facts in content.facts.values():
        for name, fact in facts.items():
            if fact.entry.expires and fact.entry.expires < today:
                text = (
                    f"the fact `{name}` expired on {fact.entry.expires}: read its source again, correct value, read and expires"
                )
                yield fact.error(("expires",), text)


def demo_problems(content: Content) -> Iterator[ContentError]:
    """What keeps the demonstration from being loaded."""
    if not (content.root / DEMO_FILE).is_file():
        return
    try:
        demo = load_demo(content.root, datetime(2026, 1, 1, tzinfo=UTC))
    except ContentError as error:
        yield error
        return
    for poll_round in demo.rounds:
        poll = content.polls.get(poll_round.poll_id)
        if poll is None or not poll.entry.enabled or poll.entry.sensitive:
            yield ContentError(DEMO_FILE, 0, f"{poll_round.poll_id} is missing, switched off or sensitive: ask another poll")


def poll_problems(content: Content, catalogue: Catalogue, *, measured: bool) -> Iterator[ContentError]:
    """Questions that are too long, ask two things, accuse; and conditions that would tell on somebody."""
    polls = {poll.id: poll for poll in catalogue.polls()}
    for poll_id, poll in polls.items():
        source = content.polls[poll_id]
        for finding in findings(poll, measured=measured):
            at = (finding.where,) if finding.where != "when" else ("when",)
            yield source.error(at, str(finding))
        before = polls.get(poll.when.poll_id) if poll.when else None
        if poll.when and before is None:
            yield source.error(("when",), f"there is no {poll.when.poll_id}: correct the id")
        elif poll.when and before and not set(poll.when.options) <= {option.id for option in before.options}:
            yield source.error(("when",), f"`answered` names what is no option of {before.id}: correct it")
        elif before and before.sensitive:
            yield source.error(("when",), f"{before.id} is sensitive: being asked this would tell what somebody answered")


def missing_clips(content: Content, speeches: Iterator[Speech], clip: Callable[[Speech], Clip | None]) -> Iterator[ContentError]:
    """Sentences without a voice note, or with one that is too long. Of many in one file there is one line."""
    silent: defaultdict[str, list[ContentError]] = defaultdict(list)
    for speech in speeches:
        voice = clip(speech)
        if voice is None:
            error = located(content, speech.key, "no voice note: record it, or run `batea audio build`")
            silent[error.file].append(error)
        elif voice.duration_s > MAX_CLIP_S:
            yield located(content, speech.key, f"the voice note takes {voice.duration_s:.0f} s: shorten the text to 60 s")
    for file, errors in silent.items():
        many = f"{len(errors)} sentences have no voice note: record them, or run `batea audio build`"
        yield from errors if len(errors) <= MOST_SILENT else [ContentError(file, errors[0].line, many)]


def located(content: Content, key: str, text: str) -> ContentError:
    """An error at what a speech key names: a reply, a poll, module/lesson/item, or module/practice."""
    text = f"{key}: {text}"
    if key in content.replies:
        return content.replies[key].error((), text)
    first, *rest = key.split("/")
    if first in content.polls:
        return content.polls[first].error((), text)
    for folder in content.modules:
        if [folder.module.entry.id, PRACTICE] == [first, *rest[:1]]:
            return folder.module.error((PRACTICE,), text)
        for lesson in folder.lessons:
            if [folder.module.entry.id, lesson.entry.id] != [first, *rest[:1]]:
                continue
            places = {step.id: ("steps", number) for number, step in enumerate(lesson.entry.steps)}
            places |= {quiz.id: ("quiz", number) for number, quiz in enumerate(lesson.entry.quiz)}
            return lesson.error(places.get(rest[1], ()) if rest[1:] else (), text)
    return ContentError(key, 0, text)

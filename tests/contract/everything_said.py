"""Everything that Batea can say, as the dialogue says it: each sentence, lesson step, quiz, poll and a meeting, per country."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from standins.talk import Around

from bot.dialogue.scene import Scene
from bot.dialogue.skills import SKILLS, question
from bot.dialogue.words import Words
from bot.domain.community import CommitteeKind
from bot.domain.conversation import Place, PlaceKind, State
from bot.domain.learning import PICTURE
from bot.domain.meeting import Meeting
from bot.domain.message import Choice, Reply
from bot.domain.person import Consent, Country, Person
from bot.domain.poll import PollRound
from bot.domain.study import CHOOSE, HELP, LATER, again_place, sent_place
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.lessons.content import read_content
from bot.lessons.filling import parameters
from bot.lessons.rules import SPEECH_FILE
from bot.lessons.variants import reply_forms, reply_variant

CONTENT = Path(__file__).resolve().parents[2] / "content"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MEETING = Meeting(
    id="taraza-management-2026-11-28",
    committee_id="taraza-management",
    committee_kind=CommitteeKind.MANAGEMENT,
    community_id="taraza",
    agenda="agua del río y reparto de los turnos",
    starts_at=datetime(2026, 11, 28, 14, 30, tzinfo=UTC),
    timezone="America/Bogota",
    place="Escuela El Hato",
    landmark="junto a la cancha de arriba",
    food=True,
    childcare=True,
    transport=True,
    contact="doña Rosa, de monitoreo",
)
AGREED = Consent("v1", NOW, "sms", "SM1", "lessons")


@cache
def catalogue() -> Catalogue:
    return load_catalogue(CONTENT, drafts=True, today=NOW.date, timezone="America/Bogota")


@cache
def words() -> Words:
    return Words.from_mapping(yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8")))


def sentences(country: Country | None) -> Iterator[Reply]:
    """Every sentence of `content/replies`, in each wording, its parameters filled in with their examples."""
    content = read_content(CONTENT)
    examples: dict[str, object] = dict(content.parameters)
    for name, value in examples.items():
        if isinstance(value, date):
            examples[name] = datetime(value.year, value.month, value.day, 14, 30, tzinfo=UTC)
    for reply_id, entry in content.replies.items():
        if reply_id.startswith(f"{SPEECH_FILE}."):
            continue
        part = reply_variant(entry.entry, country)
        for variant in range(len(part.text or ())):
            needed = {name for form in reply_forms(part, variant).all() for name in parameters(form)}
            needed |= {name for choice in part.choices or () for name in parameters(choice.label)}
            yield catalogue().reply(reply_id, country, variant=variant, **{name: examples[name] for name in needed})  # type: ignore[arg-type]


def places(country: Country) -> Iterator[Place]:
    """Every place of every lesson, quiz, poll and the meeting."""
    for module in catalogue().modules(country):
        yield Place(PlaceKind.MENU, ("learn",))
        for lesson in module.lessons:
            for step in (*(step.id for step in lesson.steps), "end"):
                yield Place(PlaceKind.LESSON, (module.id, lesson.id, step))
            yield sent_place(module, lesson, lesson.steps[0].id)
            for quiz in lesson.quizzes:
                yield Place(PlaceKind.QUIZ, (module.id, lesson.id, quiz.id))
                yield again_place(module.id, lesson.id, quiz.id)
        for step in (CHOOSE, LATER, HELP) if module.practice else ():
            yield Place(PlaceKind.PRACTICE, (module.id, step))
    for parts in ((), ("day",), ("week3", "0730")):
        yield Place(PlaceKind.RHYTHM, parts)
    for poll in catalogue().polls():
        if poll.enabled and country in poll.countries:
            yield Place(PlaceKind.POLL, (poll.id, poll.question_id))
    yield Place(PlaceKind.MEETING, (MEETING.id,))


def shown(place: Place, country: Country, *, simpler: bool) -> list[Reply]:
    """What a person sees there, and what answers each of her choices where that needs no more than a look."""
    around = Around(likely_country=country, meetings={MEETING.id: MEETING})
    polls = [poll for poll in catalogue().polls() if poll.enabled]
    around.rounds = [PollRound(f"r-{poll.id}", poll.id, NOW - timedelta(days=1), NOW + timedelta(days=1)) for poll in polls]
    person = Person("p1", NOW, country=country, adult=True, community_id="taraza", consent=AGREED)
    scene = Scene(person, State(place=str(place)), around, catalogue(), words(), NOW, simpler=simpler)
    skill = SKILLS[place.kind]
    reply = skill.show(scene)
    if reply is None:
        return []
    answers = [skill.take(scene, choice.id.rpartition(":")[2]).replies for choice in reply.choices]
    return [reply, *(answer for replies in answers for answer in replies)]


def answers(country: Country) -> Iterator[Reply]:
    """Every answer that offers a lesson, in the middle of another lesson and at the menu."""
    topics = read_content(CONTENT).topics
    person = Person("p1", NOW, country=country, adult=True, community_id="taraza", consent=AGREED)
    for reply_id in topics.entry.more if topics else ():
        for place in ("lesson:m1/cocina/s1", "menu"):
            yield question.show(Scene(person, State(place=place), Around(), catalogue(), words(), NOW), reply_id)


def beside(country: Country) -> Iterator[Reply]:
    """What belongs to a lesson or a module without being a place: what its picture shows, what is asked a week later."""
    on = Choice("9", "lesson:next", catalogue().reply("lesson.next").text)
    managed = catalogue().reply("practice.managed").choices
    for module in catalogue().modules(country):
        for lesson in module.lessons:
            if lesson.picture:
                yield catalogue().say(f"{module.id}/{lesson.id}/{PICTURE}", lesson.picture.means, country, choices=(on,))
        for option in module.practice.options if module.practice else ():
            yield catalogue().say(f"{module.id}/practice/{option.id}", option.later, country, choices=managed)


def everything(country: Country) -> Iterator[tuple[str, Reply]]:
    """Where each reply comes from, and the reply. Polls come in the wording of everybody: they have no country's own."""
    for origin in (None, country):
        for reply in sentences(origin):
            yield reply.id, reply
    for reply in (*beside(country), *answers(country)):
        yield reply.id, reply
    for place in places(country):
        for simpler in (False, True):
            for reply in shown(place, country, simpler=simpler):
                yield f"{place}{' simpler' if simpler else ''}", replace(reply)

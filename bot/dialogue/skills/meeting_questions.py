"""What people ask about a meeting: answered from its fields, anywhere, where the whole message is about that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.dialogue.effects import HeardOf
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.meeting import Meeting
from bot.domain.meeting_words import agreed, when, where
from bot.domain.message import Reply

TOPICS: Final = ("agreed", "food", "children", "ride", "coming", "who", "agenda", "where", "when")
_FEW_WORDS: Final = 6
_MOST_WORDS: Final = 12
_AROUND: Final = ("courtesies", "fillers", "meeting_words")
_WHOLE: Final = frozenset({"when", "agenda"})
"""Asked elsewhere, these are answered with the whole announcement."""


def topic(scene: Scene, text: str) -> str | None:
    """What the message asks about a meeting, where it asks nothing else."""
    said = tokens(text)
    if not said or len(said) > _MOST_WORDS:
        return None
    return next((name for name in TOPICS if scene.words.says(said, f"meeting_{name}", around=_AROUND)), None)


def wants_details(scene: Scene, text: str) -> bool:
    """Whether she asks for more in general."""
    said = tokens(text)
    return len(said) <= _FEW_WORDS and scene.words.mentions(said, "details") and topic(scene, text) is None


def asked(scene: Scene, text: str) -> Move | None:
    """Her question about the next meeting, asked anywhere; then it goes on where she was. None where it is none."""
    if scene.place.kind is PlaceKind.MEETING or not scene.person.enrolled or scene.person.community_id is None:
        return None
    about = topic(scene, text)
    if about is None:
        return None
    meeting = scene.around.next_meeting(scene.person.community_id)
    if about == "agreed":
        past = scene.around.last_minuted(scene.person.community_id)
        return None if past is None else Move(scene.settled(bookmark=scene.state.bookmark), (minutes(scene, past),), show=True)
    if meeting is None:
        return None
    if about in _WHOLE:
        learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
        bookmark = str(scene.place if learning else scene.onward())
        return scene.go(Place(PlaceKind.MEETING, (meeting.id,)), bookmark=bookmark, effects=(HeardOf(meeting.id, scene.now),))
    return Move(scene.settled(bookmark=scene.state.bookmark), (answer(scene, meeting, about, ()),), show=True)


def minutes(scene: Scene, past: Meeting) -> Reply:
    """What was agreed the last time."""
    details = " ".join(agreed(line, scene.label) for line in past.minutes)
    return scene.reply("meeting.minutes", (), when=when(past), details=details)


def answer(scene: Scene, meeting: Meeting, about: str, choices: tuple[()] | None = None) -> Reply:
    """The answer, from the meeting's fields."""
    if about == "agreed":
        past = scene.around.last_minuted(meeting.community_id)
        return minutes(scene, past) if past else scene.reply("meeting.answer_agreed_none", question.way_on(scene))
    sentence, facts = _ANSWERS[about](scene, meeting)
    return scene.reply(f"meeting.answer_{sentence}", question.way_on(scene) if choices is None else choices, **facts)


Answer = tuple[str, dict[str, Any]]


def _children(_: Scene, meeting: Meeting) -> Answer:
    if not meeting.children:
        return "children_no", {}
    return ("children_care" if meeting.childcare else "children_yes"), {}


def _who(_: Scene, meeting: Meeting) -> Answer:
    return ("who", {"contact": meeting.contact}) if meeting.contact else ("who_unknown", {})


_ANSWERS: Final[Mapping[str, Callable[[Scene, Meeting], Answer]]] = {
    "when": lambda _, meeting: ("when", {"when": when(meeting)}),
    "where": lambda scene, meeting: ("where", {"where": where(meeting, scene.label)}),
    "agenda": lambda _, meeting: ("agenda", {"agenda": meeting.agenda}),
    "food": lambda _, meeting: ("food_yes" if meeting.food else "food_no", {}),
    "ride": lambda _, meeting: ("ride_yes" if meeting.transport else "ride_no", {}),
    "coming": lambda scene, meeting: ("coming", {"count": scene.around.coming(meeting.id)}),
    "children": _children,
    "who": _who,
}

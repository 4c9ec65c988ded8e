"""What people ask about a meeting: answered from its fields, anywhere, where the whole message is about that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from bot.dialogue.effects import HeardOf
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.meeting import Meeting
from bot.domain.meeting_notice import CAME_PART
from bot.domain.meeting_words import agreed, language, when, where
from bot.domain.message import Reply

TOPICS: Final = (
    *("agreed", "came", "food", "bring", "children", "ride", "coming", "ends", "language", "open_to", "host", "who"),
    *("agenda", "where", "when"),
)
LATELY: Final = timedelta(days=3)
"""So long after a meeting what is asked as of something past is about that one."""
_FEW_WORDS: Final = 6
_MOST_WORDS: Final = 12
_AROUND: Final = ("courtesies", "fillers", "meeting_words")
_WHOLE: Final = frozenset({"when", "agenda"})
"""Asked elsewhere, these are answered with the whole announcement."""
_PAST: Final = frozenset({"where", "when", "agenda", "host", "who"})
"""What may still be asked once it is over, besides what came of it."""


def topic(scene: Scene, text: str, *, here: bool = False) -> str | None:
    """What the message asks about a meeting, where it asks nothing else; `here`, at a meeting, "eso" is the meeting."""
    said = scene.words.without(tokens(text), "here_this") if here else tokens(text)
    if not said or len(said) > _MOST_WORDS:
        return None
    return next((name for name in TOPICS if scene.words.says(said, f"meeting_{name}", around=_AROUND)), None)


def wants_details(scene: Scene, text: str) -> bool:
    """Whether she asks for more in general."""
    said = tokens(text)
    return len(said) <= _FEW_WORDS and scene.words.mentions(said, "details") and topic(scene, text) is None


def asked(here: Scene, scene: Scene, text: str) -> Move | None:
    """Her question about the next meeting or the last one, asked anywhere; then it goes on where she was. None: it is none.

    These are whole messages in words of ours: "por quien pregunto" is taken for no indiscretion.
    """
    community_id = scene.person.community_id
    may = scene.person.enrolled and not here.state.confirming
    about = topic(scene, text) if may and community_id is not None else None
    if about is None or community_id is None:
        return None
    held, ahead = scene.around.past_meetings(community_id), scene.around.next_meeting(community_id)
    if about in _AFTER:
        return _beside(scene, _AFTER[about](scene, held)) if held else None
    over = next((one for one in held[:1] if about in _PAST and scene.now - one.starts_at <= LATELY), None)
    if over and (ahead is None or scene.words.mentions(tokens(text), "meeting_past")):
        return _beside(scene, _answered(scene, over, "was" if about == "when" else about, ()))
    return _of_next(scene, ahead, about) if ahead else None


def _of_next(scene: Scene, meeting: Meeting, about: str) -> Move:
    """All of it, or the answer alone."""
    if about not in _WHOLE:
        return _beside(scene, answer(scene, meeting, about, ()))
    learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
    there = Place(PlaceKind.MEETING, (meeting.id,))
    effects = (HeardOf(meeting.id, scene.now),)
    return scene.go(there, bookmark=str(scene.place if learning else scene.onward()), effects=effects)


def answer(scene: Scene, meeting: Meeting, about: str, choices: tuple[()] | None = None) -> Reply:
    """The answer, from the meeting's fields; what came of one, from the last that was held."""
    if about in _AFTER:
        return _AFTER[about](scene, scene.around.past_meetings(meeting.community_id))
    return _answered(scene, meeting, about, choices)


def _answered(scene: Scene, meeting: Meeting, about: str, choices: tuple[()] | None) -> Reply:
    sentence, facts = _ANSWERS[about](scene, meeting)
    return scene.reply(f"meeting.answer_{sentence}", question.way_on(scene) if choices is None else choices, **facts)


def _beside(scene: Scene, reply: Reply) -> Move:
    """Say it and stay where she is; a meeting that is over is no place to stay at."""
    parts = scene.place.parts
    if scene.place.kind is PlaceKind.MEETING and CAME_PART not in parts:
        found = scene.around.meeting(parts[0]) if parts else None
        if found is None or not found.lies_ahead(scene.now):
            return scene.go(scene.onward(), reply)
    return Move(scene.settled(bookmark=scene.state.bookmark), (reply,), show=True)


def _agreed(scene: Scene, held: Sequence[Meeting]) -> Reply:
    past = next((one for one in held if one.minutes), None)
    if past is None:
        return scene.reply("meeting.answer_agreed_none", ())
    details = " ".join(agreed(line, scene.label) for line in past.minutes)
    return scene.reply("meeting.minutes", (), when=when(past), details=details)


def _came(scene: Scene, held: Sequence[Meeting]) -> Reply:
    if not held or held[0].came is None:
        return scene.reply("meeting.answer_came_none", ())
    return scene.reply("meeting.answer_came", (), when=when(held[0]), count=held[0].came)


_AFTER: Final[Mapping[str, Callable[[Scene, Sequence[Meeting]], Reply]]] = {"agreed": _agreed, "came": _came}
Answer = tuple[str, dict[str, Any]]


def _whom(scene: Scene, meeting: Meeting) -> str:
    """Whom to ask what the fields do not say."""
    contact = meeting.contact
    return scene.label("meeting.contact", contact=contact) if contact else scene.label("meeting.answer_who_unknown")


def _children(_: Scene, meeting: Meeting) -> Answer:
    if not meeting.children:
        return "children_no", {}
    return ("children_care" if meeting.childcare else "children_yes"), {}


def _ride(scene: Scene, meeting: Meeting) -> Answer:
    return ("ride_yes", {}) if meeting.transport else ("ride_no", {"ask": _whom(scene, meeting)})


def _coming(scene: Scene, meeting: Meeting) -> Answer:
    count, who = scene.around.coming(meeting.id), scene.around.field.facilitator() if meeting.quorum else None
    if who is None or who.community_id != meeting.community_id:
        return "coming", {"count": count}
    return "coming_quorum", {"count": count, "quorum": meeting.quorum}


_ANSWERS: Final[Mapping[str, Callable[[Scene, Meeting], Answer]]] = {
    "when": lambda _, meeting: ("when", {"when": when(meeting)}),
    "was": lambda _, meeting: ("was", {"when": when(meeting)}),
    "where": lambda scene, meeting: ("where", {"where": where(meeting, scene.label)}),
    "agenda": lambda _, meeting: ("agenda", {"agenda": meeting.agenda}),
    "food": lambda _, meeting: ("food_yes" if meeting.food else "food_no", {}),
    "ride": _ride,
    "bring": lambda scene, meeting: ("bring", {"ask": _whom(scene, meeting)}),
    "coming": _coming,
    "children": _children,
    "ends": lambda scene, meeting: ("ends", {"ask": _whom(scene, meeting)}),
    "language": lambda scene, meeting: ("language", {"language": language(meeting, scene.label)}),
    "open_to": lambda _, meeting: (f"for_{meeting.open_to.value}", {}),
    "host": lambda scene, meeting: ("host", {"committee": scene.around.committee_name(meeting), "ask": _whom(scene, meeting)}),
    "who": lambda scene, meeting: ("who", {"ask": _whom(scene, meeting)}),
}

"""The meetings of her community: whether she comes, what she asks about them, and that she knows of a change.

Who comes is never said, only how many. A place is the id of a meeting, alone or with what is asked about it: `news` (its last
change), `came` (whether she was there), `then` (what follows once she has said something; what that was stands elsewhere).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.effects import ConfirmNews, HeardOf, RecordCame, RecordNeeds, RecordRsvp
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import meeting_questions, question
from bot.dialogue.skills.onboarding import ELSEWHERE, step
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.meeting import Meeting, Need, Rsvp
from bot.domain.meeting_notice import CAME_PART, NEWS_PART, THEN_PART
from bot.domain.meeting_words import announced, changed, when
from bot.domain.message import Reply

RSVP: Final = "rsvp"
NEEDS: Final = "meeting.needs"
_NEEDS: Final = {
    "need_care": frozenset({Need.CARE}),
    "need_ride": frozenset({Need.RIDE}),
    "need_both": frozenset({Need.CARE, Need.RIDE}),
    "need_none": frozenset[Need](),
}
_KNOWN: Final = "known"
_WENT: Final = ((Rsvp.YES.value, "went"), (Rsvp.NO.value, "stayed"))
_PARTS: Final = frozenset({NEWS_PART, CAME_PART, THEN_PART})


class Meetings(Skill):
    """One meeting; without an id in the place, the next one. `meeting:rsvp/yes` answers for the next one at once."""

    def arrive(self, scene: Scene) -> Move:
        """Tell of the meeting; ask first where she lives, if that is not known."""
        parts = scene.place.parts
        if parts and parts[0] not in {RSVP, ELSEWHERE}:
            return super().arrive(scene) if self.show(scene) else scene.go(MENU, scene.reply("meeting.over"))
        if ELSEWHERE in parts:
            return scene.go(scene.onward(), scene.reply("meeting.none"))
        if scene.person.community_id is None:
            return scene.go(step("community"), bookmark=str(Place(PlaceKind.MEETING)))  # an answer is never kept in a bookmark
        meeting = scene.around.next_meeting(scene.person.community_id)
        if meeting is None:
            return scene.go(scene.onward(), scene.reply("meeting.none"))
        there = Place(PlaceKind.MEETING, (meeting.id,))
        if parts[:1] == (RSVP,):
            return self.take(scene.moved(scene.go(there, bookmark=scene.state.bookmark)), parts[1])
        return scene.go(there, bookmark=scene.state.bookmark, effects=(HeardOf(meeting.id, scene.now),))

    def show(self, scene: Scene) -> Reply | None:
        """What, when and where, or what is asked about it; None once it is over or not for her."""
        meeting, part = found(scene), _part(scene)
        if meeting is None or meeting.community_id != scene.person.community_id:
            return None
        if part == CAME_PART:
            there = not meeting.cancelled and meeting.starts_at <= scene.now
            return scene.ask("meeting.came", when=when(meeting)) if there else None
        if meeting.starts_at <= scene.now or (meeting.cancelled and part != NEWS_PART):
            return None
        if part == NEWS_PART:
            return _news(scene, meeting)
        if part == THEN_PART and _unasked(scene, meeting):
            return _needs(scene, meeting)
        return scene.ask("meeting.next", **announced(meeting, when(meeting), scene.label))

    def take(self, scene: Scene, option: str) -> Move:
        """Keep what she says about it, or tell more."""
        meeting = found(scene)
        if meeting is None or self.show(scene) is None:
            return scene.go(scene.onward(), scene.reply("meeting.over"))
        if _part(scene) == CAME_PART:
            went = option == Rsvp.YES
            said = scene.reply("meeting.came_yes" if went else "meeting.came_no", ())
            return scene.go(scene.onward(), said, effects=(RecordCame(meeting.id, went, scene.now),))
        if option == _KNOWN:
            return self._knows(scene, meeting)
        if option in _NEEDS:
            kept = scene.reply("meeting.needs_kept", question.way_on(scene))
            return scene.stand(scene.place, kept, effects=(RecordNeeds(meeting.id, _NEEDS[option]),))
        if option not in set(Rsvp):
            return scene.stand(scene.place, self._details(scene, meeting))
        return self._comes(scene, meeting, Rsvp(option))

    def read(self, scene: Scene, text: str) -> str | None:
        """Whether she was there, in the words for that."""
        if _part(scene) != CAME_PART:
            return None
        said = tokens(text)
        return next((option for option, key in _WENT if scene.words.says(said, key)), None)

    def hear(self, scene: Scene, text: str) -> Move | None:
        """A short question about it."""
        meeting = found(scene)
        if meeting is None or _part(scene) == CAME_PART or not meeting.lies_ahead(scene.now):
            return None
        if meeting_questions.wants_details(scene, text):
            return scene.stand(scene.place, self._details(scene, meeting))
        topic = meeting_questions.topic(scene, text) or meeting_questions.topic(scene, text, here=True)
        return scene.stand(scene.place, self._asked(scene, meeting, topic)) if topic else None

    def forward(self, scene: Scene) -> Move | None:
        """Leave it open."""
        return scene.go(scene.onward())

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.onward())

    def _knows(self, scene: Scene, meeting: Meeting) -> Move:
        """She knows of the last change; of one that is still held she is told all again."""
        effects = (ConfirmNews(meeting.id, scene.now),)
        if meeting.cancelled:
            return scene.go(scene.onward(), scene.reply("meeting.known_cancelled", ()), effects=effects)
        here = Place(PlaceKind.MEETING, (meeting.id,))
        return scene.go(here, scene.reply("meeting.known", ()), effects=effects, bookmark=scene.state.bookmark)

    def _comes(self, scene: Scene, meeting: Meeting, rsvp: Rsvp) -> Move:
        there, effects = Place(PlaceKind.MEETING, (meeting.id, THEN_PART)), (RecordRsvp(meeting.id, rsvp, scene.now),)
        here = scene.varied()
        if rsvp is Rsvp.YES and (meeting.childcare or meeting.transport):
            return here.stand(there, _needs(here, meeting), effects=effects)
        said = here.reply(f"meeting.said_{rsvp.value}", question.way_on(here), variant=scene.state.variant)
        return here.stand(there, said, effects=effects)

    def _details(self, scene: Scene, meeting: Meeting) -> Reply:
        coming = scene.around.coming(meeting.id)
        said = [scene.label("meeting.coming", count=coming)] if coming else []
        offered = {"food": meeting.food, "childcare": meeting.childcare, "transport": meeting.transport}
        said += [scene.label(f"meeting.with_{name}") for name, given in offered.items() if given]
        if meeting.contact:
            said.append(scene.label("meeting.contact", contact=meeting.contact))
        return scene.ask("meeting.details", Place(PlaceKind.MEETING, (meeting.id,)), details=" ".join(said))

    def _asked(self, scene: Scene, meeting: Meeting, topic: str) -> Reply:
        """The answer; with the question whether she comes, as long as she has not said."""
        answer = meeting_questions.answer(scene, meeting, topic)
        if _part(scene) or scene.around.said(meeting.id):
            return answer
        return scene.ask("meeting.details", details=answer.text)


def found(scene: Scene) -> Meeting | None:
    """The meeting of the scene's place, whether over or not."""
    return scene.around.meeting(scene.place.parts[0]) if scene.place.parts else None


def says_here(scene: Scene, rsvp: Rsvp) -> Move | None:
    """Whether she comes to the very meeting where she stands; None where she stands at none that lies ahead."""
    meeting = found(scene) if scene.place.kind is PlaceKind.MEETING else None
    if meeting is None or meeting.starts_at <= scene.now or scene.place.parts[0] in {RSVP, ELSEWHERE}:
        return None
    part = (NEWS_PART,) if meeting.cancelled else ()
    there = replace(scene, state=replace(scene.state, place=str(Place(PlaceKind.MEETING, (meeting.id, *part)))))
    return Meetings().take(there, _KNOWN if meeting.cancelled else rsvp.value)


def goes_on(move: Move) -> bool:
    """Whether a move about a meeting has more to ask at once."""
    if move.state.at.kind is not PlaceKind.MEETING:
        return False
    return move.show or any(reply.id == NEEDS for reply in move.replies)


def _part(scene: Scene) -> str:
    part = scene.place.parts[1] if len(scene.place.parts) > 1 else ""
    return part if part in _PARTS else ""


def _news(scene: Scene, meeting: Meeting) -> Reply | None:
    if meeting.cancelled:
        return scene.ask("meeting.cancelled", when=when(meeting), agenda=meeting.agenda)
    if meeting.before is None:
        return None
    sentence, facts = changed(meeting.before, meeting, scene.label)
    return scene.ask(sentence, **facts)


def _unasked(scene: Scene, meeting: Meeting) -> bool:
    """Whether she comes, and has not said yet what she needs."""
    said = scene.around.said(meeting.id) if meeting.childcare or meeting.transport else None
    return said is not None and said.rsvp is Rsvp.YES and said.needs is None


def _needs(scene: Scene, meeting: Meeting) -> Reply:
    offered = [name for name, given in (("need_care", meeting.childcare), ("need_ride", meeting.transport)) if given]
    names = [*offered, *(["need_both"] if len(offered) > 1 else []), "need_none"]
    prefix = Place(PlaceKind.MEETING, (meeting.id, THEN_PART))
    return scene.offer(NEEDS, [(name, scene.label(f"meeting.{name}")) for name in names], prefix=prefix)

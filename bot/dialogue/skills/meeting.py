"""The next meeting of her community, and whether she comes. Who comes is never said, only how many."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.dialogue.effects import RecordRsvp
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import question
from bot.dialogue.skills.onboarding import ELSEWHERE, step
from bot.dialogue.words import tokens
from bot.domain.conversation import MENU, Place, PlaceKind
from bot.domain.meeting import Meeting, Rsvp
from bot.domain.message import Reply

RSVP = "rsvp"

_FEW_WORDS = 6


class Meetings(Skill):
    """One meeting; without an id in the place, the next one. `meeting:rsvp/yes` answers for the next one at once."""

    def arrive(self, scene: Scene) -> Move:
        """Tell of the meeting; ask first where she lives, if that is not known."""
        parts = scene.place.parts
        if parts and parts[0] not in {RSVP, ELSEWHERE}:
            return super().arrive(scene) if self._meeting(scene) else scene.go(MENU, scene.reply("meeting.over"))
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
        return scene.go(there, bookmark=scene.state.bookmark)

    def show(self, scene: Scene) -> Reply | None:
        """What, when and where; None once it is over or cancelled."""
        meeting = self._meeting(scene)
        if meeting is None:
            return None
        where = f"{meeting.place}, {meeting.landmark}" if meeting.landmark else meeting.place
        when = meeting.starts_at.astimezone(ZoneInfo(meeting.timezone))
        return scene.ask("meeting.next", agenda=meeting.agenda, when=when, place=where)

    def take(self, scene: Scene, option: str) -> Move:
        """Keep whether she comes, or tell more."""
        meeting = self._meeting(scene)
        if meeting is None:
            return scene.go(scene.onward(), scene.reply("meeting.over"))
        if option not in set(Rsvp):
            return scene.stand(scene.place, self._details(scene, meeting))
        answer = RecordRsvp(meeting.id, Rsvp(option), scene.now)
        here = scene.varied()
        said = here.reply(f"meeting.said_{option}", question.way_on(here), variant=scene.state.variant)
        return here.stand(here.place, said, effects=(answer,))

    def hear(self, scene: Scene, text: str) -> Move | None:
        """A short question about food, children or the way there."""
        said, meeting = tokens(text), self._meeting(scene)
        if meeting is None or len(said) > _FEW_WORDS or not scene.words.mentions(said, "details"):
            return None
        return scene.stand(scene.place, self._details(scene, meeting))

    def forward(self, scene: Scene) -> Move | None:
        """Leave it open."""
        return scene.go(scene.onward())

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.onward())

    def _meeting(self, scene: Scene) -> Meeting | None:
        meeting = scene.around.meeting(scene.place.parts[0]) if scene.place.parts else None
        return meeting if meeting and not meeting.cancelled and meeting.starts_at > scene.now else None

    def _details(self, scene: Scene, meeting: Meeting) -> Reply:
        coming = scene.around.coming(meeting.id)
        said = [scene.label("meeting.coming", count=coming)] if coming else []
        offered = {"food": meeting.food, "childcare": meeting.childcare, "transport": meeting.transport}
        said += [scene.label(f"meeting.with_{name}") for name, given in offered.items() if given]
        if meeting.contact:
            said.append(scene.label("meeting.contact", contact=meeting.contact))
        return scene.ask("meeting.details", details=" ".join(said))

"""The running polls. An answer goes to the repository and nowhere else: not into the state, not into a log."""

from __future__ import annotations

from bot.dialogue.effects import RecordPollAnswer
from bot.dialogue.scene import Move, Scene, Skill, numbered
from bot.dialogue.skills.onboarding import ELSEWHERE, step
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Reply
from bot.domain.poll import Poll, PollRound

_FEW_WORDS = 8
_ABOUT_IT = (("asks_who_sees", "poll.who_sees"), ("asks_what_for", "poll.what_for"))


class Polling(Skill):
    """One question of a running round; without a question in the place, the first one not answered yet."""

    def arrive(self, scene: Scene) -> Move:
        """Ask the question, or say that there is none; ask first where she lives, if that is not known."""
        if scene.place.parts == () and scene.person.community_id is None:
            return scene.go(step("community"), bookmark=str(scene.place))
        if scene.place.parts in {(), (ELSEWHERE,)}:
            following = self._following(scene)
            if following:
                return scene.go(following, bookmark=scene.state.bookmark)
            here = scene.varied()
            return here.go(here.onward(), here.reply("poll.none", variant=here.state.variant))
        if self.show(scene) is None:
            return scene.go(scene.onward(), scene.reply("poll.closed"))
        return super().arrive(scene)

    def show(self, scene: Scene) -> Reply | None:
        """The question and its answers; None once its round is over."""
        poll, poll_round = self._asked(scene)
        if poll is None or poll_round is None:
            return None
        choices = numbered(str(scene.place), [(option.id, option.label) for option in poll.options])
        return scene.say(poll.id, poll.wording, poll.simpler, choices)

    def take(self, scene: Scene, option: str) -> Move:
        """Keep the answer, thank her, ask the next question."""
        poll, poll_round = self._asked(scene)
        if poll is None or poll_round is None or option not in {o.id for o in poll.options}:
            return scene.go(scene.onward(), scene.reply("poll.closed"))
        answer = RecordPollAnswer(poll_round.id, (option,), scene.now)
        following = self._following(scene, but=poll_round.id)
        on = following or scene.onward()
        return scene.go(on, scene.reply("poll.thanks"), effects=(answer,), bookmark=scene.state.bookmark if following else "")

    def hear(self, scene: Scene, text: str) -> Move | None:
        """That she would rather not answer; who sees it, and what it is for."""
        said, words = tokens(text), scene.words
        if len(said) > _FEW_WORDS:
            return None
        if words.mentions(said, "rather_not"):
            return scene.go(scene.onward(), scene.reply("poll.left", ()))
        shown = self.show(scene)
        asked = next((reply for key, reply in _ABOUT_IT if words.mentions(said, key)), None)
        reply = scene.reply(asked, shown.choices) if asked and shown else None
        return scene.stay(reply, bookmark=scene.state.bookmark) if reply else None

    def forward(self, scene: Scene) -> Move | None:
        """Leave the question open."""
        return scene.go(scene.onward())

    def _asked(self, scene: Scene) -> tuple[Poll | None, PollRound | None]:
        poll = scene.library.poll(scene.place.parts[0]) if scene.place.parts else None
        if poll is None or not _asks(poll, scene):
            return None, None
        return poll, scene.around.open_round(poll.id, scene.person.community_id)

    def _following(self, scene: Scene, but: str = "") -> Place | None:
        for poll_round in scene.around.open_polls(scene.person.community_id):
            poll = scene.library.poll(poll_round.poll_id)
            if poll and _asks(poll, scene) and poll_round.id != but:
                return Place(PlaceKind.POLL, (poll.id, poll.question_id))
        return None


def _asks(poll: Poll, scene: Scene) -> bool:
    return poll.enabled and (scene.person.country is None or scene.person.country in poll.countries)

"""The running polls. An answer goes to the repository and nowhere else: not into the state, not into a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.dialogue.answers import several
from bot.dialogue.effects import Effect, PassOver, RecordPollAnswer
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import about, poll_answers
from bot.dialogue.skills.onboarding import ELSEWHERE, step
from bot.dialogue.words import tokens
from bot.domain.asking import END, OUT_OF_A_NUMBER, asked_at, keys, offered
from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Choice, Reply
from bot.domain.poll import Poll, PollKind, PollRound

DONE: Final = "done"
MORE: Final = "more"
"""Behind a question's place: she has begun to answer. What she said stands in her ballot, not here."""

_FEW_WORDS = 8
_MOST_CHOICES = 5
_WITH_ROUND = 3
_ABOUT_IT = (("asks_who_sees", "poll.who_sees"), ("asks_what_for", "poll.what_for"))


class Polling(Skill):
    """One question of a running round; without a question in the place, the first one not answered yet."""

    def arrive(self, scene: Scene) -> Move:
        """Ask the question, or say that there is none; ask first where she lives, if that is not known."""
        if scene.place.parts == () and scene.person.community_id is None:
            return scene.go(step("community"), bookmark=str(scene.place))
        if scene.place.parts in {(), (ELSEWHERE,)}:
            return _next(scene)
        return super().arrive(scene) if self.show(scene) else too_late(scene, scene.place)

    def show(self, scene: Scene) -> Reply | None:
        """The question and its answers; None once its round is over."""
        if about.here(scene):
            return about.show(scene)
        poll, poll_round = _asked(scene)
        if poll is None or poll_round is None:
            return None
        reply = scene.say(
            poll.id,
            poll_answers.hinted(scene, poll, poll.wording),
            poll_answers.hinted(scene, poll, poll.simpler),
            _choices(scene),
        )
        return replace(reply, keys=keys(poll))

    def take(self, scene: Scene, option: str) -> Move:  # noqa: PLR0911 - one return a way to answer
        """Keep the answer, thank her, ask the next question."""
        if about.here(scene):
            return _described(scene, option)
        poll, poll_round = _asked(scene)
        if poll is None or poll_round is None:
            return too_late(scene, scene.place)
        if option == DONE:
            return _thanked(scene, poll, poll_round, tuple(scene.around.given(poll_round.id)))
        if option == poll_answers.MANY_NUMBERS:
            return _once_more(scene, "poll.one_number")
        answer = poll_answers.split(option)
        if poll.kind is PollKind.SEVERAL and not option.startswith(poll_answers.SEVERAL):
            return _picked(scene, poll, poll_round, option)
        if poll.accepts(answer):
            return _answered(scene, poll, poll_round, answer)
        return _refused(scene, poll, answer)

    def read(self, scene: Scene, text: str) -> str | None:
        """Several options, or a number; an answer to a question that is over."""
        if about.here(scene):
            return about.read(scene, text)
        poll, poll_round = _asked(scene)
        if poll is None:
            return None
        if poll_round is None:
            return DONE if poll_answers.closed(scene, poll, text) else None
        found = poll_answers.read(scene, poll, offered(poll, poll_round), text)
        finished = scene.place.parts[_WITH_ROUND:] == (MORE,) and scene.words.says(tokens(text), "yes")
        return found or (DONE if finished else None)

    def press(self, scene: Scene, key: str, *, whole: bool) -> Move | None:
        """Several keys at once or one by one, ended by #; a number has the reserved keys for itself."""
        poll, poll_round = (None, None) if about.here(scene) else _asked(scene)
        if poll is None:
            return None
        if poll_round is None:
            return too_late(scene, scene.place) if key.isdecimal() and int(key) in range(1, len(poll.options) + 1) else None
        digits, ended = key.removesuffix(END), whole or key.endswith(END) or len(key) > 1
        if poll.kind is PollKind.NUMBER:
            return self._figures(scene, poll_round, digits, ended=ended)
        if poll.kind is PollKind.SEVERAL and (key == END or (len(digits) > 1 or (ended and digits.isdecimal()))):
            return self._keyed(scene, poll, digits)
        return None

    def hear(self, scene: Scene, text: str) -> Move | None:
        """That she would rather not answer; all or none of them; who sees it, and what it is for."""
        said, words = tokens(text), scene.words
        if len(said) > _FEW_WORDS:
            return None
        if words.mentions(said, "rather_not"):
            if about.here(scene):
                return _described(scene, "")
            return scene.go(scene.onward(), scene.reply("poll.left", ()))
        shown = self.show(scene)
        if shown is None:
            return None
        for meaning, reply_id in (("everything", "poll.one_only"), ("nothing", "poll.none_fits")):
            if words.says(said, meaning, around=("courtesies", "fillers")) and not about.here(scene):
                return _once_more(scene, reply_id)
        asked = next((reply for key, reply in _ABOUT_IT if words.mentions(said, key)), None)
        return scene.stay(scene.reply(asked, shown.choices), bookmark=scene.state.bookmark) if asked else None

    def forward(self, scene: Scene) -> Move | None:
        """That was all of her answer; or leave the question open."""
        if about.here(scene):
            return _described(scene, "")
        poll, poll_round = _asked(scene)
        if poll and poll_round and poll.kind is PollKind.SEVERAL and scene.place.parts[_WITH_ROUND:] == (MORE,):
            return self.take(scene, DONE)
        return scene.go(scene.onward())

    def _figures(self, scene: Scene, poll_round: PollRound, digits: str, *, ended: bool) -> Move:
        """Figures of a number. Until it is whole they stand in the ballot, which only the round's key opens."""
        begun = scene.place.parts[_WITH_ROUND:] == (MORE,)
        if digits == OUT_OF_A_NUMBER:
            poll, _ = _asked(scene)
            return self.take(scene, poll.way_out if poll else "")
        so_far = "".join(scene.around.given(poll_round.id)) if begun else ""
        figures = so_far + "".join(c for c in digits if c.isdecimal())
        if ended:
            return self.take(scene, f"{poll_answers.NUMBER}{int(figures)}" if figures else poll_answers.MANY_NUMBERS)
        effect = RecordPollAnswer(poll_round.id, (figures[-_MOST_CHOICES:],), scene.now, begun=True)
        return _more(scene, scene.reply("poll.digit", _choices(scene)), (effect,))

    def _keyed(self, scene: Scene, poll: Poll, digits: str) -> Move:
        """Keys of several options; without one, that was all."""
        if not digits:
            return self.take(scene, DONE) if scene.place.parts[_WITH_ROUND:] == (MORE,) else _once_more(scene, "poll.none_fits")
        chosen = [int(digit) for digit in dict.fromkeys(digits.rstrip("9")) if digit.isdecimal()]
        if not chosen or not all(1 <= n <= len(poll.options) for n in chosen):
            return _once_more(scene, "input.unknown_key")
        return self.take(scene, poll_answers.SEVERAL.join(["", *(poll.options[n - 1].id for n in chosen)]))


def changed(scene: Scene, text: str) -> Move | None:
    """She wants to answer anew; None for anything else."""
    around = ("courtesies", "interjections", "fillers")
    asks = scene.person.enrolled and scene.words.says(tokens(text), "changing_answer", around=around)
    return scene.go(_answered_question(scene) or Place(PlaceKind.POLL)) if asks else None


def personal(place: Place) -> bool:
    """Whether a place asks about her, and so belongs to no round."""
    return place in about.PLACES


def _next(scene: Scene) -> Move:
    """The first question not answered yet, else one that she may answer anew."""
    following = following_question(scene)
    if following:
        return scene.go(following, bookmark=scene.state.bookmark)
    again = _answered_question(scene)
    if again:
        return scene.go(again, scene.reply("poll.already", ()), bookmark=scene.state.bookmark)
    here = scene.varied()
    return here.go(here.onward(), here.reply("poll.none", variant=here.state.variant))


def too_late(scene: Scene, place: Place) -> Move:
    """A button or an answer of a round that is over, or of one for others: it counts nowhere."""
    tag = place.parts[2] if len(place.parts) >= _WITH_ROUND else ""
    gone = "poll.not_yours" if tag and scene.around.running(tag) else "poll.closed"
    if scene.place.kind is PlaceKind.POLL and scene.place.parts[:3] == place.parts[:3]:
        return scene.go(scene.onward(), scene.reply(gone, ()))
    return Move(scene.settled(bookmark=scene.state.bookmark), (scene.reply(gone, ()),), show=True)


def following_question(scene: Scene, said: Mapping[str, tuple[str, ...]] | None = None) -> Place | None:
    """The next question that she has not answered; `said` is what she has just answered, by round."""
    for poll_round in scene.around.open_rounds(scene.person.community_id):
        poll = _poll(scene, poll_round.poll_id)
        done = poll_round.id in (said or {}) or scene.around.answered(poll_round.id)
        if poll and not done and _asks(poll, scene) and _wanted(scene, poll, said or {}) is not False:
            return asked_at(poll, poll_round)
    return None


def _answered_question(scene: Scene) -> Place | None:
    """A question that she may answer anew."""
    for poll_round in scene.around.open_rounds(scene.person.community_id):
        poll = _poll(scene, poll_round.poll_id)
        if poll and _asks(poll, scene) and scene.around.answered(poll_round.id):
            return asked_at(poll, poll_round)
    return None


def _wanted(scene: Scene, poll: Poll, said: Mapping[str, tuple[str, ...]]) -> bool | None:
    """Whether what she answered before leads to this question; None where nothing decides that."""
    if poll.when is None:
        return None
    for before in scene.around.open_rounds(scene.person.community_id):
        if before.poll_id == poll.when.poll_id:
            given = said[before.id] if before.id in said else scene.around.given(before.id)
            return bool(set(given) & set(poll.when.options))
    return None


def _poll(scene: Scene, poll_id: str) -> Poll | None:
    return scene.library.poll(poll_id) or scene.around.composed(poll_id)


def _asks(poll: Poll, scene: Scene) -> bool:
    return poll.enabled and (scene.person.country is None or scene.person.country in poll.countries)


def _asked(scene: Scene) -> tuple[Poll | None, PollRound | None]:
    """The poll of the place, and its round where that is open to her."""
    parts = scene.place.parts
    poll = _poll(scene, parts[0]) if parts else None
    if poll is None or not _asks(poll, scene):
        return poll, None
    tag = parts[2] if len(parts) >= _WITH_ROUND else None
    rounds = (each for each in scene.around.open_rounds(scene.person.community_id) if each.poll_id == poll.id)
    return poll, next((each for each in rounds if tag in {None, each.tag}), None)


def _choices(scene: Scene) -> tuple[Choice, ...]:
    poll, poll_round = _asked(scene)
    if poll is None or poll_round is None:
        return ()
    choices = offered(poll, poll_round)
    begun = poll.kind is PollKind.SEVERAL and scene.place.parts[_WITH_ROUND:] == (MORE,)
    if begun and len(choices) < _MOST_CHOICES:
        return (*choices, Choice("9", f"{asked_at(poll, poll_round)}:{DONE}", scene.label("poll.done")))
    return choices


def _record(scene: Scene, poll: Poll, poll_round: PollRound, answer: tuple[str, ...]) -> tuple[Effect, ...]:
    """The answer, and the traces where it decides whether something else is asked."""
    panel = bool(poll_round.panel and scene.person.panel)
    effects: list[Effect] = [RecordPollAnswer(poll_round.id, answer, scene.now, about.groups(scene), panel=panel)]
    for other in scene.around.open_rounds(scene.person.community_id):
        dependent = _poll(scene, other.poll_id)
        if dependent and dependent.when and dependent.when.poll_id == poll.id:
            effects.append(PassOver(other.id, bool(set(answer) & set(dependent.when.options)), scene.now))
    return tuple(effects)


def _answered(scene: Scene, poll: Poll, poll_round: PollRound, answer: tuple[str, ...]) -> Move:
    return _thanked(scene, poll, poll_round, answer, _record(scene, poll, poll_round, answer))


def _thanked(scene: Scene, poll: Poll, poll_round: PollRound, answer: tuple[str, ...], effects: tuple[Effect, ...] = ()) -> Move:
    """Her answer is whole: what is not known of her is asked, once; then the next question."""
    del poll
    on = about.pending(scene.person, panel=poll_round.panel) or following_question(scene, {poll_round.id: answer})
    bookmark = scene.state.bookmark if on else ""
    return scene.go(on or scene.onward(), scene.reply("poll.thanks"), effects=effects, bookmark=bookmark)


def _picked(scene: Scene, poll: Poll, poll_round: PollRound, option: str) -> Move:
    """One of several: it counts, and more may follow."""
    begun = scene.place.parts[_WITH_ROUND:] == (MORE,)
    before = tuple(scene.around.given(poll_round.id)) if begun else ()
    answer = tuple(dict.fromkeys((*before, option)))
    if option == poll.way_out or (poll.way_out in before and option != poll.way_out):
        answer = (option,)
    if not poll.accepts(answer):
        return _refused(scene, poll, answer)
    if option == poll.way_out or len(answer) == poll.most:
        return _answered(scene, poll, poll_round, answer)
    move = _more(scene, None, _record(scene, poll, poll_round, answer))
    there = scene.moved(move)
    said = there.reply("poll.picked", _choices(there), variant=scene.state.variant)
    return replace(move, replies=(replace(said, keys=keys(poll)),))


def _more(scene: Scene, reply: Reply | None, effects: tuple[Effect, ...]) -> Move:
    poll, poll_round = _asked(scene)
    place = asked_at(poll, poll_round) if poll and poll_round else scene.place
    there = scene.settled(Place(place.kind, (*place.parts, MORE)), bookmark=scene.state.bookmark)
    if reply and poll:
        reply = replace(reply, keys=keys(poll))
    return Move(replace(there, variant=scene.state.variant + 1), (reply,) if reply else (), effects)


def _refused(scene: Scene, poll: Poll, answer: tuple[str, ...]) -> Move:
    if poll.bounds:
        return _once_more(scene, "poll.bounds", least=poll.bounds.least, most=poll.bounds.most)
    if poll.kind is PollKind.SINGLE:
        return too_late(scene, scene.place)
    if poll.way_out in answer:
        return _once_more(scene, "poll.alone")
    return _once_more(scene, "poll.too_many", number=poll.most)


def _once_more(scene: Scene, reply_id: str, **params: int) -> Move:
    """A kind word, and the same choices."""
    poll, _ = _asked(scene)
    variant = scene.state.variant + 1
    reply = scene.reply(reply_id, _choices(scene), variant=variant, **params)
    state = scene.settled(bookmark=scene.state.bookmark, variant=variant)
    return Move(state, (replace(reply, keys=keys(poll) if poll else 1),))


def _described(scene: Scene, option: str) -> Move:
    """What she said of herself, or not; then what else is to be asked."""
    person, effects = about.told(scene, option)
    there = replace(scene, person=person)
    panel = any(each.panel for each in scene.around.open_rounds(person.community_id) if scene.around.answered(each.id))
    on = about.pending(person, panel=panel) or following_question(there)
    bookmark = scene.state.bookmark if on else ""
    return scene.go(on or scene.onward(), effects=effects, person=person, bookmark=bookmark)


def more_than_one(scene: Scene, text: str, choices: tuple[Choice, ...]) -> Move | None:
    """Two numbers to a question that takes one answer."""
    here = scene.place.kind is PlaceKind.POLL and not about.here(scene)
    return _once_more(scene, "poll.one_only") if here and several(text, choices, scene.words) else None

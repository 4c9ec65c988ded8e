"""What a facilitator records of a lesson from her own phone; nobody hears it before the team has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import Shown, Snag
from bot.domain.learning import Lesson, Wording
from bot.domain.message import Choice, Speech
from bot.domain.person import Country
from bot.domain.ports import Library
from bot.domain.recording import LICENCES, PHONE_TERMS, TAKE, Origin
from bot.domain.store import UnitOfWork
from bot.outreach.studio import SPANISH, Sentence, Standing, Studio

_DONE = frozenset({Standing.RECORDED, Standing.WAITING})


class RecordingWork:
    """`bot.outreach.field_desk.Worker`, and what there is to choose from."""

    def __init__(self, studio: Studio, library: Library, after_step: Sequence[Choice]) -> None:
        """`after_step` are the choices that are read aloud below a step."""
        self._studio = studio
        self._library = library
        self._after_step = tuple(after_step)

    def take(self, sound: bytes, draft: Draft) -> str:
        """Measure what she has said; gives the key by which it is played. Raises TakeError, OSError. Blocking."""
        sentence = self._studio.sentence(draft["tongue"], draft["script"])
        if sentence is None:
            raise OSError("the sentence is gone")
        return self._studio.take(sound, sentence, draft["tongue"]).key

    def lends_voice(self, uow: UnitOfWork, who: Facilitator) -> bool:
        """Whether she has agreed already that her voice is heard."""
        return uow.voices.speaker_of(who.member_id) is not None

    def to_record(self, uow: UnitOfWork, who: Facilitator, draft: Draft, step: str) -> Sequence[tuple[str, str]]:
        """What may be chosen at a step, ids and labels: only where something is left to record."""
        if step == "tongue":
            names = {code: f"{name[:1].upper()}{name[1:]}" for code, name in self._studio.sounds.languages().items()}
            return [(SPANISH, self._library.reply("menu.language_spanish").text), *names.items()]
        open_ = self._open(uow, draft)
        modules = self._library.modules(self._country(uow, who))
        begun = {"/".join(one.key.split("/")[:depth]) for one in open_.values() for depth in (1, 2)}
        if step == "module":
            return [(one.id, one.title) for one in modules if one.id in begun]
        module = next((one for one in modules if one.id == draft["module"]), None)
        if module is None:
            return []
        if step == "lesson":
            return [(one.id, one.title) for one in module.lessons if f"{module.id}/{one.id}" in begun]
        lesson = module.lesson(draft["lesson"])
        return [(open_[text].id, label) for label, text in self._left(lesson, open_)] if lesson else []

    def script(self, draft: Draft) -> Speech | None:
        """What is to be said; None where nobody says that any more."""
        found = self._studio.sentence(draft["tongue"], draft["script"])
        return Speech(found.text, key=found.key) if found else None

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What was recorded is measured before its turn."""
        del uow, who, draft
        return None

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """It goes to nobody yet."""
        del uow, who, draft
        return Shown((), 0)

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """The team listens to it in any case."""
        del uow, who, draft
        return False

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Put it where the team listens to it; what she agreed to the first time is written down with it."""
        sentence = self._studio.sentence(draft["tongue"], draft["script"])
        take = self._studio.sounds.known(draft["voice"].removeprefix(TAKE))
        if sentence is None or take is None:
            return
        speaker = uow.voices.speaker_of(who.member_id)
        if speaker is None:
            account = uow.staff.get(who.member_id)
            alias = account.member.email.partition("@")[0] if account else who.member_id[:6]
            lent = {"consent": "phone", "terms": PHONE_TERMS, "member_id": who.member_id}
            speaker = self._studio.add_speaker(uow, alias, LICENCES[-1], paid=False, **lent)
        by = who.member_id
        self._studio.record(
            uow, sentence, draft["tongue"], take, speaker_id=speaker.id, member_id=by, origin=Origin.PHONE, waits=True
        )

    def _open(self, uow: UnitOfWork, draft: Draft) -> dict[str, Sentence]:
        """What nobody has recorded in that language, by its words."""
        done = set(draft.get("done", "").split())
        lines = self._studio.lines(uow, draft["tongue"])
        left = (line.sentence for line in lines if line.standing not in _DONE)
        return {one.text: one for one in left if one.id not in done}

    def _left(self, lesson: Lesson, open_: dict[str, Sentence]) -> list[tuple[str, str]]:
        """Of a lesson's sentences those that are left: label and words."""
        return [(label, text) for label, text in self._spoken(lesson) if text in open_]

    def _spoken(self, lesson: Lesson) -> Iterator[tuple[str, str]]:
        """Each sentence of a lesson, as it is said there: its label and its words."""
        say, label = self._library.say, self._label

        def words(wording: Wording, choices: tuple[Choice, ...] = ()) -> str:
            speech = say("", wording, choices=choices).speech
            return speech.text if speech else ""

        for number, step in enumerate(lesson.steps, 1):
            yield label("step", number), words(step.wording, self._after_step)
            yield label("step_simpler", number), words(step.simpler, self._after_step)
        for number, quiz in enumerate(lesson.quizzes, 1):
            offered = tuple(Choice(str(at), option.id, option.label) for at, option in enumerate(quiz.options, 1))
            yield label("quiz", number), words(quiz.wording, offered)
            yield label("quiz_simpler", number), words(quiz.simpler, offered)
            for at, option in enumerate(quiz.options, 1):
                yield label("feedback", at), words(option.feedback)

    def _label(self, kind: str, number: int) -> str:
        return self._library.reply(f"facilitator.script_{kind}", number=number).text

    def _country(self, uow: UnitOfWork, who: Facilitator) -> Country:
        place = uow.communities.get(who.community_id)
        return place.country if place else Country.CO

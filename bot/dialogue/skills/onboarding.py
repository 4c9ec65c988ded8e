"""Welcome, consent, country, age, listen or read; and, when a meeting or a poll needs it, the community."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import OSA

from bot.dialogue.answers import held_down
from bot.dialogue.effects import Erase, RecordConsent
from bot.dialogue.scene import MAX_CHOICES, Move, Scene, Skill
from bot.dialogue.skills import profiles
from bot.dialogue.words import Phrase, tokens
from bot.domain.conversation import MENU, Place, PlaceKind, State
from bot.domain.message import Reply
from bot.domain.person import Consent, Country, Mode, Person

PURPOSE: Final = "lessons, polls and meetings of the programme"
OF_AGE: Final = 18
ORDER: Final = ("consent", "country", "age", "mode")
ELSEWHERE: Final = "elsewhere"

_YOUNGEST: Final = 10  # a single figure is a key, not an age
_OLDEST: Final = 110
_MORE: Final = "more"
_FEW_WORDS: Final = 10
_NAME_CHARS: Final = 4
_AROUND: Final = ("courtesies", "fillers", "yes")
_MODES: Final = (("listening", "listen"), ("reading", "read"), ("both", "listen"))
_ABOUT_CONSENT: Final = (
    ("asks_who_sees", "onboarding.consent_who"),
    ("asks_how_to_leave", "onboarding.consent_leave"),
    ("asks_cost", "onboarding.consent_cost"),
    ("asks_what_for", "onboarding.consent_what_for"),
)


def step(name: str, *rest: str) -> Place:
    """The place of one step."""
    return Place(PlaceKind.ONBOARDING, (name, *rest))


def pending_step(person: Person) -> Place | None:
    """The first thing still to be asked; None when all is known."""
    known = {
        "consent": person.consent is not None and person.consent.revoked_at is None,
        "country": person.country is not None,
        "age": bool(person.adult),
        "mode": person.mode is not None,
    }
    return next((step(name) for name in ORDER if not known[name]), None)


class Onboarding(Skill):
    """The first conversation."""

    def arrive(self, scene: Scene) -> Move:
        """Welcome her and ask the first thing that is missing."""
        if scene.place.parts in {(), ("welcome",)}:
            return scene.go(pending_step(scene.person) or MENU, scene.reply("onboarding.welcome"))
        return super().arrive(scene)

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step."""
        match scene.place.parts:
            case ("country", *_):
                return self._country(scene)
            case ("community", *rest):
                return self._community(scene, int(rest[0]) if rest and rest[0].isdecimal() else 0)
            case ("consent" | "age" | "mode" as name, *_):
                return scene.ask(f"onboarding.{name}")
            case _:
                return scene.reply("onboarding.welcome")

    def take(self, scene: Scene, option: str) -> Move:  # noqa: PLR0911 - one return a step
        """The answer to this step."""
        match scene.place.parts[0], option:
            case "consent", "yes":
                return self._consented(scene)
            case "consent", _:
                return refused(scene)
            case "country", "yes" | "co" | "pe":
                country = scene.around.likely_country if option == "yes" else Country(option.upper())
                return self._go_on(scene, replace(scene.person, country=country))
            case "country", _:
                return scene.stand(step("country", "plain"), scene.ask("onboarding.country", step("country", "plain")))
            case "age", "yes":
                return self._go_on(scene, replace(scene.person, adult=True))
            case "age", _:
                return _forgotten(scene.reply("onboarding.minor"))
            case "mode", _:
                mode = Mode.READ if option == "read" else Mode.LISTEN
                return self._go_on(scene, replace(scene.person, mode=mode))
            case _:
                return self._placed(scene, option)

    def read(self, scene: Scene, text: str) -> str | None:  # noqa: PLR0911 - one return a step
        """An age in figures or words, or a community by its name."""
        said = tokens(text)
        match scene.place.parts:
            case ("consent", *_):
                return _permitted(scene, text)
            case ("age", *_):
                return _of_age(scene, said)
            case ("country", *_) if scene.words.says(said, "no"):
                return "no"
            case ("country", *_) if not scene.words.mentions(said, "negations") and not held_down(text):
                named = [choice.id for choice in self._country(scene).choices if _is_among(tokens(choice.label), said)]
                if len(named) == 1:
                    return named[0].rpartition(":")[2]
                sure = scene.words.says(said, "yes") and scene.around.likely_country and len(scene.place.parts) == 1
                return "yes" if sure else None
            case ("mode", *_):
                return next((option for key, option in _MODES if scene.words.says(said, key, around=_AROUND)), None)
            case ("community", *_):
                named = [c.id for c in scene.around.communities(scene.person.country) if tokens(c.name) == said]
                return named[0] if len(named) == 1 else None
        return None

    def hear(self, scene: Scene, text: str) -> Move | None:
        """A short question about the permission; a country that is not served."""
        said, words = tokens(text), scene.words
        match scene.place.parts:
            case ("consent", *_) if len(said) <= _FEW_WORDS:
                asked = next((reply for key, reply in _ABOUT_CONSENT if words.mentions(said, key)), None)
                return scene.stay(scene.ask(asked)) if asked else None
            case ("country", *_) if words.mentions(said, "abroad"):
                return scene.stay(scene.ask("onboarding.abroad"))
        return None

    def backward(self, scene: Scene) -> Move:
        """The question before this one; from the community back to where it was needed."""
        name = scene.place.parts[0] if scene.place.parts else "consent"
        if name not in ORDER:
            return scene.go(MENU)
        return scene.go(step(ORDER[max(0, ORDER.index(name) - 1)]))

    def _country(self, scene: Scene) -> Reply:
        likely = scene.around.likely_country
        if likely is None or scene.place.parts[1:] == ("plain",):
            return scene.ask("onboarding.country")
        return scene.ask(f"onboarding.country_guess_{likely.value.lower()}")

    def _community(self, scene: Scene, start: int) -> Reply:
        known = scene.around.communities(scene.person.country)
        room = MAX_CHOICES - 1
        last = start + room >= len(known)
        shown = known[start : start + (room if last else room - 1)]
        options = [(community.id, community.name) for community in shown]
        if not last:
            options.append((_MORE, scene.label("onboarding.more_places")))
        options.append((ELSEWHERE, scene.label("onboarding.elsewhere")))
        return scene.offer("onboarding.community", options)

    def _consented(self, scene: Scene) -> Move:
        shown = scene.reply("onboarding.consent")
        version = hashlib.sha256(shown.text.encode()).hexdigest()[:16]
        around = scene.around
        consent = Consent(f"onboarding.consent@{version}", scene.now, around.channel.value, around.message_ref, PURPOSE)
        move = self._go_on(scene, replace(scene.person, consent=consent))
        return replace(move, effects=(RecordConsent(consent),))

    def _go_on(self, scene: Scene, person: Person) -> Move:
        following = pending_step(person)
        if following is not None:
            return scene.go(following, person=person)
        place = profiles.step("name") if profiles.to_be_named(scene) else MENU
        return replace(scene.go(place, replace(scene, person=person).reply("onboarding.ready")), person=person)

    def _placed(self, scene: Scene, option: str) -> Move:
        wanted = Place.parse(scene.state.bookmark) if scene.state.bookmark else MENU
        if option == _MORE:
            shown = int(scene.place.parts[1]) if len(scene.place.parts) > 1 else 0
            return scene.go(step("community", str(shown + MAX_CHOICES - 2)), bookmark=str(wanted))
        if option == ELSEWHERE:
            return scene.go(Place(wanted.kind, (*wanted.parts, ELSEWHERE)) if wanted != MENU else MENU)
        return scene.go(wanted, person=replace(scene.person, community_id=option))


def _is_among(label: Phrase, said: Phrase) -> bool:
    """Whether one of the words said is of this name, one letter wrong perhaps, or made from it: "piru", "peruano"."""
    return any(
        word == other
        or (
            min(len(word), len(other)) >= _NAME_CHARS
            and (other.startswith(word) or OSA.distance(word, other, score_cutoff=1) <= 1)
        )
        for word in label
        for other in said
    )


def _permitted(scene: Scene, text: str) -> str | None:
    """A refusal inside a sentence; a permission too, where nothing in it takes it back or asks."""
    said, words = tokens(text), scene.words
    if words.mentions(said, "refusing"):
        return "no"
    doubtful = "?" in text or any(words.mentions(said, key) for key in ("negations", "reserves"))
    return "yes" if words.mentions(said, "accepting") and not doubtful else None


def _of_age(scene: Scene, said: Phrase) -> str | None:
    """Yes or no for an age that is said and nothing else: "menos de 18" or "casi 18" is no 18."""
    words = scene.words
    for key, option in (("adult", "yes"), ("minor", "no")):
        if words.says(said, key, around=("courtesies", "fillers", option)):
            return option
    left = words.without(said, "courtesies", "fillers", "yes", "joints")
    if left[:1] in words.phrases["decades"] and all(words.number(word) for word in left[1:]):
        return "yes"
    age = int(left[0]) if len(left) == 1 and left[0].isdecimal() else 0
    if not _YOUNGEST <= age <= _OLDEST:
        return None
    return "yes" if age >= OF_AGE else "no"


def refused(scene: Scene) -> Move:
    """She does not want to: a kind word, and nothing is kept but a question left by voice, which has a consent of its own."""
    left = scene.around.left_question()
    return _forgotten(scene.reply("voice_question.declined" if left else "onboarding.declined"), questions=False)


def _forgotten(goodbye: Reply, *, questions: bool = True) -> Move:
    return Move(State(), (goodbye,), (Erase(questions),), ephemeral=True)

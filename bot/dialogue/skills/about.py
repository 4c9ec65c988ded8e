"""What she is asked of herself once, after her first answer to a poll: for counts alone, and each may be left out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from bot.dialogue.effects import ConsentToPanel, Describe, Effect
from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import question
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Reply
from bot.domain.person import Person, Role, Sex
from bot.domain.poll import PanelConsent
from bot.domain.results import By

ABOUT: Final = "about"
_FEW_WORDS: Final = 6
_LONGER: Final = 9
_TELLING: Final = 5
PANEL: Final = "panel"
SEX: Final = Place(PlaceKind.POLL, (ABOUT, "sex"))
ROLE: Final = Place(PlaceKind.POLL, (ABOUT, "role"))
AGREE: Final = Place(PlaceKind.POLL, (PANEL, "consent"))
PLACES: Final = frozenset({SEX, ROLE, AGREE})


def pending(person: Person, *, panel: bool) -> Place | None:
    """What she was not asked yet; None when all is known. `panel`: the round compares those who agree."""
    if person.sex is None:
        return SEX
    if person.role is None:
        return ROLE
    return AGREE if panel and person.panel is None else None


def here(scene: Scene) -> bool:
    """Whether she is being asked one of these."""
    return scene.place in PLACES


def show(scene: Scene) -> Reply:
    """The question."""
    return scene.ask("about.panel" if scene.place == AGREE else f"about.{scene.place.parts[1]}")


def read(scene: Scene, text: str) -> str | None:
    """What she is or works as, in a short sentence; work also where her country's list does not have it."""
    said = set(tokens(text))
    if len(said) > _FEW_WORDS or scene.place == AGREE or scene.words.mentions(tokens(text), "negations"):
        return None
    known = {word: choice.id.rpartition(":")[2] for choice in show(scene).choices for word in tokens(choice.label)}
    if scene.place == ROLE:
        known |= {tokens(role.value)[0]: role.value for role in Role if role is not Role.UNSAID}
    named = {known[word] for word in said & known.keys() if len(word) >= _TELLING}
    return named.pop() if len(named) == 1 else None


def told(scene: Scene, option: str) -> tuple[Person, tuple[Effect, ...]]:
    """Her, with what she said, and what is to be written down."""
    person = scene.person
    if scene.place == SEX:
        sex = Sex(option) if option in set(Sex) else Sex.UNSAID
        return replace(person, sex=sex), (Describe({By.SEX: sex.value}),)
    if scene.place == ROLE:
        role = Role(option) if option in set(Role) else Role.UNSAID
        return replace(person, role=role), (Describe({By.ROLE: role.value}),)
    agreed = option == "yes"
    return replace(person, panel=agreed), (ConsentToPanel(_proof(scene, agreed=agreed)),)


def withdrawn(scene: Scene, text: str) -> Move | None:
    """She no longer wants to be compared: said anywhere, in words of its own. None where that was not said."""
    if not scene.words.says(tokens(text), "leaves_panel", around=("courtesies", "fillers")):
        return None
    here = Move(scene.settled(bookmark=scene.state.bookmark), (scene.reply("about.panel_left", ()),), show=True)
    if not scene.person.panel:
        return here
    gone = (ConsentToPanel(_proof(scene, agreed=False)),)
    return replace(here, effects=gone, person=replace(scene.person, panel=False))


def asks_who_sees(scene: Scene, text: str) -> bool:
    """Whether she asks who will see what she is asked for: about herself, although it may sound like asking about others."""
    asked_of_her = scene.place.kind in {PlaceKind.POLL, PlaceKind.ONBOARDING} and not scene.state.confirming
    return asked_of_her and scene.words.mentions(tokens(text), "asks_who_sees")


def asked(scene: Scene, text: str) -> Move | None:
    """What she wants to know about Batea itself, asked anywhere: who sees what is hers, what is kept of her, what it costs."""
    said, words = tokens(text), scene.words
    if len(said) <= _LONGER and words.mentions(said, "asks_my_data"):
        return question.excursion(scene, "menu.my_data")
    free = not scene.state.aside and not scene.state.told
    if free and words.says(said, "asks_price", around=("courtesies", "fillers")):
        return question.excursion(scene, "menu.cost")
    return None


def _proof(scene: Scene, *, agreed: bool) -> PanelConsent:
    asked = scene.reply("about.panel")
    version = f"about.panel@{hashlib.sha256(asked.text.encode()).hexdigest()[:16]}"
    return PanelConsent(agreed, version, scene.now, scene.around.channel.value, scene.around.message_ref)


def groups(scene: Scene) -> dict[By, str]:
    """What an answer of hers may be broken down by."""
    person = scene.person
    places = scene.around.communities(person.country) if person.community_id else ()
    territory = next((place.territory for place in places if place.id == person.community_id), None)
    known = {
        By.SEX: person.sex and person.sex.value,
        By.ROLE: person.role and person.role.value,
        By.TERRITORY: territory,
        By.CHANNEL: scene.around.channel.value,
    }
    return {by: value for by, value in known.items() if value}

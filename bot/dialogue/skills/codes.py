"""Coming by another number or chat: a code is said to her where she is known, and given where she is not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.dialogue.line_effects import IssueCode, MissCode, Redeem
from bot.dialogue.scene import Move, Scene
from bot.domain.conversation import Place, PlaceKind
from bot.domain.line import CODE_DIGITS, CodeKind
from bot.domain.message import Reply

FEW_WORDS: Final = 12

_CODE: Final = re.compile(rf"(?:\d[\s.,\-]*){{{CODE_DIGITS}}}", re.ASCII)
_FIGURES: Final = re.compile(r"[\d\s.,\-]+", re.ASCII)
# What Telegram sends of whoever follows a link such as t.me/NAME?start=123456.
# Source: https://core.telegram.org/bots/features#deep-linking (read November 2026).
_LINKED: Final = re.compile(r"/start\s+([\d\s.,\-]*\d[\d\s.,\-]*)", re.ASCII)
_TRY: Final = "try-"


def _step(name: str, *rest: str) -> Place:
    return Place(PlaceKind.PROFILE, (name, *rest))


def digits(text: str) -> str:
    """The six digits that are the whole of a text; those of a link, however many; '' where there are none."""
    bare = text.strip()
    found = _CODE.fullmatch(bare) or _LINKED.fullmatch(bare)
    return "".join(c for c in bare if c.isdigit()) if found else ""


def read(text: str) -> str | None:
    """A code, right or wrong; figures that are too few or too many; None where it is no figures."""
    if digits(text):
        return _TRY + digits(text)
    return "six" if _FIGURES.fullmatch(text.strip()) else None


def take(scene: Scene, option: str) -> Move:
    """The answer to a step about codes."""
    match scene.place.parts[0], option:
        case "code", "six":
            return scene.stay(scene.ask("profile.six", _step("code")), bookmark=scene.state.bookmark)
        case "code", "human":
            return scene.excursion(Place(PlaceKind.HUMAN))
        case "code", _ if option.startswith(_TRY):
            return tried(scene, option.removeprefix(_TRY))
        case "join", "yes":
            return _redeemed(scene, "".join(scene.place.parts[1:2]))
        case _:
            return _asked_for(scene, option)


def _asked_for(scene: Scene, option: str) -> Move:
    match scene.place.parts[0], option:
        case "keep", "both":
            return give(scene, CodeKind.JOIN)
        case "keep", "other":
            return give(scene, CodeKind.MOVE)
        case "given", "again":
            return give(scene, CodeKind(scene.place.parts[1]))
        case ("keep", "new") | ("moved", "yes"):
            return scene.go(_step("code"), bookmark=scene.state.bookmark)
        case "moved", "no":
            return _lost(scene)
        case _:
            return scene.go(scene.home())


def _lost(scene: Scene) -> Move:
    """She cannot get a code: a person of the team must know her."""
    if not scene.person.enrolled:
        return scene.go(scene.home(), scene.reply("profile.lost_later", ()))
    return scene.go(Place(PlaceKind.HUMAN), scene.reply("profile.lost", ()), bookmark=str(scene.home()))


def give(scene: Scene, kind: CodeKind) -> Move:
    """Say a code, which is stored nowhere but as a hash; the message itself is gone once it has left."""
    code = scene.around.telephone.new_code()
    place = _step("given", kind.value)
    reply = scene.ask(f"profile.code_{kind.value}", place, code=code, digits=", ".join(code))
    state = scene.settled(place, bookmark=str(scene.home()))
    return Move(state, (reply,), (IssueCode(code, kind, scene.now),), ephemeral=True)


def press(scene: Scene, key: str) -> Move:
    """One digit of a code on a telephone: the sixth tries it."""
    so_far = (scene.place.parts[1] if len(scene.place.parts) > 1 else "") + key
    if len(so_far) >= CODE_DIGITS:
        return tried(scene, so_far[:CODE_DIGITS])
    place = _step("code", so_far)
    reply = scene.ask("profile.digit", _step("code"), count=len(so_far))
    return Move(scene.settled(place, bookmark=scene.state.bookmark), (reply,))


def takes_digits(scene: Scene, key: str) -> bool:
    """Whether a key is a digit of a code here: the reserved keys rest meanwhile."""
    return scene.place.kind is PlaceKind.PROFILE and scene.place.parts[:1] == ("code",) and key.isdecimal()


def tried(scene: Scene, code: str) -> Move:
    """A code was given. Wrong, spent and late ones sound the same, and so does any other once too many were wrong."""
    telephone = scene.around.telephone
    at_code = scene.place.kind is PlaceKind.PROFILE and scene.place.parts[:1] == ("code",)
    bookmark = scene.state.bookmark if at_code else str(scene.home())
    left = telephone.tries_left()
    if left and telephone.claim(code):
        if scene.person.enrolled:
            # Two accounts become one: she is asked first, since somebody may have talked her into it.
            return scene.go(_step("join", code), bookmark=bookmark)
        return _redeemed(scene, code)
    if left > 1:
        wrong = scene.ask("profile.wrong_code", _step("code"))
        return Move(scene.settled(_step("code"), bookmark=bookmark), (wrong,), (MissCode(scene.now),))
    effects = (MissCode(scene.now),) if left else ()
    home = Place.parse(bookmark) if bookmark else Place(PlaceKind.MENU)
    return Move(scene.settled(home), (scene.reply("profile.no_more_tries", ()),), effects, show=True)


def _redeemed(scene: Scene, code: str) -> Move:
    """She goes on here as who she is there."""
    telephone = scene.around.telephone
    claim = telephone.claim(code)
    found = telephone.known(claim.person_id) if claim else None
    if claim is None or found is None:
        return Move(scene.settled(_step("code"), bookmark=str(scene.home())), (scene.ask("profile.wrong_code", _step("code")),))
    person, state = found
    there = replace(scene, person=person, state=state)
    placeholder = replace(telephone.newcomer(), country=person.country, mode=person.mode, language=person.language)
    if claim.kind is CodeKind.MOVE:
        notice = replace(there, person=placeholder).ask("profile.gone", _step("gone"))
    else:
        notice = _joined(there)
    said = there.reply("profile.welcome", ())
    home = there.settled(there.home())
    return Move(home, (said,), (Redeem(code, placeholder, notice, scene.now),), person, show=True)


def _joined(there: Scene) -> Reply:
    """What is told where the code was said: that may be another channel than this turn's.

    Its button is the key itself, which is understood wherever she stands by then.
    """
    told = there.library.reply("profile.joined", there.person.country, slow=there.person.slow)
    return replace(told, choices=tuple(replace(choice, id=choice.key) for choice in told.choices))

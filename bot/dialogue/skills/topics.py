"""From what is asked to what is taught: the module that somebody names, and the lesson that tells more than an answer."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz, process

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import course
from bot.dialogue.words import Phrase, tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.learning import Lesson, Module
from bot.domain.message import Choice

MORE: Final = "more/"
"""How the option begins that leads from a reply to its lesson; the reply's id follows."""

_ALIKE: Final = 86  # "venta" is not "ventana", "ninos" is "nino"
_TITLE_ALIKE: Final = 84
_SHORT_WORD_CHARS: Final = 3
_NAMED: Final = 1.0
_IN_A_LESSON: Final = 0.4


def about(scene: Scene, reply_id: str) -> tuple[Module, Lesson] | None:
    """The lesson that tells more than a reply, where it is served in her country and she is not in it already."""
    country = scene.person.country
    found = scene.library.more(reply_id.removesuffix("_simpler"), country) if country and scene.person.enrolled else None
    if found is None or scene.place.parts[:2] == (found[0].id, found[1].id):
        return None
    return found


def offered(scene: Scene, reply_id: str) -> tuple[Choice, ...]:
    """The key that leads to that lesson, in the middle of a lesson and at the menu; elsewhere something else is asked."""
    found = about(scene, reply_id) if reply_id and scene.place.kind in {PlaceKind.LESSON, PlaceKind.MENU} else None
    return (Choice("1", f"menu:{MORE}{reply_id.removesuffix('_simpler')}", found[1].title),) if found else ()


def pointed_at(scene: Scene, text: str) -> bool:
    """Whether a wish to learn is for "that one", right after an answer that has a lesson: "que leccion habla de eso"."""
    offers = offered(scene, scene.state.aside)
    return bool(offers) and scene.words.mentions(tokens(text), "that_one")


def enter(scene: Scene, option: str) -> Move:
    """Into the lesson that tells more; to all modules where it is no longer served."""
    found = about(scene, option.removeprefix(MORE))
    return scene.go(Place(PlaceKind.LESSON, (found[0].id, found[1].id))) if found else course.everything(scene)


def named(scene: Scene, text: str) -> Place | None:
    """The lesson or the list of the module that a text names among other words; None where it names none, or several alike."""
    titled_so = titled(scene, text)
    if titled_so:
        return titled_so
    best = _best(scene, _heard(scene, text))
    return course.lessons_of(best[1]) if best else None


def called(scene: Scene, text: str) -> Place | None:
    """The same, only where the text says nothing else but courtesies and that she wants to learn, and asks nothing."""
    if scene.words.mentions(tokens(text), "questioning"):
        return None
    heard = _heard(scene, text)
    best = _best(scene, heard)
    return titled(scene, text) or (course.lessons_of(best[1]) if best and best[0] == len(heard) else None)


def titled(scene: Scene, text: str) -> Place | None:
    """The lesson whose title a text is, or the module whose number it says."""
    said = tokens(text)
    number = _number(scene, said)
    if number is not None:
        module_id = f"m{number}"
        return course.lessons_of(module_id) if any(module.id == module_id for module in course.modules(scene)) else None
    return _lesson(scene, _heard(scene, text))


def _heard(scene: Scene, text: str) -> Phrase:
    return scene.words.without(tokens(text), "courtesies", "fillers", "learning")


def _best(scene: Scene, heard: Phrase) -> tuple[int, str] | None:
    """How many of the words one module explains, and which; None where no module is named, or several alike."""
    scores = sorted(((*_score(scene, heard, module), module.id) for module in course.modules(scene)), reverse=True)
    if not scores or scores[0][0] < _NAMED or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    return scores[0][1], scores[0][2]


def _number(scene: Scene, said: Phrase) -> int | None:
    """The number of a module: "el modulo 3", "tema cinco"."""
    kinds = scene.words.phrases["module_words"]
    return next(
        (scene.words.number(after) for kind, after in pairwise(said) if (kind,) in kinds and scene.words.number(after)), None
    )


def _lesson(scene: Scene, heard: Phrase) -> Place | None:
    """The lesson whose title this is, misspelt perhaps."""
    found = [
        (fuzz.ratio(" ".join(heard), " ".join(scene.words.core(lesson.title))), module.id, lesson.id)
        for module in course.modules(scene)
        for lesson in module.lessons
    ]
    alike = [one for one in found if one[0] >= _TITLE_ALIKE]
    return Place(PlaceKind.LESSON, alike[0][1:]) if len(alike) == 1 and len(heard) > 1 else None


def _score(scene: Scene, heard: Phrase, module: Module) -> tuple[float, int]:
    """How much of what was said names this module, and how many of its words are explained by it."""
    own = scene.words.cores(module.title, *module.called)
    taught = scene.words.cores(*(lesson.title for lesson in module.lessons))
    scores = [_NAMED if _among(word, own) else _IN_A_LESSON if _among(word, taught) else 0 for word in heard]
    return sum(scores), sum(map(bool, scores))


def _among(word: str, others: AbstractSet[str]) -> bool:
    if word in others or len(word) <= _SHORT_WORD_CHARS:
        return word in others
    long = [other for other in others if len(other) > _SHORT_WORD_CHARS]
    return process.extractOne(word, long, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None

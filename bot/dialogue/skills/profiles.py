"""Who is it? Several persons on one phone, a number with a new owner, and one person by several numbers and chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.answers import command
from bot.dialogue.effects import Erase
from bot.dialogue.help_effects import AskForHelp
from bot.dialogue.line_effects import AddProfile, Choose, HandOver, NameProfile, Share
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.skills import codes, language
from bot.dialogue.telephone import FIRST, nobody
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind, State
from bot.domain.folding import clean
from bot.domain.line import MOST_PROFILES, NOBODY, Profile, Question
from bot.domain.message import Reply
from bot.domain.person import Person

OTHER: Final = "other"
MOST_NAME_CHARS: Final = 20  # a label of a WhatsApp list has 24 (channels.md)

_MOST_NAME_WORDS: Final = 2
_NO_NAME: Final = ("asking", "several", "changed_number", "another_person")
_ASKED: Final = frozenset({Question.WHO.value, Question.AGAIN.value})
# What a sentence that begins with yes or no is enough for. Nothing that cannot be taken back.
_BEGINNINGS: Final[dict[str, dict[str, str]]] = {
    "again": {"yes": "yes"},
    "moved": {"yes": "yes", "no": "no"},
    "keep": {"yes": "both", "no": "other"},
    "join": {"no": "no"},
}
_PLAIN: Final = frozenset({"again", "keep", "given", "moved", "code", "join", "owner", "gone", "next", "name"})


def step(name: str, *rest: str) -> Place:
    """The place of one step."""
    return Place(PlaceKind.PROFILE, (name, *rest))


def switch(scene: Scene) -> Move:
    """Somebody else wants to go on; where nobody shares the phone yet, what she may have meant."""
    if not scene.person.enrolled and not scene.around.telephone.shared:
        return scene.go(step("moved"), bookmark=str(scene.home()))
    if scene.around.telephone.shared:
        return ask_who(scene)
    return scene.go(step("options"), bookmark=str(scene.home()))


def several(scene: Scene) -> Move:
    """Several use this phone: she who says so is named first."""
    if scene.around.telephone.shared:
        return ask_who(scene)
    if not scene.person.enrolled:
        kept = scene.settled(bookmark=scene.state.bookmark)
        return Move(kept, (scene.reply("profile.first_you", ()),), show=True)
    return scene.go(step("name"), bookmark=str(scene.home()))


def changed_number(scene: Scene) -> Move:
    """She has, or will have, another number or chat."""
    return scene.go(step("keep" if scene.person.enrolled else "moved"), bookmark=str(scene.home()))


def ask_who(scene: Scene) -> Move:
    """Nobody is known to write from here on until one of them is chosen."""
    place = step(Question.WHO.value)
    return Move(State(place=str(place)), person=nobody(scene.person), show=True)


def wished(scene: Scene, text: str) -> Move | None:  # noqa: PLR0911 - one return a wish
    """What is said in a few words about numbers, codes, who shares the phone, and languages; None for anything else."""
    said, words = tokens(text), scene.words
    if codes.digits(text):
        return codes.tried(scene, codes.digits(text))
    if len(said) > codes.FEW_WORDS:
        return None
    if words.mentions(said, "several"):
        return several(scene)
    if words.mentions(said, "changed_number"):
        return changed_number(scene)
    if words.says(said, "has_code", around=("courtesies", "fillers")):
        return scene.go(step("code"), bookmark=str(scene.home()))
    if words.says(said, "wants_code", around=("courtesies", "fillers")):
        return changed_number(scene)
    if scene.around.telephone.shared and words.says(said, "another_person", around=("courtesies", "fillers")):
        return ask_who(scene)
    return language.wished(scene, text)


class Profiles(Skill):
    """The questions about who it is. `who` and `again` come before anything personal."""

    def arrive(self, scene: Scene) -> Move:
        """Ask it."""
        if scene.place.parts == ("name",) and self._nameless(scene) is None and scene.around.telephone.shared:
            return scene.go(scene.home())
        return super().arrive(scene)

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step."""
        name = scene.place.parts[0] if scene.place.parts else ""
        if name == Question.WHO.value:
            return self._who(scene)
        if name == "options":
            shared = scene.around.telephone.shared
            return scene.ask("profile.options_shared" if shared else "profile.options")
        return scene.ask(f"profile.{name}", step(name)) if name in _PLAIN else None

    def take(self, scene: Scene, option: str) -> Move:  # noqa: PLR0911 - one return a step
        """The answer to this step."""
        match scene.place.parts[0], option:
            case "who", _:
                return self._chosen(scene, option)
            case "again", "yes":
                return self._same(scene)
            case "again", _:
                return _begun_anew(scene)
            case "owner", "yes":
                return _begun_anew(scene)
            case "options", _:
                return self._option(scene, option)
            case "name", _:
                return self._named(scene, option)
            case "next", "other":
                return _joined_by(scene)
            case "gone", _:
                return self._gone(scene, option)
            case (("keep" | "given" | "moved" | "code" | "join"), _):
                return codes.take(scene, option)
            case _:
                return scene.go(scene.home())

    def read(self, scene: Scene, text: str) -> str | None:
        """A nickname, or the digits of a code."""
        match scene.place.parts[0]:
            case "who":
                found = named(scene, text)
                return str(found.number) if found else None
            case "again" | "moved" | "keep" | "join" as name:
                return _BEGINNINGS[name].get(_begins_with(scene, text))
            case "name":
                return nickname(scene, text)
            case "code":
                return codes.read(text)
        return None

    def hear(self, scene: Scene, text: str) -> Move | None:
        """Whatever else is said where an account has gone: whether it was she must be answered first."""
        del text
        gone = self.show(scene) if scene.place == step("gone") else None
        return Move(scene.state, (gone,)) if gone else None

    def forward(self, scene: Scene) -> Move | None:
        """Back to where she was."""
        return scene.go(scene.home())

    def backward(self, scene: Scene) -> Move:
        """Back to where she was."""
        return scene.go(scene.home())

    def _who(self, scene: Scene) -> Reply:
        known = scene.around.telephone.profiles()
        options = [(str(each.number), label(scene, each)) for each in known[:MOST_PROFILES]]
        options.append((OTHER, scene.label("profile.other")))
        return scene.offer("profile.who", options, prefix=step(Question.WHO.value), variant=scene.state.variant)

    def _chosen(self, scene: Scene, option: str) -> Move:
        known = scene.around.telephone.profiles()
        chosen = next((each for each in known if str(each.number) == option), None)
        if chosen is None:
            return _joined_by(scene)
        return _goes_on(scene, chosen.person_id, *([scene.reply(chosen.notice, ())] if chosen.notice else []))

    def _same(self, scene: Scene) -> Move:
        if scene.around.telephone.shared:
            return ask_who(scene)
        return _goes_on(scene, scene.around.telephone.owner()[0].id)

    def _option(self, scene: Scene, option: str) -> Move:
        match option:
            case "several":
                return several(scene)
            case "owner":
                return scene.go(step("owner"), bookmark=scene.state.bookmark)
            case "carry":
                return scene.go(step("keep"), bookmark=scene.state.bookmark)
            case "code":
                return scene.go(step("code"), bookmark=scene.state.bookmark)
            case "switch":
                return ask_who(scene)
            case _:
                return scene.go(scene.home())

    def _named(self, scene: Scene, option: str) -> Move:
        name = "" if option == "skip" else option
        shared = scene.around.telephone.shared
        others = [each for each in scene.around.telephone.profiles() if each.person_id != scene.person.id]
        if name and tokens(name) in [tokens(each.name or "") for each in others]:
            return scene.stay(scene.ask("profile.name_taken", step("name")), bookmark=scene.state.bookmark)
        if shared:
            return scene.go(scene.home(), scene.reply("profile.named", ()), effects=(NameProfile(name),))
        following = scene.go(step("next"), scene.reply("profile.shared", ()), effects=(Share(name),))
        return replace(following, state=replace(following.state, bookmark=scene.state.bookmark))

    def _gone(self, scene: Scene, option: str) -> Move:
        if option == "not_me":
            effects = (AskForHelp(scene.now),)
            return Move(State(), (scene.reply("profile.not_me", ()),), effects)
        return Move(State(), (scene.reply("profile.was_me", ()),), (Erase(questions=False),), ephemeral=True)

    def _nameless(self, scene: Scene) -> Profile | None:
        known = scene.around.telephone.profiles()
        return next((each for each in known if each.person_id == scene.person.id and each.name is None), None)


def to_be_named(scene: Scene) -> bool:
    """Whether she shares the phone and was not asked yet what to call her."""
    return any(each.person_id == scene.person.id and each.name is None for each in scene.around.telephone.profiles())


def label(scene: Scene, each: Profile) -> str:
    """What one of them is called in the list."""
    return each.name or scene.label("profile.person", number=each.number)


def named(scene: Scene, text: str) -> Profile | None:
    """The one whose nickname these words are, introductions and courtesies aside."""
    said = scene.words.without(tokens(text), "introducing", "courtesies")
    known: Sequence[Profile] = scene.around.telephone.profiles()
    meant = [each for each in known if said and tokens(each.name or "") == said]
    return meant[0] if len(meant) == 1 else None


def _begins_with(scene: Scene, text: str) -> str:
    """Yes or no with more words behind it; both numbers is a yes."""
    said, phrases = tokens(text), scene.words.phrases
    if not said or "?" in text or scene.words.says(said, "unsure"):
        return ""
    if scene.words.says(said, "both"):
        return "yes"
    return next((meaning for meaning in ("yes", "no") if said[:1] in phrases[meaning]), "")


def nickname(scene: Scene, text: str) -> str | None:
    """One or two words of letters that are no question, no command and no yes or no."""
    words = scene.words
    said = tokens(text)
    if words.says(said, "no") or words.says(said, "unsure"):
        return "skip"
    told = words.without(said, "introducing", "courtesies")
    kept = [word for word in clean(text).split() if tokens(word) and set(tokens(word)) <= set(told)]
    bare = " ".join("".join(c for c in word if c.isalpha() or c in "'-") for word in kept).strip(" '-")
    meant = any(words.mentions(said, key) for key in _NO_NAME) or words.says(said, "yes") or command(text, words) is not None
    asks = "?" in text or meant
    if asks or not bare or len(bare.split()) > _MOST_NAME_WORDS or len(bare) > MOST_NAME_CHARS:
        return None
    return bare.title() if bare.islower() else bare


def _goes_on(scene: Scene, person_id: str, *said: Reply) -> Move:
    """The turn goes on as that person, where she was."""
    found = scene.around.telephone.known(person_id)
    if found is None:
        return ask_who(scene)
    person, state = found
    there = replace(scene, person=person, state=state)
    left = there.place.kind is PlaceKind.PROFILE and there.place != step("gone")  # she handed the phone over from there
    settled = there.settled(there.home()) if left else there.settled(bookmark=state.bookmark)
    return Move(settled, said, (Choose(person.id, scene.now),), person, show=True)


def _joined_by(scene: Scene) -> Move:
    """One more shares the phone, if there is room: welcomed like anybody, with her own consent."""
    if len(scene.around.telephone.profiles()) >= MOST_PROFILES:
        full = scene.reply("profile.full", ())
        return Move(scene.state, (full,), show=True)
    newcomer = scene.around.telephone.newcomer()
    return Move(State(), (), (AddProfile(newcomer), Choose(newcomer.id, scene.now)), newcomer, show=True)


def _begun_anew(scene: Scene) -> Move:
    """The number is somebody else's now."""
    newcomer: Person = scene.around.telephone.newcomer()
    return Move(State(), (), (HandOver(newcomer, scene.now),), newcomer, show=True)


def unanswered(scene: Scene, *said: Reply) -> Move:
    """Ask who it is."""
    state = State(place=str(step(scene.place.parts[0])), variant=scene.state.variant + 1)
    return Move(state, said, show=True)


def pending_answer(scene: Scene) -> bool:
    """Whether the question was asked before, so that a number or a yes answers it."""
    return scene.place.parts[1:] != (FIRST,)


def unknown(scene: Scene) -> bool:
    """Whether it is not known who writes."""
    asked = scene.place.kind is PlaceKind.PROFILE and bool(scene.place.parts) and scene.place.parts[0] in _ASKED
    return scene.person.id == NOBODY and asked

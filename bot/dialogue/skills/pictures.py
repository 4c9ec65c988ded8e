"""Pictures: what one shows, said to who cannot see it; and the wish to get none, for data cost money."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import SKILLS
from bot.dialogue.skills.lesson import described
from bot.dialogue.words import tokens
from bot.domain.message import SHOWING, Choice

_MOST_WORDS: Final = 9
_AROUND: Final = ("courtesies", "fillers", "pictures")


def asked(scene: Scene, text: str) -> Move | None:
    """What she wants of pictures, said anywhere in words of its own. None where that was not said."""
    said = tokens(text)
    if len(said) > _MOST_WORDS or not scene.words.mentions(said, "pictures"):
        return None
    if scene.words.says(said, "without_pictures", around=_AROUND):
        plain = replace(scene.person, pictures=False)
        return replace(scene.stay(scene.reply("picture.off", _pending(scene)), bookmark=scene.state.bookmark), person=plain)
    if scene.words.says(said, "picture_asked", around=_AROUND):
        reply = described(scene, _pending(scene)) or scene.reply("picture.none", _pending(scene))
        return scene.stay(reply, bookmark=scene.state.bookmark)
    if scene.words.says(said, "with_pictures", around=_AROUND):
        fond = replace(scene.person, pictures=True)
        if scene.around.channel not in SHOWING:
            elsewhere = scene.stay(scene.reply("picture.elsewhere", _pending(scene)), bookmark=scene.state.bookmark)
            return replace(elsewhere, person=fond)
        return Move(scene.settled(bookmark=scene.state.bookmark), (scene.reply("picture.on", ()),), person=fond, show=True)
    return None


def _pending(scene: Scene) -> tuple[Choice, ...]:
    shown = SKILLS[scene.place.kind].show(scene)
    return shown.choices if shown else ()

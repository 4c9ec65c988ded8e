"""A question in the middle of anything: its answer, then the way back."""

from __future__ import annotations

from typing import Final

from bot.dialogue.scene import Move, Scene
from bot.dialogue.skills import topics
from bot.domain.conversation import PlaceKind
from bot.domain.message import Choice, Reply

INFORMATIONAL: Final = (
    "ask_mercury", "ask_retort", "ask_ppe", "ask_tunnel_safety", "ask_cyanide_tailings", "ask_child_labour", "ask_emergency",
    "ask_formalization", "ask_fair_price", "ask_women_rights", "ask_committee", "ask_consulta_previa", "ask_plan",
    "make_proposal", "take_part", "report_incident",
)  # fmt: skip


def answer(scene: Scene, intent: str) -> Move:
    """Answer, and keep her place. Where a question is pending it is asked again."""
    answer_id = f"answers.{intent}"
    if not scene.library.has(answer_id, scene.person.country):
        return scene.stay(scene.reply("question.unanswered", way_on(scene)))
    return excursion(scene, answer_id)


def excursion(scene: Scene, reply_id: str) -> Move:
    """Say that sentence, then come back: by a key where a key leads on, by asking again where something is asked.

    Asked for twice running, it comes the second time in simpler or at least other words.
    """
    scene = scene.varied()
    told_so = reply_id in {scene.state.aside, scene.state.told} and not scene.state.slower
    if told_so and scene.library.has(f"{reply_id}_simpler", scene.person.country):
        reply_id += "_simpler"
    said = show(scene, reply_id)
    if scene.place.kind in {PlaceKind.LESSON, PlaceKind.MENU}:
        return scene.stay(said, aside=reply_id, told=reply_id)
    if scene.place.kind is PlaceKind.MEETING and scene.place.parts[1:] and scene.around.said(scene.place.parts[0]):
        return scene.stay(said, bookmark=scene.state.bookmark, told=reply_id)  # she has answered: nothing is asked again
    return Move(scene.settled(told=reply_id), (said,), show=True)


def goodbye(scene: Scene) -> Move:
    """Take leave, and ask nothing more; what was asked waits."""
    if scene.place.kind in {PlaceKind.LESSON, PlaceKind.MENU}:
        return excursion(scene, "menu.goodbye")
    return scene.stay(scene.reply("menu.goodbye", ()), bookmark=scene.state.bookmark, candidates=scene.state.candidates)


def show(scene: Scene, reply_id: str) -> Reply:
    """The answer, with the key that leads to the lesson about it, and the one that leads back."""
    return scene.reply(reply_id, (*topics.offered(scene, reply_id), *way_on(scene)), variant=scene.state.variant)


def way_on(scene: Scene) -> tuple[Choice, ...]:
    """The one key that leads on from here: 9 back into a lesson, 0 to the menu."""
    if scene.place.kind is PlaceKind.LESSON:
        return (Choice("9", f"{scene.place}:next", scene.label("question.back")),)
    if scene.place.kind is PlaceKind.MEETING and scene.onward().kind is PlaceKind.LESSON:
        return (Choice("9", f"{scene.onward()}:next", scene.label("question.back")),)
    if scene.place.kind in {PlaceKind.MENU, PlaceKind.MEETING}:
        return (Choice("0", "menu:menu", scene.label("question.menu")),)
    return ()

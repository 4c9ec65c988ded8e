"""Lessons at the hour that she chooses: how often, when, and no more."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.dialogue.chosen_hour import Hour, allowed, asks_for_lessons, hour, wanted
from bot.dialogue.scene import Move, Scene, Skill
from bot.dialogue.study import SetRhythm, StopRhythm
from bot.dialogue.words import tokens
from bot.domain.conversation import Place, PlaceKind
from bot.domain.home import ZONES
from bot.domain.message import Reply
from bot.domain.person import Country
from bot.domain.study import STOP, Every, Rhythm, came_by_itself

HOW_OFTEN: Final = Place(PlaceKind.RHYTHM)
_OUTSIDE: Final = "outside"
_HALVES: Final = ("am", "pm")
_AROUND: Final = ("courtesies", "fillers", "lesson_words")
_FIRST_BEYOND_KEYS: Final = 10
_NOON, _AFTERNOON, _EVENING = 12, 13, 19
_MOST_WORDS: Final = 12


def asked(scene: Scene, text: str) -> Move | None:
    """A wish for lessons that come by themselves, or for no more of them; None for anything else."""
    if not scene.person.enrolled or scene.person.country is None:
        return None
    said, words = tokens(text), scene.words
    if len(said) <= _MOST_WORDS and words.says(said, "no_more_lessons", around=_AROUND):
        if scene.around.study.rhythm() is not None:
            return stop(scene)
        return scene.stay(scene.reply("rhythm.none_to_stop")) if words.mentions(said, "lesson_words") else None
    if not asks_for_lessons(text, words):
        hours = len(said) <= _MOST_WORDS and words.says(said, "lesson_hours", around=("courtesies", "fillers"))
        return scene.go(HOW_OFTEN, bookmark=_back(scene)) if hours else None
    wish = wanted(text, words, _here(scene))
    code = _code(wish.every or Every.DAY, wish.weekday)
    return _at(scene, code, wish.hour) if wish.hour else scene.go(Place(PlaceKind.RHYTHM, (code,)), bookmark=_back(scene))


def stop(scene: Scene) -> Move:
    """No lesson comes by itself any more."""
    home = Place.parse(_back(scene))
    return scene.go(home, scene.reply("rhythm.stopped"), effects=(StopRhythm(),))


class Rhythms(Skill):
    """How often; then at which hour; then, where it was not said, before or after noon."""

    def show(self, scene: Scene) -> Reply | None:
        """The question of this step."""
        match scene.place.parts:
            case ():
                has = scene.around.study.rhythm() is not None
                last = (STOP, scene.label("rhythm.no_more")) if has else ("no", scene.label("rhythm.not_now"))
                options = [("day", scene.label("rhythm.daily")), ("week", scene.label("rhythm.weekly")), last]
                return scene.offer("rhythm.how_often", options)
            case (_,):
                return scene.ask("rhythm.hour")
            case (_, at) if len(at) == len("0700") and at.isdecimal():
                halves = Hour(_time(at)).halves
                return scene.offer(
                    "rhythm.which_half", [(half, clock(scene, one)) for half, one in zip(_HALVES, halves, strict=True)]
                )
            case _:
                return None

    def take(self, scene: Scene, option: str) -> Move:
        """What was chosen."""
        match scene.place.parts:
            case ():
                if option == STOP:
                    return stop(scene)
                return (
                    scene.go(Place(PlaceKind.RHYTHM, (option,)), bookmark=scene.state.bookmark)
                    if option in set(Every)
                    else scene.go(scene.onward())
                )
            case (code,):
                if option == _OUTSIDE:
                    return scene.go(scene.place, scene.reply("rhythm.outside"), bookmark=scene.state.bookmark)
                at = _time(option[1:])
                return _at(scene, code, Hour(at, sure=option[0] == "h", outside=not allowed(at)))
            case (code, at):
                morning, evening = Hour(_time(at)).halves
                return _at(scene, code, Hour(morning if option == _HALVES[0] else evening))
            case _:
                return scene.go(scene.onward())

    def read(self, scene: Scene, text: str) -> str | None:
        """How often, or an hour, in her own words."""
        if not scene.place.parts:
            wish = wanted(text, scene.words, _here(scene))
            return wish.every.value if wish.every and wish.weekday is None else None
        bare = [scene.words.number(word) for word in scene.words.without(tokens(text), *_AROUND)]
        if len(bare) == 1 and bare[0] is not None and bare[0] < _FIRST_BEYOND_KEYS:
            return None  # a key, and what it means everywhere
        said = hour(text, scene.words, _here(scene))
        if said is None or len(scene.place.parts) > 1:
            return None
        return _OUTSIDE if said.outside else f"{'h' if said.sure else 'w'}{said.at:%H%M}"

    def forward(self, scene: Scene) -> Move | None:
        """Back to what was being done."""
        return scene.go(scene.onward())

    def backward(self, scene: Scene) -> Move:
        """The question before."""
        return scene.go(HOW_OFTEN, bookmark=scene.state.bookmark) if scene.place.parts else scene.go(scene.onward())


def clock(scene: Scene, at: time) -> str:
    """An hour as people say it."""
    figure = f"{(at.hour - 1) % 12 + 1}"
    said = scene.label("rhythm.minutes", hour=figure, minutes=at.minute) if at.minute else figure
    part = "morning" if at.hour < _NOON else "noon" if at.hour < _AFTERNOON else "afternoon" if at.hour < _EVENING else "night"
    return scene.label(f"rhythm.{part}", clock=said)


def _at(scene: Scene, code: str, said: Hour) -> Move:
    """Keep it, where the hour is sure and allowed."""
    back = _back(scene)
    if said.outside:
        return scene.go(Place(PlaceKind.RHYTHM, (code,)), scene.reply("rhythm.outside"), bookmark=back)
    if not said.sure:
        return scene.go(Place(PlaceKind.RHYTHM, (code, f"{said.at:%H%M}")), bookmark=back)
    local = _here(scene)
    weekday = int(code[-1]) if code[-1].isdecimal() else local.weekday()
    rhythm = Rhythm(Every.DAY if code == Every.DAY else Every.WEEK, said.at, scene.around.channel, weekday)
    due_at = rhythm.following(scene.now, str(local.tzinfo))
    at = scene.label("rhythm.at_one" if said.at.hour % _NOON == 1 else "rhythm.at", hour=clock(scene, said.at))
    done = (
        scene.reply("rhythm.set_daily", at=at)
        if rhythm.every is Every.DAY
        else scene.reply("rhythm.set_weekly", at=at, day=due_at.astimezone(local.tzinfo).date())
    )
    return scene.go(Place.parse(back), done, effects=(SetRhythm(rhythm, due_at),))


def _code(every: Every, weekday: int | None) -> str:
    return every.value if weekday is None else f"{Every.WEEK.value}{weekday}"


def _back(scene: Scene) -> str:
    """Where it goes on afterwards: in the lesson that it interrupted, else at the menu."""
    if came_by_itself(scene.place) and scene.place.kind is PlaceKind.LESSON:
        return str(Place(PlaceKind.LESSON, scene.place.parts[:-1]))
    learning = scene.place.kind in {PlaceKind.LESSON, PlaceKind.QUIZ}
    return str(scene.place if learning else scene.onward())


def _time(figures: str) -> time:
    return time(int(figures[:2]), int(figures[2:]))


def _here(scene: Scene) -> datetime:
    return scene.now.astimezone(ZoneInfo(ZONES[scene.person.country or Country.CO]))

"""The steps of a facilitator's dialogues: which is next, what it takes, and what a draft says of a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.dialogue.spoken_time import When
from bot.domain.facilitator import Draft
from bot.domain.field_desk import MESSAGE_STEP, MINUTES_STEP, SPEAK_STEP, TAKE_STEP, VOICE_STEP, Work

PREVIEW: Final = "preview"
PIN: Final = "pin"
NOW: Final = "now"
SPEAKING: Final = "speaking"
"""The field of a draft while a call records her."""
ASKING: Final = "asking"
"""The field of a draft that names what is asked though it could be left out."""
MOST_LINES: Final = 3
"""So many agreements an acta has at most."""
RECORDED_OF: Final = ("tongue", "module", "lesson", "script")
"""What a recording is of, from the widest to the narrowest."""
RECORDED_BEFORE: Final = "done"
"""The field of a draft that names what she has just recorded, which is not on disk yet when the next is offered."""
OPTIONAL: Final = ("open_to", "contact", "quorum")
TIMED: Final = frozenset({"when", "leaves", "which_day", "hour", "half"})
_MORNING: Final = "08:00"


@dataclass(frozen=True, slots=True)
class Step:
    """One question: `fields` are what its answer fills in; `pending` whether a draft still needs it. `free`: any words answer."""

    id: str
    fields: tuple[str, ...]
    pending: Callable[[Draft], bool]
    free: bool = False


def _lacks(name: str) -> Callable[[Draft], bool]:
    return lambda draft: name not in draft


_DAY_PARTS: Final = ("day", "other_day", "hour", "half")
_WHICH_DAY: Final = Step("which_day", ("other_day",), lambda draft: "other_day" in draft)
_HOUR: Final = Step("hour", ("hour", "half"), lambda draft: "hour" not in draft and draft.get("day") != NOW)
_HALF: Final = Step("half", ("half",), lambda draft: "half" in draft)
_PREVIEW: Final = Step(PREVIEW, ("seen",), _lacks("seen"))
_PIN: Final = Step(PIN, (), lambda _draft: True)
_WHICH: Final = Step("which", ("meeting",), _lacks("meeting"))


def _only(what: str, step: Step) -> Step:
    return Step(step.id, step.fields, lambda draft: draft.get("what") == what and step.pending(draft), step.free)


def _asked_for(name: str, *, free: bool) -> Step:
    """What is asked only of whoever wants to correct it."""
    return Step(name, (name,), lambda draft: draft.get(ASKING) == name and name not in draft, free)


_SPEAK: Final = Step(SPEAK_STEP, (SPEAKING,), lambda draft: SPEAKING in draft)
_WHEN: Final = Step("when", _DAY_PARTS, _lacks("day"))
_PLACE: Final = Step("place", ("place",), _lacks("place"), free=True)

STEPS: Final[Mapping[Work, tuple[Step, ...]]] = {
    Work.ANNOUNCEMENT: (
        _SPEAK,
        Step(MESSAGE_STEP, ("text", "voice"), lambda draft: "text" not in draft and "voice" not in draft, free=True),
        Step("words", ("text",), _lacks("text"), free=True),
        Step("whom", ("whom",), _lacks("whom")),
        Step("leaves", _DAY_PARTS, _lacks("day")),
        _WHICH_DAY,
        _HOUR,
        _HALF,
        _PREVIEW,
        _PIN,
    ),
    Work.MEETING: (
        _SPEAK,
        Step("committee", ("committee",), _lacks("committee")),
        Step("agenda", ("agenda",), _lacks("agenda"), free=True),
        _WHEN,
        _WHICH_DAY,
        _HOUR,
        _HALF,
        _PLACE,
        Step("offers", ("offers",), _lacks("offers")),
        Step(VOICE_STEP, ("voice",), _lacks("voice")),
        _asked_for("open_to", free=False),
        _asked_for("contact", free=True),
        _asked_for("quorum", free=True),
        _PREVIEW,
        _PIN,
    ),
    Work.CHANGE: (
        _WHICH,
        Step("what", ("what",), _lacks("what")),
        *(_only("when", step) for step in (_WHEN, _WHICH_DAY, _HOUR, _HALF)),
        _only("place", _PLACE),
        _PREVIEW,
        _PIN,
    ),
    Work.CANCEL: (_WHICH, _PREVIEW, _PIN),
    Work.MISSING: (_WHICH, _PIN),
    Work.CONFIRM: (_PREVIEW, _PIN),
    Work.HOLD: (_WHICH, _PREVIEW, _PIN),
    Work.COUNT: (_WHICH, Step("count", ("count",), _lacks("count"), free=True), _PIN),
    Work.MINUTES: (
        _WHICH,
        Step(MINUTES_STEP, ("agreed", "voice"), lambda draft: not {"agreed", "voice", "lines"} & set(draft), free=True),
        Step("agreed", ("agreed",), _lacks("agreed"), free=True),
        Step("doer", ("doer",), _lacks("doer"), free=True),
        Step("by", ("by",), _lacks("by")),
        Step("more", ("more",), lambda draft: "more" not in draft and said_lines(draft) < MOST_LINES),
        _PREVIEW,
        _PIN,
    ),
    Work.POLL: (Step("poll", ("poll",), _lacks("poll")), Step("days", ("days",), _lacks("days")), _PREVIEW, _PIN),
    Work.RECORDING: (
        *(Step(name, (name,), _lacks(name)) for name in ("lends", *RECORDED_OF)),
        Step(TAKE_STEP, ("voice",), _lacks("voice")),
        Step("keeping", (), lambda _draft: True),
    ),
    Work.RESULTS: (Step("round", ("round",), _lacks("round")),),
}
CORRECTED: Final = (
    "message",
    "words",
    "whom",
    "leaves",
    "committee",
    "agenda",
    "when",
    "place",
    "offers",
    "voice",
    "what",
    "poll",
    "days",
    "count",
    "agreed",
    "doer",
    "by",
    *OPTIONAL,
)
"""The steps that may be corrected from the preview."""


def said_lines(draft: Draft) -> int:
    """How many agreements she has said."""
    return len(json.loads(draft.get("lines", "[]"))) + ("agreed" in draft)


def another_line(draft: Draft) -> dict[str, str]:
    """A draft in which what was said is kept as one agreement, and the next is asked for."""
    line = {name: draft[name] for name in ("agreed", "doer", "by")}
    kept = {name: value for name, value in draft.items() if name not in {*line, "more"}}
    return {**kept, "lines": json.dumps([*json.loads(draft.get("lines", "[]")), line])}


def following(work: Work, draft: Draft) -> Step:
    """The first step that a draft still needs."""
    return next(step for step in STEPS[work] if step.pending(draft))


def step_of(work: Work, step_id: str) -> Step | None:
    """A step by its id."""
    return next((step for step in STEPS[work] if step.id == step_id), None)


def without(work: Work, draft: Draft, step_id: str) -> dict[str, str]:
    """A draft in which that step is to be asked again, and so is the preview."""
    step = step_of(work, step_id)
    gone = {*(step.fields if step else ()), "seen", ASKING}
    asked = {ASKING: step_id} if step_id in OPTIONAL else {}
    return {name: value for name, value in draft.items() if name not in gone} | asked


def before(work: Work, draft: Draft, step_id: str) -> str:
    """The answered step before that one; '' where it is the first."""
    ids = [step.id for step in STEPS[work]]
    earlier = STEPS[work][: ids.index(step_id)] if step_id in ids else ()
    answered = [step for step in earlier if step.id in CORRECTED or step.id in {"which", *RECORDED_OF}]
    return next((step.id for step in reversed(answered) if any(name in draft for name in step.fields)), "")


def timed(draft: Draft, said: When) -> dict[str, str]:
    """A draft with what was said of a time."""
    new = dict(draft)
    if said.day:
        new["day"] = said.day.isoformat()
        new.pop("other_day", None)
        if said.other_day:
            new["other_day"] = said.other_day.isoformat()
    if said.hour:
        new["hour"] = said.hour.isoformat("minutes")
        new.pop("half", None)
        if said.other_hour:
            new["half"] = said.other_hour.isoformat("minutes")
    return new


def tomorrow(draft: Draft, today: date) -> dict[str, str]:
    """A draft that leaves tomorrow morning."""
    return {**draft, "day": (today + timedelta(days=1)).isoformat(), "hour": _MORNING}


def moment(draft: Draft, zone: str) -> datetime | None:
    """When it is to be, local; None as long as that is not known."""
    if "hour" not in draft or draft.get("day", NOW) == NOW:
        return None
    day, hour = date.fromisoformat(draft["day"]), time.fromisoformat(draft["hour"])
    return datetime.combine(day, hour, ZoneInfo(zone))

"""A broadcast as somebody wishes it: what it says, and everything that is wrong with it, before anything is written down."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain import gsm7
from bot.domain.audience import Audience
from bot.domain.broadcast import Content, Group, Recipients
from bot.domain.errors import AudioError, UsageError
from bot.domain.figures import SMALLEST_GROUP
from bot.domain.learning import Wording
from bot.domain.message import ChannelName, Purpose, Speech
from bot.domain.person import Country
from bot.domain.ports import Library
from bot.outreach.prices import MICROS
from bot.outreach.quote import Pricing

REPLY_ID: Final = "broadcast.message"
LONGEST: Final = 600
LONGEST_VALUE: Final = 60
MOST_SEGMENTS: Final = 2
SHORTEST_VOICE_S: Final = 1.0
LASTS: Final = timedelta(days=3)
"""After its time, where nobody said how long it is worth sending."""
FARTHEST: Final = timedelta(days=180)
TOLERATED: Final = timedelta(minutes=1)
"""A form knows minutes only."""
VOICE_KEPT: Final = timedelta(days=7)
"""A recorded voice note, and a link to it, lives for a week."""
LONGEST_SPREAD: Final = timedelta(days=7)
MOST_BUDGET: Final = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Template:
    """An approved text with slots, `{place}`: WhatsApp takes it outside its window. `kind` is UTILITY or MARKETING."""

    id: str
    text: str
    kind: str = "UTILITY"

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of its variables, each once, in their order."""
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(self.text) if name))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants sent. `voice` is the key of a recorded voice note; `budget` is in Colombian pesos.

    `at` is when it begins to leave (None: now), `expires` after when it is not sent any more.
    """

    to: str = ""
    text: str = ""
    title: str = ""
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    voice: str = ""
    purpose: Purpose = Purpose.SERVICE
    at: datetime | None = None
    expires: datetime | None = None
    spread_s: int = 0
    budget: int | None = None
    practice: bool = False
    retry_of: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `code` is a sentence of the translations, `facts` fill it in; `text` says it to operators."""

    code: str
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)


class Refused(UsageError):  # noqa: N818 - what happened, not what broke
    """A broadcast that cannot be made, with every reason."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = faults


class Composing:
    """Makes contents of wishes and finds what is wrong with them. `voice_s` gives the seconds of a recorded note, None: gone."""

    def __init__(
        self,
        library: Library,
        templates: Mapping[str, Template],
        voice_s: Callable[[str], float | None],
        pricing: Pricing,
    ) -> None:
        self.templates = templates
        self._library = library
        self._voice_s = voice_s
        self._pricing = pricing

    def content(self, wish: Wish) -> Content:
        """What everybody is told. A template that is not filled in keeps its slots."""
        template = self.templates.get(wish.template)
        text = filled(template, wish.variables) if template else wish.text.strip()
        reply = self._library.say(REPLY_ID, Wording(text))
        # Names and places go to no online engine.
        spoken = Speech(text, catalogue=False, key=wish.voice) if wish.voice or reply.speech is None else reply.speech
        reply = replace(reply, speech=replace(spoken, catalogue=False))
        variables = {name: wish.variables.get(name, "").strip() for name in template.slots} if template else {}
        return Content(reply, wish.title.strip() or text[:60], wish.template if template else "", variables, wish.voice)

    def faults(self, wish: Wish, now: datetime) -> list[Fault]:
        """What is wrong with the message and its times, whoever it goes to."""
        return [*self._of_text(wish), *self._of_voice(wish, now), *_of_time(wish, now), *_of_budget(wish)]

    def faults_of_people(self, wish: Wish, content: Content, audience: Audience, recipients: Recipients) -> list[Fault]:
        """What is wrong with it for those people."""
        if not recipients.people:
            return [Fault("nobody", "that audience reaches nobody: see who is left out and why")]
        if audience.took_part and recipients.people < SMALLEST_GROUP:
            return [Fault("few", f"fewer than {SMALLEST_GROUP} people: it would tell who took part", {"n": SMALLEST_GROUP})]
        dearest = max(self._price(content, group) for group in recipients.groups)
        if wish.budget is not None and wish.budget * MICROS < dearest:
            pesos = -(-dearest // MICROS)
            return [Fault("budget_small", f"the budget is below one message: give at least {pesos} pesos", {"pesos": pesos})]
        return []

    def _price(self, content: Content, group: Group) -> int:
        return self._pricing.unit(content, group.channel, group.country, window=group.window, voice=group.voice).price

    def _of_text(self, wish: Wish) -> list[Fault]:
        if wish.template:
            return self._of_template(wish)
        if wish.variables:
            return [Fault("no_template", "variables belong to a template: name one")]
        if not gsm7.fold(wish.text):
            return [Fault("empty", "there is nothing to say: write a text, in letters that SMS has")]
        return self._of_length(wish)

    def _of_template(self, wish: Wish) -> list[Fault]:
        template = self.templates.get(wish.template)
        if template is None:
            known = ", ".join(sorted(self.templates)) or "(there are none)"
            return [Fault("template", f"there is no template {wish.template!r}: use one of {known}")]
        found = []
        if wish.text.strip():
            found.append(Fault("both", "a text or a template, not both"))
        if missing := [name for name in template.slots if not gsm7.fold(wish.variables.get(name, ""))]:
            found.append(Fault("variables", f"the template needs {', '.join(missing)}", {"names": ", ".join(missing)}))
        if unknown := sorted(set(wish.variables) - set(template.slots)):
            found.append(Fault("unknown", f"the template has no {', '.join(unknown)}", {"names": ", ".join(unknown)}))
        long = [name for name, value in wish.variables.items() if len(value) > LONGEST_VALUE or "\n" in value]
        if long:
            text = f"{', '.join(long)}: at most {LONGEST_VALUE} letters in one line"
            found.append(Fault("value_long", text, {"names": ", ".join(long), "most": LONGEST_VALUE}))
        return found or self._of_length(wish)

    def _of_length(self, wish: Wish) -> list[Fault]:
        content = self.content(wish)
        segments = max(
            self._pricing.said(content, Group(ChannelName.SMS, country, window=True, voice=False, people=1)).segments
            for country in Country
        )
        if segments > MOST_SEGMENTS:
            text = f"the text takes {segments} segments of SMS: shorten it to {MOST_SEGMENTS}"
            return [Fault("long", text, {"segments": segments, "most": MOST_SEGMENTS})]
        return []

    def _of_voice(self, wish: Wish, now: datetime) -> list[Fault]:
        if not wish.voice:
            return []
        lasts = self._voice_s(wish.voice)
        if lasts is None or lasts < SHORTEST_VOICE_S:
            return [Fault("voice", "the voice note cannot be used: 1 to 60 seconds of speech")]
        if wish.at and wish.at - now > VOICE_KEPT:
            return [Fault("voice_kept", f"a recorded voice note is kept for {VOICE_KEPT.days} days: choose an earlier time")]
        return []


def filled(template: Template, variables: Mapping[str, str]) -> str:
    """Its text with the variables in their slots; a slot without a value stays as it is written."""
    said = template.text
    for name in template.slots:
        if value := variables.get(name, "").strip():
            said = said.replace("{" + name + "}", value)
    return said


def recorded(record: Callable[[bytes], str], sound: bytes) -> str:
    """Keep a voice note; gives its key. Raises Refused for one that cannot be used."""
    try:
        return record(sound)
    except AudioError as error:
        raise Refused((Fault("voice", f"the voice note cannot be used: {error}"),)) from error


def _of_time(wish: Wish, now: datetime) -> list[Fault]:
    begins = wish.at or now
    found = []
    if wish.at and wish.at < now - TOLERATED:
        found.append(Fault("past", "its time is past: choose a later one"))
    elif begins - now > FARTHEST:
        found.append(Fault("far", f"its time is more than {FARTHEST.days} days away", {"days": FARTHEST.days}))
    if wish.expires and wish.expires <= begins:
        found.append(Fault("expires", "it would expire before it is sent: choose a later end"))
    elif wish.expires and wish.spread_s and begins + timedelta(seconds=wish.spread_s) > wish.expires:
        found.append(Fault("spread_late", "it would expire before everybody had her turn: spread it less, or let it last"))
    if not 0 <= wish.spread_s <= LONGEST_SPREAD.total_seconds():
        found.append(Fault("spread", f"it may be spread over at most {LONGEST_SPREAD.days} days", {"days": LONGEST_SPREAD.days}))
    return found


def _of_budget(wish: Wish) -> list[Fault]:
    if wish.budget is not None and not 0 < wish.budget <= MOST_BUDGET:
        return [Fault("budget", f"a budget is a number of pesos, from 1 to {MOST_BUDGET}")]
    return []

"""What a broadcast will cost, how long it takes and whom it reaches, before anything leaves.

Each group of people is rendered by the channel that will send to them, so that a quote counts what the sender counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from bot.domain import gsm7
from bot.domain.broadcast import Content, Group, Recipients
from bot.domain.broadcast import Unit as Cost
from bot.domain.chunk import Lane
from bot.domain.home import CODES
from bot.domain.message import Address, ChannelName, Clip, Rendered, Reply, Speech
from bot.domain.person import Country
from bot.outreach.prices import Money, PriceTable, Unit, Used

OPENING_S: Final = 12.0
"""How long a call takes beside what it tells: who calls is said, a key pressed, and who has heard it hangs up."""
SPOKEN_CHARS_PER_S: Final = 13.0
"""How fast the vendor's own voice reads, where there is no clip."""
_DAY_S: Final = 86_400.0
_ORDER: Final = (ChannelName.TELEGRAM, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.CALL)
_EXAMPLES: Final = {Country.CO: "3000000000", Country.PE: "900000000"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one person of a group is sent: messages, SMS segments, approved templates, begun minutes; and what is paid for."""

    messages: int
    segments: int = 0
    templates: int = 0
    minutes: int = 0
    paid: tuple[tuple[Unit, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Outlets:
    """The channels and voices that will say it: `render` by channel name, `clip` by speech (for a call or not).

    `invitation` is what WhatsApp's approved template says where a broadcast has none of its own.
    """

    render: Callable[[str, Reply, Address, Clip | None, str | None], Sequence[Rendered]]
    clip: Callable[[Speech, bool], Clip | None]
    invitation: Reply
    marketing: frozenset[str] = frozenset()


class Pricing:
    """What each person costs. Implements `bot.domain.broadcast.Tariff`; remembers what it has counted last."""

    def __init__(self, prices: PriceTable, outlets: Outlets) -> None:
        self.prices = prices
        self.invitation = outlets.invitation
        self._outlets = outlets
        self._known: dict[tuple[object, ...], Said] = {}

    def unit(self, content: Content, channel: ChannelName, country: str, *, window: bool, voice: bool) -> Cost:
        """One person of such a group: SMS segments, and millionths of a Colombian peso."""
        said = self.said(content, Group(channel, country, window, voice, 1))
        return Cost(said.segments, self.prices.micros(self.usd(said, channel, country)))

    def usd(self, said: Said, channel: ChannelName, country: str) -> Decimal:
        """What that costs in US dollars."""
        return sum((self.prices.usd(channel, country, unit) * times for unit, times in said.paid), Decimal(0))

    def said(self, content: Content, group: Group) -> Said:
        """What one person of a group is sent."""
        variables = tuple(sorted(content.variables.items()))
        key = (content.reply, content.template, variables, group.channel, group.country, group.window, group.voice)
        if key not in self._known:
            if len(self._known) > 512:  # noqa: PLR2004 - so many combinations nobody sends at once
                self._known.clear()
            self._known[key] = self._said(content, group)
        return self._known[key]

    def _said(self, content: Content, group: Group) -> Said:
        if group.channel is ChannelName.CALL:
            minutes = self._minutes(content.reply)
            return Said(1, minutes=minutes, paid=((Unit.MINUTE, minutes),))
        if group.channel is ChannelName.WHATSAPP and not group.window:
            unit = Unit.MARKETING if content.template in self._outlets.marketing else Unit.TEMPLATE
            return Said(1, templates=1, paid=((unit, 1),))
        calls = self.rendered(content.reply, group)
        if group.channel is ChannelName.SMS:
            segments = sum(call.segments or 0 for call in calls)
            return Said(len(calls), segments=segments, paid=((Unit.SEGMENT, segments),))
        return Said(len(calls), paid=((Unit.MESSAGE, len(calls)),))

    def rendered(self, reply: Reply, group: Group) -> Sequence[Rendered]:
        """The vendor calls that somebody of a group gets, to an example address there."""
        clip = None
        if reply.speech and group.voice and reply.voice_note and group.channel is not ChannelName.SMS:
            clip = self._outlets.clip(reply.speech, group.channel is ChannelName.CALL)
        url = "https://example.org/clip.ogg" if clip else None
        return self._outlets.render(group.channel.value, reply, example(group.channel, group.country), clip, url)

    def _minutes(self, reply: Reply) -> int:
        clip = self._outlets.clip(reply.speech, True) if reply.speech else None
        spoken = reply.speech.text if reply.speech else reply.text
        lasts_s = clip.duration_s if clip else len(spoken) / SPOKEN_CHARS_PER_S
        return math.ceil((OPENING_S + lasts_s) / 60)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a broadcast leaves: the lane of each sender (`sms/CO`), and how many calls a day there may be, 0 without limit."""

    lane: Callable[[str], Lane]
    calls_per_day: int


@dataclass(frozen=True, slots=True)
class ChannelQuote:
    """One channel's part. `templates` are messages to people whose WhatsApp window is closed."""

    channel: ChannelName
    people: int
    messages: int
    segments: int
    templates: int
    minutes: int
    cost: Money


@dataclass(frozen=True, slots=True)
class Culprit:
    """The first character that SMS has no letter for; `position` counts from 0. It is left out there."""

    char: str
    position: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A broadcast, counted. `duration_s` is as fast as the senders go, or the time over which it is spread."""

    people: int
    excluded: Mapping[str, int]
    channels: tuple[ChannelQuote, ...]
    culprit: Culprit | None
    duration_s: float
    used: Used
    cost: Money = field(default_factory=Money)
    micros: int = 0


def quote(content: Content, recipients: Recipients, pricing: Pricing, pace: Pace, today: date, *, spread_s: int = 0) -> Quote:
    """Count a broadcast: nothing is read from anywhere but what is given."""
    channels = tuple(
        _of_channel(content, [group for group in recipients.groups if group.channel is channel], pricing)
        for channel in _ORDER
        if any(group.channel is channel for group in recipients.groups)
    )
    prices = {
        (group.channel, group.country, unit)
        for group in recipients.groups
        for unit, times in pricing.said(content, group).paid
        if times
    }
    found = gsm7.foreign(content.reply.sms or content.reply.text)
    return Quote(
        recipients.people,
        {why: number for why, number in recipients.excluded.items() if number},
        channels,
        Culprit(found[1], found[0]) if found else None,
        max(duration_s(recipients, pace), float(spread_s)),
        pricing.prices.used(prices, today),
        sum((one.cost for one in channels), Money()),
        micros(content, recipients, pricing),
    )


def micros(content: Content, recipients: Recipients, pricing: Pricing) -> int:
    """The whole cost in millionths of a Colombian peso, as it is booked while it is sent."""
    return sum(
        pricing.unit(content, group.channel, group.country, window=group.window, voice=group.voice).price * group.people
        for group in recipients.groups
    )


def duration_s(recipients: Recipients, pace: Pace) -> float:
    """How long the slowest sender takes; they all send at once.

    WhatsApp conversations outside the window beyond those of one day are begun on the next, and so are calls.
    """
    lanes: dict[str, Lane] = {}
    rows: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    for group in recipients.groups:
        lane = pace.lane(f"{group.channel}/{group.country}")
        lanes[lane.sender] = lane
        rows[lane.sender] += group.people
        opened[lane.sender] += 0 if group.window else group.people
    lasts = [rows[sender] * lane.interval_s for sender, lane in lanes.items()]
    lasts += [_days(opened[sender], lane.openings or 0) for sender, lane in lanes.items()]
    calls = sum(group.people for group in recipients.groups if group.channel is ChannelName.CALL)
    return round(max([*lasts, _days(calls, pace.calls_per_day)]), 1)


def _days(number: int, a_day: int) -> float:
    """How many seconds the last of them waits."""
    return (math.ceil(number / a_day) - 1) * _DAY_S if number and a_day else 0.0


def example(channel: ChannelName, country: str) -> Address:
    """An address of nobody there, for rendering."""
    if channel is ChannelName.TELEGRAM:
        return Address(channel, "1", simulated=True)
    where = Country(country) if country in set(Country) else Country.CO
    return Address(channel, f"+{CODES[where]}{_EXAMPLES[where]}", simulated=True)


def _of_channel(content: Content, groups: Sequence[Group], pricing: Pricing) -> ChannelQuote:
    people = messages = segments = templates = minutes = 0
    usd = Decimal(0)
    for group in groups:
        said = pricing.said(content, group)
        people += group.people
        messages += said.messages * group.people
        segments += said.segments * group.people
        templates += said.templates * group.people
        minutes += said.minutes * group.people
        usd += pricing.usd(said, group.channel, group.country) * group.people
    return ChannelQuote(groups[0].channel, people, messages, segments, templates, minutes, pricing.prices.money(usd))

"""What the pages of broadcasts share: who acts, an audience in words, a message as each channel says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.audience import KINDS, Audience, parse
from bot.domain.broadcast import Broadcast, Content, Group
from bot.domain.community import Community
from bot.domain.message import ChannelName, MessageState, Rendered
from bot.domain.staff import Role
from bot.outreach.broadcasting import Maker
from bot.outreach.phrasing import Phrasing
from bot.outreach.prices import MICROS, Money
from bot.running import Batea
from bot.web.staff.texts import Texts
from bot.web.staff.visit import Visit

PATH: Final = "/staff/broadcasts"
ORDER: Final = (ChannelName.TELEGRAM, ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.CALL)
GOING: Final = (MessageState.QUEUED, MessageState.HELD, MessageState.SENDING)
ARRIVED: Final = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)


@dataclass(frozen=True, slots=True)
class Preview:
    """How one channel says it: what stands there, what is heard (`clip` is its address), what it costs of an SMS."""

    channel: ChannelName
    written: tuple[str, ...]
    spoken: str = ""
    clip: str = ""
    seconds: int = 0
    segments: int = 0
    note: str = ""


def maker_of(visit: Visit) -> Maker:
    """Who acts, and how far she reaches."""
    return Maker(visit.member.id, visit.community_id)


def may_approve(visit: Visit, one: Broadcast) -> bool:
    """Whether she is the second person whom it needs."""
    return visit.role in {Role.ADMIN, Role.STAFF} and one.made_by != visit.member.id


def audience_words(t: Texts, words: Phrasing, expression: str, communities: Sequence[Community]) -> str:
    """Who is meant, in words."""
    return " · ".join(_terms(t, words, parse(expression), communities)) or t("broadcasts.everybody")


def _terms(t: Texts, words: Phrasing, audience: Audience, communities: Sequence[Community]) -> Iterator[str]:
    names = {place.id: place.name for place in communities}
    said: dict[str, Callable[[str], str]] = {
        "community": lambda value: names.get(value, value),
        "country": lambda value: t.named("countries", value),
        "sex": words.group,
        "role": words.group,
        "channel": lambda value: t.named("channels", value),
    }
    for kind in KINDS:
        values = sorted(audience.wanted.get(kind, ()))
        if kind == "module":
            parts = [t(f"broadcasts.learning.{one.how}", module=one.module_id) for one in audience.learnt]
        elif kind == "poll":
            parts = [
                t(f"broadcasts.poll.{'answered' if one.answered else 'unanswered'}", round=one.round_id)
                for one in audience.took_part
            ]
        elif kind in {"language", "tag"}:
            parts = [t(f"broadcasts.of.{kind}", value=value) for value in values]
        else:
            parts = [said.get(kind, str)(value) for value in values]
        if parts:
            yield ", ".join(parts)


def money(t: Texts, amount: Money) -> str:
    """An amount in the three currencies."""
    values = amount.as_mapping()
    return t(
        "broadcasts.money",
        cop=t.number(round(values["COP"])),
        pen=t.number(round(values["PEN"], 2)),
        usd=t.number(round(values["USD"], 2)),
    )


def pesos(t: Texts, micros: int) -> str:
    """Millionths of a peso as pesos."""
    return t("broadcasts.pesos", n=t.number(round(micros / MICROS)))


def span(t: Texts, seconds: float) -> str:
    """About how long something takes."""
    if seconds < 90:  # noqa: PLR2004 - a minute and a half is said in minutes
        return t("broadcasts.span.seconds", n=t.number(max(1, round(seconds))))
    if seconds < 5400:  # noqa: PLR2004 - an hour and a half is said in hours
        return t("broadcasts.span.minutes", n=t.number(round(seconds / 60)))
    return t("broadcasts.span.hours", n=t.number(round(seconds / 3600, 1)))


def previews(batea: Batea, content: Content, groups: Sequence[Group]) -> list[Preview]:
    """As each group of people will see and hear it. Makes the clips that it needs: call it from a thread."""
    found: dict[tuple[ChannelName, str], Preview] = {}
    for group in sorted(groups, key=lambda one: (ORDER.index(one.channel), not one.window, not one.voice)):
        shown = _preview(batea, content, group)
        found.setdefault((group.channel, shown.note), shown)
    return list(found.values())


def _preview(batea: Batea, content: Content, group: Group) -> Preview:
    desk, reply = batea.broadcasts.desk, content.reply
    speech = reply.speech
    found = batea.clips.clip(speech) if speech and group.channel is not ChannelName.SMS and group.voice else None
    clip, seconds = (batea.clip_links.path(found), round(found.duration_s)) if found else ("", 0)
    if group.channel is ChannelName.CALL:
        opening = batea.library.reply("call.who_calls")
        first = opening.speech.text if opening.speech else opening.text
        said = f"{first} … {speech.text if speech else reply.text}"
        return Preview(group.channel, (), said, clip, seconds, note="call")
    if group.channel is ChannelName.WHATSAPP and not group.window:
        said = reply.text if content.template else desk.pricing.invitation.text
        return Preview(group.channel, (said,), note="template" if content.template else "invitation")
    calls = desk.pricing.rendered(reply, group)
    segments = sum(call.segments or 0 for call in calls)
    written = tuple(filter(None, map(_text, calls)))
    return Preview(group.channel, written, speech.text if speech and found else "", clip, seconds, segments)


def _text(call: Rendered) -> str:
    return str(call.params.get("body") or call.params.get("text") or "")


def share(counts: Mapping[MessageState, int]) -> int:
    """How many of a hundred have left or ended, for the length of a bar."""
    total = sum(counts.values())
    return 100 * (total - sum(counts.get(state, 0) for state in GOING)) // total if total else 0

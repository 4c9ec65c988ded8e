"""Broadcasts from the wish to the end: looked at, written down, approved by a second person, stopped, sent once more."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.audience import Audience, Beyond, parse, resolve
from bot.domain.audit import AuditEntry
from bot.domain.broadcast import Broadcast, BroadcastState, Content, Group, Means, Recipients
from bot.domain.errors import UsageError
from bot.domain.figures import SMALLEST_GROUP
from bot.domain.message import COUNTED, Address, ChannelName, MessageState, OutboundMessage, Purpose
from bot.domain.person import Country
from bot.domain.poll import RoundRecord
from bot.domain.ports import Library
from bot.domain.store import UnitOfWork
from bot.domain.unasked import MOST_A_WEEK
from bot.outreach.composing import LASTS, Composing, Fault, Refused, Wish
from bot.outreach.prices import MICROS
from bot.outreach.quote import Pace, Pricing, Quote, duration_s, quote

RETRIED_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Maker:
    """Who acts: an account's id or `OPERATOR`. `community_id`: the only community that she may reach; None: all."""

    id: str
    community_id: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a second person must approve; what a month may cost, in pesos, 0: no cap; announcements a week."""

    approve_people: int = 200
    approve_cop: int = 100_000
    month_cop: int = 0
    per_week: int = MOST_A_WEEK


@dataclass(frozen=True, slots=True)
class Look:
    """A wish, looked at: whom it reaches, what it costs, and what is wrong with it."""

    wish: Wish
    content: Content
    audience: Audience
    recipients: Recipients
    quote: Quote
    faults: tuple[Fault, ...]
    needs_approval: bool


class Broadcasting:
    """Everything that staff do with broadcasts. Each deed stands in the audit log, in the transaction that does it.

    `means` says by what a content may be sent; `spent` what a month has cost so far, in millionths of a peso.
    """

    def __init__(
        self,
        library: Library,
        composing: Composing,
        pricing: Pricing,
        pace: Pace,
        means: Callable[[str], Means],
        spent: Callable[[UnitOfWork, date], int],
        limits: Limits,
        timezone: str,
        new_id: Callable[[], str] = lambda: secrets.token_hex(4),
    ) -> None:
        self.composing = composing
        self.pricing = pricing
        self.limits = limits
        self._library = library
        self._pace = pace
        self._means = means
        self._spent = spent
        self._zone = ZoneInfo(timezone)
        self._new_id = new_id

    def audience(self, uow: UnitOfWork, expression: str, now: datetime, within: str | None = None) -> Audience:
        """Read an expression as staff write it, within one community where one is given. Raises UsageError."""
        communities = uow.communities.all()
        committees = [body for place in communities for body in uow.communities.committees(place.id)]
        found = resolve(expression, communities, committees, self.beyond(uow, now))
        if within is None:
            return found
        if not found.wanted.get("community", frozenset({within})) <= {within}:
            raise UsageError("that audience lies outside her community")
        return Audience({**found.wanted, "community": frozenset({within})})

    def beyond(self, uow: UnitOfWork, now: datetime) -> Beyond:
        """What an expression may name beyond persons and places."""
        modules = {module.id: len(module.lessons) for country in Country for module in self._library.modules(country)}
        rounds = {record.round.id: record.round.poll_id for record in uow.polls.rounds() if _open(record, now)}
        return Beyond(modules, rounds, uow.tags.all())

    def look(self, uow: UnitOfWork, wish: Wish, by: Maker, now: datetime) -> Look:
        """Count a wish, and find all that is wrong with it; nothing is written. Raises UsageError for an audience of no sense."""
        earlier = uow.broadcasts.get(wish.retry_of) if wish.retry_of else None
        if wish.retry_of and (earlier is None or not self.sees(by, earlier)):
            raise UsageError(f"there is no broadcast {wish.retry_of!r}")
        audience = parse(earlier.audience) if earlier else self.audience(uow, wish.to, now, by.community_id)
        content = self.composing.content(wish)
        means = self._means(content.template)
        recipients = self._count(uow, audience, wish.at or now, means, wish.purpose, wish.retry_of)
        counted = quote(content, recipients, self.pricing, self._pace, self.today(now), spread_s=wish.spread_s)
        faults = self.composing.faults(wish, now)
        faults += self.composing.faults_of_people(wish, content, audience, recipients)
        if audience.took_part and not faults:
            everybody = Audience({kind: values for kind, values in audience.wanted.items() if kind != "poll"})
            others = self._count(uow, everybody, wish.at or now, means, wish.purpose, "").people - recipients.people
            faults += _of_the_others(others)
        if not wish.practice:
            faults += self._of_the_month(uow, counted, now)
        return Look(wish, content, audience, recipients, counted, tuple(faults), self._needs_approval(wish, counted))

    def prepare(self, wish: Wish) -> None:
        """Count every kind of message of a wish beforehand: clips may have to be made, which no transaction waits for."""
        content = self.composing.content(wish)
        for channel in ChannelName:
            self.pricing.said(content, Group(channel, "", window=True, voice=True, people=1))

    def recipients(self, uow: UnitOfWork, one: Broadcast, now: datetime) -> Recipients:
        """Whom one that has not begun would reach now."""
        means, when = self._means(one.content.template), one.not_before or now
        return self._count(uow, parse(one.audience), max(now, when), means, one.purpose, one.retry_of)

    def duration_s(self, recipients: Recipients, spread_s: int = 0) -> float:
        """How long it takes to reach them."""
        return max(duration_s(recipients, self._pace), float(spread_s))

    def make(self, uow: UnitOfWork, wish: Wish, by: Maker, now: datetime) -> Broadcast:
        """Write a broadcast down: it leaves at its time, or once a second person has approved it. Raises Refused, UsageError."""
        seen = self.look(uow, wish, by, now)
        if seen.faults:
            raise Refused(seen.faults)
        state = BroadcastState.WAITING_APPROVAL if seen.needs_approval else BroadcastState.SCHEDULED
        made = Broadcast(
            self._new_id(),
            str(seen.audience),
            seen.content,
            wish.purpose,
            by.id,
            now,
            state,
            not_before=wish.at,
            expires_at=wish.expires or (wish.at or now) + LASTS,
            spread_s=wish.spread_s,
            budget=None if wish.budget is None else wish.budget * MICROS,
            practice=wish.practice,
            retry_of=wish.retry_of,
        )
        uow.broadcasts.add(made)
        self._note(uow, by, "broadcast.practise" if wish.practice else "broadcast.send", made.id, now)
        return made

    def approve(self, uow: UnitOfWork, broadcast_id: str, by: Maker, now: datetime) -> None:
        """Let one leave that somebody else has made. Raises Refused where it is one's own, or its time is past; UsageError."""
        found = self._get(uow, broadcast_id, by)
        if found.made_by == by.id:
            raise Refused((Fault("own", "whoever made it cannot approve it: ask somebody else"),))
        if found.expires_at and found.expires_at <= now:
            raise Refused((Fault("late", "it has expired meanwhile: make it anew"),))
        if not uow.broadcasts.change(broadcast_id, BroadcastState.SCHEDULED, now, by=by.id):
            raise Refused((_moved(found),))
        self._note(uow, by, "broadcast.approve", broadcast_id, now)

    def pause(self, uow: UnitOfWork, broadcast_id: str, by: Maker, now: datetime) -> None:
        """Nothing of it leaves from now on. Raises Refused where it does not run; UsageError."""
        self._bring(uow, broadcast_id, BroadcastState.PAUSED, by, now, "broadcast.pause")

    def cancel(self, uow: UnitOfWork, broadcast_id: str, by: Maker, now: datetime) -> None:
        """Nothing of it leaves any more. Raises Refused where it has ended; UsageError."""
        self._bring(uow, broadcast_id, BroadcastState.CANCELLED, by, now, "broadcast.cancel")

    def resume(self, uow: UnitOfWork, broadcast_id: str, by: Maker, now: datetime, budget: int | None = None) -> None:
        """Let one go on that is paused, with another budget (pesos) where one is given. Raises Refused, UsageError."""
        found = self._get(uow, broadcast_id, by)
        most = found.budget if budget is None else budget * MICROS
        if most is not None and most <= found.spent and found.state is BroadcastState.PAUSED:
            pesos = -(-found.spent // MICROS)
            raise Refused((Fault("spent", f"its budget is spent: give it more than {pesos} pesos", {"pesos": pesos}),))
        if found.state is not BroadcastState.PAUSED:
            raise Refused((_moved(found),))
        if self._month_is_spent(uow, now) and not found.practice:
            raise Refused(
                (Fault("month", "the month's cap is reached: it goes on next month, or with a higher one", {"pesos": 0}),)
            )
        if budget is not None:
            uow.broadcasts.budget(broadcast_id, most, now)
        begun = found.expanded or found.people > 0
        self._bring(uow, broadcast_id, BroadcastState.RUNNING if begun else BroadcastState.SCHEDULED, by, now, "broadcast.resume")

    def retry(self, uow: UnitOfWork, broadcast_id: str, by: Maker, now: datetime, message_ids: Sequence[str] = ()) -> int:
        """Queue dead letters once more: those, or all that failed; gives how many. Raises UsageError."""
        self._get(uow, broadcast_id, by)
        ids = message_ids or [
            one.message_id
            for one in uow.broadcasts.dead_letters(broadcast_id, limit=RETRIED_AT_ONCE)
            if one.state is MessageState.FAILED
        ]
        again = uow.broadcasts.retry(broadcast_id, ids, now)
        if again:
            self._note(uow, by, "broadcast.retry", broadcast_id, now)
        return again

    def test(self, uow: UnitOfWork, wish: Wish, to: Address, by: Maker, now: datetime) -> str:
        """Queue it for oneself alone; gives the message's id. Raises Refused for what is wrong with the text."""
        faults = tuple(fault for fault in self.composing.faults(wish, now) if fault.code not in {"past", "expires", "far"})
        if faults:
            raise Refused(faults)
        message = OutboundMessage(secrets.token_hex(16), to, self.composing.content(wish).reply, now, ephemeral=True)
        uow.outbox.add([message], None)
        self._note(uow, by, "broadcast.test", "", now)
        return message.id

    def get(self, uow: UnitOfWork, broadcast_id: str, by: Maker) -> Broadcast | None:
        """One that she may see."""
        found = uow.broadcasts.get(broadcast_id)
        return found if found and self.sees(by, found) else None

    def all(self, uow: UnitOfWork, by: Maker, limit: int = 50) -> Sequence[Broadcast]:
        """Those that she may see, the newest first."""
        return [one for one in uow.broadcasts.list(limit=limit * (1 if by.community_id is None else 10)) if self.sees(by, one)][
            :limit
        ]

    def sees(self, by: Maker, one: Broadcast) -> bool:
        """Whether a broadcast is hers to see: one that reaches nobody outside her community."""
        return by.community_id is None or parse(one.audience).wanted.get("community") == frozenset({by.community_id})

    def today(self, now: datetime) -> date:
        """The day, where the programme is."""
        return now.astimezone(self._zone).date()

    def month(self, uow: UnitOfWork, now: datetime) -> tuple[int, int]:
        """What this month has cost, and what it may cost, in millionths of a peso; 0: no cap."""
        return self._spent(uow, self.today(now).replace(day=1)), self.limits.month_cop * MICROS

    def watch(self, uow: UnitOfWork, now: datetime) -> int:
        """Pause what runs once the month's cap is reached; gives how many."""
        if not self._month_is_spent(uow, now):
            return 0
        running = [one for one in uow.broadcasts.list(limit=200) if one.state is BroadcastState.RUNNING and not one.practice]
        return sum(uow.broadcasts.change(one.id, BroadcastState.PAUSED, now, halt=MONTH) for one in running)

    def _month_is_spent(self, uow: UnitOfWork, now: datetime) -> bool:
        spent, cap = self.month(uow, now)
        return bool(cap) and spent >= cap

    def _count(
        self, uow: UnitOfWork, audience: Audience, when: datetime, means: Means, purpose: Purpose, retry_of: str
    ) -> Recipients:
        """Who is reached then; who has had enough in that week is not, where it counts."""
        most = self.limits.per_week if purpose in COUNTED else None
        return uow.broadcasts.count(audience, when, means, retry_of=retry_of, most=most)

    def _needs_approval(self, wish: Wish, counted: Quote) -> bool:
        if wish.practice:
            return False
        return counted.people > self.limits.approve_people or counted.micros > self.limits.approve_cop * MICROS

    def _of_the_month(self, uow: UnitOfWork, counted: Quote, now: datetime) -> list[Fault]:
        spent, cap = self.month(uow, now)
        if not cap or spent + counted.micros <= cap:
            return []
        left = max(0, (cap - spent) // MICROS)
        return [Fault("month", f"the month's cap leaves {left} pesos: this costs more", {"pesos": left})]

    def _get(self, uow: UnitOfWork, broadcast_id: str, by: Maker) -> Broadcast:
        found = self.get(uow, broadcast_id, by)
        if found is None:
            raise UsageError(f"there is no broadcast {broadcast_id!r}: see `batea broadcast list`")
        return found

    def _bring(self, uow: UnitOfWork, broadcast_id: str, state: BroadcastState, by: Maker, now: datetime, action: str) -> None:
        found = self._get(uow, broadcast_id, by)
        if not uow.broadcasts.change(broadcast_id, state, now, halt="asked" if state is BroadcastState.PAUSED else ""):
            raise Refused((_moved(found),))
        self._note(uow, by, action, broadcast_id, now)

    def _note(self, uow: UnitOfWork, by: Maker, action: str, broadcast_id: str, now: datetime) -> None:
        uow.audit.write(AuditEntry(now, by.id, action, "broadcast", broadcast_id))


MONTH: Final = "month"
"""Why a broadcast halts once the month's cap is reached."""


def _open(record: RoundRecord, now: datetime) -> bool:
    return record.closed_at is None and record.round.open_at(now)


def _moved(found: Broadcast) -> Fault:
    return Fault("moved", f"it is {found.state.value}: that cannot be done any more", {"state": found.state.value})


def _of_the_others(others: int) -> list[Fault]:
    """Few people left over would tell of those who took part as well as few who are meant."""
    few = 0 < others < SMALLEST_GROUP
    text = f"all but fewer than {SMALLEST_GROUP} people: it would tell who took part"
    return [Fault("few", text, {"n": SMALLEST_GROUP})] if few else []

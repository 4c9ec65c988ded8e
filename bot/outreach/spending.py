"""Counts what everything that leaves costs: broadcasts, replies and calls, for the month's cap."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from datetime import date
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.home import country_of
from bot.domain.message import Address, ChannelName, OutboundMessage, Rendered
from bot.domain.ports import Clock
from bot.domain.store import Store, UnitOfWork
from bot.outreach.prices import PriceTable, Unit

WARNS_AT: Final = 0.8
"""From this part of the month's cap on, staff are warned."""


class Meter:
    """Adds up in memory and books every few seconds, so that no message waits for it; a crash loses those seconds.

    `invitation_id` names the reply that WhatsApp's approved template says; `marketing` are the approved texts of that class.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        prices: PriceTable,
        timezone: str,
        invitation_id: str = "",
        marketing: Collection[str] = (),
    ) -> None:
        self._marketing = marketing
        self._store = store
        self._clock = clock
        self._prices = prices
        self._zone = ZoneInfo(timezone)
        self._invitation_id = invitation_id
        self._lock = Lock()
        self._micros: Counter[tuple[date, ChannelName]] = Counter()
        self._messages: Counter[tuple[date, ChannelName]] = Counter()

    def left(self, message: OutboundMessage, call: Rendered) -> None:
        """One vendor call has been made for a message."""
        channel = message.to.channel
        if message.to.simulated or channel is ChannelName.CALL:
            return
        unit = {ChannelName.SMS: Unit.SEGMENT, ChannelName.WHATSAPP: self._class_of(message)}.get(channel, Unit.MESSAGE)
        times = (call.segments or 1) if channel is ChannelName.SMS else 1
        self._add(message.to, unit, times)

    def rang(self, to: Address | None, lasted_s: int) -> None:
        """A telephone call has ended; each begun minute counts."""
        if to is not None and not to.simulated and lasted_s > 0:
            self._add(to, Unit.MINUTE, math.ceil(lasted_s / 60))

    def book(self) -> None:
        """Write down what was added up."""
        with self._lock:
            micros, messages = self._micros, self._messages
            self._micros, self._messages = Counter(), Counter()
        if not messages:
            return

        def work(uow: UnitOfWork) -> None:
            for (month, channel), number in messages.items():
                uow.spending.add(month, channel, micros[month, channel], number)

        try:
            self._store.submit(work).result()
        except BaseException:
            with self._lock:
                self._micros += micros
                self._messages += messages
            raise

    def _class_of(self, message: OutboundMessage) -> Unit:
        if message.reply.template:
            return Unit.MARKETING if message.reply.template in self._marketing else Unit.TEMPLATE
        return Unit.TEMPLATE if message.reply.id == self._invitation_id else Unit.MESSAGE

    def _add(self, to: Address, unit: Unit, times: int) -> None:
        price = self._prices.micros(self._prices.usd(to.channel, country_of(to.value) or "", unit) * times)
        month = self._clock.now().astimezone(self._zone).date().replace(day=1)
        with self._lock:
            self._micros[month, to.channel] += price
            self._messages[month, to.channel] += 1


def spent(uow: UnitOfWork, month: date) -> int:
    """What a month has cost so far, in millionths of a Colombian peso."""
    return sum(uow.spending.of(month).values())

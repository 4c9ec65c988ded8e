"""What it costs to tell people of a meeting, before anything leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.domain.audience import Reached
from bot.domain.broadcast import Content, Tariff
from bot.domain.message import WHATSAPP_OPEN_FOR, Address, ChannelName, Reply
from bot.domain.person import Mode
from bot.domain.ports import Clock
from bot.domain.store import UnitOfWork
from bot.outreach.prices import MICROS


class MeetingCost:
    """Counts with the prices of broadcasts. The length of a call is estimated from its words: nothing is spoken for it."""

    def __init__(self, tariff: Tariff, clock: Clock, may_call: Callable[[Address], bool]) -> None:
        self._tariff = tariff
        self._clock = clock
        self._may_call = may_call

    def pesos(self, uow: UnitOfWork, news: Reply, people: Iterable[Reached]) -> int:
        """Colombian pesos, rounded up, for telling each of them once at the address where she would be told."""
        content = Content(replace(news, speech=None))
        micros = 0
        for one in people:
            to, country = one.told_at(self._may_call), one.person.country
            window = to.channel is not ChannelName.WHATSAPP or self._open(uow, to)
            unit = self._tariff.unit(content, to.channel, country.value if country else "", window=window, voice=False)
            # Beside the words goes the voice note, a message of its own.
            both = window and to.channel is ChannelName.WHATSAPP and one.person.mode is not Mode.READ
            micros += unit.price * (2 if both else 1)
        return -(-micros // MICROS)

    def _open(self, uow: UnitOfWork, to: Address) -> bool:
        wrote = uow.people.last_inbound(to)
        return wrote is not None and self._clock.now() - wrote < WHATSAPP_OPEN_FOR

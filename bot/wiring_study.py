"""Puts together what comes by itself to whoever learns."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.channels.voice_numbers import may_call
from bot.domain.store import UnitOfWork
from bot.domain.unasked import Announcing
from bot.outreach.broadcasting import Broadcasting
from bot.outreach.study import Studying
from bot.settings import Settings
from bot.wiring_sending import Sending


def build_studying(settings: Settings, sending: Sending, announcing: Announcing) -> Studying:
    """Lessons at chosen hours, and what is asked a week later. Past the month's cap what is paid by the message waits."""
    affordable = partial(_affordable, sending.broadcasts.desk)
    calls = partial(may_call, settings)
    return Studying(sending.store, sending.library, sending.clock, announcing, calls, affordable)


def _affordable(desk: Broadcasting, uow: UnitOfWork, now: datetime) -> bool:
    spent, cap = desk.month(uow, now)
    return not cap or spent < cap

"""Polls of every kind, as staff might write them, in rounds that are open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.learning import Wording
from bot.domain.poll import Bounds, Condition, Poll, PollKind, PollOption, PollRound

WAY_OUT = PollOption("no_digo", "No sé / no digo")
SEVERAL = Poll(
    "Q90_v1",
    "Q90",
    Wording("¿Qué se puso ayer en la mina?"),
    Wording("Ayer, ¿con qué se cuidó?"),
    (PollOption("casco", "Casco"), PollOption("guantes", "Guantes"), PollOption("botas", "Botas"), WAY_OUT),
    kind=PollKind.SEVERAL,
    most=2,
)
NUMBER = Poll(
    "Q91_v1",
    "Q91",
    Wording("¿Cuántos días trabajó este mes?"),
    Wording("Este mes, ¿qué días fue a la mina?"),
    (WAY_OUT,),
    kind=PollKind.NUMBER,
    bounds=Bounds(0, 60),
)
FOLLOWING = Poll(
    "Q92_v1",
    "Q92",
    Wording("¿El casco le queda bien?"),
    Wording("¿Le sirve ese casco?"),
    (PollOption("si", "Sí"), PollOption("no", "No"), WAY_OUT),
    when=Condition("Q90_v1", ("casco",)),
)
POLLS = {"several": SEVERAL, "number": NUMBER, "following": FOLLOWING}


def round_of(poll: Poll, now: datetime, **facts: Any) -> PollRound:
    """A round that opened some days ago, before the demonstration's."""
    return PollRound(f"{poll.id}-0", poll.id, now - timedelta(days=3), now + timedelta(days=30), **facts)


def furnish(names: Sequence[str], now: datetime) -> Callable[[Any], None]:
    """What puts those polls, and a round of each, into a database."""

    def work(unit: Any) -> None:
        for name in names:
            unit.composed.put(POLLS[name], "staff", now)
            unit.polls.put_round(round_of(POLLS[name], now), POLLS[name])

    return work

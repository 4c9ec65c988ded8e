"""Made-up poll rounds, counted from made-up people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.learning import Wording
from bot.domain.poll import Poll, PollKind, PollOption
from bot.domain.results import By, RoundTally, Tally

OPENS = datetime(2026, 3, 2, 13, tzinfo=UTC)
CLOSES = datetime(2026, 3, 9, 13, tzinfo=UTC)
Answerer = Mapping[str, object]


def poll(
    options: Sequence[str] = ("Nada", "Poco", "Mucho", "No sé / no digo"),
    *,
    sensitive: bool = False,
    most: int = 1,
    poll_id: str = "Q01_v1",
) -> Poll:
    wording = Wording("En su sector, ¿esta semana se usó azogue?")
    ids = tuple(PollOption(f"o{i}", label) for i, label in enumerate(options))
    return Poll(
        poll_id,
        poll_id.partition("_")[0],
        wording,
        wording,
        ids,
        sensitive=sensitive,
        kind=PollKind.SEVERAL if most > 1 else PollKind.SINGLE,
        most=most,
    )


def counted(people: Sequence[Answerer], options: Sequence[str]) -> Tally:
    """How these answered; every answerer has `options` (ids) or `number`."""
    counts = {option: sum(option in p.get("options", ()) for p in people) for option in options}  # type: ignore[operator]
    return Tally(len(people), counts, tuple(int(p["number"]) for p in people if "number" in p))  # type: ignore[call-overload]


def tally(
    people: Sequence[Answerer], asked: Poll | None = None, *, number: int = 0, closed: bool = True, **more: object
) -> RoundTally:
    """A round that these people answered; `more` replaces fields."""
    asked = asked or poll()
    ids = [option.id for option in asked.options]
    groups = {
        by: {str(g): counted([p for p in people if p[by.value] == g], ids) for g in sorted({str(p[by.value]) for p in people})}
        for by in By
        if people and by.value in people[0]
    }
    facts: dict[str, object] = {
        "invited": 2 * len(people) + 7,
        "delivered": 2 * len(people),
        "groups": groups,
        "by_channel": {group: one.people for group, one in groups.get(By.CHANNEL, {}).items() if group != "presencial"},
    }
    return RoundTally(asked, f"r{number}", number, OPENS, CLOSES, closed, all=counted(people, ids), **(facts | more))  # type: ignore[arg-type]


def crowd(rng: random.Random, n: int, asked: Poll) -> list[Answerer]:
    """People of whom everything is drawn at random; a few groups and options are rare."""
    ids = [option.id for option in asked.options]
    weights = [rng.random() ** 2 + 0.01 for _ in ids]
    people: list[Answerer] = []
    for _ in range(n):
        chosen = {rng.choices(ids, weights)[0] for _ in range(rng.randint(1, asked.most))}
        if ids[-1] in chosen and len(chosen) > 1:
            chosen = {ids[-1]}  # the way out goes alone
        people.append(
            {
                "options": tuple(chosen),
                "sex": rng.choices(["mujer", "hombre", "otro", "no_digo"], [40, 50, 3, 4])[0],
                "territory": rng.choice(["bagre", "zaragoza", "puno"]),
                "role": rng.choices(["barequera", "chatarrera", "pallaquera", "minero", "autoridad"], [40, 20, 10, 40, 3])[0],
                "channel": rng.choices(["sms", "whatsapp", "telegram", "call", "presencial"], [30, 40, 5, 10, 20])[0],
            }
        )
    return people

"""Webhooks spoilt as strangers spoil them: parts missing, doubled, swapped, huge, of another type, no UTF-8."""

from __future__ import annotations

import random
from collections.abc import Iterator

_ODD = (
    *tuple(
        b' \x00 \xff\xfe %FF%FE %00 % null true -1 1e999 [] {} [[[[ " %F0%9F%98%80 \xed\xa0\x80 From= To=whatsapp: Digits=* '
        b"NumMedia=99999999999 MediaUrl0=file:///etc/passwd MessageStatus=delivered ErrorCode=21610 OptOutType=STOP".split(b" ")
    ),
    b"9" * 400,
    b"ButtonPayload=" + b"x" * 300,
    b"a" * 20000,
)


def spoilt(body: bytes, between: bytes, seed: int, number: int) -> Iterator[bytes]:
    """That many mutants of a body whose parts stand between such bytes; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(number):
        parts = body.split(between)
        for _ in range(chance.randint(1, 4)):
            _spoil(parts, chance)
        yield between.join(parts)


def _spoil(parts: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(parts)) if parts else 0
    if not parts:
        parts.append(chance.choice(_ODD))
        return
    name, equals, value = parts[at].partition(b"=")
    match chance.randrange(8):
        case 0:
            del parts[at]
        case 1:
            parts.insert(at, parts[at])
        case 2:
            parts[at] = name + equals + chance.choice(_ODD)
        case 3:
            parts[at] = chance.choice(_ODD) + equals + value
        case 4:
            parts.append(chance.choice(_ODD))
        case 5:
            cut = chance.randrange(len(parts[at]) + 1)
            parts[at] = parts[at][:cut] + bytes([chance.randrange(256)]) + parts[at][cut:]
        case 6:
            other = chance.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        case _:
            parts[at] = name + equals + value[:1_000] * chance.choice((0, 2, 50))

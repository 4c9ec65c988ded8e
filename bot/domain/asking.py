"""How a poll is asked: the place it stands at, the choices below it, the keys that answer it on a call."""

from __future__ import annotations

from typing import Final

from bot.domain.conversation import Place, PlaceKind
from bot.domain.message import Choice
from bot.domain.poll import MOST_DIGITS, Poll, PollKind, PollRound

OUT_OF_A_NUMBER: Final = "*"
"""The key for the way out of a number: its digits and the reserved keys are taken."""
END: Final = "#"
"""What ends a number, or several options, keyed one by one."""


def asked_at(poll: Poll, poll_round: PollRound) -> Place:
    """The place of a question in one round; a button of another round belongs to another place."""
    return Place(PlaceKind.POLL, (poll.id, poll.question_id, poll_round.tag))


def offered(poll: Poll, poll_round: PollRound) -> tuple[Choice, ...]:
    """The choices as they are shown, with keys from 1; of a number only the way out."""
    place = asked_at(poll, poll_round)
    numbers = [OUT_OF_A_NUMBER] if poll.kind is PollKind.NUMBER else [str(n) for n in range(1, len(poll.options) + 1)]
    options = poll.options[-1:] if poll.kind is PollKind.NUMBER else poll.options
    return tuple(Choice(key, f"{place}:{option.id}", option.label) for key, option in zip(numbers, options, strict=True))


def keys(poll: Poll) -> int:
    """How many keys may answer it on a call, or fewer and #."""
    if poll.kind is PollKind.NUMBER and poll.bounds:
        return min(MOST_DIGITS, len(str(poll.bounds.most)) + 1)
    return poll.most

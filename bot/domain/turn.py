"""What became of one inbound message."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from bot.domain.message import Inbound, Reply
from bot.domain.understanding import Understood


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of a turn. `new` is False for a redelivery, which changed nothing and says nothing.

    `state` is the public form of the place; `understood` is None where no engine was needed; `message_ids` name the
    rows of the ledger that hold the replies, in the same order; `question` is the id of what a call is to record now.
    """

    new: bool
    state: str
    understood: Understood | None = None
    replies: tuple[Reply, ...] = ()
    message_ids: tuple[str, ...] = ()
    question: str = ""


class Receiver(Protocol):
    """Takes what people send."""

    def receive(self, inbound: Inbound) -> Future[Receipt]:
        """Run one turn in one transaction. The future is done when it is on disk."""
        ...

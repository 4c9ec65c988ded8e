"""Telephone calls: who is called back or called, how far a call came, and what one webhook of a call says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.message import Address, Purpose, Reply
from bot.domain.voice_question import Recording


class CallKind(StrEnum):
    """Why there is a call.

    `back`: she rang, which is a request and no consent; `return`: she rang from a number that had said BAJA, and this is the
    one call that offers the way back; `out`: Batea has something to tell her; `in`: she rang and Batea answered.
    """

    BACK = "back"
    RETURN = "return"
    OUT = "out"
    IN = "in"


class CallState(StrEnum):
    """How far a call came. `heard`: a key was pressed, so a person listens. `RANK` says which way is forward."""

    QUEUED = "queued"
    DIALLING = "dialling"
    UNKNOWN = "unknown"
    RINGING = "ringing"
    ANSWERED = "answered"
    HEARD = "heard"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    MACHINE = "machine"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_UNDER_WAY = (
    CallState.QUEUED,
    CallState.DIALLING,
    CallState.UNKNOWN,
    CallState.RINGING,
    CallState.ANSWERED,
    CallState.HEARD,
)
RANK = {state: _UNDER_WAY.index(state) if state in _UNDER_WAY else len(_UNDER_WAY) for state in CallState}


def ended(state: CallState) -> bool:
    """Whether nothing more can come of a call."""
    return state not in _UNDER_WAY


def moves_forward(old: CallState, new: CallState) -> bool:
    """Whether a status that arrived late, twice or out of order may replace the one on record."""
    return RANK[new] > RANK[old]


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """One call to or from one number. It is dialled from `due_at` on, and not any more once it `expires_at`.

    `attempt` counts, from 1, the calls out about the same thing; each is a call of its own. `purpose` says in which hours a
    call out may be made.
    """

    id: str
    to: Address
    kind: CallKind
    due_at: datetime
    expires_at: datetime
    state: CallState = CallState.QUEUED
    attempt: int = 1
    purpose: Purpose = Purpose.SERVICE


@dataclass(frozen=True, slots=True)
class CallThread:
    """What the address of a call's next step carries, so that any process can go on with it.

    `step` counts the documents of this call from 0; `misses` the silences and wrong keys in a row; `began_s` is when it was
    taken (Unix seconds, 0: not yet); `closed` says that nothing but who calls was said so far; `untold` that messages may wait
    until it is known who listens; `offered` are the ids of the choices of a message that was told, in the order of their keys
    from 1; `question` is the id of the question that is being recorded.
    """

    call_id: str = ""
    step: int = 0
    misses: int = 0
    began_s: int = 0
    closed: bool = False
    untold: bool = False
    offered: tuple[str, ...] = ()
    question: str = ""

    def onward(self, *, misses: int = 0, offered: tuple[str, ...] = ()) -> CallThread:
        """The thread of the next step."""
        return replace(self, step=self.step + 1, misses=misses, closed=False, offered=offered, question="")


class CallMoment(StrEnum):
    """What a webhook of a call is about.

    `recorded`: she has spoken and waits; `stored`: the vendor has a recording, and nobody waits for what follows.
    """

    RINGING = "ringing"
    ANSWERED = "answered"
    MACHINE = "machine"
    KEY = "key"
    SILENCE = "silence"
    STATUS = "status"
    RECORDED = "recorded"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One webhook of a call. `person` is None where the number is hidden.

    `state` is set for a status, `key` for a key, `recording` where one was made; `lasted_s` once the call has ended.

    `delivery` names this step of this call: the same again is a repeated request.
    """

    sid: str
    moment: CallMoment
    person: Address | None
    delivery: str
    thread: CallThread = field(default_factory=CallThread)
    recipient: str = ""
    key: str = ""
    state: CallState | None = None
    recording: Recording | None = None
    lasted_s: int = 0

    def __repr__(self) -> str:
        """Without what was pressed."""
        return f"CallEvent({self.moment.value})"


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What a call does next: the vendor's document, and what it says; `state` is the public place where a turn was taken."""

    document: str
    said: tuple[Reply, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply as a call says it: the address of its clip, None where there is none and the vendor reads the text."""

    reply: Reply
    clip_url: str | None


class Calls(Protocol):
    """Telephone calls: queued, under way, and for a while the bare hash of whom they went to, for the limits."""

    def add(self, call: PhoneCall, now: datetime) -> None:
        """Write a call; one that is not queued counts as dialled now."""
        ...

    def due(self, now: datetime, limit: int = 20) -> Sequence[PhoneCall]:
        """Queued calls whose time has come, the oldest first, locked until the transaction ends."""
        ...

    def dialled(self, call_id: str, now: datetime) -> None:
        """Turn a queued call into one that is being dialled."""
        ...

    def postpone(self, call_id: str, until: datetime, now: datetime, *, expires_at: datetime | None = None) -> None:
        """Put a call that was not made back into the queue; it expires when it did, or then."""
        ...

    def hasten(self, to: Address, due_at: datetime, purpose: Purpose) -> None:
        """Have a queued call out to that number made earlier, for that purpose."""
        ...

    def advance(self, call_id: str, state: CallState, now: datetime) -> PhoneCall | None:
        """Move a call forward; gives it as it was before, None where nothing changed. An ended one loses its number."""
        ...

    def count(self, since: datetime, to: Address | None = None) -> int:
        """Calls dialled since then or still queued, to one number or to all."""
        ...

    def waiting(self, to: Address, kind: CallKind, *, taken: bool = True) -> bool:
        """Whether a call of that kind to that number has not ended; with `taken` false, one that was not taken yet."""
        ...

    def offered_return(self, to: Address, since: datetime) -> bool:
        """Whether the one call that offers the way back was made since then."""
        ...

    def stuck(self, before: datetime) -> Sequence[PhoneCall]:
        """Calls of whose end no vendor has told, unchanged since before that moment."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete ended calls older than that, but for those that offered the way back; returns how many."""
        ...

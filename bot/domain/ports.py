"""What the rooms ask of each other, as Protocols: the only way one room reaches another is through `wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bot.domain.community import Committee, Community
from bot.domain.conversation import State
from bot.domain.learning import LessonRecord, Module, Progress
from bot.domain.meeting import Meeting, Rsvp
from bot.domain.message import Address, Clip, Inbound, MessageState, OutboundMessage, Rendered, Reply, Speech, StatusUpdate
from bot.domain.person import Consent, Country, Person
from bot.domain.poll import Poll, PollRound
from bot.domain.understanding import Alarm, Understood

T = TypeVar("T")


class Clock(Protocol):
    """The time, which tests and `batea chat` may move."""

    def now(self) -> datetime:
        """Timezone-aware UTC."""
        ...


class Understander(Protocol):
    """Reads sentences."""

    name: str

    def alarm(self, text: str) -> Alarm:
        """Danger and unsafe requests, by rule, on any text. Never raises."""
        ...

    def parse(self, text: str) -> Understood:
        """The full verdict. Raises UnderstandingError where the engine cannot answer."""
        ...


class Library(Protocol):
    """Everything that is said and taught, from `content/`."""

    def reply(
        self, reply_id: str, country: Country | None = None, *, variant: int = 0, slow: bool = False, **params: object
    ) -> Reply:
        """A sentence by its id, with its choices, its parameters filled in, and its full speech text.

        Where the file offers several wordings, `variant` picks one (modulo). A `datetime` parameter is written the way
        people say dates. Raises KeyError for an unknown id: a test walks every id that the dialogue names.
        """
        ...

    def has(self, reply_id: str, country: Country | None = None) -> bool:
        """Whether that sentence exists for that country."""
        ...

    def modules(self, country: Country) -> Sequence[Module]:
        """The modules served in that country now (drafts only where the setting allows), in their order."""
        ...

    def module(self, module_id: str, country: Country) -> Module | None:
        """One module, or None where it is not served."""
        ...

    def poll(self, poll_id: str) -> Poll | None:
        """One published poll version."""
        ...


class Inbox(Protocol):
    """What has already been dealt with."""

    def is_new(self, channel: str, vendor_id: str, now: datetime) -> bool:
        """Record a delivery by a keyed hash of its vendor id; False where it was recorded before."""
        ...


class People(Protocol):
    """Persons, their addresses, states and progress."""

    def meet(self, address: Address, now: datetime) -> tuple[Person, State]:
        """The person behind an address, made on first contact; holds a lock on her until the transaction ends."""
        ...

    def save(self, person: Person, state: State) -> None:
        """Write profile and state."""
        ...

    def record_consent(self, person_id: str, consent: Consent) -> None:
        """Keep the proof; a later one does not overwrite it."""
        ...

    def opted_out(self, address: Address) -> bool:
        """Whether this address said BAJA."""
        ...

    def set_opted_out(self, address: Address, when: datetime | None) -> None:
        """Record or lift an opt-out of one address; lifting is None."""
        ...

    def progress(self, person_id: str) -> Progress:
        """What she has learnt."""
        ...

    def record_lesson(self, person_id: str, record: LessonRecord) -> None:
        """Insert or update how far she came in one lesson; a finish is never taken back."""
        ...

    def record_quiz(self, person_id: str, module_id: str, quiz_id: str, option_id: str, right: bool, when: datetime) -> None:
        """Append one quiz answer."""
        ...

    def ask_for_help(self, person_id: str, when: datetime) -> None:
        """Put her in the queue of people who want a person; asking twice keeps the first place."""
        ...

    def erase(self, person_id: str) -> None:
        """Delete everything about her: addresses, state, progress, answers that can still be linked, RSVPs."""
        ...


class Communities(Protocol):
    """Places and committees."""

    def all(self, country: Country | None = None) -> Sequence[Community]:
        """Communities, of one country where given, by name."""
        ...

    def get(self, community_id: str) -> Community | None:
        """One community."""
        ...

    def committees(self, community_id: str) -> Sequence[Committee]:
        """The committees of a community."""
        ...

    def put(self, communities: Sequence[Community], committees: Sequence[Committee]) -> None:
        """Insert or replace."""
        ...


class Polls(Protocol):
    """Rounds and answers. Participation and answers are kept apart; an answer carries no message id and only its day."""

    def open_rounds(self, now: datetime, territory: str | None) -> Sequence[PollRound]:
        """Rounds open now to that territory, the oldest first."""
        ...

    def answered(self, round_id: str, person_id: str) -> bool:
        """Whether she took part in that round."""
        ...

    def answer(self, round_id: str, person_id: str, option_ids: Sequence[str], when: datetime) -> None:
        """Record or change her one answer to an open round."""
        ...

    def counts(self, round_id: str) -> Mapping[str, int]:
        """Answers by option id. Not for showing: results go through suppression."""
        ...

    def put_round(self, poll_round: PollRound) -> None:
        """Insert or replace a round."""
        ...


class Meetings(Protocol):
    """Meetings and RSVPs, the latter only ever as counts."""

    def next_for(self, community_id: str, now: datetime) -> Meeting | None:
        """The next meeting of that community that is not cancelled."""
        ...

    def get(self, meeting_id: str) -> Meeting | None:
        """One meeting."""
        ...

    def put(self, meeting: Meeting) -> None:
        """Insert or replace."""
        ...

    def rsvp(self, meeting_id: str, person_id: str, rsvp: Rsvp, when: datetime) -> None:
        """Record or change whether she comes."""
        ...

    def coming(self, meeting_id: str) -> int:
        """How many said yes."""
        ...


class Outbox(Protocol):
    """The ledger of outbound messages, the truth about each."""

    def add(self, messages: Sequence[OutboundMessage], person_id: str | None) -> None:
        """Write rows, encrypted."""
        ...

    def claim(self, now: datetime, *, ids: Sequence[str] | None = None, limit: int = 100) -> Sequence[OutboundMessage]:
        """Turn queued rows that are due (those ids, or the oldest) into `sending` and open them.

        Rows of one address come in the order in which they were added.
        """
        ...

    def part_sent(self, message_id: str, vendor_id: str, parts_sent: int) -> None:
        """Record one vendor call that succeeded."""
        ...

    def settle(
        self, message_id: str, state: MessageState, now: datetime, *, error_code: str = "", not_before: datetime | None = None
    ) -> None:
        """Set what became of a claimed row; `queued` with `not_before` means a retry. Final states drop the body."""
        ...

    def advance(self, update: StatusUpdate, now: datetime) -> bool:
        """Apply a vendor's status, forward only; False where it changed nothing or is of an unknown message."""
        ...

    def abandoned(self, before: datetime) -> int:
        """Turn rows in `sending` since before that moment into `unknown`, or back into `queued` where nothing had been tried."""
        ...

    def counts(self) -> Mapping[MessageState, int]:
        """Rows by state."""
        ...


class UnitOfWork(Protocol):
    """One transaction over everything."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def people(self) -> People: ...
    @property
    def communities(self) -> Communities: ...
    @property
    def polls(self) -> Polls: ...
    @property
    def meetings(self) -> Meetings: ...
    @property
    def outbox(self) -> Outbox: ...


class Store(Protocol):
    """The database."""

    def submit(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Run `work` in one transaction. The future is done only when it is on disk; an exception undoes all of it."""
        ...

    def close(self) -> None:
        """Finish what waits, then let go of the files."""
        ...


class ClipLibrary(Protocol):
    """Voice notes: a human recording where there is one, else what was synthesised before, else synthesised now."""

    def clip(self, speech: Speech, *, call: bool = False) -> Clip | None:
        """A clip of at most 60 s: OGG/Opus, or mu-law WAV for a call. None where no voice can be had; never raises for that."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request, free of any framework. `url` is the public one that the vendor signed; header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookEvents:
    """What a webhook held."""

    inbound: tuple[Inbound, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()


class Channel(Protocol):
    """One way to talk: parse what comes in, render what goes out. Knows neither database nor web framework."""

    name: str

    def verify(self, request: WebhookRequest) -> None:
        """Raise SignatureError unless the vendor made the request."""
        ...

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """Read a verified request. Raises PayloadError where it cannot be read at all."""
        ...

    def render(self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None) -> Sequence[Rendered]:
        """The vendor calls that say this reply, in order: text before voice."""
        ...

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the vendor's message id. Raises a SendError. Blocking: call it from a thread."""
        ...


class Notebook(Protocol):
    """Structured logging and metrics without addresses or texts."""

    def event(self, name: str, **facts: Any) -> None:
        """Record that something happened."""
        ...

"""What the rooms ask of each other, as Protocols: the only way one room reaches another is through `wiring.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from bot.domain.call import CallEvent, CallThread, Spoken
from bot.domain.learning import Lesson, Module, Wording
from bot.domain.listening import Heard, Offer
from bot.domain.message import Address, Choice, Clip, Drawing, Inbound, Media, Rendered, Reply, Speech, StatusUpdate
from bot.domain.person import Country
from bot.domain.poll import Poll
from bot.domain.understanding import Alarm, Understood


class Clock(Protocol):
    """The time, which tests and `batea chat` may move."""

    def now(self) -> datetime:
        """Timezone-aware UTC."""
        ...


class Understander(Protocol):
    """Reads sentences."""

    name: str

    def alarm(self, text: str) -> Alarm:
        """Danger and unsafe requests, by rule or learnt, on any text. Never raises."""
        ...

    def parse(self, text: str) -> Understood:
        """The full verdict. Raises UnderstandingError where the engine cannot answer."""
        ...


class Library(Protocol):
    """Everything that is said and taught, from `content/`."""

    def reply(
        self,
        reply_id: str,
        country: Country | None = None,
        *,
        variant: int = 0,
        slow: bool = False,
        choices: Sequence[Choice] | None = None,
        **params: object,
    ) -> Reply:
        """A sentence by its id (`<file>.<key>`), with its parameters filled in and its full speech text, options included.

        `choices` replaces those of the file, for lists that are only known now (lessons, polls). Where the file offers
        several wordings, `variant` picks one (modulo). A `datetime` parameter is written the way people say dates.
        Raises KeyError for an unknown id: a test walks every id that the dialogue names.
        """
        ...

    def say(
        self,
        say_id: str,
        wording: Wording,
        country: Country | None = None,
        *,
        slow: bool = False,
        choices: Sequence[Choice] = (),
        image: str | None = None,
    ) -> Reply:
        """A lesson's, quiz's or poll's wording as a reply, spoken in full like the above."""
        ...

    def has(self, reply_id: str, country: Country | None = None) -> bool:
        """Whether that sentence exists for that country."""
        ...

    def languages(self) -> Mapping[str, str]:
        """The languages beside Spanish in which somebody has recorded anything: their names by code."""
        ...

    def recorded(self, speech: Speech) -> bool:
        """Whether a person says exactly this in that language."""
        ...

    def modules(self, country: Country) -> Sequence[Module]:
        """The modules served in that country now (drafts only where the setting allows), in their order."""
        ...

    def module(self, module_id: str, country: Country) -> Module | None:
        """One module, or None where it is not served."""
        ...

    def more(self, reply_id: str, country: Country) -> tuple[Module, Lesson] | None:
        """The lesson that tells more than a reply, or None where there is none, or it is not served."""
        ...

    def poll(self, poll_id: str) -> Poll | None:
        """One published poll version."""
        ...


class ClipLibrary(Protocol):
    """Voice notes: a human recording where there is one, else what was synthesised before, else synthesised now."""

    def clip(self, speech: Speech, *, call: bool = False) -> Clip | None:
        """A clip of at most 60 s: OGG/Opus, or mu-law WAV for a call. None where no voice can be had; never raises for that."""
        ...


class Listener(Protocol):
    """Understands speech."""

    def listen(self, audio: bytes, offers: Sequence[Offer]) -> Heard:
        """What a sound file says, or which of the offers. Raises ListeningError. Blocking: call it from a thread."""
        ...

    def close(self) -> None:
        """Let go of the process that listens."""
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
    """What a webhook held.

    `acknowledgements` are calls that the vendor waits for whatever the answer will be (Telegram's button stops spinning):
    give them to `Channel.send` once the events are stored; a SendError from them changes nothing.
    """

    inbound: tuple[Inbound, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()
    acknowledgements: tuple[Rendered, ...] = ()


class Channel(Protocol):
    """One way to talk: parse what comes in, render what goes out. Knows neither database nor web framework."""

    name: str

    def verify(self, request: WebhookRequest) -> None:
        """Raise SignatureError unless the vendor made the request."""
        ...

    def parse(self, request: WebhookRequest, now: datetime) -> WebhookEvents:
        """Read a verified request. Raises PayloadError where it cannot be read at all."""
        ...

    def render(
        self, reply: Reply, to: Address, clip: Clip | None, clip_url: str | None, drawing: Drawing | None = None
    ) -> Sequence[Rendered]:
        """The vendor calls that say this reply, in order: picture, text, voice; what the channel cannot carry is left out."""
        ...

    def send(self, rendered: Rendered) -> str:
        """Make one call; returns the vendor's message id. Raises a SendError. Blocking: call it from a thread."""
        ...

    def fetch(self, media: Media) -> bytes:
        """The sound file that came with a message, at most 16 MB of it. Raises MediaError. Blocking."""
        ...

    def close(self) -> None:
        """Let go of connections and threads."""
        ...


@runtime_checkable
class Tracing(Protocol):
    """A channel whose vendor can be asked what became of a call that nobody knows the outcome of."""

    def trace(self, rendered: Rendered, since: datetime) -> Sequence[str]:
        """The vendor's ids of messages like that one, to the same recipient, made from then on. Raises a SendError. Blocking."""
        ...


class CallChannel(Channel, Protocol):
    """The telephone: besides a channel's, the documents that say what a call does next."""

    def read(self, request: WebhookRequest, now: datetime) -> CallEvent | None:
        """Read a verified request; None where nothing follows from it. Raises PayloadError where it names no call."""
        ...

    def reject(self) -> str:
        """Do not take the call: it costs nobody anything."""
        ...

    def hang_up(self, spoken: Sequence[Spoken] = ()) -> str:
        """Say that, then end the call."""
        ...

    def listen(self, spoken: Sequence[Spoken], thread: CallThread, keys: int = 1) -> str:
        """Say that, interrupted by any key, and wait for one (or that many, or fewer and #); they come back with the thread."""
        ...

    def record(self, spoken: Sequence[Spoken], thread: CallThread, longest_s: int) -> str:
        """Say that, then record what she says; the recording comes back with the thread, and so does silence."""
        ...

    def fetch_recording(self, sid: str) -> bytes:
        """A recording that the vendor keeps, at most 16 MB of it. Raises MediaError. Blocking."""
        ...

    def delete_recording(self, sid: str) -> None:
        """Have the vendor delete a recording; one that is gone already is no error. Raises a SendError. Blocking."""
        ...

    def ring(self, to: Address, call_id: str) -> Rendered:
        """The vendor call that rings a number; what happens comes back with the call's id."""
        ...


class Notebook(Protocol):
    """Structured logging and metrics without addresses or texts."""

    def event(self, name: str, **facts: Any) -> None:
        """Record that something happened."""
        ...

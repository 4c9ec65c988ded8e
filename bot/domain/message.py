"""What comes in and what goes out, free of any channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.listening import Heard, Unheard
from bot.domain.person import Country


class ChannelName(StrEnum):
    """The four ways to talk to Batea."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    CALL = "call"


WHATSAPP_OPEN_FOR: Final = timedelta(hours=24)
"""How long WhatsApp takes free text after she last wrote. Source: channels.md, "WhatsApp 24 h window", read November 2026."""
SHOWING: Final = frozenset({ChannelName.WHATSAPP, ChannelName.TELEGRAM})
"""Where pictures come."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where one person can be reached on one channel.

    `value` is an E.164 number (`+573001234567`) on SMS and calls; on WhatsApp that, or `bsuid:CO.<id>` for a
    business-scoped user id without a number; on Telegram the chat id in digits. A simulated address belongs to the
    simulator page or `batea chat`: nothing sent to it ever reaches a vendor.
    """

    channel: ChannelName
    value: str
    simulated: bool = False

    @property
    def identity(self) -> str:
        """The name of the person behind the address: one number is one person on SMS, WhatsApp and calls."""
        realm = "sim:" if self.simulated else ""
        if self.channel is ChannelName.TELEGRAM:
            return f"{realm}telegram:{self.value}"
        if self.value.startswith("bsuid:"):
            return f"{realm}{self.value}"
        return f"{realm}tel:{self.value}"

    def __repr__(self) -> str:
        """Without the value: an address never shows in a log or a traceback."""
        return f"Address({self.channel.value}, ***)"


class InboundKind(StrEnum):
    """What a person did."""

    TEXT = "text"
    BUTTON = "button"
    KEY = "key"
    VOICE = "voice"
    LOCATION = "location"
    MEDIA = "media"
    MISSED_CALL = "missed_call"
    ANSWERED_CALL = "answered_call"
    RECORDED = "recorded"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Media:
    """A file that came with a message: where the vendor keeps it, and its declared type."""

    reference: str
    mime: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a person sent. `vendor_id` names the delivery for ever: the same one again changes nothing.

    `aliases` are further addresses of the same person that the same delivery carried (WhatsApp may give a number beside the
    business-scoped id in `sender`). A text that was recognised from a voice note comes with what was `heard`; a voice note of
    which nothing was understood with the reason, `unheard`. What answers to it is `spoken` by whoever asks, in a call, and not
    sent. `begins`: it is the first of a call. `kept`: what she has just recorded in a call is kept. Of a facilitator's voice note
    `recording` is the key under which it is kept, or `spoiled` says why it cannot be used.
    """

    vendor_id: str
    sender: Address
    kind: InboundKind
    received_at: datetime
    text: str = ""
    button: str = ""
    key: str = ""
    media: tuple[Media, ...] = ()
    recipient: str = ""
    aliases: tuple[Address, ...] = ()
    heard: Heard | None = None
    unheard: Unheard = Unheard.UNANSWERED
    spoken: bool = False
    begins: bool = False
    kept: bool = False
    recording: str = ""
    spoiled: str = ""

    def __repr__(self) -> str:
        """Without what was said."""
        return f"Inbound({self.sender.channel.value}, {self.kind.value})"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of at most five ways to answer. `key` is what is pressed, `id` (1 to 64 ASCII bytes) what a button returns."""

    key: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Speech:
    """What a voice note says, in full, options included.

    `catalogue` is true only for sentences that stand in `content/` with nothing filled in: an online engine may be given
    those, never a name, a place or a person's words.
    """

    text: str
    language: str = "es"
    slow: bool = False
    catalogue: bool = True
    key: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing Batea says. `id` is the sentence's name in `content/`; `sms` replaces `text` where letters are few.

    `voice_note` is False for somebody who prefers to read: the voice note is then made only when she asks for it. On a call
    `keys` is how many keys may answer it, or fewer and #. Where WhatsApp takes an approved text alone, `template` names it and
    `variables` fill its slots, by name.
    """

    id: str
    text: str
    speech: Speech | None = None
    choices: tuple[Choice, ...] = ()
    image: str | None = None
    sms: str | None = None
    voice_note: bool = True
    keys: int = 1
    template: str = ""
    variables: tuple[tuple[str, str], ...] = ()


class Purpose(StrEnum):
    """Why something is said: a `reply`, and what answers a `danger`, at any hour; the others within their hours.

    `chosen`: what she asked for and gets later, such as at the hour that she chose; `service`: meetings, polls, results;
    `urgent`: a change or cancellation, which expires when the meeting begins; `promotional`: what the programme wants of her.
    """

    REPLY = "reply"
    DANGER = "danger"
    CHOSEN = "chosen"
    SERVICE = "service"
    URGENT = "urgent"
    PROMOTIONAL = "promotional"


_ANSWERS = frozenset({Purpose.REPLY, Purpose.DANGER})
COUNTED = frozenset({Purpose.SERVICE, Purpose.PROMOTIONAL})
"""Of these nobody gets more than so many a week."""


class MessageState(StrEnum):
    """Where one outbound message stands. The numbers of `RANK` say which way is forward.

    A message that is held waits until the person writes: WhatsApp takes free text only in the 24 hours after she did.
    """

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


RANK = {
    MessageState.QUEUED: 0,
    MessageState.HELD: 0,
    MessageState.SENDING: 1,
    MessageState.UNKNOWN: 2,
    MessageState.SENT: 3,
    MessageState.FAILED: 4,
    MessageState.DELIVERED: 5,
    MessageState.READ: 6,
    MessageState.CANCELLED: 7,
    MessageState.EXPIRED: 7,
}


def moves_forward(old: MessageState, new: MessageState) -> bool:
    """Whether a status that arrived late, twice or out of order may replace the one on record."""
    return RANK[new] > RANK[old]


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A row of the ledger, opened: one reply to one address.

    `parts_sent` counts the vendor calls that already left (text, then voice), so that a retry repeats none of them. An
    ephemeral message (a crisis answer, a goodbye to somebody who is erased) is deleted as soon as it has left. What has not
    begun to leave when it `expires_at` is not sent any more. All messages of one `announcement` to one person count as one, as
    many as it takes, by whichever channels; '' stands for the message alone. `country` is the person's, whose hours and laws
    hold; None: what her address tells. It is `awaited` where she has written since it was held for her. What is `patient` waits
    until her week has room for it, rather than not be sent at all. `broadcast_id`: what it is one of many of, '' for none.
    """

    id: str
    to: Address
    reply: Reply
    created_at: datetime
    state: MessageState = MessageState.QUEUED
    parts_sent: int = 0
    attempts: int = 0
    ephemeral: bool = False
    not_before: datetime | None = None
    purpose: Purpose = Purpose.REPLY
    expires_at: datetime | None = None
    announcement: str = ""
    country: Country | None = None
    awaited: bool = False
    patient: bool = False
    broadcast_id: str = ""

    @property
    def rings(self) -> bool:
        """Whether it is told by telephone."""
        return self.to.channel is ChannelName.CALL and not self.to.simulated

    @property
    def unasked(self) -> bool:
        """Whether it stops while people are paused. What goes to a telephone does: replies are spoken in the call itself."""
        return self.purpose not in _ANSWERS or (self.rings and self.purpose is not Purpose.DANGER)

    @property
    def timed(self) -> bool:
        """Whether it has to keep to hours: nobody waits for it now."""
        return self.purpose not in _ANSWERS and not self.awaited

    @property
    def counted(self) -> bool:
        """Whether it is one of the few that a person gets in a week without having asked for it."""
        return self.purpose in COUNTED and not self.awaited


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What a vendor says has become of a message it was given.

    `outside_window`: it failed because the person has not written to us for too long; it may leave once she does. `nobody`: it
    failed because nobody can be reached there.
    """

    vendor_id: str
    state: MessageState
    error_code: str = ""
    outside_window: bool = False
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """One call to a vendor, ready to make. `api` is e.g. `twilio.messages` or `telegram.sendVoice`.

    `segments` and `encoding` (`GSM-7` or `UCS-2`) are set for SMS only; `twiml` only on a call. A call that `follows` leaves
    only once the vendor says that the one before it was sent, or after three seconds, so that it cannot overtake it. What
    becomes of a `spare` one (a picture) changes nothing for the others of its message.
    """

    api: str
    params: dict[str, object] = field(default_factory=dict)
    segments: int | None = None
    encoding: str | None = None
    twiml: str | None = None
    follows: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture on disk, as PNG. `name` is the file's: it changes with what is drawn. A vendor may fetch it at `url`."""

    name: str
    path: str
    mime: str = "image/png"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """A voice note on disk. `name` is its content key; `duration_s` in seconds."""

    name: str
    path: str
    mime: str
    duration_s: float

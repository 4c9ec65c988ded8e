"""A phone in the terminal: what is typed becomes an inbound message, what arrives becomes lines."""

from __future__ import annotations

import mimetypes
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.delivery.phones import Arrival
from bot.dialogue.whereabouts import whereabouts
from bot.domain.clock import MovableClock
from bot.domain.errors import UsageError
from bot.domain.message import Address, ChannelName, Clip, Inbound, InboundKind, Media, Rendered
from bot.domain.turn import Receipt
from bot.domain.understanding import Understood
from bot.running import Batea

DURATION: Final = re.compile(r"(\d{1,5})\s*([smhdw])")
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
PHONE_KEYS: Final = re.compile(r"[0-9*#]")
# A wait passes in steps, so that what is due on the way is not all late at its end.
STEP: Final = timedelta(minutes=30)
MOST_STEPS: Final = 1500
# Fictitious numbers, one a country, that nobody is ever called at.
DEFAULT_NUMBERS: Final = {"CO": "+573009990001", "PE": "+51909990001"}
DEFAULT_CHAT_ID: Final = "9990001"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output in its public form (design.md, section 4)."""

    mapping: dict[str, Any]
    arrivals: tuple[Arrival, ...] = ()


def default_address(channel: ChannelName, country: str) -> Address:
    """The address of a terminal that was given none."""
    value = DEFAULT_CHAT_ID if channel is ChannelName.TELEGRAM else DEFAULT_NUMBERS[country]
    return Address(channel, value, simulated=True)


def parse_address(channel: str, value: str) -> Address:
    """An address as typed. Raises UsageError for an unknown channel or a value that cannot be one."""
    try:
        name = ChannelName(channel)
    except ValueError as error:
        raise UsageError(f"{channel} is no channel: use sms, whatsapp, telegram or call") from error
    shape = r"-?\d{1,20}" if name is ChannelName.TELEGRAM else r"\+\d{7,15}|bsuid:[\w.]{1,80}"
    if not re.fullmatch(shape, value):
        raise UsageError(f"that is no address for {channel}: write a number such as {DEFAULT_NUMBERS['CO']} (Telegram: digits)")
    return Address(name, value, simulated=True)


class Terminal:
    """One terminal, in which several people may take turns. The clock stands still but for `/wait`."""

    def __init__(self, batea: Batea, clock: MovableClock, address: Address) -> None:
        self._batea = batea
        self._clock = clock
        self._address = address
        self._turn = 0
        self._arrived: list[tuple[datetime, Arrival]] = []
        self._commands = {
            "/voice": self._voice,
            "/key": self._key,
            "/button": self._button,
            "/missed-call": self._missed_call,
            "/location": self._location,
            "/as": self._as,
            "/wait": self._wait,
        }

    def read(self, typed: str) -> Iterator[Line]:
        """Take one typed line; gives the line that answers it, then whatever came unasked. Raises UsageError."""
        word, _, rest = typed.partition(" ")
        command = self._commands.get(word)
        inbound = command(rest.strip()) if command else self._text(typed)
        self._turn += 1
        receipt = self._receive(inbound) if inbound else Receipt(new=True, state=self._state())
        arrivals = self._batea.sender.phones.take(inbound.sender if inbound else self._address)
        yield self._line(typed, receipt, arrivals)
        self._sweep()
        arrived, self._arrived = self._arrived, []
        for at, arrival in arrived:
            yield self._unasked(at, arrival)

    def _receive(self, inbound: Inbound) -> Receipt:
        receipt = self._batea.reception.receive(inbound).result()
        self._batea.sender.send(receipt.message_ids)
        return receipt

    def _state(self) -> str:
        address, now = self._address, self._clock.now()
        return self._batea.store.submit(lambda uow: whereabouts(uow, address, now)).result()

    def _inbound(self, kind: InboundKind, **facts: Any) -> Inbound:
        return Inbound(f"chat-{secrets.token_hex(8)}", self._address, kind, self._clock.now(), **facts)

    def _text(self, typed: str) -> Inbound:
        if self._address.channel is ChannelName.CALL and PHONE_KEYS.fullmatch(typed.strip()):
            return self._key(typed.strip())
        return self._inbound(InboundKind.TEXT, text=typed)

    def _voice(self, file: str) -> Inbound:
        if not file:
            raise UsageError("write /voice and a sound file")
        mime = mimetypes.guess_type(file)[0] or "application/octet-stream"
        return self._inbound(InboundKind.VOICE, media=(Media(file, mime),))

    def _key(self, key: str) -> Inbound:
        if not key:
            raise UsageError("write /key and a key, such as /key 2")
        return self._inbound(InboundKind.KEY, key=key)

    def _button(self, button: str) -> Inbound:
        if not button:
            raise UsageError("write /button and the id of a choice")
        return self._inbound(InboundKind.BUTTON, button=button)

    def _missed_call(self, _: str) -> Inbound:
        if self._address.channel is ChannelName.TELEGRAM:
            raise UsageError("a call needs a telephone number: write /as call +573009990001 first")
        self._address = replace(self._address, channel=ChannelName.CALL)
        return self._inbound(InboundKind.MISSED_CALL)

    def _location(self, where: str) -> Inbound:
        if not re.fullmatch(r"-?[\d.]+ -?[\d.]+", where):
            raise UsageError("write /location and two numbers, such as /location 7.58 -75.40")
        return self._inbound(InboundKind.LOCATION)

    def _as(self, who: str) -> None:
        channel, _, value = who.partition(" ")
        self._address = parse_address(channel, value.strip())

    def _wait(self, how_long: str) -> None:
        match = DURATION.fullmatch(how_long)
        if not match:
            raise UsageError("write /wait and how long, such as /wait 90s, /wait 20m, /wait 3h, /wait 2d or /wait 1w")
        left = timedelta(**{UNITS[match[2]]: int(match[1])})
        step = max(STEP, left / MOST_STEPS)
        while left:
            # What is due on the way happens when it is due.
            passed = min(step, left)
            self._clock.move(passed)
            left -= passed
            if left:
                self._sweep()

    def _sweep(self) -> None:
        """Send what is due."""
        while self._batea.rounds.sweep() or self._batea.meetings.telling.sweep() or self._batea.studying.sweep():
            pass
        while self._batea.sender.sweep():
            pass
        now = self._clock.now()
        self._arrived += [(now, arrival) for arrival in self._batea.sender.phones.take_all()]

    def _line(self, typed: str, receipt: Receipt, arrivals: list[Arrival]) -> Line:
        mapping = {
            "turn": self._turn,
            "input": typed,
            "understood": understood_mapping(receipt.understood),
            "replies": [reply_mapping(arrival) for arrival in arrivals],
            "state": receipt.state,
        }
        return Line(mapping, tuple(arrivals))

    def _unasked(self, at: datetime, arrival: Arrival) -> Line:
        mapping = {
            "turn": None,
            "to": arrival.to.value,
            "channel": arrival.to.channel.value,
            "at": at.isoformat(),
            "input": None,
            "understood": None,
            "replies": [reply_mapping(arrival)],
            "state": None,
        }
        return Line(mapping, (arrival,))


def understood_mapping(understood: Understood | None) -> dict[str, Any] | None:
    """What an engine made of the line, None where none was asked."""
    if understood is None:
        return None
    return {
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "engine": understood.engine,
        "danger": understood.danger.value if understood.danger else None,
        "unsafe": understood.unsafe.value if understood.unsafe else None,
    }


def reply_mapping(arrival: Arrival) -> dict[str, Any]:
    """One reply as it reached the phone."""
    return {
        "text": arrival.reply.text,
        "voice": clip_mapping(arrival.clip),
        "choices": [{"key": c.key, "id": c.id, "label": c.label} for c in arrival.reply.choices],
        "image": arrival.drawing.path if arrival.drawing else None,
        "rendered": [rendered_mapping(call) for call in arrival.rendered],
    }


def clip_mapping(clip: Clip | None) -> dict[str, Any] | None:
    """A voice note, None where there is none."""
    if clip is None:
        return None
    return {"clip": clip.name, "path": clip.path, "mime": clip.mime, "duration_s": round(clip.duration_s, 2)}


def rendered_mapping(call: Rendered) -> dict[str, Any]:
    """One vendor call; on a call only the TwiML."""
    if call.twiml is not None:
        return {"twiml": call.twiml}
    return {"api": call.api, "params": call.params, "segments": call.segments, "encoding": call.encoding}

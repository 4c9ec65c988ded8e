"""The sender: claims rows of the ledger, makes the vendor calls, records what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.aftermath import Aftermath
from bot.delivery.breaker import Breaker
from bot.delivery.gate import Gate
from bot.delivery.in_hand import GRACE_S, InHand, done
from bot.delivery.phones import SimulatedPhones
from bot.delivery.policy import judge, put_off
from bot.delivery.window import ReplyWindow
from bot.domain.errors import (
    AmbiguousSendError,
    ChannelError,
    OutsideWindowError,
    PermanentSendError,
    SenderConfigurationError,
    SendError,
    UnreachableError,
)
from bot.domain.message import SHOWING, ChannelName, Clip, Drawing, MessageState, OutboundMessage, Rendered, StatusUpdate
from bot.domain.ports import Channel, ClipLibrary, Clock, Notebook
from bot.domain.store import Store, UnitOfWork

ABANDONED_AFTER: Final = timedelta(minutes=2)
# How long a voice note waits for its text to be `sent` (channels.md: "hold the audio until the text is sent, or 3 s").
FOLLOWS_AFTER: Final = timedelta(seconds=3)
_HAS_LEFT: Final = frozenset({MessageState.SENT, MessageState.DELIVERED, MessageState.READ})


class Sender:
    """Sends what the ledger holds. Blocking; any number of threads may call it, the ledger's claims keep them apart.

    `gate` keeps back what may not leave now; `by_call` takes the rows that are told by telephone; `window` those that must wait
    until WhatsApp takes them. `left` is told of each vendor call that was made; `aftermath` settles what failed of broadcasts;
    `drawings` finds the picture that a reply names.
    """

    def __init__(
        self,
        store: Store,
        channels: Callable[[str], Channel],
        clips: ClipLibrary,
        clip_url: Callable[[Clip | Drawing], str],
        clock: Clock,
        notebook: Notebook,
        phones: SimulatedPhones,
        window: ReplyWindow,
        by_call: Callable[[UnitOfWork, OutboundMessage, datetime], bool] = lambda *_: False,
        gate: Gate | None = None,
        left: Callable[[OutboundMessage, Rendered], None] = lambda *_: None,
        aftermath: Aftermath | None = None,
        drawings: Callable[[str], Drawing | None] = lambda _: None,
    ) -> None:
        self._drawings = drawings
        self._gate = gate or Gate(notebook)
        self._left = left
        self._aftermath = aftermath
        self._breaker = Breaker()
        self._in_hand = InHand()
        self._store = store
        self._channels = channels
        self._clips = clips
        self._clip_url = clip_url
        self._clock = clock
        self._notebook = notebook
        self._window = window
        self._by_call = by_call
        self.phones = phones

    def send(self, message_ids: Sequence[str]) -> int:
        """Send those rows now, in order; returns with how many it is done. What cannot leave yet is left to `sweep`."""
        return self._sent(self.claim(message_ids).result()) if message_ids else 0

    def claim(self, message_ids: Sequence[str]) -> Future[Sequence[OutboundMessage]]:
        """Take those rows for `deliver`, which must follow at once: a sweep takes what stays claimed for lost."""
        if self._in_hand.stopping:
            return done(())
        now = self._clock.now()
        return self._store.submit(lambda uow: self._claim(uow, now, message_ids))

    def keep(self, messages: Sequence[OutboundMessage]) -> None:
        """Claimed rows wait for `deliver` or `send_one`: should this process end before, they are put back."""
        self._in_hand.claimed(messages)

    def deliver(self, messages: Sequence[OutboundMessage]) -> tuple[int, Future[None] | None]:
        """Send rows that are kept, in order: with how many it is done, and the last record, on disk once the future is done."""
        finished = 0
        recorded: Future[None] | None = None
        held_back: set[str] = set()
        for message in messages:
            if recorded:
                # Nothing leaves before the record of what left before it: after a crash only one row is in doubt.
                recorded.result()
            if message.to.identity in held_back:
                # An earlier message of hers must be heard first.
                recorded = self.put_back(message)
                continue
            left, recorded = self.send_one(message)
            if left:
                finished += 1
            else:
                held_back.add(message.to.identity)
        return finished, recorded

    def sweep(self, limit: int = 100) -> int:
        """Send what is due and was not sent: after a crash, a passing failure or a planned wait."""
        if self._in_hand.stopping:
            return 0
        now = self._clock.now()

        def work(uow: UnitOfWork) -> Sequence[OutboundMessage]:
            uow.outbox.abandoned(now - ABANDONED_AFTER)
            uow.outbox.expire(now)
            return self._claim(uow, now, limit=limit)

        return self._sent(self._store.submit(work).result())

    def stop(self) -> None:
        """Begin nothing more: what is claimed and not begun is put back where it was."""
        self._in_hand.stop()

    def finish(self, within_s: float = GRACE_S) -> None:
        """Stop, and wait so long for the vendors that have a message; an answer that has not come then counts as lost."""
        self.stop()
        rest = self._in_hand.rest(within_s)
        ended = AmbiguousSendError("this process ends", code="ended")
        records = [self._wait(one) for one in rest.untouched] + [self._failed(one, ended, heard=False)[1] for one in rest.begun]
        for recorded in records:
            recorded.result()

    def heard(self, statuses: Sequence[StatusUpdate]) -> Future[list[str]]:
        """Take what a vendor says has become of messages; gives the rows that may leave now because of it, for `send`."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> list[str]:
            ready: list[str] = []
            for status in statuses:
                if status.outside_window and self._window.reopen(uow, status.vendor_id, now):
                    continue
                changed = uow.outbox.advance(status, now)
                if status.state in _HAS_LEFT:
                    ready += uow.outbox.hasten(status.vendor_id)
                elif changed and status.state is MessageState.FAILED and self._aftermath:
                    self._aftermath.undelivered(uow, status.vendor_id, now, nobody=status.nobody)
            return ready

        return self._store.submit(work)

    def _claim(
        self, uow: UnitOfWork, now: datetime, ids: Sequence[str] | None = None, limit: int = 100
    ) -> Sequence[OutboundMessage]:
        return self.let_out(uow, uow.outbox.claim(now, ids=ids, limit=limit), now)

    def let_out(self, uow: UnitOfWork, claimed: Sequence[OutboundMessage], now: datetime) -> Sequence[OutboundMessage]:
        """Those of the claimed rows that may leave now; the others are put aside, in the transaction that claimed them."""
        # Whoever takes a row first has put it aside.
        asides = (self._by_call, self._window.held)
        through = self._gate.lets_through(uow, claimed, now)
        return [message for message in through if not any(aside(uow, message, now) for aside in asides)]

    def shut(self, channel: str) -> datetime | None:
        """Until when that channel's vendor is left alone because our own set-up is wrong."""
        shut = self._breaker.shut(channel, self._clock.now())
        return shut[0] if shut else None

    def _sent(self, messages: Sequence[OutboundMessage]) -> int:
        self.keep(messages)
        finished, recorded = self.deliver(messages)
        if recorded:
            recorded.result()
        return finished

    def send_one(self, message: OutboundMessage) -> tuple[bool, Future[None]]:
        """Make the calls that a claimed row still needs; False where it has to wait. The future is done once that is on disk."""
        if not self._in_hand.begin(message):
            return False, self.put_back(message)
        try:
            return self._send_begun(message)
        finally:
            self._in_hand.let_go(message)

    def _send_begun(self, message: OutboundMessage) -> tuple[bool, Future[None]]:
        name = message.to.channel.value
        shut = None if message.to.simulated else self._breaker.shut(name, self._clock.now())
        if shut:
            return False, self._put_off(message, shut[1], until=shut[0])
        sent = message.parts_sent
        try:
            clip, drawing, calls = self._render(message)
            if message.to.simulated:
                recorded = self._record(message, self.phones.deliver(message, clip, calls, drawing), len(calls), last=True)
            else:
                recorded = None
                channel = self._channels(name)
                for call in calls[sent:]:
                    if recorded:
                        recorded.result()
                    vendor_id = self._send_call(channel, message, call)
                    sent += 1
                    next_waits = sent < len(calls) and (calls[sent].follows or self._in_hand.stopping)
                    recorded = self._record(message, vendor_id, sent, last=sent == len(calls), next_waits=next_waits)
                    if next_waits:
                        return False, recorded
        except SenderConfigurationError as error:
            return self._misconfigured(message, error, heard=sent > 0)
        except SendError as error:
            return self._failed(message, error, heard=sent > 0)
        except ChannelError:
            return True, self._settle(message, MessageState.FAILED, "channel")
        self._notebook.event("message_sent", channel=name, calls=sent)
        return True, recorded or self._settle(message, MessageState.SENT)

    def put_back(self, message: OutboundMessage) -> Future[None]:
        """A claimed row that does not leave now after all, if it is still ours."""
        return self._wait(message) if self._in_hand.let_go(message) else done(None)

    def calls(self, message: OutboundMessage) -> Sequence[Rendered]:
        """The vendor calls that say a message, in order. Raises a ChannelError."""
        return self._render(message)[2]

    def _send_call(self, channel: Channel, message: OutboundMessage, call: Rendered) -> str:
        """Make one call; returns the vendor's id. '' for a spare one, whose fate is nobody's: it may even have failed."""
        try:
            vendor_id = channel.send(call)
        except (PermanentSendError, AmbiguousSendError) as error:
            if not call.spare or isinstance(error, UnreachableError):
                raise
            self._notebook.event("picture_not_sent", channel=message.to.channel.value, code=error.code)
            return ""
        self._breaker.worked(message.to.channel.value)
        self._left(message, call)
        return "" if call.spare else vendor_id

    def _render(self, message: OutboundMessage) -> tuple[Clip | None, Drawing | None, Sequence[Rendered]]:
        """The calls; the clip even where the channel cannot carry it: a simulated phone shows it beside the text; the picture."""
        reply, channel = message.reply, message.to.channel
        carries_voice = channel is ChannelName.CALL or (channel is not ChannelName.SMS and reply.voice_note)
        clip = None
        if reply.speech and (carries_voice or message.to.simulated):
            clip = self._clips.clip(reply.speech, call=channel is ChannelName.CALL)
        carried = clip if carries_voice else None
        url = self._clip_url(carried) if carried else None
        drawing = self._drawings(reply.image) if reply.image and channel in SHOWING else None
        if drawing:
            drawing = replace(drawing, url=self._clip_url(drawing))
        return clip, drawing, self._channels(channel.value).render(reply, message.to, carried, url, drawing)

    def _record(
        self, message: OutboundMessage, vendor_id: str, parts: int, *, last: bool, next_waits: bool = False
    ) -> Future[None]:
        now = self._clock.now()

        def work(uow: UnitOfWork) -> None:
            # WhatsApp may yet say that the window is closed: then it is said again once she writes.
            keep = message.to.channel is ChannelName.WHATSAPP and not message.to.simulated
            if last and not keep:
                uow.outbox.sent(message.id, vendor_id, parts, now)
                return
            uow.outbox.part_sent(message.id, vendor_id, parts)
            if next_waits:
                uow.outbox.wait(message.id, now + FOLLOWS_AFTER, now)
            if last:
                uow.outbox.settle(message.id, MessageState.SENT, now, keep=keep)

        return self._store.submit(work, patient=bool(message.broadcast_id))

    def _settle(self, message: OutboundMessage, state: MessageState, code: str = "") -> Future[None]:
        now = self._clock.now()
        return self._store.submit(lambda uow: uow.outbox.settle(message.id, state, now, error_code=code))

    def _wait(self, message: OutboundMessage) -> Future[None]:
        now = self._clock.now()
        return self._store.submit(lambda uow: uow.outbox.wait(message.id, now, now), patient=bool(message.broadcast_id))

    def _put_off(self, message: OutboundMessage, code: str, until: datetime | None = None) -> Future[None]:
        now = self._clock.now()
        later, too_late = put_off(message, now)

        def work(uow: UnitOfWork) -> None:
            uow.outbox.put_off(message.id, until or later, now, error_code=code, expires_at=too_late)

        return self._store.submit(work)

    def _misconfigured(self, message: OutboundMessage, error: SendError, *, heard: bool) -> tuple[bool, Future[None]]:
        """Our own fault: the answer waits until somebody has mended it. Who has the text need not wait for its voice note."""
        channel = message.to.channel.value
        self._breaker.refused(channel, message.to.identity, error.code, self._clock.now())
        self._notebook.event("sender_misconfigured", channel=channel, code=error.code)
        if heard:
            return self._failed(message, error, heard=True)
        return False, self._put_off(message, error.code)

    def _failed(self, message: OutboundMessage, error: SendError, *, heard: bool) -> tuple[bool, Future[None]]:
        now = self._clock.now()
        verdict = judge(error, message.attempts, now)

        def work(uow: UnitOfWork) -> None:
            if isinstance(error, OutsideWindowError) and self._window.hold(uow, message, now):
                return
            if self._aftermath and not heard and self._aftermath.failed(uow, message, error, now):
                return
            uow.outbox.settle(message.id, verdict.state, now, error_code=error.code, not_before=verdict.not_before)
            if verdict.opts_out:
                if message.to.channel is ChannelName.SMS:
                    uow.people.set_shut_by_carrier(message.to, now)
                else:
                    uow.people.set_opted_out(message.to, now)

        self._notebook.event(
            "message_not_sent",
            channel=message.to.channel.value,
            kind=type(error).__name__,
            code=error.code,
            next=verdict.state.value,
        )
        return verdict.state is not MessageState.QUEUED, self._store.submit(work)

"""The sender: claims rows of the ledger, makes the vendor calls, records what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from bot.delivery.phones import SimulatedPhones
from bot.delivery.policy import judge
from bot.domain.errors import ChannelError, SendError
from bot.domain.message import ChannelName, Clip, MessageState, OutboundMessage, Rendered
from bot.domain.ports import Channel, ClipLibrary, Clock, Notebook
from bot.domain.store import Store, UnitOfWork

ABANDONED_AFTER: Final = timedelta(minutes=2)


class Sender:
    """Sends what the ledger holds. Blocking; any number of threads may call it, the ledger's claims keep them apart."""

    def __init__(
        self,
        store: Store,
        channels: Callable[[str], Channel],
        clips: ClipLibrary,
        clip_url: Callable[[Clip], str],
        clock: Clock,
        notebook: Notebook,
        phones: SimulatedPhones,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clips = clips
        self._clip_url = clip_url
        self._clock = clock
        self._notebook = notebook
        self.phones = phones

    def send(self, message_ids: Sequence[str]) -> int:
        """Send those rows now, in order; returns how many were claimed. What cannot leave yet is left to `sweep`."""
        if not message_ids:
            return 0
        now = self._clock.now()
        claimed = self._store.submit(lambda uow: uow.outbox.claim(now, ids=message_ids)).result()
        self._send_each(claimed)
        return len(claimed)

    def sweep(self, limit: int = 100) -> int:
        """Send what is due and was not sent: after a crash, a passing failure or a planned wait."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> Sequence[OutboundMessage]:
            uow.outbox.abandoned(now - ABANDONED_AFTER)
            return uow.outbox.claim(now, limit=limit)

        claimed = self._store.submit(work).result()
        self._send_each(claimed)
        return len(claimed)

    def _send_each(self, messages: Sequence[OutboundMessage]) -> None:
        held_back: set[str] = set()
        for message in messages:
            if message.to.identity in held_back:
                # An earlier message of hers must be heard first.
                self._settle(message, MessageState.QUEUED)
            elif not self._send_one(message):
                held_back.add(message.to.identity)

    def _send_one(self, message: OutboundMessage) -> bool:
        """Make the calls that one row still needs; False where it has to wait."""
        sent = message.parts_sent
        try:
            clip, calls = self._render(message)
            if message.to.simulated:
                self._record(message, self.phones.deliver(message, clip, calls), len(calls), last=True)
            else:
                channel = self._channels(message.to.channel.value)
                for call in calls[sent:]:
                    vendor_id = channel.send(call)
                    sent += 1
                    self._record(message, vendor_id, sent, last=sent == len(calls))
                if not calls:
                    self._settle(message, MessageState.SENT)
        except SendError as error:
            return self._failed(message, error)
        except ChannelError:
            self._settle(message, MessageState.FAILED, "channel")
            return True
        self._notebook.event("message_sent", channel=message.to.channel.value, calls=sent)
        return True

    def _render(self, message: OutboundMessage) -> tuple[Clip | None, Sequence[Rendered]]:
        """The calls, and the clip even where the channel cannot carry it: a simulated phone shows it beside the text."""
        reply, channel = message.reply, message.to.channel
        carries_voice = channel is ChannelName.CALL or (channel is not ChannelName.SMS and reply.voice_note)
        clip = None
        if reply.speech and (carries_voice or message.to.simulated):
            clip = self._clips.clip(reply.speech, call=channel is ChannelName.CALL)
        carried = clip if carries_voice else None
        url = self._clip_url(carried) if carried else None
        return clip, self._channels(channel.value).render(reply, message.to, carried, url)

    def _record(self, message: OutboundMessage, vendor_id: str, parts: int, *, last: bool) -> None:
        now = self._clock.now()

        def work(uow: UnitOfWork) -> None:
            uow.outbox.part_sent(message.id, vendor_id, parts)
            if last:
                uow.outbox.settle(message.id, MessageState.SENT, now)

        self._store.submit(work).result()

    def _settle(self, message: OutboundMessage, state: MessageState, code: str = "") -> None:
        now = self._clock.now()
        self._store.submit(lambda uow: uow.outbox.settle(message.id, state, now, error_code=code)).result()

    def _failed(self, message: OutboundMessage, error: SendError) -> bool:
        now = self._clock.now()
        verdict = judge(error, message.attempts, now)

        def work(uow: UnitOfWork) -> None:
            uow.outbox.settle(message.id, verdict.state, now, error_code=error.code, not_before=verdict.not_before)
            if verdict.opts_out:
                uow.people.set_opted_out(message.to, now)

        self._store.submit(work).result()
        self._notebook.event(
            "message_not_sent",
            channel=message.to.channel.value,
            kind=type(error).__name__,
            code=error.code,
            next=verdict.state.value,
        )
        return verdict.state is not MessageState.QUEUED

"""Sends a chunk of a broadcast: groups of a few rows, each claimed in one transaction and sent in its turns, side by side."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from bot.delivery.pace import Pace
from bot.delivery.sender import Sender
from bot.domain.broadcast import Content, Tariff
from bot.domain.chunk import Chunk, Claimed, claim_of
from bot.domain.errors import StorageError
from bot.domain.message import ChannelName, MessageState, OutboundMessage
from bot.domain.ports import Clock, Notebook
from bot.domain.store import Store, UnitOfWork

T = TypeVar("T")
GROUP: Final = 10
"""How many rows are claimed at a time: after a crash no more than these are in doubt for each chunk that was at work."""
LATE_S: Final = 15.0
"""What was claimed that long ago leaves no more: by then somebody else may take us for dead."""
PATIENCE: Final = timedelta(seconds=20)
"""A run that has to wait longer ends; the chunk is taken on anew when its time has come."""
FIRST_BACKOFF_S: Final = 5.0
LONGEST_BACKOFF_S: Final = 300.0
_MOST_DOUBLINGS: Final = 7
_BREATH_S: Final = 1.0


class ChunkSending:
    """Runs chunks. Blocking; any number of threads may call `run`, the ledger's claims keep them apart.

    `life` is this start of this process, by which its claims are known. `threads` make the vendor calls; `pause` waits so many
    seconds, and is true once this process stops.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        pace: Pace,
        tariff: Tariff,
        clock: Clock,
        notebook: Notebook,
        threads: ThreadPoolExecutor,
        life: str,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._pace = pace
        self._tariff = tariff
        self._clock = clock
        self._notebook = notebook
        self._threads = threads
        self._life = life
        self._stopping = threading.Event()
        self._pause = pause or self._stopping.wait

    def stop(self) -> None:
        """Have every run end; of the group that it is sending, what no vendor has yet goes home."""
        self._stopping.set()
        self._sender.stop()

    def run(self, chunk: Chunk) -> bool:
        """Send what is queued of a chunk, each row tried once; True where nothing of it is left.

        Where the database cannot be reached it waits for it. Whatever is left is taken on anew: soon after a failure, later after
        each further one, and when the hours of its people begin.
        """
        began = self._clock.now()
        due_at: datetime | None = None
        self._count(chunk)
        while not self._stopping.is_set():
            claimed = self._patiently(lambda uow: self._claim(uow, chunk, began))
            if claimed is None:
                break
            if claimed.messages:
                self._send(chunk, claimed)
            due_at = claimed.until
            if claimed.over or (due_at is not None and due_at - self._clock.now() > PATIENCE):
                break
            if due_at is not None:
                self._pause(max(0.0, (due_at - self._clock.now()).total_seconds()))
        return self._leave(chunk, due_at)

    def _claim(self, uow: UnitOfWork, chunk: Chunk, began: datetime) -> Claimed:
        now = self._clock.now()
        claim_id = claim_of(self._life, uuid.uuid4().hex)
        claimed = uow.chunks.claim(chunk, began, now, claim_id, GROUP, self._pace.lane(chunk.sender), self._tariff)
        return replace(claimed, messages=tuple(self._sender.let_out(uow, claimed.messages, now))) if claimed.messages else claimed

    def _send(self, chunk: Chunk, claimed: Claimed) -> None:
        """Send a group, each row at its turn, and wait until what became of each is on disk."""
        self._sender.keep(claimed.messages)
        first = time.monotonic()
        if claimed.starts_at is not None:
            first += max(0.0, (claimed.starts_at - self._clock.now()).total_seconds())
        late = time.monotonic() + LATE_S
        turns = [
            self._threads.submit(self._take_turn, message, first + number * claimed.interval_s, late)
            for number, message in enumerate(claimed.messages)
        ]
        finished, doubtful = 0, []
        for message, turn in zip(claimed.messages, turns, strict=True):
            try:
                done, recorded = turn.result()
                recorded.result()
                finished += done
            except StorageError:
                # It left, or did not: once the database takes it again, that is written down, and the vendor is asked.
                self._notebook.event("broadcast_unrecorded", channel=chunk.channel.value)
                doubtful.append(message.id)
            except CancelledError:
                self._notebook.event("broadcast_left", channel=chunk.channel.value)
        if doubtful:
            self._patiently(lambda uow: self._doubt(uow, doubtful))
        if finished:
            self._pace.worked(chunk.sender)
        shut = self._sender.shut(chunk.channel.value) if finished < len(turns) else None
        if shut:
            lane = self._pace.lane(chunk.sender).sender
            self._patiently(lambda uow: uow.workers.hold_back(lane, shut, self._clock.now()))

    def _doubt(self, uow: UnitOfWork, message_ids: Sequence[str]) -> None:
        for message_id in message_ids:
            uow.outbox.settle(message_id, MessageState.UNKNOWN, self._clock.now(), error_code="unrecorded")

    def _take_turn(self, message: OutboundMessage, at: float, late: float) -> tuple[bool, Future[None]]:
        if (waits := at - time.monotonic()) > 0:
            self._pause(waits)
        if time.monotonic() > late:
            return False, self._sender.put_back(message)
        return self._sender.send_one(message)

    def _leave(self, chunk: Chunk, due_at: datetime | None) -> bool:
        now = self._clock.now()

        def work(uow: UnitOfWork) -> bool:
            if self._stopping.is_set():
                return uow.chunks.leave(chunk, now, now)
            if due_at is not None:
                return uow.chunks.leave(chunk, now, due_at)
            # By what its rows were tried, not by how often it was taken on: a process that dies is no failure of theirs.
            doublings = min(max(0, uow.chunks.tried(chunk) - 1), _MOST_DOUBLINGS)
            pause = timedelta(seconds=min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0**doublings))
            return uow.chunks.leave(chunk, now, now + pause)

        return bool(self._patiently(work))

    def _count(self, chunk: Chunk) -> None:
        """Have the tariff count every kind of row beforehand: it may have to make clips, which no transaction waits for."""
        head = self._patiently(lambda uow: uow.broadcasts.get(chunk.broadcast_id))
        if head is not None:
            for window, voice in _kinds(head.content, chunk.channel):
                self._tariff.unit(head.content, chunk.channel, chunk.country, window=window, voice=voice)

    def _patiently(self, work: Callable[[UnitOfWork], T]) -> T | None:
        """One transaction, tried until the database takes it; None where this process stops before."""
        while True:
            try:
                return self._store.submit(work, patient=True).result()
            except StorageError as error:
                self._notebook.event("broadcast_waits", kind=type(error).__name__)
                if self._pause(_BREATH_S) or self._stopping.is_set():
                    return None


def _kinds(content: Content, channel: ChannelName) -> list[tuple[bool, bool]]:
    """Of which window and voice its rows may be."""
    windows = (True, False) if channel is ChannelName.WHATSAPP else (True,)
    voices = {ChannelName.SMS: (False,), ChannelName.CALL: (True,)}.get(
        channel, (True, False) if content.reply.speech else (False,)
    )
    return [(window, voice) for window in windows for voice in voices]

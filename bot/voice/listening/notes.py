"""Voice notes on their way to a turn: written down, fetched, understood off the turn's path, then taken like any message.

What was written down stays until it has been answered, so that a crash loses no note: it is fetched once more, or answered by
the sentence that explains how to answer with keys or words. The sound itself is nowhere but in memory while it is listened to.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Protocol

from bot.domain.errors import ListeningError, MediaError
from bot.domain.listening import Heard, Offer, Unheard
from bot.domain.message import Inbound, InboundKind
from bot.domain.ports import Clock, Listener, Notebook, Understander
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receipt, Receiver

MOST_WAITING: Final = 30
"""Notes that wait in all; each takes a second or two, and beyond a minute nobody waits for an answer."""
FETCHING_THREADS: Final = 3
MOST_ATTEMPTS: Final = 3
HELD_S: Final = 4.0
"""How long what she sends after a note waits for it; a vendor gives a webhook 15 s."""

_HOLDABLE: Final = frozenset({InboundKind.TEXT, InboundKind.BUTTON, InboundKind.KEY, InboundKind.LOCATION, InboundKind.MEDIA})


class Conversation(Receiver, Protocol):
    """The turn, and what may be answered at the moment."""

    def offered(self, inbound: Inbound) -> Future[Sequence[Offer]]:
        """What whoever sent this is being asked now."""
        ...


@dataclass
class _Lane:
    """One person's notes that wait, the first of them at work, and what she sent after them."""

    notes: deque[tuple[str, Inbound, Future[Receipt]]] = field(default_factory=deque)
    held: deque[tuple[Inbound, Future[Receipt]]] = field(default_factory=deque)
    patience: threading.Timer | None = None
    impatient: bool = False


class VoiceNotes:
    """Implements `bot.domain.turn.Receiver` around the conversation: only voice notes, and what follows them, take another way.

    The future of a note is done once it is written down, with a receipt that says nothing; with `patient`, once it was answered,
    with the receipt of that turn, whose replies are then the caller's to send. Otherwise `deliver` gets their ids. Without a
    listener every note is answered at once by the sentence that explains the keys.
    """

    def __init__(
        self,
        store: Store,
        conversation: Conversation,
        understander: Understander,
        listener: Listener | None,
        fetch: Callable[[Inbound], bytes],
        deliver: Callable[[Sequence[str]], Any],
        clock: Clock,
        log: Notebook,
        *,
        most_waiting: int = MOST_WAITING,
        held_s: float = HELD_S,
        patient: bool = False,
    ) -> None:
        self._store = store
        self._conversation = conversation
        self._understander = understander
        self._listener = listener
        self._fetch = fetch
        self._deliver = deliver
        self._clock = clock
        self._log = log
        self._most_waiting = most_waiting
        self._held_s = held_s
        self._patient = patient
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._known: set[str] = set()
        self._coming = 0
        self._threads = ThreadPoolExecutor(FETCHING_THREADS, "batea-listen")
        self._closed = False

    def receive(self, inbound: Inbound) -> Future[Receipt]:
        """Take whatever came."""
        if inbound.kind is InboundKind.VOICE and inbound.media and self._listener is not None:
            return self._note(inbound)
        if self._lanes and inbound.kind in _HOLDABLE:
            return self._behind(inbound)
        return self._conversation.receive(inbound)

    def sweep(self) -> int:
        """Take up what an earlier process left; gives 0, for whatever there is is under way then. Raises StorageError."""
        for note in self._store.submit(lambda unit: unit.notes.waiting()).result():
            with self._lock:
                known = note.id in self._known
            inbound = None if known else self._store.submit(partial(_opened, note.id)).result()
            if inbound is None:
                continue
            if note.attempts >= MOST_ATTEMPTS or self._listener is None:
                self._answer(note.id, replace(inbound, unheard=Unheard.UNREADABLE if self._listener else Unheard.UNANSWERED))
            else:
                self._enter(note.id, inbound, Future())
        return 0

    def close(self) -> None:
        """Finish the notes at work; what waits stays written down for the next start."""
        with self._lock:
            self._closed = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            if lane.patience:
                lane.patience.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._listener is not None:
            self._listener.close()

    def _note(self, inbound: Inbound) -> Future[Receipt]:
        with self._lock:
            full = self._coming + len(self._known) >= self._most_waiting
            self._coming += not full
        if full:
            self._log.event("voice_note_refused")
            return self._conversation.receive(replace(inbound, unheard=Unheard.BUSY))
        answered: Future[Receipt] = Future()
        stored: Future[Receipt] = Future()

        def written(done: Future[str | None]) -> None:
            with self._lock:
                self._coming -= 1
            if error := done.exception():
                (answered if self._patient else stored).set_exception(error)
                return
            note_id = done.result()
            stored.set_result(Receipt(new=note_id is not None, state=""))
            if note_id is None:
                answered.set_result(stored.result())
            else:
                self._enter(note_id, inbound, answered)

        self._store.submit(partial(_kept, inbound, self._clock)).add_done_callback(written)
        return answered if self._patient else stored

    def _enter(self, note_id: str, inbound: Inbound, answered: Future[Receipt]) -> None:
        with self._lock:
            if note_id in self._known or self._closed:
                return
            self._known.add(note_id)
            lane = self._lanes.setdefault(inbound.sender.identity, _Lane())
            lane.notes.append((note_id, inbound, answered))
            first = len(lane.notes) == 1
        if first:
            self._start(inbound.sender.identity)

    def _start(self, identity: str) -> None:
        try:
            self._threads.submit(self._work, identity)
        except RuntimeError:  # closing: it stays written down
            return

    def _work(self, identity: str) -> None:
        """The first note of a lane, from fetching to its turn; then the next, or what was held behind them."""
        with self._lock:
            note_id, inbound, answered = self._lanes[identity].notes[0]
        try:
            receipt = self._taken(note_id, inbound)
            if receipt is not None and not self._patient and receipt.message_ids:
                self._deliver(receipt.message_ids)
            answered.set_result(receipt or Receipt(new=False, state=""))
        except Exception as error:  # noqa: BLE001 - whatever it is, it stays written down, and the others go on
            self._log.event("voice_note_failed", kind=type(error).__name__)
            answered.set_exception(error)
        finally:
            self._leave(identity, note_id)

    def _leave(self, identity: str, note_id: str) -> None:
        with self._lock:
            self._known.discard(note_id)
            lane = self._lanes[identity]
            lane.notes.popleft()
            more = bool(lane.notes) and not self._closed
            if not more:
                del self._lanes[identity]
                if lane.patience:
                    lane.patience.cancel()
                self._release(lane)
        if more:
            self._start(identity)

    def _taken(self, note_id: str, inbound: Inbound) -> Receipt | None:
        self._store.submit(lambda unit: unit.notes.tried(note_id)).result()
        try:
            heard = self._heard(inbound)
        except ListeningError as error:
            self._log.event("voice_note_unheard", kind=error.why.name.lower())
            return self._answer(note_id, replace(inbound, unheard=error.why))
        kind = "doubtful" if not heard.sure else "answer" if heard.option else "text"
        self._log.event("voice_note_heard", kind=kind)
        return self._answer(note_id, replace(inbound, kind=InboundKind.TEXT, text=heard.text, media=(), heard=heard))

    def _heard(self, inbound: Inbound) -> Heard:
        if self._listener is None:  # pragma: no cover - notes are taken only where somebody listens
            raise ListeningError("nobody listens", why=Unheard.UNANSWERED)
        try:
            audio = self._fetched(inbound)
        except MediaError as error:
            self._log.event("voice_note_not_fetched", code=error.code)
            raise ListeningError("the file cannot be had", why=Unheard.UNREADABLE) from error
        return self._listener.listen(audio, self._conversation.offered(inbound).result())

    def _fetched(self, inbound: Inbound) -> bytes:
        try:
            return self._fetch(inbound)
        except MediaError as error:
            if error.code != "network":
                raise
        return self._fetch(inbound)

    def _answer(self, note_id: str, inbound: Inbound) -> Receipt:
        """Its turn, then forget it. A crash between the two repeats the turn, which then changes nothing and says nothing."""
        receipt = self._conversation.receive(inbound).result()
        self._store.submit(lambda unit: unit.notes.done(note_id)).result()
        return receipt

    def _behind(self, inbound: Inbound) -> Future[Receipt]:
        """What she sent after a note waits for it, but never a danger, and never for long."""
        urgent = inbound.kind is InboundKind.TEXT and self._understander.alarm(inbound.text).danger is not None
        with self._lock:
            lane = self._lanes.get(inbound.sender.identity)
            if lane is not None and not lane.impatient and not urgent and not self._closed:
                waiting: Future[Receipt] = Future()
                lane.held.append((inbound, waiting))
                if lane.patience is None:
                    lane.patience = threading.Timer(self._held_s, self._give_up, (lane,))
                    lane.patience.daemon = True
                    lane.patience.start()
                return waiting
        return self._conversation.receive(inbound)

    def _give_up(self, lane: _Lane) -> None:
        with self._lock:
            lane.impatient = True
            self._release(lane)

    def _release(self, lane: _Lane) -> None:
        """Hand on what was held, in its order; the store takes it in that order too."""
        while lane.held:
            inbound, waiting = lane.held.popleft()
            self._conversation.receive(inbound).add_done_callback(partial(_passed_on, waiting))


def _kept(inbound: Inbound, clock: Clock, unit: UnitOfWork) -> str | None:
    """Write a note down; None where the same delivery came before. Its turn is deduplicated by the vendor's own id."""
    now = clock.now()
    if not unit.inbox.is_new(inbound.sender.channel.value, f"note:{inbound.vendor_id}", now):
        return None
    return unit.notes.keep(inbound, now).id


def _opened(note_id: str, unit: UnitOfWork) -> Inbound | None:
    return unit.notes.open(note_id)


def _passed_on(waiting: Future[Receipt], done: Future[Receipt]) -> None:
    error = done.exception()
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(done.result())

"""Voice notes that a facilitator records as an announcement: fetched and looked at before their turn, which then only takes them.

What waits for that is the webhook, a second or two: nobody else's messages, and no transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial

from bot.domain.conversation import PlaceKind
from bot.domain.errors import AudioError, MediaError, SilentError, TakeError, TooLongError
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import MESSAGE_STEP, MINUTES_STEP, SPEAK_STEP, TAKE_STEP, VOICE_STEP
from bot.domain.message import Inbound, InboundKind
from bot.domain.ports import Clock, Notebook
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receipt, Receiver

_RECORDED = frozenset({MESSAGE_STEP, VOICE_STEP, MINUTES_STEP, SPEAK_STEP, TAKE_STEP})
_PREPARED = frozenset({"facilitator:announcement/whom", "facilitator:results/round"})
"""Where she stands when the words of an announcement are known, and when she is to choose whose results she hears."""


class FieldNotes:
    """Implements `bot.domain.turn.Receiver` around the conversation.

    `fetch` gets the sound (MediaError), `record` keeps it for a draft and gives its key (AudioError), `prepare` makes the voice
    notes of an announcement's words, or works out results.
    """

    def __init__(
        self,
        store: Store,
        conversation: Receiver,
        fetch: Callable[[Inbound], bytes],
        record: Callable[[bytes, Draft], str],
        prepare: Callable[[Facilitator, Draft], object],
        threads: Executor,
        clock: Clock,
        log: Notebook,
    ) -> None:
        self._store = store
        self._conversation = conversation
        self._fetch = fetch
        self._record = record
        self._prepare = prepare
        self._threads = threads
        self._clock = clock
        self._log = log

    def receive(self, inbound: Inbound) -> Future[Receipt]:
        """Take whatever came."""
        if inbound.kind is not InboundKind.VOICE or not inbound.media:
            answered = self._conversation.receive(inbound)
            answered.add_done_callback(partial(self._after, inbound))
            return answered
        taken: Future[Receipt] = Future()
        self._store.submit(lambda unit: self._expected(unit, inbound)).add_done_callback(
            lambda known: self._part(inbound, known, taken)
        )
        return taken

    def _expected(self, unit: UnitOfWork, inbound: Inbound) -> Draft | None:
        """What she is preparing, where she is asked for a recording of it now."""
        now, who = self._clock.now(), unit.facilitators.at(inbound.sender)
        if who is None:
            return None
        _, state = unit.people.meet(inbound.sender, now, inbound.aliases)
        asked = state.at.kind is PlaceKind.FACILITATOR and state.at.parts[-1] in _RECORDED
        return unit.facilitators.draft(who.member_id, now) if asked else None

    def _part(self, inbound: Inbound, known: Future[Draft | None], taken: Future[Receipt]) -> None:
        draft = known.result() if known.exception() is None else None
        if draft is not None:
            try:
                self._threads.submit(self._take, inbound, draft, taken)
            except RuntimeError:  # closing
                self._pass_on(inbound, taken)
        else:
            self._pass_on(inbound, taken)

    def _take(self, inbound: Inbound, draft: Draft, taken: Future[Receipt]) -> None:
        try:
            heard = replace(inbound, media=(), recording=self._record(self._fetch(inbound), draft))
        except TakeError as error:
            heard = replace(inbound, media=(), spoiled=error.why.value)
        except TooLongError:
            heard = replace(inbound, media=(), spoiled="long")
        except SilentError:
            heard = replace(inbound, media=(), spoiled="silent")
        except (AudioError, MediaError, OSError) as error:
            self._log.event("field_note_spoiled", kind=type(error).__name__)
            heard = replace(inbound, media=(), spoiled="broken")
        self._pass_on(heard, taken)

    def _pass_on(self, inbound: Inbound, taken: Future[Receipt]) -> None:
        def done(receipt: Future[Receipt]) -> None:
            error = receipt.exception()
            if error is not None:
                taken.set_exception(error)
            else:
                taken.set_result(receipt.result())

        self._conversation.receive(inbound).add_done_callback(done)

    def _after(self, inbound: Inbound, done: Future[Receipt]) -> None:
        """What takes its time is made while she answers what else is asked."""
        if done.exception() is None and done.result().state in _PREPARED:
            try:
                self._threads.submit(self._make, inbound)
            except RuntimeError:
                return

    def _make(self, inbound: Inbound) -> None:
        now = self._clock.now()

        def known(unit: UnitOfWork) -> tuple[Facilitator, Draft] | None:
            who = unit.facilitators.at(inbound.sender)
            return (who, unit.facilitators.draft(who.member_id, now)) if who else None

        try:
            hers = self._store.submit(known).result()
            if hers:
                self._prepare(*hers)
        except Exception as error:  # noqa: BLE001 - it is made later then, in the turn that needs it
            self._log.event("field_note_not_prepared", kind=type(error).__name__)

"""The dialler: who rings is called back, who has a message by telephone is called, and each within the limits."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.call_times import MOST_ATTEMPTS, CallHours
from bot.delivery.gate import SOON
from bot.domain.call import CallEvent, CallKind, CallState, PhoneCall, ended
from bot.domain.errors import AmbiguousSendError, PassingSendError, SendError
from bot.domain.message import Address, ChannelName, MessageState, OutboundMessage, Purpose
from bot.domain.ports import CallChannel, Clock, Notebook
from bot.domain.store import Store, UnitOfWork
from bot.domain.unasked import MOST_A_WEEK, Admission, Kept

# Her phone must be back on its hook before ours rings it.
CALL_BACK_AFTER: Final = timedelta(seconds=3)
CALL_BACK_WITHIN: Final = timedelta(seconds=60)
RETRY_BACK_AFTER: Final = timedelta(seconds=5)
RETRY_OUT_AFTER: Final = timedelta(minutes=5)
OUT_LIVES: Final = timedelta(hours=12)
STUCK_AFTER: Final = timedelta(hours=1)
PAUSED_FOR: Final = timedelta(minutes=5)
"""After how long a call out to somebody who is paused looks again."""
MOST_PER_NUMBER: Final = 3
_A_DAY: Final = timedelta(days=1)
_OTHER_CHANNELS: Final = (ChannelName.SMS, ChannelName.WHATSAPP)


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Whom Batea calls: `mode` is `callback`, `answer` or `off`; `per_day` bounds all calls of 24 hours; `hours` calls out.

    So does `most_a_week`: how often a person is told something unasked, by whichever channel.

    `may_call` says whether a number is one that is called at all, and whether there is a number of ours to call it from.
    """

    mode: str
    per_day: int
    may_call: Callable[[Address], bool]
    per_number: int = MOST_PER_NUMBER
    hours: CallHours = field(default_factory=CallHours)
    most_a_week: int = MOST_A_WEEK


class Dialler:
    """Makes calls. Blocking; any number of threads may use it, the queue's rows are each taken once.

    `lasted` is told how many seconds each took, once.
    """

    def __init__(
        self,
        store: Store,
        channel: Callable[[], CallChannel],
        clock: Clock,
        notebook: Notebook,
        limits: CallLimits,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        lasted: Callable[[Address, int], None] = lambda *_: None,
    ) -> None:
        self._lasted = lasted
        self._store = store
        self._channel = channel
        self._clock = clock
        self._notebook = notebook
        self._limits = limits
        self._new_id = new_id
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Make no further call: those whose time has come are made after the next start."""
        self._stopping.set()

    def request(self, event: CallEvent) -> PhoneCall | None:
        """Somebody rings: the call that answers her, queued or (by setting) taken at once; None where there will be none.

        Nothing is known of her by that, and nothing of her is kept but a hash for the limits.
        """
        person = event.person
        if person is None or self._limits.mode == "off":
            return None
        now = self._clock.now()
        return self._store.submit(lambda uow: self._requested(uow, event.sid, person, now)).result()

    def plan(self, uow: UnitOfWork, message: OutboundMessage, now: datetime) -> bool:
        """Take a claimed row that is to be told by telephone, if it is one: it is held until she listens, and she is called."""
        if message.to.channel is not ChannelName.CALL or message.to.simulated:
            return False
        if not self._limits.may_call(message.to) or self._silenced(uow, message.to) is not None:
            uow.outbox.settle(message.id, MessageState.FAILED, now, error_code="number")
            return True
        uow.outbox.hold(message, None, now)
        purpose = message.purpose if message.purpose is not Purpose.REPLY else Purpose.SERVICE
        due_at = self._limits.hours.next_allowed(now, message.to.value, purpose)
        if not uow.calls.waiting(message.to, CallKind.OUT):
            self._add_out(uow, message.to, purpose, due_at, now, attempt=1)
        elif purpose is Purpose.URGENT:
            uow.calls.hasten(message.to, due_at, purpose)
        return True

    def sweep(self) -> int:
        """Make the calls whose time has come; returns how many were made."""
        if self._stopping.is_set():
            return 0
        now = self._clock.now()
        ready = self._store.submit(lambda uow: self._ready(uow, now)).result()
        for call in ready:
            if self._stopping.is_set():
                self._postpone(call, now)
            else:
                self._dial(call)
        return len(ready)

    def heard(self, call_id: str, state: CallState, person: Address | None, lasted_s: int = 0) -> None:
        """Take what became of a call. Who agreed to nothing is forgotten when it ends; who was not reached is called again."""
        now = self._clock.now()
        before = self._store.submit(lambda uow: self._moved(uow, call_id, state, person, now)).result()
        if before and ended(state):
            self._lasted(before.to, lasted_s)

    def _requested(self, uow: UnitOfWork, sid: str, person: Address, now: datetime) -> PhoneCall | None:
        answering = self._limits.mode == "answer"
        if not uow.inbox.is_new(ChannelName.CALL.value, sid, now):
            # Twilio asks again: a call that was taken goes on, one that is called back was noted already.
            return PhoneCall("", person, CallKind.IN, now, now, CallState.ANSWERED) if answering else None
        kind = self._kind(uow, person) if self._limits.may_call(person) else None
        # Who rings is not on the telephone with us, whatever was last heard of that call.
        waiting = uow.calls.waiting(person, CallKind.BACK, taken=False)
        excess = self._excess(uow, person, now)
        if kind is None or waiting or excess:
            self._notebook.event("call_refused", channel="call", reason=excess or ("waiting" if waiting else "number"))
            return None
        if answering:
            taken = CallKind.IN if kind is CallKind.BACK else kind
            call = PhoneCall(self._new_id(), person, taken, now, now, CallState.ANSWERED)
        else:
            call = PhoneCall(self._new_id(), person, kind, now + CALL_BACK_AFTER, now + CALL_BACK_WITHIN)
        uow.calls.add(call, now)
        return call

    def _kind(self, uow: UnitOfWork, person: Address) -> CallKind | None:
        """Whether she is called as anybody, or to be offered the way back, once; None where that was done."""
        since = uow.people.opted_out_at(person)
        if since is not None:
            return None if uow.calls.offered_return(person, since) else CallKind.RETURN
        since = self._silenced(uow, person)
        if since is None or uow.calls.offered_return(person, since):
            return CallKind.BACK
        # She said BAJA in writing: the call, too, begins with the way back.
        uow.people.set_opted_out(person, since)
        return CallKind.RETURN

    def _silenced(self, uow: UnitOfWork, person: Address) -> datetime | None:
        """When her number said BAJA on whichever channel."""
        numbers = (person, *(Address(channel, person.value) for channel in _OTHER_CHANNELS))
        return max((when for number in numbers if (when := uow.people.opted_out_at(number))), default=None)

    def _excess(self, uow: UnitOfWork, person: Address, now: datetime, *, itself: int = 0) -> str:
        """Which limit one more call would break, '' for none; `itself` where it stands in the queue already."""
        since = now - _A_DAY
        if uow.calls.count(since, person) - itself >= self._limits.per_number:
            return "per_number"
        return "per_day" if uow.calls.count(since) - itself >= self._limits.per_day else ""

    def _ready(self, uow: UnitOfWork, now: datetime) -> list[PhoneCall]:
        for lost in uow.calls.stuck(now - STUCK_AFTER):
            self._moved(uow, lost.id, CallState.COMPLETED, lost.to, now)
        ready = []
        for call in uow.calls.due(now):
            if call.kind is CallKind.OUT and self._dropped(uow, call, now):
                continue
            if now >= call.expires_at:
                self._moved(uow, call.id, CallState.EXPIRED, None, now)
            elif call.kind is CallKind.OUT and (later := self._later(uow, call, now)) > now:
                uow.calls.postpone(call.id, later, now)
            elif call.kind is CallKind.OUT and (admission := self._admission(uow, call, now)) is not Admission.LET:
                if admission is Admission.BUSY:
                    uow.calls.postpone(call.id, now + SOON, now)
                else:
                    self._moved(uow, call.id, CallState.CANCELLED, None, now)
            else:
                uow.calls.dialled(call.id, now)
                ready.append(call)
        return ready

    def _dropped(self, uow: UnitOfWork, call: PhoneCall, now: datetime) -> bool:
        """Put aside a call out that may not be made now, or that has nothing to tell any more; whether that was done."""
        if self._silenced(uow, call.to) is not None:
            self._moved(uow, call.id, CallState.CANCELLED, None, now)
        elif uow.pauses.stops(call.to):
            later = now + PAUSED_FOR
            uow.calls.postpone(call.id, later, now, expires_at=later + OUT_LIVES)
        elif not uow.outbox.held((call.to,)):
            # She rang herself and heard it, or it has expired.
            self._moved(uow, call.id, CallState.CANCELLED, None, now)
        else:
            return False
        return True

    def _admission(self, uow: UnitOfWork, call: PhoneCall, now: datetime) -> Admission:
        """Count what she is called about as let out, now; what is too much for her week is given up."""
        found = uow.unasked.admit(uow.outbox.held((call.to,)), now, self._limits.most_a_week)
        for message_id, admission in found.items():
            if admission is Admission.FULL:
                uow.outbox.settle(message_id, MessageState.CANCELLED, now, error_code=Kept.WEEK_FULL)
                self._notebook.event("message_cancelled", channel="call", reason=Kept.WEEK_FULL.value)
        return next((one for one in (Admission.LET, Admission.BUSY) if one in found.values()), Admission.FULL)

    def _later(self, uow: UnitOfWork, call: PhoneCall, now: datetime) -> datetime:
        """When a call out may be made: now, or within the hours, or once fewer calls were made."""
        if self._excess(uow, call.to, now, itself=1):
            return self._limits.hours.next_try(now, call.to.value, call.purpose)
        return self._limits.hours.next_allowed(now, call.to.value, call.purpose)

    def _dial(self, call: PhoneCall) -> None:
        channel = self._channel()
        try:
            channel.send(channel.ring(call.to, call.id))
        except PassingSendError as error:
            pause = RETRY_OUT_AFTER if call.kind is CallKind.OUT else RETRY_BACK_AFTER
            self._postpone(call, self._clock.now() + pause)
            self._notebook.event("call_not_made", channel="call", code=error.code, next="queued")
        except AmbiguousSendError as error:
            # It may ring: a second one could only annoy her. If it does, its webhooks carry our id.
            self.heard(call.id, CallState.UNKNOWN, None)
            self._notebook.event("call_not_made", channel="call", code=error.code, next="unknown")
        except SendError as error:
            self.heard(call.id, CallState.FAILED, None)
            self._notebook.event("call_not_made", channel="call", code=error.code, next="failed")
        else:
            self._notebook.event("call_made", channel="call", kind=call.kind.value)

    def _postpone(self, call: PhoneCall, until: datetime) -> None:
        self._store.submit(lambda uow: uow.calls.postpone(call.id, until, self._clock.now())).result()

    def _moved(self, uow: UnitOfWork, call_id: str, state: CallState, person: Address | None, now: datetime) -> PhoneCall | None:
        before = uow.calls.advance(call_id, state, now) if call_id else None
        if state is CallState.COMPLETED and person is not None:
            met, _ = uow.people.meet(person, now)
            if met.consent is None:
                # A question that she left has a consent of its own.
                uow.people.erase(met.id, questions=False)
        if before and before.kind is CallKind.OUT and ended(state) and before.state is not CallState.HEARD:
            self._missed(uow, before, state, now)
        return before

    def _missed(self, uow: UnitOfWork, call: PhoneCall, state: CallState, now: datetime) -> None:
        """She did not listen: another time of day, or no more."""
        if call.attempt < MOST_ATTEMPTS and state not in {CallState.CANCELLED, CallState.FAILED}:
            due_at = self._limits.hours.next_try(now, call.to.value, call.purpose)
            self._add_out(uow, call.to, call.purpose, due_at, now, attempt=call.attempt + 1)
            return
        for message_id in uow.outbox.held((call.to,)):
            uow.outbox.settle(message_id, MessageState.FAILED, now, error_code=state.value)

    def _add_out(self, uow: UnitOfWork, to: Address, purpose: Purpose, due_at: datetime, now: datetime, *, attempt: int) -> None:
        call = PhoneCall(self._new_id(), to, CallKind.OUT, due_at, due_at + OUT_LIVES, attempt=attempt, purpose=purpose)
        uow.calls.add(call, now)

"""A conversation by telephone: each webhook of a call is one turn, and its answer says what the call does next."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.delivery.dialler import Dialler
from bot.delivery.recordings import Recordings
from bot.domain.call import CallAnswer, CallEvent, CallMoment, CallState, CallThread, Spoken, ended
from bot.domain.conversation import OPTED_OUT, PlaceKind
from bot.domain.line import CODE_DIGITS, NOBODY
from bot.domain.message import Address, Clip, Inbound, InboundKind, Media, MessageState, Reply
from bot.domain.ports import CallChannel, ClipLibrary, Clock, Library
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receipt, Receiver
from bot.domain.voice_question import ANNOUNCING, MOST_S

PATIENCE: Final = 2
"""How many silences or wrong keys in a row are helped; after one more the call ends, kindly."""

_QUESTION: Final = "voice_question."
_MOST_REMEMBERED: Final = 2_000
_WRONG_KEY: Final = "input.unknown_key"
_WAV: Final = "audio/wav"
# What asks for a number of several figures: the reserved keys rest meanwhile.
_NUMBERS: Final = frozenset({"profile.code", "profile.six", "profile.wrong_code", "profile.digit"})


class PhoneTalk:
    """Answers the webhooks of calls. Blocking; any number of threads may call it, one at a time for each person."""

    def __init__(
        self,
        store: Store,
        receiver: Receiver,
        library: Library,
        clips: ClipLibrary,
        clip_url: Callable[[Clip], str],
        channel: Callable[[], CallChannel],
        dialler: Dialler,
        recordings: Recordings,
        clock: Clock,
        call_minutes: int,
    ) -> None:
        self._store = store
        self._receiver = receiver
        self._library = library
        self._clips = clips
        self._clip_url = clip_url
        self._channel = channel
        self._dialler = dialler
        self._recordings = recordings
        self._clock = clock
        self._longest_s = call_minutes * 60
        self._lock = threading.Lock()
        self._answered: OrderedDict[str, CallAnswer] = OrderedDict()

    def take(self, event: CallEvent) -> CallAnswer | None:
        """What answers a webhook, the same for the same step; None for what waits for nothing: a status, a recording."""
        if event.moment is CallMoment.STATUS:
            if event.state is not None:
                self._dialler.heard(event.thread.call_id, event.state, event.person, event.lasted_s)
                self._forget(event)
            return None
        if event.moment is CallMoment.STORED:
            self._recordings.take(event)
            return None
        with self._lock:
            known = self._answered.get(event.delivery)
        if known is not None:
            return known
        answer = self._answer(event)
        with self._lock:
            self._answered[event.delivery] = answer
            while len(self._answered) > _MOST_REMEMBERED:
                self._answered.popitem(last=False)
        return answer

    def _forget(self, event: CallEvent) -> None:
        """What was said in a call that has ended is not asked for again."""
        if event.state is not None and ended(event.state):
            with self._lock:
                for delivery in [known for known in self._answered if known.startswith(f"{event.sid}:")]:
                    del self._answered[delivery]

    def apologise(self) -> CallAnswer:
        """Something failed on our side: she may call again."""
        return self._goodbye("call.trouble")

    def _answer(self, event: CallEvent) -> CallAnswer:  # noqa: PLR0911 - one return a moment
        if event.moment is CallMoment.RINGING:
            call = self._dialler.request(event)
            if call is None or call.state is CallState.QUEUED:
                return CallAnswer(self._channel().reject())
            return self._begin(event, CallThread(call.id))
        if event.moment is CallMoment.MACHINE or event.person is None:
            self._dialler.heard(event.thread.call_id, CallState.MACHINE, None)
            return CallAnswer(self._channel().hang_up())
        if event.moment is CallMoment.ANSWERED:
            self._dialler.heard(event.thread.call_id, CallState.ANSWERED, None)
            return self._who_calls(event.thread, misses=0)
        if event.thread.closed and event.moment is CallMoment.SILENCE:
            return self._who_calls(event.thread, misses=event.thread.misses + 1)
        if event.thread.closed:
            self._dialler.heard(event.thread.call_id, CallState.HEARD, None)
            return self._begin(event, event.thread)
        return self._go_on(event)

    def _who_calls(self, thread: CallThread, misses: int) -> CallAnswer:
        """Only that it is Batea, until a key says that somebody listens: nobody knows who took the phone."""
        if misses > PATIENCE:
            return CallAnswer(self._channel().hang_up())
        following = replace(self._timed(thread).onward(misses=misses), closed=True)
        said = (self._library.reply("call.who_calls", variant=misses),)
        return CallAnswer(self._channel().listen(self._spoken(said), following), said)

    def _begin(self, event: CallEvent, thread: CallThread) -> CallAnswer:
        """Where she stands, with what waits to be told."""
        receipt = self._turn(event, InboundKind.ANSWERED_CALL, begins=True)
        return self._told(event, receipt, self._timed(thread), misses=0)

    def _told(self, event: CallEvent, receipt: Receipt, thread: CallThread, misses: int) -> CallAnswer:
        """The replies, after what waited for her; where that asks something itself, it has the last word.

        Nothing of hers is told before it is known who listens, and that she agreed to be told.
        """
        state = receipt.state
        asking = any(reply.id.startswith(_QUESTION) for reply in receipt.replies[-1:])
        if asking or state.startswith(PlaceKind.ONBOARDING.value):
            return self._said(receipt.replies, replace(thread, untold=True).onward(misses=misses), state, receipt.question)
        told = self._waiting(event.person) if event.person else []
        following = replace(thread, untold=False).onward(misses=misses)
        if told and told[-1].keys > 1:
            return self._said([*receipt.replies[:-1], *told], following, state)
        if told and told[-1].choices:
            offered = _counted(told[-1])
            return self._said([*receipt.replies[:-1], *told], replace(following, offered=offered), state)
        return self._said([*told, *receipt.replies], following, state)

    def _go_on(self, event: CallEvent) -> CallAnswer:
        silence = event.moment is CallMoment.SILENCE
        thread = event.thread
        if thread.question:
            return self._spoke(event)
        chosen = _chosen(thread, event.key)
        if silence:
            receipt = self._turn(event, InboundKind.ANSWERED_CALL)
        elif chosen:
            receipt = self._turn(event, InboundKind.BUTTON, button=chosen)
        else:
            receipt = self._turn(event, InboundKind.KEY, key=event.key)
        replies = list(receipt.replies)
        wrong = bool(replies) and replies[0].id.startswith(_WRONG_KEY)
        misses = thread.misses + 1 if silence or wrong else 0
        if misses > PATIENCE or (silence and receipt.state == str(OPTED_OUT)):
            return self._goodbye("call.goodbye")
        if self._time_is_up(thread):
            return self._goodbye("call.time_is_up", replies[:-1])
        if silence:
            replies.insert(0, self._library.reply("call.silence", variant=misses - 1))
        elif thread.untold:
            return self._told(event, receipt, thread, misses)
        return self._said(replies, thread.onward(misses=misses), receipt.state, receipt.question)

    def _spoke(self, event: CallEvent) -> CallAnswer:
        """She has recorded a question, or said nothing. It is on record before it is talked about."""
        if event.thread.question == ANNOUNCING:
            return self._announced(event)
        kept = self._recordings.take(event)
        receipt = self._turn(event, InboundKind.RECORDED, kept=kept)
        misses = 0 if kept else event.thread.misses + 1
        if misses > PATIENCE:
            return self._goodbye("call.goodbye")
        if self._time_is_up(event.thread):
            return self._goodbye("call.time_is_up", [self._library.reply(f"{_QUESTION}sent")] if kept else ())
        return self._said(receipt.replies, event.thread.onward(misses=misses), receipt.state, receipt.question)

    def _announced(self, event: CallEvent) -> CallAnswer:
        """A facilitator has recorded what people will hear, or said nothing. It is hers, and not kept at the vendor's."""
        if event.recording is None:
            receipt = self._turn(event, InboundKind.ANSWERED_CALL)
        else:
            receipt = self._turn(event, InboundKind.VOICE, media=(Media(event.recording.sid, _WAV),))
            self._recordings.take(event)
        misses = event.thread.misses + 1 if receipt.question else 0
        if misses > PATIENCE:
            return self._goodbye("call.goodbye")
        if self._time_is_up(event.thread):
            return self._goodbye("call.time_is_up")
        return self._said(receipt.replies, event.thread.onward(misses=misses), receipt.state, receipt.question)

    def _time_is_up(self, thread: CallThread) -> bool:
        return bool(thread.began_s) and self._now_s() - thread.began_s >= self._longest_s

    def _said(self, replies: Sequence[Reply], thread: CallThread, state: str, question: str = "") -> CallAnswer:
        """Say that and wait for a key, or for her question; where nothing can be answered any more, that was all."""
        spoken = self._spoken(replies)
        if question:
            document = self._channel().record(spoken, replace(thread, question=question), MOST_S)
            return CallAnswer(document, tuple(replies), state)
        keys = CODE_DIGITS if replies and replies[-1].id in _NUMBERS else replies[-1].keys if replies else 1
        if not replies or (keys == 1 and not replies[-1].choices):
            return CallAnswer(self._channel().hang_up(spoken), tuple(replies), state)
        return CallAnswer(self._channel().listen(spoken, thread, keys), tuple(replies), state)

    def _goodbye(self, reply_id: str, before: Sequence[Reply] = ()) -> CallAnswer:
        said = (*before, self._library.reply(reply_id))
        return CallAnswer(self._channel().hang_up(self._spoken(said)), said)

    def _turn(self, event: CallEvent, kind: InboundKind, **facts: Any) -> Receipt:
        """One turn as on every channel. A repeated request whose answer is not remembered is told again where she stands."""
        if event.person is None:
            raise ValueError("a turn of nobody")
        now = self._clock.now()
        inbound = Inbound(event.delivery, event.person, kind, now, recipient=event.recipient, spoken=True, **facts)
        receipt = self._receiver.receive(inbound).result()
        if receipt.new:
            return receipt
        anew = replace(inbound, vendor_id=uuid.uuid4().hex, kind=InboundKind.ANSWERED_CALL, key="", button="")
        return self._receiver.receive(anew).result()

    def _waiting(self, person: Address) -> list[Reply]:
        """The messages that wait until she listens. They count as sent from here on; where she has left they are dropped."""
        now = self._clock.now()

        def work(uow: UnitOfWork) -> list[Reply]:
            met, _ = uow.people.meet(person, now)
            # Where it is not sure who listens, only what is nobody's own.
            waiting = uow.outbox.held((person,), NOBODY if uow.lines.doubtful(person, now) else met.id)
            if uow.people.opted_out(person):
                for message_id in waiting:
                    uow.outbox.settle(message_id, MessageState.CANCELLED, now)
                return []
            if uow.pauses.stops(person):
                # It waits until the pause is over: ringing asks for what she can do herself, not for news.
                return []
            uow.outbox.release(waiting, now)
            told = []
            for message in uow.outbox.claim(now, ids=waiting) if waiting else ():
                late = message.expires_at is not None and now >= message.expires_at
                uow.outbox.settle(message.id, MessageState.EXPIRED if late else MessageState.SENT, now)
                told += [] if late else [message.reply]
            return told

        return self._store.submit(work).result()

    def _spoken(self, replies: Sequence[Reply]) -> list[Spoken]:
        spoken = []
        for reply in replies:
            clip = self._clips.clip(reply.speech, call=True) if reply.speech else None
            spoken.append(Spoken(reply, self._clip_url(clip) if clip else None))
        return spoken

    def _timed(self, thread: CallThread) -> CallThread:
        return thread if thread.began_s else replace(thread, began_s=self._now_s())

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())


def _counted(reply: Reply) -> tuple[str, ...]:
    """The choices that the keys 1, 2, ... pick; none where other keys do, which are read where the message has put her."""
    numbered = all(choice.key == str(number) for number, choice in enumerate(reply.choices, 1))
    return tuple(choice.id for choice in reply.choices) if numbered else ()


def _chosen(thread: CallThread, key: str) -> str:
    """The choice of a told message that a key picks, '' where it picks none."""
    number = int(key) if key.isascii() and key.isdecimal() else 0
    return thread.offered[number - 1] if 1 <= number <= len(thread.offered) else ""

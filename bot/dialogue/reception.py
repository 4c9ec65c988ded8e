"""Taking what people send: one turn in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.dialogue.around import Around
from bot.dialogue.effects import Erase, RecordConsent, Whom, joined
from bot.dialogue.expected import expected
from bot.dialogue.hearing import offers, take_note
from bot.dialogue.held import HeldMessages
from bot.dialogue.scene import Aftermath, Outcome, Scene, public
from bot.dialogue.telephone import LineOfTurn, asked, nobody
from bot.dialogue.turn import take_turn
from bot.dialogue.words import Words
from bot.domain.asking import asked_at
from bot.domain.conversation import OPTED_OUT, Place, PlaceKind, State
from bot.domain.field_desk import SPEAK_STEP, FieldDesk
from bot.domain.line import NOBODY, Line, Question
from bot.domain.listening import Offer
from bot.domain.meeting_notice import PARTS_OF
from bot.domain.message import Address, Inbound, InboundKind, MessageState, OutboundMessage
from bot.domain.person import Country, Person
from bot.domain.ports import Clock, Library, Understander
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receipt
from bot.domain.voice_question import ANNOUNCING, SPEAK

_AFTERMATH_LASTS: Final = timedelta(hours=1)
_MOST_AFTERMATHS: Final = 10_000

# What may answer a question that was asked unasked, and where it may have come between.
_ANSWERS: Final = frozenset({InboundKind.TEXT, InboundKind.BUTTON, InboundKind.KEY})
_LEARNING: Final = (PlaceKind.PRACTICE, PlaceKind.RHYTHM)
_INTERRUPTED: Final = frozenset({PlaceKind.MENU, PlaceKind.LESSON, PlaceKind.QUIZ, PlaceKind.POLL, PlaceKind.MEETING, *_LEARNING})


class Reception:
    """Implements `bot.domain.turn.Receiver`."""

    def __init__(
        self,
        store: Store,
        understander: Understander,
        library: Library,
        clock: Clock,
        words: Words,
        *,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        listening_number: Callable[[Address], str | None] = lambda _: None,
        sms_number: Callable[[Country | None], str] = lambda _: "",
        field_desk: FieldDesk | None = None,
    ) -> None:
        self._store = store
        self._understander = understander
        self._library = library
        self._clock = clock
        self._words = words
        self._new_id = new_id
        self._listening_number = listening_number
        self._sms_number = sms_number
        self._field_desk = field_desk
        self._aftermaths: dict[Address, tuple[Aftermath, datetime]] = {}

    def receive(self, inbound: Inbound) -> Future[Receipt]:
        """Run one turn in one transaction; a redelivery changes nothing and says nothing."""
        return self._store.submit(lambda unit: self._turn(unit, inbound))

    def offered(self, inbound: Inbound) -> Future[Sequence[Offer]]:
        """What a voice note of whoever sent this may say now; nothing where she has left."""
        return self._store.submit(lambda unit: self._offers(unit, inbound))

    def _offers(self, unit: UnitOfWork, inbound: Inbound) -> Sequence[Offer]:
        now = self._clock.now()
        person, state = owner = unit.people.meet(inbound.sender, now, inbound.aliases)
        question = asked(unit.people.line(inbound.sender), person, InboundKind.TEXT, now)
        if question:
            person, state = nobody(person), State(place=str(question))
        around = Around(
            unit, person, inbound, now, (None, self._sms_number), LineOfTurn(unit, inbound, owner, now, self._field_desk)
        )
        return () if around.opted_out() else offers(Scene(person, state, around, self._library, self._words, now))

    def _turn(self, unit: UnitOfWork, inbound: Inbound) -> Receipt:
        now = self._clock.now()
        if not unit.inbox.is_new(inbound.sender.channel.value, inbound.vendor_id, now):
            return Receipt(new=False, state="")
        person, state = owner = unit.people.meet(inbound.sender, now, inbound.aliases)
        line = unit.people.line(inbound.sender)
        question = asked(line, person, inbound.kind, now)
        if question:
            person, state = nobody(person), State(place=str(question))
        else:
            inbound, person, state = expected(unit, inbound, person, state)
        telephone = LineOfTurn(unit, inbound, owner, now, self._field_desk)
        ours = (self._listening_number(inbound.sender), self._sms_number)
        around = Around(unit, person, inbound, now, ours, telephone)
        held = HeldMessages(unit, inbound, whose=person.id if question or line.shared else None)
        if not question and held.wanted(self._library, self._words) and not around.opted_out():
            return Receipt(True, public(state), message_ids=held.release(now))
        if not question and inbound.kind in _ANSWERS and person.enrolled:
            reached = self._reached(unit, person, state)
            if reached is not state:
                # A crisis saves nothing, and what has reached her is looked for once.
                unit.people.save(person, state := reached)
        aftermath = self._recalled(inbound.sender, now)
        if question:
            aftermath = None  # whoever it concerned may be somebody else
        scene = Scene(person, state, around, self._library, self._words, now, aftermath=aftermath)
        outcome = (take_note if inbound.heard else take_turn)(inbound, scene, self._understander)
        if outcome.aftermath:
            self._recall(inbound.sender, outcome.aftermath, now)
        ids = self._write_down(unit, scene, outcome, inbound)
        if inbound.kind not in {InboundKind.BLOCKED, InboundKind.UNBLOCKED}:
            _heard(unit, line, outcome, now)
        if not outcome.ephemeral and not question:
            # After a crisis answer nothing else is said; she will write again.
            ids += held.release(now, shut=unit.people.opted_out(inbound.sender))
        shut = outcome.state is state and around.opted_out()
        return Receipt(
            True, public(outcome.state, opted_out=shut), outcome.understood, outcome.replies, ids, _to_record(outcome, inbound)
        )

    def _reached(self, unit: UnitOfWork, person: Person, state: State) -> State:
        """Where she stands, if a question has reached her unasked since she last wrote: then she stands there.

        Else a bare "2" would choose from what was said before it.
        """
        learning = unit.study.waiting_for(person.id)  # before the others, which are then no news any more
        notice = unit.meeting_notices.waiting_for(person.id, self._clock.now())
        poll_round = unit.polls.waiting_for(person.id)
        if learning and not state.confirming and state.at.kind in _INTERRUPTED:
            return _interrupted(state, learning)
        if notice and not state.confirming and state.at.kind in _INTERRUPTED:
            part = PARTS_OF.get(notice.kind)
            place = Place(PlaceKind.MEETING, (notice.meeting_id, part) if part else (notice.meeting_id,))
            return _interrupted(state, place)
        if poll_round is None or state.confirming or state.at.kind not in _INTERRUPTED:
            return state
        poll = self._library.poll(poll_round.poll_id) or unit.composed.get(poll_round.poll_id)
        if poll is None or state.at.parts[:3] == asked_at(poll, poll_round).parts:
            return state
        return _interrupted(state, asked_at(poll, poll_round))

    def _recalled(self, sender: Address, now: datetime) -> Aftermath | None:
        """The danger answered to the turn just before. Lost with the process: on disk it would be a trace."""
        aftermath, when = self._aftermaths.pop(sender, (None, now))
        return aftermath if now - when <= _AFTERMATH_LASTS else None

    def _recall(self, sender: Address, aftermath: Aftermath, now: datetime) -> None:
        while len(self._aftermaths) >= _MOST_AFTERMATHS:
            self._aftermaths.pop(next(iter(self._aftermaths)), None)
        self._aftermaths[sender] = (aftermath, now)

    def _write_down(self, unit: UnitOfWork, scene: Scene, outcome: Outcome, inbound: Inbound) -> tuple[str, ...]:
        """Apply the effects, save who is still there, and put the replies into the ledger, unless a call says them at once."""
        sender = inbound.sender
        whom = Whom(outcome.person.id, sender)
        for effect in outcome.effects:
            effect.apply(unit, whom)  # it may make the person whose state is saved below
        if any(isinstance(effect, RecordConsent | Erase) for effect in outcome.effects):
            unit.enrolments.answered(sender)  # yes or no: her number waits no more
        changed = outcome.person != scene.person or outcome.state != scene.state
        if changed and whom.person_id != NOBODY and not _erased(outcome):
            unit.people.save(outcome.person, outcome.state)
            joined(unit, scene.person, outcome.person, scene.now)
        if inbound.spoken:
            return ()
        messages = [
            OutboundMessage(self._new_id(), sender, reply, scene.now, ephemeral=outcome.ephemeral) for reply in outcome.replies
        ]
        if messages:
            unit.outbox.add(messages, None if outcome.ephemeral else whom.person_id or None)
        if unit.people.shut_by_carrier(sender) and not outcome.aftermath:
            # Her carrier would refuse them. A danger is answered all the same: the carrier may know better than we do.
            for message in messages:
                unit.outbox.settle(message.id, MessageState.FAILED, scene.now, error_code=OPTED_OUT.kind.value)
            return ()
        return tuple(message.id for message in messages)


def _interrupted(state: State, place: Place) -> State:
    """The state at what has come between; a lesson goes on afterwards."""
    bookmark = state.place if state.at.kind in {PlaceKind.LESSON, PlaceKind.QUIZ} else state.bookmark
    return replace(state, place=str(place), bookmark=bookmark, aside="", candidates=(), misses=0)


def _to_record(outcome: Outcome, inbound: Inbound) -> str:
    """The id of the question that she is to speak now, or that it is an announcement; '' for none."""
    place = outcome.state.at
    if place.kind is PlaceKind.FACILITATOR and place.parts[-1] == SPEAK_STEP:
        return ANNOUNCING if inbound.spoken and not inbound.sender.simulated else ""
    return place.parts[1] if place.kind is PlaceKind.HUMAN and place.parts[:1] == (SPEAK,) else ""


def _erased(outcome: Outcome) -> bool:
    return any(isinstance(effect, Erase) for effect in outcome.effects)


def _heard(unit: UnitOfWork, line: Line, outcome: Outcome, now: datetime) -> None:
    """Keep with the line that it was heard, or that it was asked who it is; nothing in most turns."""
    if outcome.person.id != NOBODY:
        if line.stale(now) and not _erased(outcome):
            unit.lines.heard(line.id, now)
        return
    place = outcome.state.at
    if place.kind is PlaceKind.PROFILE and not outcome.ephemeral:
        unit.lines.ask(line.id, Question(place.parts[0]), now)

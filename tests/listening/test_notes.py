"""Voice notes on their way to a turn: in order, once, bounded, and lost by no crash."""

from __future__ import annotations

import time

import pytest
from listening.conftest import OTHER_PHONE, PHONE, Desk, Ear, message, note
from standins.talk import NOW

from bot.domain.errors import ListeningError, MediaError, StorageError
from bot.domain.listening import Heard, Unheard
from bot.domain.message import Inbound, InboundKind
from bot.domain.store import UnitOfWork


def test_a_note_is_acknowledged_once_it_is_written_down_and_answered_later(desk: Desk) -> None:
    desk.ear.may_go_on.clear()
    notes = desk.notes(desk.ear)
    desk.sounds["SM1"] = "hola"
    receipt = notes.receive(note("SM1")).result(timeout=10)
    assert (receipt.new, receipt.message_ids, desk.waiting()) == (True, (), 1)
    desk.ear.may_go_on.set()
    desk.settled()
    assert desk.said() == ["onboarding.welcome", "onboarding.consent"]
    assert len(desk.sent) == 2


def test_what_was_said_answers_the_pending_question(desk: Desk) -> None:
    notes = desk.notes(desk.ear, patient=True)
    desk.say("hola", "SM0")
    desk.sounds["SM1"] = "sí, acepto"
    assert notes.receive(note("SM1")).result(timeout=10).state == "onboarding:country"
    offered = {offer.id: offer.ways for offer in desk.ear.offered[0]}
    assert "Sí, acepto." in offered["onboarding:consent:yes"]
    assert "Uno." in offered["onboarding:consent:yes"]
    assert "Repita." in offered["8"]


def test_the_same_delivery_again_changes_nothing(desk: Desk) -> None:
    notes = desk.notes(desk.ear)
    desk.sounds["SM1"] = "hola"
    notes.receive(note("SM1")).result(timeout=10)
    desk.settled()
    assert not notes.receive(note("SM1")).result(timeout=10).new
    desk.settled()
    assert (len(desk.ear.heard), desk.said()) == (1, ["onboarding.welcome", "onboarding.consent"])


def test_without_a_listener_a_note_is_answered_at_once_by_how_to_use_keys(desk: Desk) -> None:
    notes = desk.notes(None)
    desk.say("hola", "SM0")
    receipt = notes.receive(note("SM1")).result(timeout=10)
    assert [reply.id for reply in receipt.replies] == ["input.voice"]
    assert desk.waiting() == 0


@pytest.mark.parametrize(
    ("why", "reply"),
    [
        (Unheard.SILENCE, "input.voice_silence"),
        (Unheard.UNREADABLE, "input.voice_unreadable"),
        (Unheard.BUSY, "input.voice_busy"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_the_reason_and_the_choices(desk: Desk, why: Unheard, reply: str) -> None:
    desk.say("hola", "SM0")
    desk.ear.fails = ListeningError("no", why=why)
    desk.sounds["SM1"] = "?"
    receipt = desk.notes(desk.ear, patient=True).receive(note("SM1")).result(timeout=10)
    (said,) = receipt.replies
    assert (said.id, [choice.key for choice in said.choices]) == (reply, ["1", "2"])
    assert desk.waiting() == 0


@pytest.mark.parametrize("code", ["gone", "size", "network"])
def test_a_file_that_cannot_be_had_is_answered_too(desk: Desk, code: str) -> None:
    desk.say("hola", "SM0")
    desk.sounds["SM1"] = MediaError("no", code=code)
    receipt = desk.notes(desk.ear, patient=True).receive(note("SM1")).result(timeout=10)
    assert [reply.id for reply in receipt.replies] == ["input.voice_unreadable"]


def test_more_notes_than_can_be_heard_in_time_are_told_so(desk: Desk) -> None:
    desk.say("hola", "SM0")
    desk.ear.may_go_on.clear()
    notes = desk.notes(desk.ear, most_waiting=2)
    for number in (1, 2):
        desk.sounds[f"SM{number}"] = "si"
        notes.receive(note(f"SM{number}")).result(timeout=10)
    refused = notes.receive(note("SM3")).result(timeout=10)
    assert [reply.id for reply in refused.replies] == ["input.voice_busy"]
    desk.ear.may_go_on.set()
    desk.settled()
    assert len(desk.ear.heard) == 2


def test_notes_of_one_person_are_answered_in_the_order_they_came(desk: Desk) -> None:
    notes = desk.notes(desk.ear)
    desk.ear.may_go_on.clear()
    for number, text in enumerate(("hola", "sí, acepto", "Colombia")):
        desk.sounds[f"SM{number}"] = text
        notes.receive(note(f"SM{number}")).result(timeout=10)
    desk.ear.may_go_on.set()
    desk.settled()
    assert desk.ear.heard == [b"hola", "sí, acepto".encode(), b"Colombia"]
    assert desk.said()[-1] == "onboarding.age"


def test_what_she_writes_after_a_note_waits_for_it_and_others_do_not(desk: Desk) -> None:
    notes = desk.notes(desk.ear)
    desk.ear.may_go_on.clear()
    desk.sounds["SM1"] = "hola"
    notes.receive(note("SM1")).result(timeout=10)
    behind = notes.receive(message("sí, acepto", "SM2"))
    assert notes.receive(message("hola", "SM3", OTHER_PHONE)).result(timeout=10).state == "onboarding:consent"
    assert not behind.done()
    desk.ear.may_go_on.set()
    assert behind.result(timeout=10).state == "onboarding:country"


def test_nobody_waits_long_behind_her_own_note(desk: Desk) -> None:
    notes = desk.notes(desk.ear, held_s=0.1)
    desk.ear.may_go_on.clear()
    desk.sounds["SM1"] = "repita"
    notes.receive(note("SM1")).result(timeout=10)
    started = time.monotonic()
    assert notes.receive(message("hola", "SM2")).result(timeout=10).state == "onboarding:consent"
    assert time.monotonic() - started < 5
    desk.ear.may_go_on.set()
    desk.settled()


def test_a_danger_does_not_wait_behind_a_note(desk: Desk) -> None:
    notes = desk.notes(desk.ear, held_s=30)
    desk.ear.may_go_on.clear()
    desk.sounds["SM1"] = "hola"
    notes.receive(note("SM1")).result(timeout=10)
    receipt = notes.receive(message("me trague el azogue", "SM2")).result(timeout=10)
    assert [reply.id for reply in receipt.replies] == ["crisis.poisoning"]
    desk.ear.may_go_on.set()
    desk.settled()


def test_an_answer_to_a_question_that_was_left_meanwhile_answers_no_other(desk: Desk) -> None:
    desk.say("hola", "SM0")
    notes = desk.notes(desk.ear, patient=True, held_s=0.05)

    def meanwhile(text: str, offers: object) -> Heard:
        desk.say("1", "SM2")
        return Heard(text, 0.9, option="onboarding:consent:no")

    desk.ear.hears = meanwhile
    desk.sounds["SM1"] = "no"
    receipt = notes.receive(note("SM1")).result(timeout=10)
    assert receipt.state == "onboarding:country"
    assert receipt.replies[0].id == "input.old_button"


def test_a_note_outlives_a_crash_before_its_turn_and_is_heard_by_the_next_process(desk: Desk) -> None:
    def written_down(unit: UnitOfWork) -> None:
        assert unit.inbox.is_new("whatsapp", "note:SM1", NOW)
        unit.notes.keep(note("SM1"), NOW)

    desk.store.submit(written_down).result(timeout=10)
    desk.sounds["SM1"] = "hola"
    desk.notes(desk.ear).sweep()
    desk.settled()
    assert desk.said() == ["onboarding.welcome", "onboarding.consent"]


def test_a_crash_between_the_turn_and_forgetting_the_note_answers_it_once(desk: Desk) -> None:
    desk.say("hola", "SM1")  # its turn is on disk, and so is still the note
    desk.store.submit(lambda unit: unit.notes.keep(note("SM1"), NOW)).result(timeout=10)
    desk.sounds["SM1"] = "hola"
    desk.notes(desk.ear).sweep()
    desk.settled()
    assert desk.said() == ["onboarding.welcome", "onboarding.consent"]


def test_a_note_that_ends_the_process_each_time_is_answered_without_being_heard(desk: Desk) -> None:
    desk.say("hola", "SM0")

    def killed_thrice(unit: UnitOfWork) -> None:
        kept = unit.notes.keep(note("SM1"), NOW)
        for _ in range(3):
            unit.notes.tried(kept.id)

    desk.store.submit(killed_thrice).result(timeout=10)
    desk.notes(desk.ear).sweep()
    desk.settled()
    assert (desk.ear.heard, desk.said()[-1]) == ([], "input.voice_unreadable")


def test_notes_left_by_a_process_that_listened_are_answered_by_one_that_does_not(desk: Desk) -> None:
    desk.say("hola", "SM0")
    desk.store.submit(lambda unit: unit.notes.keep(note("SM1"), NOW)).result(timeout=10)
    desk.notes(None).sweep()
    desk.settled()
    assert desk.said()[-1] == "input.voice"


def test_a_turn_that_fails_leaves_the_note_for_the_next_try(desk: Desk) -> None:
    notes = desk.notes(desk.ear)
    desk.sounds["SM1"] = "hola"
    answer, tries = notes._conversation.receive, []

    class Stumbling:
        offered = desk.reception.offered

        def receive(self, inbound: object) -> object:
            tries.append(inbound)
            if len(tries) == 1:
                raise StorageError("the disk is full")
            return answer(inbound)

    notes._conversation = Stumbling()
    notes.receive(note("SM1")).result(timeout=10)
    while notes._lanes:
        time.sleep(0.01)
    assert desk.waiting() == 1
    notes.sweep()
    desk.settled()
    assert desk.said() == ["onboarding.welcome", "onboarding.consent"]


def test_closing_lets_a_note_at_work_finish_and_leaves_the_rest_written_down(desk: Desk) -> None:
    notes = desk.notes(desk.ear)
    desk.ear.may_go_on.clear()
    for number in (1, 2):
        desk.sounds[f"SM{number}"] = "hola"
        notes.receive(note(f"SM{number}")).result(timeout=10)
    time.sleep(0.1)
    desk.ear.may_go_on.set()
    notes.close()
    assert desk.waiting() in {0, 1}
    successor = desk.notes(desk.ear)
    successor.sweep()
    desk.settled()
    assert len(desk.ear.heard) == 2


def test_nothing_of_a_note_is_kept_once_it_was_answered(desk: Desk) -> None:
    notes = desk.notes(desk.ear, patient=True)
    desk.sounds["SM1"] = "hola"
    notes.receive(note("SM1")).result(timeout=10)
    assert desk.rows("SELECT count(*) FROM voice_note") == [(0,)]


def test_while_it_waits_neither_address_nor_place_can_be_read(desk: Desk) -> None:
    desk.store.submit(lambda unit: unit.notes.keep(note("SM1"), NOW)).result(timeout=10)
    (row,) = desk.rows("SELECT * FROM voice_note")
    assert PHONE.value not in str(row)
    assert "vendor.example" not in str(row)


def test_the_events_tell_neither_who_nor_what(desk: Desk) -> None:
    notes = desk.notes(desk.ear, patient=True)
    desk.sounds["SM1"] = "quiero contar un secreto"
    notes.receive(note("SM1")).result(timeout=10)
    assert desk.log.events == [("voice_note_heard", {"kind": "text"})]


def test_other_messages_take_the_short_way(desk: Desk) -> None:
    notes = desk.notes(Ear())
    assert notes.receive(message("hola", "SM1")).result(timeout=10).state == "onboarding:consent"
    assert notes.receive(Inbound("SM3", PHONE, InboundKind.LOCATION, NOW)).result(timeout=10).new

"""A question left by voice: asked for, agreed to, recorded, fetched, kept sealed, and deleted at Twilio."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import wave
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.telephone import Handset
from twilio.request_validator import RequestValidator

from bot.domain.message import Address, ChannelName, Inbound, InboundKind
from bot.domain.person import Consent, Country
from bot.storage import retention
from bot.voice.transcoding import described

CONSENT = "voice_question.consent"
SPEAK = "voice_question.speak"
RECORDED = "voice_question.recorded"
SILENT = "voice_question.silent"


def sound(seconds: float = 4.0, loud: float = 0.3, rate: int = 8000) -> bytes:
    """What Twilio makes of somebody who speaks: mono, 16 bits, 8 kHz."""
    at = np.arange(int(seconds * rate)) / rate
    voice = loud * np.sin(2 * np.pi * 180 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((voice * 32767).astype("<i2").tobytes())
    return target.getvalue()


def heard(telephony: Any, handset: Handset) -> list[str]:
    found: list[str] = telephony.heard(handset)
    return found


def kept(telephony: Any) -> list[Any]:
    found: list[Any] = telephony.run(lambda unit: unit.questions.all())
    return found


def rows(telephony: Any, query: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = telephony.run(
        lambda unit: [tuple(row) for row in unit.people._tx.connection.exec_driver_sql(query)]
    )
    return found


def at_twilio(telephony: Any) -> int:
    number: int = telephony.run(lambda unit: unit.questions.at_vendor())
    return number


def fetch(telephony: Any, **time_: float) -> None:
    """Let time pass and what is due be fetched and deleted."""
    telephony.pass_time(**(time_ or {"seconds": 1}))
    telephony.batea.recordings.sweep()


@pytest.fixture
def caller(telephony: Any) -> Handset:
    """Somebody who has agreed to everything and stands in the first lesson."""
    handset: Handset = telephony.handset()
    now = telephony.clock.now()

    def enrol(unit: Any) -> None:
        person, state = unit.people.meet(Address(ChannelName.CALL, handset.number), now)
        unit.people.record_consent(person.id, Consent("v1", now, "call", "CA0", "lessons"))
        unit.people.save(replace(person, country=Country.CO, adult=True), replace(state, place="lesson:m1/humo/s1"))

    telephony.run(enrol)
    telephony.call(handset)
    return handset


@pytest.fixture
def stranger(telephony: Any) -> Handset:
    """Somebody who has agreed to nothing, and presses * for a person."""
    handset: Handset = telephony.handset("+573005550177")
    telephony.call(handset)
    handset.press("*")
    return handset


def ask(handset: Handset, how: str = "1") -> None:
    """From wherever she is to the beep."""
    for key in ("*", "3", how):
        handset.press(key)
    assert handset.recording is not None


def test_she_is_asked_told_who_hears_it_and_recorded(telephony: Any, caller: Handset) -> None:
    caller.press("*")
    caller.press("3")
    assert heard(telephony, caller) == [CONSENT]
    document = caller.press("1")
    assert heard(telephony, caller) == [SPEAK]
    assert caller.recording is not None
    told = {name: value for name, value in caller.recording.items() if name not in {"action", "recordingStatusCallback"}}
    assert told == {
        "method": "POST",
        "timeout": "5",
        "finishOnKey": "#",
        "maxLength": "60",
        "playBeep": "true",
        "trim": "trim-silence",
        "recordingStatusCallbackMethod": "POST",
        "recordingStatusCallbackEvent": "completed",
        "transcribe": "false",
    }
    assert [verb.tag for verb in document] == ["Play", "Record", "Redirect"]
    assert caller.number.lstrip("+") not in caller.document, "her number stands in no address"


def test_a_question_that_is_sent_is_kept_sealed_until_its_day_and_deleted_at_twilio(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    assert heard(telephony, caller) == [RECORDED]
    caller.press("1")
    assert heard(telephony, caller) == ["voice_question.sent", "m1/humo/s1"]
    caller.hang_up()
    fetch(telephony)
    (question,) = kept(telephony)
    assert (str(question.asked_on), str(question.deletes_on)) == ("2026-11-23", "2026-12-23")
    assert (question.seconds, question.here, question.answered_on) == (4, True, None)
    file = telephony.run(lambda unit: unit.questions.sound(question.id))
    assert described(file)[0] == "opus"
    assert telephony.vendor.deleted == [sid]
    assert at_twilio(telephony) == 0
    assert f"GET /2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav" in [path for path, _ in telephony.vendor.calls]


def test_the_number_that_she_agreed_to_is_kept_sealed_and_with_it_whose_it_is(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(), 4)
    ((number, person, hashed, consent),) = rows(
        telephony, "SELECT callback_sealed, person_id, identity_hash, consent_version FROM voice_question"
    )
    assert telephony.run(lambda unit: unit.people._tx.vault.open(number)) == caller.number
    assert person
    assert hashed
    assert consent.startswith("voice_question.consent@")


def test_without_her_number_it_is_bound_to_nobody(telephony: Any, caller: Handset) -> None:
    ask(caller, "2")
    caller.speak(sound(), 4)
    caller.hang_up()
    fetch(telephony)
    bound = "SELECT callback_sealed, person_id, identity_hash, community_id FROM voice_question"
    assert rows(telephony, bound) == [(None, None, None, None)]
    assert len(kept(telephony)) == 1


def test_who_does_not_agree_is_not_recorded(telephony: Any, caller: Handset) -> None:
    for key in ("*", "3", "3"):
        caller.press(key)
    assert caller.recording is None
    assert heard(telephony, caller) == ["m1/humo/s1"]
    assert rows(telephony, "SELECT * FROM voice_question") == []


def test_she_may_record_it_again_and_only_the_last_is_kept(telephony: Any, caller: Handset) -> None:
    ask(caller)
    first = caller.speak(sound(), 4)
    fetch(telephony)
    caller.press("2")
    assert heard(telephony, caller) == [SPEAK]
    second = caller.speak(sound(6), 6)
    caller.press("1")
    fetch(telephony)
    (question,) = kept(telephony)
    assert question.seconds == 6
    assert telephony.vendor.deleted == [first, second]


def test_what_she_drops_is_never_fetched_and_deleted_at_twilio(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    caller.press("3")
    assert heard(telephony, caller) == ["voice_question.dropped", "m1/humo/s1"]
    caller.stored(sid, 4)
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]
    assert not any(path.startswith("GET") for path, _ in telephony.vendor.calls)


def test_dropped_after_it_came_it_is_gone_from_here_too(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(), 4)
    fetch(telephony)
    caller.press("3")
    assert rows(telephony, "SELECT * FROM voice_question") == []


@pytest.mark.parametrize("seconds", [1, 4])
def test_hanging_up_while_she_speaks_keeps_it(telephony: Any, caller: Handset, seconds: int) -> None:
    ask(caller)
    sid = caller.speak(sound(seconds + 0.5), seconds, ends_with="hangup")
    caller.hang_up()
    caller.stored(sid, seconds)
    fetch(telephony)
    assert len(kept(telephony)) == 1
    assert telephony.vendor.deleted == [sid]


def test_hanging_up_at_once_keeps_nothing(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(0.4), 0, ends_with="hangup")
    caller.hang_up()
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]
    telephony.pass_time(hours=2)
    telephony.batea.tidy()
    assert rows(telephony, "SELECT * FROM voice_question") == [], "her consent goes too where nothing followed it"


def test_at_her_next_call_what_she_recorded_as_she_hung_up_waits_for_her_word(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(), 4, ends_with="hangup")
    caller.hang_up()
    telephony.call(caller)
    assert heard(telephony, caller) == [RECORDED]
    caller.press("3")
    assert kept(telephony) == []


def test_no_call_begins_with_a_beep(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.hang_up()
    telephony.call(caller)
    assert caller.recording is None
    assert heard(telephony, caller) == ["m1/humo/s1"]


def test_silence_and_less_than_a_second_are_told_kindly_and_not_kept(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.keep_silent()
    assert heard(telephony, caller) == [SILENT]
    caller.press("1")
    short = caller.speak(sound(0.4), 0)
    assert heard(telephony, caller) == [SILENT]
    caller.press("2")
    assert heard(telephony, caller) == ["m1/humo/s1"]
    fetch(telephony)
    assert rows(telephony, "SELECT * FROM voice_question") == []
    assert telephony.vendor.deleted == [short]


def test_what_turns_out_to_be_silence_is_not_kept(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(3, loud=0.0), 3)
    caller.hang_up()
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]


@pytest.mark.soak
@pytest.mark.parametrize("broken", [b"RIFF" + bytes(400), b"<html>", b"\0" * 50])
def test_a_broken_file_is_not_kept(telephony: Any, caller: Handset, broken: bytes) -> None:
    ask(caller)
    sid = caller.speak(broken, 4)
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]


def test_a_file_that_is_too_large_is_not_kept(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(bytes(16_000_001), 60)
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]


def test_a_minute_is_the_longest_that_is_kept(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(75), 60, ends_with="")
    fetch(telephony)
    (question,) = kept(telephony)
    assert question.seconds <= 60


@pytest.mark.soak
@pytest.mark.parametrize("failures", [[404, 404], [0], [503, 429, 500]])
def test_a_recording_that_is_not_there_yet_is_asked_for_again(telephony: Any, caller: Handset, failures: list[int]) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    telephony.vendor.failures = list(failures)
    for _ in failures:
        fetch(telephony)
        (question,) = kept(telephony)
        assert not question.here
        telephony.pass_time(minutes=5)
    fetch(telephony)
    (question,) = kept(telephony)
    assert question.here
    assert telephony.vendor.deleted == [sid]


def test_a_recording_that_never_comes_is_given_up_after_a_day(telephony: Any, caller: Handset) -> None:
    ask(caller)
    del telephony.vendor.recordings[caller.speak(sound(), 4)]
    fetch(telephony)
    assert at_twilio(telephony) == 1
    for _ in range(30):
        fetch(telephony, hours=1)
    assert kept(telephony) == []
    assert at_twilio(telephony) == 0


@pytest.mark.soak
@pytest.mark.parametrize("failure", [500, 429, 401, 0])
def test_a_deletion_that_fails_is_seen_and_tried_until_it_succeeds(
    telephony: Any, caller: Handset, capfd: pytest.CaptureFixture[str], failure: int
) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    caller.press("3")
    for _ in range(3):
        telephony.vendor.failures = [failure]
        fetch(telephony, hours=2)
        assert at_twilio(telephony) == 1
    assert "recording_not_deleted" in "".join(capfd.readouterr())
    fetch(telephony, hours=2)
    assert telephony.vendor.deleted == [sid]
    assert at_twilio(telephony) == 0


def test_it_is_not_fetched_twice_where_only_the_deletion_failed(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    fetch(telephony)
    telephony.vendor.recordings[sid] = sound()
    calls = len([path for path, _ in telephony.vendor.calls if path.startswith("GET")])
    fetch(telephony, hours=1)
    assert calls == 1
    assert len([path for path, _ in telephony.vendor.calls if path.startswith("GET")]) == 1


def test_a_recording_that_somebody_deleted_at_twilio_is_no_failure(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    caller.press("3")
    del telephony.vendor.recordings[sid]
    fetch(telephony)
    assert at_twilio(telephony) == 0


def test_repeated_webhooks_change_nothing(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.again()
    assert caller.recording is not None
    sid = caller.speak(sound(), 4)
    document = caller.document
    caller.again()
    assert caller.document == document
    telephony.batea.talk._answered.clear()
    caller.again()
    assert heard(telephony, caller) == [RECORDED]
    for _ in range(2):
        caller.stored(sid, 4)
    fetch(telephony)
    caller.stored(sid, 4)
    fetch(telephony)
    assert len(kept(telephony)) == 1
    assert telephony.vendor.deleted == [sid]
    assert at_twilio(telephony) == 0


def test_where_only_the_second_notice_reaches_us_the_question_is_kept_all_the_same(telephony: Any, caller: Handset) -> None:
    ask(caller)
    sid = f"RE{7:032x}"
    telephony.vendor.recordings[sid] = sound()
    caller.hang_up()
    caller.stored(sid, 4)
    fetch(telephony)
    (question,) = kept(telephony)
    assert question.here
    assert telephony.vendor.deleted == [sid]


def test_a_recording_without_a_consent_is_only_deleted(telephony: Any, caller: Handset) -> None:
    ask(caller)
    telephony.run(lambda unit: unit.people._tx.connection.exec_driver_sql("DELETE FROM voice_question"))
    sid = caller.speak(sound(), 4, ends_with="hangup")
    fetch(telephony)
    assert kept(telephony) == []
    assert telephony.vendor.deleted == [sid]


def test_a_notice_that_twilio_did_not_sign_for_that_question_is_refused(telephony: Any, caller: Handset) -> None:
    ask(caller)
    facts = caller._form(RecordingStatus="completed", **caller.recorded(f"RE{9:032x}", 4))
    signature = RequestValidator(AUTH_TOKEN).compute_signature(caller._stored, facts)
    other = caller._stored.replace(PUBLIC_URL, telephony.url).replace("question=", "question=0")
    request = urllib.request.Request(other, urlencode(facts).encode(), {"x-twilio-signature": signature})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 403
    assert at_twilio(telephony) == 0


def test_a_call_ends_after_its_time_and_the_question_stays(telephony: Any, caller: Handset) -> None:
    ask(caller)
    telephony.pass_time(minutes=15)
    caller.speak(sound(), 4)
    assert heard(telephony, caller) == ["voice_question.sent", "call.time_is_up"]
    assert caller.over
    fetch(telephony)
    assert len(kept(telephony)) == 1


def test_a_stranger_may_ask_with_that_consent_alone(telephony: Any, stranger: Handset) -> None:
    assert heard(telephony, stranger) == ["human.not_yet", CONSENT]
    stranger.press("1")
    stranger.speak(sound(), 4)
    stranger.press("1")
    assert heard(telephony, stranger) == ["voice_question.sent", "onboarding.consent_call"]
    stranger.hang_up()
    fetch(telephony)
    assert rows(telephony, "SELECT person_id, community_id FROM voice_question") == [(None, None)]
    assert [question.here for question in kept(telephony)] == [True]
    number = stranger.number
    assert telephony.run(lambda unit: unit.questions.left_from(Address(ChannelName.SMS, number)))
    met = telephony.run(lambda unit: unit.people.meet(Address(ChannelName.CALL, number), telephony.clock.now()))
    assert met[0].created_at == telephony.clock.now(), "nothing else of hers was kept"


def test_a_stranger_who_gives_no_number_leaves_nothing_but_her_voice(telephony: Any, stranger: Handset) -> None:
    stranger.press("2")
    stranger.speak(sound(), 4, ends_with="hangup")
    stranger.hang_up()
    fetch(telephony)
    assert rows(telephony, "SELECT callback_sealed, person_id, identity_hash FROM voice_question") == [(None, None, None)]


def test_the_end_of_the_call_may_be_told_before_the_recording(telephony: Any, stranger: Handset) -> None:
    stranger.press("1")
    stranger.hang_up()
    sid = f"RE{8:032x}"
    telephony.vendor.recordings[sid] = sound()
    stranger.stored(sid, 4)
    fetch(telephony)
    assert len(kept(telephony)) == 1


def test_who_refuses_everything_else_hears_that_her_question_stays(telephony: Any, stranger: Handset) -> None:
    stranger.press("1")
    stranger.speak(sound(), 4)
    stranger.press("1")
    stranger.press("2")
    assert heard(telephony, stranger) == ["voice_question.declined"]
    assert len(kept(telephony)) == 1


def test_a_minor_keeps_no_question(telephony: Any, stranger: Handset) -> None:
    stranger.press("1")
    stranger.speak(sound(), 4)
    for key in ("1", "1", "1", "2"):
        stranger.press(key)
    assert heard(telephony, stranger)[-1].startswith("onboarding.minor")
    assert kept(telephony) == []


@pytest.mark.parametrize("who", ["caller", "stranger"])
def test_whoever_has_herself_erased_by_key_has_her_question_erased(
    telephony: Any, who: str, request: pytest.FixtureRequest
) -> None:
    handset: Handset = request.getfixturevalue(who)
    if who == "caller":
        handset.press("*")
        handset.press("3")
    handset.press("1")
    sid = handset.speak(sound(), 4)
    handset.press("1")
    handset.hang_up()
    telephony.call(handset)
    for key in ("#", "2", "1"):
        handset.press(key)
    assert heard(telephony, handset) == ["optout.erased_call"]
    assert rows(telephony, "SELECT * FROM voice_question") == []
    fetch(telephony)
    assert telephony.vendor.deleted == [sid], "what was still at Twilio goes too"


def test_borrar_in_letters_erases_the_question_of_that_number(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(), 4)
    caller.hang_up()
    fetch(telephony)
    sms = Address(ChannelName.SMS, caller.number)
    for number, text in enumerate(("BORRAR", "si")):
        inbound = Inbound(f"SM{number}", sms, InboundKind.TEXT, telephony.clock.now(), text=text)
        telephony.batea.reception.receive(inbound).result(timeout=30)
    assert rows(telephony, "SELECT * FROM voice_question") == []


def test_on_its_day_it_is_deleted(telephony: Any, caller: Handset) -> None:
    ask(caller)
    caller.speak(sound(), 4)
    fetch(telephony)
    for days, left in ((29, 1), (1, 0)):
        telephony.pass_time(days=days)
        retention.sweep(telephony.batea.store, telephony.batea.round_keys, telephony.clock.now())
        assert len(kept(telephony)) == left


def test_a_database_that_is_away_is_told_kindly(telephony: Any, caller: Handset) -> None:
    ask(caller)
    telephony.batea.store.close()
    caller.speak(sound(), 4)
    assert heard(telephony, caller) == ["call.trouble"]
    assert caller.over


def test_no_number_and_no_recording_in_the_log(telephony: Any, caller: Handset, capfd: pytest.CaptureFixture[str]) -> None:
    ask(caller)
    sid = caller.speak(sound(), 4)
    telephony.vendor.failures = [404, 500]
    for _ in range(4):
        fetch(telephony, minutes=10)
    seen = "".join(capfd.readouterr())
    assert "question_kept" in seen
    assert caller.number.lstrip("+") not in seen
    assert sid not in seen


def test_where_there_is_no_vendor_it_says_that_it_cannot_record(telephony: Any) -> None:
    simulated = Address(ChannelName.CALL, "+573009990001", simulated=True)

    def press(number: int, kind: InboundKind, key: str = "") -> Any:
        inbound = Inbound(f"sim{number}", simulated, kind, telephony.clock.now(), key=key, spoken=True)
        return telephony.batea.reception.receive(inbound).result(timeout=30)

    press(0, InboundKind.ANSWERED_CALL)
    for number, key in enumerate(("1", "1", "1", "1", "*"), 1):
        press(number, InboundKind.KEY, key)
    receipt = press(9, InboundKind.KEY, "3")
    assert [reply.id for reply in receipt.replies] == ["voice_question.not_here"]
    assert receipt.question == ""
    assert [choice.id for choice in receipt.replies[0].choices] == ["human:question:back"]
    assert [reply.id for reply in press(10, InboundKind.KEY, "1").replies] == ["menu.main"]

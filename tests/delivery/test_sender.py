"""The sender over the real ledger, on both databases, with a channel that fails as it is told."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.domain.clock import MovableClock
from bot.domain.errors import (
    AmbiguousSendError,
    OptedOutError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
    UnreachableError,
)
from bot.domain.message import (
    Address,
    ChannelName,
    Clip,
    Drawing,
    MessageState,
    OutboundMessage,
    Rendered,
    Reply,
    Speech,
    StatusUpdate,
)
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

START = datetime(2026, 11, 23, 15, tzinfo=UTC)
NORA = Address(ChannelName.TELEGRAM, "3001234567")
ALBA = Address(ChannelName.TELEGRAM, "3007654321")


class Vendor:
    """A channel whose calls fail as `failures` say, first come first."""

    name = "telegram"

    def __init__(self):
        self.failures = []
        self.sent = []

    def render(self, reply, to, clip, clip_url, drawing=None):
        calls = [Rendered("text", {"to": to.value, "text": reply.text})] if reply.text else []
        shown = [Rendered("picture", {"to": to.value, "url": drawing.url}, spare=True)] if drawing else []
        return shown + calls + ([Rendered("voice", {"to": to.value, "url": clip_url})] if clip else [])

    def send(self, call):
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        self.sent.append(call.params.get("text") or call.api)
        return f"V{len(self.sent)}"


class SlowVendor(Vendor):
    """Answers when it is told to."""

    def __init__(self):
        super().__init__()
        self.has_one, self.answers = threading.Event(), threading.Event()

    def send(self, call):
        self.has_one.set()
        assert self.answers.wait(20)
        return super().send(call)


class OneClip:
    def clip(self, speech, *, call=False):
        return Clip(speech.key, "clip.ogg", "audio/ogg", 2.0)


class Silence:
    def __init__(self):
        self.events = []

    def event(self, name, **facts):
        self.events.append((name, facts))


@pytest.fixture
def store(database_url, tmp_path):
    opened = open_store(database_url, Vault("a secret that is long enough"), RoundKeyFiles(tmp_path / "rounds"))
    yield opened
    opened.close()


@pytest.fixture
def vendor():
    return Vendor()


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def sender(store, vendor, clock):
    window = ReplyWindow(Reply("invitation", "Conteste"), Silence())
    around = (clock, Silence(), SimulatedPhones(), window)
    return Sender(store, lambda _: vendor, OneClip(), lambda file: f"https://x/{file.path}", *around, drawings=drawn)


def drawn(name):
    return Drawing(f"{name}.png", f"pictures/{name}.png") if name != "none.svg" else None


def put(store, number, to=NORA, text="Hola", image=None, **facts):
    message = OutboundMessage(f"m{number}", to, Reply("r", text, Speech(text, key="r"), image=image), START, **facts)
    store.submit(lambda unit: unit.outbox.add([message], None)).result()
    return message.id


def states(store):
    return store.submit(lambda unit: {state: n for state, n in unit.outbox.counts().items() if n}).result()


def test_text_leaves_before_voice(sender, store, vendor):
    assert sender.send([put(store, 1)]) == 1
    assert vendor.sent == ["Hola", "voice"]
    assert states(store) == {MessageState.SENT: 1}


def test_a_picture_leaves_before_text_and_voice(sender, store, vendor):
    assert sender.send([put(store, 1, image="a.svg")]) == 1
    assert vendor.sent == ["picture", "Hola", "voice"]
    assert states(store) == {MessageState.SENT: 1}


def test_a_picture_survives_the_ledger_and_a_retry_does_not_repeat_it(sender, store, vendor, clock):
    vendor.failures = [None, PassingSendError("busy")]
    sender.send([put(store, 1, image="a.svg")])
    assert vendor.sent == ["picture"]
    clock.move(timedelta(minutes=1))
    assert sender.sweep() == 1
    assert vendor.sent == ["picture", "Hola", "voice"]


@pytest.mark.parametrize("failure", [PermanentSendError("no such media"), AmbiguousSendError("lost")])
def test_a_picture_that_does_not_leave_holds_back_no_words(sender, store, vendor, failure):
    vendor.failures = [failure]
    assert sender.send([put(store, 1, image="a.svg")]) == 1
    assert vendor.sent == ["Hola", "voice"]
    assert states(store) == {MessageState.SENT: 1}


def test_who_cannot_be_reached_is_not_tried_by_words_after_a_picture(sender, store, vendor):
    vendor.failures = [UnreachableError("nobody there")]
    sender.send([put(store, 1, image="a.svg")])
    assert vendor.sent == []
    assert states(store) == {MessageState.FAILED: 1}


def test_what_the_vendor_tells_of_a_picture_changes_nothing(sender, store, vendor):
    sender.send([put(store, 1, image="a.svg")])
    sender.heard([StatusUpdate("V1", MessageState.FAILED, "63019")]).result()
    assert states(store) == {MessageState.SENT: 1}
    sender.heard([StatusUpdate("V3", MessageState.DELIVERED)]).result()
    assert states(store) == {MessageState.DELIVERED: 1}


def test_a_picture_that_cannot_be_drawn_is_left_out(sender, store, vendor):
    sender.send([put(store, 1, image="none.svg")])
    assert vendor.sent == ["Hola", "voice"]


def test_a_basic_phone_gets_no_picture(sender, store, vendor):
    sender.send([put(store, 1, to=Address(ChannelName.SMS, "+573001234567"), image="a.svg")])
    assert vendor.sent == ["Hola"]


def test_a_simulated_phone_shows_the_picture(sender, store):
    simulated = replace(NORA, simulated=True)
    sender.send([put(store, 1, to=simulated, image="a.svg")])
    (arrival,) = sender.phones.take(simulated)
    assert arrival.drawing == Drawing("a.svg.png", "pictures/a.svg.png", url="https://x/pictures/a.svg.png")


def test_a_row_is_sent_once_however_often_it_is_asked_for(sender, store, vendor):
    message = put(store, 1)
    assert [sender.send([message]), sender.send([message]), sender.sweep()] == [1, 0, 0]
    assert len(vendor.sent) == 2


def test_a_retry_after_a_lost_voice_note_does_not_repeat_the_text(sender, store, vendor, clock):
    vendor.failures = [None, PassingSendError("busy")]
    sender.send([put(store, 1)])
    assert vendor.sent == ["Hola"]
    clock.move(timedelta(minutes=1))
    assert sender.sweep() == 1
    assert vendor.sent == ["Hola", "voice"]


def test_a_passing_failure_waits_for_its_time(sender, store, vendor, clock):
    vendor.failures = [PassingSendError("busy", retry_after_s=30)]
    sender.send([put(store, 1)])
    assert sender.sweep() == 0
    clock.move(timedelta(seconds=31))
    assert sender.sweep() == 1
    assert states(store) == {MessageState.SENT: 1}


def test_what_comes_after_a_delayed_message_waits_for_it(sender, store, vendor, clock):
    vendor.failures = [PassingSendError("busy")]
    sender.send([put(store, 1, text="uno"), put(store, 2, text="dos")])
    assert vendor.sent == []
    clock.move(timedelta(minutes=1))
    while sender.sweep():
        pass
    assert vendor.sent == ["uno", "voice", "dos", "voice"]


def test_one_persons_delay_holds_up_nobody_else(sender, store, vendor):
    vendor.failures = [PassingSendError("busy")]
    sender.send([put(store, 1, text="uno"), put(store, 2, ALBA, text="otra")])
    assert vendor.sent == ["otra", "voice"]


def test_an_ambiguous_reply_leaves_once_more_and_is_then_unknown(sender, store, vendor, clock):
    vendor.failures = [AmbiguousSendError("lost"), AmbiguousSendError("lost")]
    sender.send([put(store, 1)])
    clock.move(timedelta(minutes=1))
    sender.sweep()
    assert states(store) == {MessageState.UNKNOWN: 1}
    clock.move(timedelta(days=1))
    assert sender.sweep() == 0


def test_a_permanent_failure_is_final_and_lets_the_next_go(sender, store, vendor):
    vendor.failures = [PermanentSendError("no such number", code="21211")]
    sender.send([put(store, 1, text="uno"), put(store, 2, text="dos")])
    assert states(store) == {MessageState.FAILED: 1, MessageState.SENT: 1}
    assert vendor.sent == ["dos", "voice"]


def test_a_carriers_opt_out_closes_the_address(sender, store, vendor):
    store.submit(lambda unit: unit.people.meet(NORA, START)).result()
    vendor.failures = [OptedOutError("stop", code="21610")]
    sender.send([put(store, 1)])
    assert store.submit(lambda unit: unit.people.opted_out(NORA)).result()


def test_a_crashed_senders_row_is_visible_as_unknown(sender, store, vendor, clock):
    message = put(store, 1)
    store.submit(lambda unit: unit.outbox.claim(clock.now(), ids=[message])).result()
    clock.move(timedelta(minutes=5))
    sender.sweep()
    assert states(store) == {MessageState.UNKNOWN: 1}
    assert vendor.sent == []


def test_a_simulated_message_reaches_its_phone_and_no_vendor(sender, store, vendor):
    sender.send([put(store, 1, replace(NORA, simulated=True))])
    assert vendor.sent == []
    arrived = sender.phones.take(replace(NORA, simulated=True))
    assert [call.api for call in arrived[0].rendered] == ["text", "voice"]
    assert arrived[0].clip is not None


def test_a_reader_gets_no_voice_note(sender, store, vendor):
    message = OutboundMessage("m1", NORA, Reply("r", "Hola", Speech("Hola"), voice_note=False), START)
    store.submit(lambda unit: unit.outbox.add([message], None)).result()
    sender.send(["m1"])
    assert vendor.sent == ["Hola"]


def test_a_reply_that_a_channel_cannot_say_is_not_tried_for_ever(sender, store):
    message = OutboundMessage("m1", NORA, Reply("r", ""), START)
    store.submit(lambda unit: unit.outbox.add([message], None)).result()
    sender.send(["m1"])
    assert states(store) == {MessageState.SENT: 1}


def test_an_ephemeral_message_leaves_no_row(sender, store):
    sender.send([put(store, 1, ephemeral=True)])
    assert states(store) == {}


def test_somebody_elses_retry_does_not_wait_behind_a_backlog(sender, store, vendor):
    for number in range(100):
        put(store, number, text=f"suyo {number}")
    put(store, 100, ALBA, text="de Alba")
    assert sender.sweep() == 4
    texts = [sent for sent in vendor.sent if sent != "voice"]
    assert texts == ["suyo 0", "suyo 1", "suyo 2", "de Alba"]
    while sender.sweep():
        pass
    assert [sent for sent in vendor.sent if sent.startswith("suyo")] == [f"suyo {number}" for number in range(100)]


def wrong_token():
    return SenderConfigurationError("wrong token", code="20003")


def refused(store):
    return dict(store.submit(lambda unit: unit.outbox.refused()).result())


def test_answers_given_while_a_token_is_wrong_leave_in_order_once_it_is_mended(sender, store, vendor, clock):
    vendor.failures = [wrong_token() for _ in range(20)]
    sender.send([put(store, 1, text="uno"), put(store, 2, text="dos")])
    for _ in range(60):
        clock.move(timedelta(minutes=1))
        while sender.sweep():
            pass
    assert 5 <= 20 - len(vendor.failures) <= 10
    assert (states(store), refused(store)) == ({MessageState.QUEUED: 2}, {"20003": 1})
    vendor.failures = []
    clock.move(timedelta(minutes=16))
    while sender.sweep():
        pass
    assert vendor.sent == ["uno", "voice", "dos", "voice"]
    assert refused(store) == {}


def test_after_a_day_with_a_wrong_token_an_answer_is_given_up_and_counted(sender, store, vendor, clock):
    vendor.failures = [wrong_token() for _ in range(500)]
    sender.send([put(store, 1)])
    for _ in range(25):
        clock.move(timedelta(hours=1))
        sender.sweep()
    assert states(store) == {MessageState.EXPIRED: 1}


def test_a_vendor_that_refuses_everybody_is_left_alone_for_a_while(sender, store, vendor, clock):
    vendor.failures = [wrong_token() for _ in range(500)]
    people = [Address(ChannelName.TELEGRAM, str(5_000_000 + number)) for number in range(200)]
    for number, person in enumerate(people):
        sender.send([put(store, number, person)])
    assert 500 - len(vendor.failures) == 3
    for _ in range(60):
        clock.move(timedelta(minutes=1))
        for _ in range(20):
            sender.sweep()
    assert 500 - len(vendor.failures) < 15
    assert states(store) == {MessageState.QUEUED: 200}
    vendor.failures = []
    for _ in range(20):
        clock.move(timedelta(minutes=16))
        while sender.sweep():
            pass
    assert states(store) == {MessageState.SENT: 200}


def test_one_message_that_is_refused_holds_up_nobody_else(sender, store, vendor):
    vendor.failures = [wrong_token()]
    sender.send([put(store, 1), put(store, 2, ALBA, text="otra")])
    assert vendor.sent == ["otra", "voice"]


def test_who_has_the_text_does_not_wait_for_a_voice_note_that_is_refused(sender, store, vendor):
    vendor.failures = [None, SenderConfigurationError("the address of our clips cannot be reached", code="21620")]
    sender.send([put(store, 1, text="uno"), put(store, 2, text="dos")])
    assert vendor.sent == ["uno", "dos", "voice"]


def test_after_a_carriers_refusal_nothing_more_is_tried_by_sms_until_her_start(sender, store, vendor):
    phone = Address(ChannelName.SMS, "+573001234567")
    store.submit(lambda unit: unit.people.meet(phone, START)).result()
    vendor.failures = [OptedOutError("stop", code="21610")]
    sender.send([put(store, 1, phone)])
    store.submit(lambda unit: unit.people.set_opted_out(phone, None)).result()
    assert store.submit(lambda unit: unit.people.shut_by_carrier(phone)).result()
    store.submit(lambda unit: unit.people.set_shut_by_carrier(phone, None)).result()
    sender.send([put(store, 2, phone, text="otra vez")])
    assert vendor.sent == ["otra vez"]


def test_a_process_that_ends_waits_shortly_for_a_slow_vendor_and_puts_back_what_it_had_not_begun(store, clock):
    vendor = SlowVendor()
    around = (clock, Silence(), SimulatedPhones(), ReplyWindow(Reply("invitation", "Conteste"), Silence()))
    sender = Sender(store, lambda _: vendor, OneClip(), lambda file: f"https://x/{file.path}", *around, drawings=drawn)
    ids = [put(store, number, Address(ChannelName.TELEGRAM, str(number))) for number in range(1, 5)]
    sending = threading.Thread(target=sender.send, args=(ids[:3],))
    sending.start()
    assert vendor.has_one.wait(10)
    sender.keep(sender.claim(ids[3:]).result())
    sender.finish(within_s=0.1)
    assert states(store) == {MessageState.QUEUED: 4}
    vendor.answers.set()
    sending.join(10)
    assert len(vendor.sent) == 1
    assert sender.sweep() == 0
    assert sender.send(ids) == 0
    assert states(store) == {MessageState.QUEUED: 4}


def test_what_a_vendor_answers_while_a_process_ends_has_left(store, clock):
    vendor = SlowVendor()
    around = (clock, Silence(), SimulatedPhones(), ReplyWindow(Reply("invitation", "Conteste"), Silence()))
    sender = Sender(store, lambda _: vendor, OneClip(), lambda file: f"https://x/{file.path}", *around, drawings=drawn)
    ids = [put(store, number, Address(ChannelName.SMS, f"+57300000000{number}")) for number in range(1, 4)]
    sending = threading.Thread(target=sender.send, args=(ids,))
    sending.start()
    assert vendor.has_one.wait(10)
    sender.stop()
    vendor.answers.set()
    sender.finish()
    sending.join(10)
    assert states(store) == {MessageState.SENT: 1, MessageState.QUEUED: 2}

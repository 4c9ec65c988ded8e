"""WhatsApp's window and the order of text and voice, over the real ledger, the real channel and a stand-in for Twilio."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.loopback import Answer, Loopback, loopback
from channels.requests_made import NOW, settings

from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.domain.clock import MovableClock
from bot.domain.message import Address, ChannelName, Choice, Clip, MessageState, OutboundMessage, Reply, Speech, StatusUpdate
from bot.domain.ports import Channel
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

NORA = Address(ChannelName.WHATSAPP, "+573001234567")
INVITATION = Reply("window.invitation", "Conteste", Speech("Conteste"), (Choice("1", "window.open", "Recibirlo"),))
DAY = timedelta(hours=24)
SPOKEN = Speech("Hola")


class Twilio(Loopback):
    """Numbers the messages it takes."""

    def __init__(self) -> None:
        super().__init__(Answer())

    def next_answer(self) -> Answer:
        return self.answers.popleft() if self.answers else Answer.of(201, {"sid": f"SM{len(self.calls)}", "status": "queued"})

    @property
    def said(self) -> list[str]:
        """What each message held, as words."""
        return [call.form.get("Body") or call.form.get("ContentSid") or "voice" for call in self.calls]


class OneClip:
    def clip(self, speech: Speech, *, call: bool = False) -> Clip:
        return Clip("abc", "abc.ogg", "audio/ogg", 2.0)


class Silence:
    def event(self, name: str, **facts: Any) -> None:
        """Nothing."""


class Desk:
    def __init__(self, store: Any, channel: Channel, twilio: Twilio) -> None:
        self.store, self.twilio, self.clock = store, twilio, MovableClock(NOW)
        window = ReplyWindow(INVITATION, Silence())
        phones = SimulatedPhones()
        url = "https://bot.example.org/media/x"
        self.sender = Sender(store, lambda _: channel, OneClip(), lambda _: url, self.clock, Silence(), phones, window)

    def writes(self, when: datetime | None = None) -> None:
        """She sends something."""
        self.store.submit(lambda uow: uow.people.meet(NORA, when or self.clock.now())).result()

    def put(self, number: int, text: str = "Hola", to: Address = NORA, reply: Reply | None = None) -> str:
        said = reply or Reply("r", text, SPOKEN)
        new = OutboundMessage(f"m{number}", to, said, self.clock.now())
        self.store.submit(lambda uow: uow.outbox.add([new], None)).result()
        return new.id

    def told(self, vendor_id: str, state: MessageState, **facts: Any) -> list[str]:
        return self.sender.heard([StatusUpdate(vendor_id, state, **facts)]).result()

    def states(self) -> dict[str, int]:
        return self.store.submit(lambda uow: {state.value: n for state, n in uow.outbox.counts().items() if n}).result()

    def release(self) -> None:
        self.writes()
        now = self.clock.now()
        self.store.submit(lambda uow: uow.outbox.release(uow.outbox.held([NORA]), now)).result()

    def finish(self) -> None:
        """Let all that waits become due, without a word from the vendor."""
        for _ in range(6):
            self.clock.move(timedelta(seconds=3))
            self.sender.sweep()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    store = open_store(database_url, Vault("a secret that is long enough"), RoundKeyFiles(tmp_path / "rounds"))
    server = Twilio()
    with loopback(server=server):
        environ = {"TWILIO_API_URL": server.url, "DATA_DIR": str(tmp_path)}
        channel = build_channel("whatsapp", settings(**environ), Surroundings(invitation_id=INVITATION.id))
        kept = {"account": settings().twilio_account_sid, "sids": {"invitation": "HX1"}}
        (tmp_path / "whatsapp-content.json").write_text(json.dumps(kept))
        yield Desk(store, channel, server)
        channel.close()
    store.close()


def test_the_voice_note_leaves_when_the_text_is_sent(desk: Desk) -> None:
    desk.writes()
    desk.sender.send([desk.put(1)])
    assert desk.twilio.said == ["Hola"]
    assert desk.told("SM1", MessageState.SENDING) == []
    ready = desk.told("SM1", MessageState.SENT)
    assert ready == ["m1"]
    assert desk.sender.send(ready) == 1
    assert desk.twilio.said == ["Hola", "voice"]
    assert desk.states() == {"sent": 1}


def test_or_after_three_seconds(desk: Desk) -> None:
    desk.writes()
    desk.sender.send([desk.put(1)])
    desk.clock.move(timedelta(seconds=2))
    desk.sender.sweep()
    assert desk.twilio.said == ["Hola"]
    desk.clock.move(timedelta(seconds=1))
    desk.sender.sweep()
    assert desk.twilio.said == ["Hola", "voice"]


def test_what_comes_next_waits_for_the_voice_note_too(desk: Desk) -> None:
    desk.writes()
    desk.sender.send([desk.put(1, "uno"), desk.put(2, "dos")])
    assert desk.twilio.said == ["uno"]
    desk.sender.send(desk.told("SM1", MessageState.DELIVERED))
    assert desk.twilio.said == ["uno", "voice", "dos"]
    desk.finish()
    assert desk.twilio.said == ["uno", "voice", "dos", "voice"]
    assert desk.states() == {"delivered": 1, "sent": 1}


def test_a_text_that_cannot_arrive_is_followed_by_no_voice_note(desk: Desk) -> None:
    desk.writes()
    desk.sender.send([desk.put(1)])
    desk.told("SM1", MessageState.FAILED, error_code="63024")
    desk.finish()
    assert desk.twilio.said == ["Hola"]
    assert desk.states() == {"failed": 1}


def test_read_moves_forward_and_nothing_moves_it_back(desk: Desk) -> None:
    desk.writes()
    desk.sender.send([desk.put(1, reply=Reply("r", "Hola"))])
    for state in (MessageState.READ, MessageState.DELIVERED, MessageState.SENT, MessageState.FAILED):
        desk.told("SM1", state)
    assert desk.states() == {"read": 1}


@pytest.mark.parametrize("silent_for", [None, DAY, 9 * DAY])
def test_outside_the_window_only_the_invitation_leaves(desk: Desk, silent_for: timedelta | None) -> None:
    if silent_for:
        desk.writes(NOW - silent_for)
    desk.sender.send([desk.put(1, "uno"), desk.put(2, "dos")])
    desk.sender.sweep()
    (call,) = desk.twilio.calls
    assert call.form["ContentSid"] == "HX1"
    assert "Body" not in call.form
    assert "MediaUrl" not in call.form
    assert desk.states() == {"held": 2, "sent": 1}
    desk.finish()
    assert len(desk.twilio.calls) == 1


def test_just_inside_the_window_it_leaves_as_it_is(desk: Desk) -> None:
    desk.writes(NOW - DAY + timedelta(seconds=1))
    desk.sender.send([desk.put(1)])
    assert desk.twilio.said == ["Hola"]


def test_what_was_to_be_said_follows_when_she_writes(desk: Desk) -> None:
    desk.sender.send([desk.put(1, "uno"), desk.put(2, "dos")])
    desk.finish()
    desk.release()
    desk.finish()
    assert desk.twilio.said == ["HX1", "uno", "voice", "dos", "voice"]
    assert desk.states() == {"sent": 3}


def refused(status: int = 400, code: int = 63016) -> Answer:
    return Answer.of(status, {"code": code, "message": "x", "status": status})


def test_a_refusal_for_that_reason_leads_to_the_same(desk: Desk) -> None:
    desk.writes()
    desk.twilio.answers.append(refused())
    desk.sender.send([desk.put(1)])
    desk.finish()
    assert desk.twilio.said == ["Hola", "HX1"]
    desk.release()
    desk.finish()
    assert desk.twilio.said == ["Hola", "HX1", "Hola", "voice"]


@pytest.mark.parametrize("left", [1, 2])
def test_a_refusal_that_comes_later_leads_to_the_same_and_all_is_said_again(desk: Desk, left: int) -> None:
    desk.writes()
    desk.sender.send([desk.put(1)])
    if left == 2:
        desk.finish()
    for vendor_id in ("SM1", "SM2")[:left]:
        desk.told(vendor_id, MessageState.FAILED, error_code="63016", outside_window=True)
    desk.finish()
    assert desk.twilio.said[left:] == ["HX1"]
    desk.release()
    desk.finish()
    assert desk.twilio.said[left:] == ["HX1", "Hola", "voice"]
    assert desk.states() == {"sent": 2}


def test_an_invitation_that_is_refused_invites_to_nothing_more(desk: Desk) -> None:
    desk.twilio.answers.append(refused())
    desk.sender.send([desk.put(1)])
    desk.finish()
    assert len(desk.twilio.calls) == 1
    assert desk.states() == {"held": 1, "failed": 1}
    desk.release()
    desk.finish()
    assert desk.twilio.said[1:] == ["Hola", "voice"]


def test_a_simulated_phone_has_no_window(desk: Desk) -> None:
    simulated = replace(NORA, simulated=True)
    desk.sender.send([desk.put(1, to=simulated)])
    assert len(desk.sender.phones.take(simulated)) == 1
    assert desk.twilio.calls == []

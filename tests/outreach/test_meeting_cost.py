"""What telling people of a meeting costs: the same as a broadcast of the same words to the same people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from outreach.test_field_announcement import HERS, NOW, hand

from bot.domain.audience import Reached
from bot.domain.broadcast import Content
from bot.domain.message import Address, ChannelName, Reply, Speech
from bot.domain.person import Country, Mode, Person
from bot.outreach.meeting_cost import MeetingCost
from bot.outreach.prices import MICROS

__all__ = ["hand"]
NEWS = Reply("meeting.announced", "Reunión del comité. Sábado 28, 9 de la mañana. Escuela El Hato.", voice_note=True)


def reached(channel: ChannelName, value: str, mode: Mode, country: Country = Country.CO) -> Reached:
    return Reached(replace(Person(f"p{value}", NOW), mode=mode, country=country), None, Address(channel, value))


@pytest.mark.parametrize(
    ("one", "channel", "times"),
    [
        (reached(ChannelName.SMS, "+573000000301", Mode.READ), ChannelName.SMS, 1),
        (reached(ChannelName.SMS, "+573000000302", Mode.LISTEN), ChannelName.CALL, 1),
        (reached(ChannelName.WHATSAPP, "+573000000303", Mode.LISTEN), ChannelName.WHATSAPP, 2),
        (reached(ChannelName.WHATSAPP, "+573000000304", Mode.READ), ChannelName.WHATSAPP, 1),
        (reached(ChannelName.TELEGRAM, "900", Mode.LISTEN), ChannelName.TELEGRAM, 1),
    ],
)
def test_each_costs_what_a_broadcast_would(hand, one: Reached, channel: ChannelName, times: int) -> None:  # type: ignore[no-untyped-def]
    cost = MeetingCost(hand.batea.broadcasts.pricing, hand.batea.clock, lambda to: to.channel is ChannelName.CALL)
    hand.run(lambda uow: uow.people.meet(one.to, NOW))  # her window is open
    unit = hand.batea.broadcasts.pricing.unit(Content(NEWS), channel, "CO", window=True, voice=False)
    told = hand.run(lambda uow: cost.pesos(uow, replace(NEWS, speech=Speech(NEWS.text, catalogue=False)), [one] * 10))
    assert told == -(-10 * times * unit.price // MICROS)
    assert (told > 0) is (channel is not ChannelName.TELEGRAM)


def test_a_closed_window_costs_the_invitation(hand) -> None:  # type: ignore[no-untyped-def]
    cost = MeetingCost(hand.batea.broadcasts.pricing, hand.batea.clock, lambda _: False)
    stranger = reached(ChannelName.WHATSAPP, "+573000000305", Mode.LISTEN)
    unit = hand.batea.broadcasts.pricing.unit(Content(NEWS), ChannelName.WHATSAPP, "CO", window=False, voice=False)
    assert hand.run(lambda uow: cost.pesos(uow, NEWS, [stranger])) == -(-unit.price // MICROS)


def test_she_sees_it_before_her_pin(hand) -> None:  # type: ignore[no-untyped-def]
    assert HERS.simulated
    hand.say("nueva reunion", "1", "agua del rio", "el sabado a las 9 de la mañana", "escuela el hato", "1", "1")
    for _ in range(4):
        last = hand.say("1")
        if last[-1].startswith("facilitator.preview"):
            break
    assert last[-1] == "facilitator.preview_cost"

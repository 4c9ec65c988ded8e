from datetime import UTC, datetime

import pytest

from bot.domain.message import Address, ChannelName, Inbound, InboundKind, MessageState, moves_forward

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_one_number_is_one_person_on_sms_whatsapp_and_calls():
    names = {Address(channel, "+573001234567").identity for channel in (ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.CALL)}
    assert len(names) == 1


def test_telegram_simulated_and_numberless_addresses_are_persons_of_their_own():
    addresses = [
        Address(ChannelName.TELEGRAM, "573001234567"),
        Address(ChannelName.WHATSAPP, "bsuid:CO.123"),
        Address(ChannelName.SMS, "+573001234567"),
        Address(ChannelName.SMS, "+573001234567", simulated=True),
    ]
    assert len({address.identity for address in addresses}) == len(addresses)


def test_neither_address_nor_text_shows_in_a_traceback():
    address = Address(ChannelName.SMS, "+573001234567")
    inbound = Inbound("SM1", address, InboundKind.TEXT, NOW, text="me pega")
    assert "573001234567" not in repr(address) + repr(inbound)
    assert "me pega" not in repr(inbound)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sent", "delivered", True),
        ("delivered", "sent", False),
        ("read", "delivered", False),
        ("delivered", "delivered", False),
        ("unknown", "delivered", True),
        ("sent", "failed", True),
        ("failed", "delivered", True),
        ("delivered", "failed", False),
        ("read", "queued", False),
    ],
)
def test_a_state_only_moves_forward(old, new, expected):
    assert moves_forward(MessageState(old), MessageState(new)) is expected

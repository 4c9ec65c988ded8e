"""What Twilio's codes mean."""

import pytest
from channels.captured import captured

from bot.channels import twilio_errors
from bot.channels.twilio_errors import classify
from bot.domain.errors import (
    OptedOutError,
    OutsideWindowError,
    PassingSendError,
    PermanentSendError,
    SenderConfigurationError,
    UnreachableError,
)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("21211", UnreachableError),
        ("21610", OptedOutError),
        ("21612", PermanentSendError),
        ("21614", UnreachableError),
        ("21617", PermanentSendError),
        ("30003", PassingSendError),
        ("30004", PermanentSendError),
        ("30005", UnreachableError),
        ("30006", UnreachableError),
        ("30007", PermanentSendError),
        ("30008", PassingSendError),
        ("63016", OutsideWindowError),
        ("63018", PassingSendError),
        ("63024", UnreachableError),
        ("20429", PassingSendError),
        ("20003", SenderConfigurationError),
        ("99999", None),
        ("", None),
    ],
)
def test_a_code_has_its_kind(code, kind):
    assert classify(code) is kind


def test_no_code_stands_in_two_tables():
    tables = (
        twilio_errors.OPTED_OUT,
        twilio_errors.OUTSIDE_WINDOW,
        twilio_errors.PERMANENT,
        twilio_errors.PASSING,
        twilio_errors.CONFIGURATION,
    )
    assert len(frozenset().union(*tables)) == sum(map(len, tables))


def test_every_code_of_messages_and_channels_is_known():
    known = captured("twilio_error_codes")["errors"]
    ours = [code for code in known if len(code) == 5 and code.startswith(("216", "2190", "2191", "3000", "3001", "630", "9200"))]
    # Addresses and identity papers of numbers to be bought: no answer to a message.
    papers = {"21628", "21629", "21630", "21634", "21644", "21645", "21646", "21647", "21648"}
    assert not [code for code in ours if classify(code) is None and code not in papers]

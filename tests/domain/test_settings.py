from datetime import time
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.settings import load


def test_the_defaults_need_nothing():
    settings = load({})
    assert settings.database_url == "sqlite:///var/batea.db"
    assert (settings.demo, settings.nlu, settings.tts, settings.timezone) == (False, "embedded", "auto", "America/Bogota")


def test_the_database_lies_in_the_data_folder(tmp_path):
    assert load({"BATEA_DATA_DIR": str(tmp_path)}).database_url == f"sqlite:///{tmp_path / 'batea.db'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO", "maybe"),
        ("NLU", "gpt"),
        ("TTS", "loud"),
        ("CONTENT_DIR", "/nowhere"),
        ("TIMEZONE", "Mars/X"),
        ("TIMEZONE", "../x"),
        ("CALL_HOURS_CO", "7"),
        ("CALL_HOURS_CO", "20-07"),
        ("CALL_HOURS_PE", "07-25"),
        ("CALL_HOURS_PE", "siete-ocho"),
        ("UNASKED_PER_WEEK", "-1"),
        ("UNASKED_PER_WEEK", "tres"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value):
    with pytest.raises(ConfigurationError, match=f"BATEA_{name}"):
        load({f"BATEA_{name}": value})


def test_senders_by_country():
    senders = load({"BATEA_TWILIO_SMS_FROM": "+1", "BATEA_TWILIO_SMS_FROM_PE": "+51"}).senders
    assert senders.sms == {"": "+1", "CO": "", "PE": "+51"}


def test_hours_of_calls_by_country():
    hours = load({"BATEA_CALL_HOURS_PE": "7:30 - 19"}).call_hours
    assert hours == {"CO": (time(7), time(20)), "PE": (time(7, 30), time(19))}


def test_how_often_people_are_told_something_unasked():
    assert load({}).unasked_per_week == 3
    assert load({"BATEA_UNASKED_PER_WEEK": "0"}).unasked_per_week == 0


def test_drafts_are_served_in_a_demonstration_only_unless_asked_for():
    assert not load({}).drafts_served
    assert load({"BATEA_DEMO": "1"}).drafts_served
    assert load({"BATEA_SERVE_DRAFTS": "1"}).drafts_served


def test_secrets_do_not_show():
    settings = load({"BATEA_SECRET_KEY": "s3cret", "BATEA_TWILIO_AUTH_TOKEN": "t0ken", "BATEA_TELEGRAM_TOKEN": "b0t"})
    assert not {"s3cret", "t0ken", "b0t"} & set(repr(settings).replace("'", " ").split())
    assert "s3cret" not in repr(settings)


def test_a_data_folder_may_be_replaced(tmp_path):
    assert load({"BATEA_CONTENT_DIR": str(tmp_path)}).content_dir == Path(tmp_path)


def test_rates_of_senders_one_by_one():
    assert load({}).rates == {"sms": 10.0, "whatsapp": 80.0, "telegram": 30.0, "call": 1.0}
    assert load({"BATEA_RATES": "sms=0.5, call=0"}).rates == {"sms": 0.5, "whatsapp": 80.0, "telegram": 30.0, "call": 0.0}


@pytest.mark.parametrize("rates", ["sms", "sms=fast", "fax=3", "sms=-1", "sms=1;call=2"])
def test_a_rate_that_is_none_is_refused(rates):
    with pytest.raises(ConfigurationError, match="BATEA_RATES"):
        load({"BATEA_RATES": rates})


def test_money_may_be_much():
    assert load({"BATEA_MONTH_COP": "25000000"}).month_cop == 25_000_000
    with pytest.raises(ConfigurationError, match="BATEA_MONTH_COP"):
        load({"BATEA_MONTH_COP": "2.5e7"})

"""Quotes: counted by the channels themselves, from the price table that operators edit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.channels.registry import OpenChannels, build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.broadcast import Content, Group, Recipients
from bot.domain.chunk import Lane
from bot.domain.errors import ContentError
from bot.domain.gsm7 import foreign
from bot.domain.message import ChannelName, Clip, Reply, Speech
from bot.lessons.source import read_document
from bot.outreach.prices import FILE, PriceTable, Unit, read_prices
from bot.outreach.quote import Outlets, Pace, Pricing, micros, quote
from bot.settings import load

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
SLOWEST = {"sms/CO": 0.1, "sms/PE": 1.0}
PACE = Pace(lambda sender: Lane(sender, SLOWEST.get(sender, 0.02), 200 if "whatsapp" in sender else None), 300)
INVITATION = Reply("window.invitation", "Batea le tiene un mensaje.")


@pytest.fixture(scope="module")
def prices():
    return read_prices(read_document(ROOT / "content" / FILE, ROOT / "content").data)


@pytest.fixture
def pricing(prices, tmp_path):
    return made(prices, tmp_path)


def made(prices, folder, seconds=20.0):
    settings = load({"BATEA_DATA_DIR": str(folder), "BATEA_TWILIO_VOICE_FROM": "+573000000001"})
    channels = OpenChannels(lambda name: build_channel(name, settings, Surroundings("Para oir, llame al {number}")))

    def clip(_speech, call):
        return Clip("x", str(folder / "x.ogg"), "audio/ogg", seconds) if seconds else None

    def render(name, reply, to, found, url):
        return channels.get(name).render(reply, to, found, url)

    return Pricing(prices, Outlets(render, clip, INVITATION, frozenset({"offer"})))


def content(text, **more):
    return Content(Reply("broadcast.message", text, Speech(text, catalogue=False)), **more)


def group(channel, people, country="CO", *, window=True, voice=True):
    return Group(ChannelName(channel), country, window, voice, people)


def counted(pricing, said, *groups, excluded=None, today=TODAY, **more):
    return quote(said, Recipients(groups, excluded or {}), pricing, PACE, today, **more)


def test_each_channel_counts_what_it_will_send(pricing):
    said = content("Mañana hay reunión a las 3 en la escuela.")
    found = counted(
        pricing,
        said,
        group("sms", 100),
        group("whatsapp", 10),
        group("whatsapp", 5, window=False),
        group("whatsapp", 3, voice=False),
        group("telegram", 7),
        group("call", 4),
        excluded={"opted_out": 2, "dead_number": 0},
    )
    by = {one.channel: one for one in found.channels}
    assert (found.people, found.excluded) == (129, {"opted_out": 2})
    assert (by["sms"].messages, by["sms"].segments) == (100, 100)
    assert (by["whatsapp"].messages, by["whatsapp"].templates) == (10 * 2 + 5 + 3, 5)
    assert (by["telegram"].messages, by["telegram"].cost.usd) == (14, 0)
    assert (by["call"].messages, by["call"].minutes) == (4, 4)
    assert found.culprit is None


def test_the_cost_is_that_of_the_table_in_three_currencies(prices, pricing):
    found = counted(pricing, content("x " * 100), group("sms", 100))
    usd = 200 * prices.usd(ChannelName.SMS, "CO", Unit.SEGMENT)
    assert found.channels[0].segments == 200
    assert found.cost.usd == usd
    assert found.cost.as_mapping() == {
        "COP": round(float(usd * 3800), 2),
        "PEN": round(float(usd * Decimal("3.40")), 4),
        "USD": round(float(usd), 4),
    }
    assert prices.from_micros(found.micros).usd == pytest.approx(usd)


def test_what_is_booked_for_each_person_adds_up_to_the_quote(pricing):
    groups = (group("sms", 3), group("sms", 4, "PE"), group("whatsapp", 5, "PE", window=False), group("call", 2, ""))
    said = content("Hay reunión.")
    booked = sum(
        pricing.unit(said, one.channel, one.country, window=one.window, voice=one.voice).price * one.people for one in groups
    )
    assert counted(pricing, said, *groups).micros == booked == micros(said, Recipients(groups, {}), pricing) > 0


def test_somebody_of_an_unknown_country_costs_the_dearest(pricing):
    said = content("Hay reunión.")
    unknown, *known = (pricing.unit(said, ChannelName.SMS, country, window=True, voice=True) for country in ("", "CO", "PE"))
    assert unknown.price == max(one.price for one in known)


def test_a_template_of_the_class_marketing_costs_more(pricing):
    closed = group("whatsapp", 1, window=False)
    service, offer = (counted(pricing, content("Hola", template=name), closed) for name in ("meeting", "offer"))
    assert offer.micros > service.micros


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Reunión mañana en Tarazá, ¿viene? ¡Sí! “Hoy” … ñ", None),
        ("Reunión 🎉 mañana", (8, "🎉")),
        ("Oro → peso ≥ 3", None),
        ("Sí‍ pues", None),
        ("ya 中 no", (3, "中")),
        ("", None),
    ],
)
def test_the_character_that_would_force_ucs2_is_named_with_its_position(pricing, text, found):
    assert foreign(text) == found
    if found and text:
        got = counted(pricing, content(text), group("sms", 1))
        assert (got.culprit.position, got.culprit.char) == found
        assert got.channels[0].segments == 1


def test_senders_go_side_by_side_and_the_slowest_says_how_long(pricing):
    said = content("Hola")
    assert counted(pricing, said, group("sms", 1000), group("sms", 50, "PE"), group("telegram", 30)).duration_s == 100
    assert counted(pricing, said, group("sms", 1000), spread_s=7200).duration_s == 7200
    assert counted(pricing, said, group("call", 700)).duration_s == 2 * 86_400
    assert counted(pricing, said, group("whatsapp", 601, window=False)).duration_s == 3 * 86_400
    assert counted(pricing, said, group("whatsapp", 600), group("whatsapp", 200, window=False)).duration_s == 16
    assert counted(pricing, said).duration_s == 0


def test_a_long_voice_takes_a_second_minute_and_without_a_clip_the_text_is_measured(prices, tmp_path):
    said, call = content("Hola. " * 20), group("call", 1)
    assert counted(made(prices, tmp_path, 20.0), said, call).channels[0].minutes == 1
    assert counted(made(prices, tmp_path, 55.0), said, call).channels[0].minutes == 2
    assert counted(made(prices, tmp_path, 0.0), content("Hola. " * 200), call).channels[0].minutes == 2


def test_prices_past_their_days_say_so_and_so_do_estimates(pricing):
    fresh = counted(pricing, content("Hola"), group("telegram", 1))
    assert fresh.used.as_of == TODAY
    assert fresh.used.out_of_date == ()
    late = counted(pricing, content("Hola"), group("sms", 1), today=date(2027, 11, 1))
    assert late.used.out_of_date == ("COP", "PEN", "sms/CO/segment")
    assert "sms/CO/segment" in late.used.estimates


def _table(**more):
    prices = [
        {"channel": channel, "country": "*", "unit": unit, "usd": 1, "date": "2026-11-23", "source": "test"}
        for channel, unit in (
            ("sms", "segment"),
            ("whatsapp", "message"),
            ("whatsapp", "template"),
            ("whatsapp", "marketing"),
            ("telegram", "message"),
            ("call", "minute"),
        )
    ]
    exchange = {name: {"usd_buys": 2, "date": "2026-11-23", "source": "test"} for name in ("COP", "PEN")}
    return {"valid_days": 10, "exchange": exchange, "prices": prices} | more


def test_a_whole_table_is_taken():
    assert isinstance(read_prices(_table()), PriceTable)


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_days": 0},
        {"prices": _table()["prices"][1:]},
        {"prices": [*_table()["prices"], _table()["prices"][0]]},
        {"prices": [{**_table()["prices"][0], "usd": -1}, *_table()["prices"][1:]]},
        {"prices": [{**_table()["prices"][0], "country": "BR"}, *_table()["prices"][1:]]},
        {"prices": [{**_table()["prices"][0], "date": "yesterday"}, *_table()["prices"][1:]]},
        {"exchange": {"COP": _table()["exchange"]["COP"]}},
        {"exchange": _table()["exchange"] | {"COP": {**_table()["exchange"]["COP"], "usd_buys": 0}}},
        {"more": 1},
    ],
)
def test_a_table_that_cannot_be_counted_with_is_refused(wrong):
    with pytest.raises(ContentError, match=r"prices\.yml"):
        read_prices(_table(**wrong))


def test_a_changed_text_is_counted_anew(pricing):
    said = content("Hola")
    longer = replace(said, reply=replace(said.reply, text="Hola " * 60))
    assert [counted(pricing, one, group("sms", 1)).channels[0].segments for one in (said, longer)] == [1, 2]

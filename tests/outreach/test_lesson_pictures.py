"""What comes at the hour that she chose brings its picture, as the lesson does that she opens herself."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.learning import LessonRecord, Progress
from bot.domain.message import ChannelName
from bot.domain.person import Country, Person
from bot.lessons.catalogue import load_catalogue
from bot.outreach.lesson_messages import LessonMessages

CONTENT = Path(__file__).resolve().parents[2] / "content"
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HER = Person("p1", NOW, country=Country.CO, adult=True)


@pytest.fixture(scope="module")
def messages():
    return LessonMessages(load_catalogue(CONTENT, drafts=True, today=NOW.date, timezone="America/Bogota"))


def images(messages, person=HER, channel=ChannelName.WHATSAPP, progress=None):
    sitting = messages.lesson(person, progress or Progress(), channel, first=True, last=False)
    return [reply.image for reply in sitting.replies]


@pytest.mark.parametrize("channel", [ChannelName.WHATSAPP, ChannelName.TELEGRAM])
def test_its_first_step_brings_the_picture(messages, channel):
    assert images(messages, channel=channel)[-1] == "m1-humo.svg"


@pytest.mark.parametrize("channel", [ChannelName.SMS, ChannelName.CALL])
def test_a_basic_phone_is_sent_none(messages, channel):
    assert not any(images(messages, channel=channel))


def test_who_wants_no_pictures_gets_none_by_themselves_either(messages):
    assert not any(images(messages, replace(HER, pictures=False)))


def test_who_goes_on_in_the_middle_has_had_it(messages):
    begun = Progress((LessonRecord("m1", "humo", "s3"),))
    assert not any(images(messages, progress=begun))

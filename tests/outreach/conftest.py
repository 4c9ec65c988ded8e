from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from standins.meeting_field import meeting_field

from bot.lessons.phrases import result_phrases
from bot.outreach.phrasing import Phrasing

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="session", params=["es", "en"])
def words(request):
    return Phrasing(result_phrases(CONTENT, request.param), request.param, ZoneInfo("America/Bogota"))


@pytest.fixture(scope="session")
def spanish():
    return Phrasing(result_phrases(CONTENT, "es"), "es", ZoneInfo("America/Bogota"))


@pytest.fixture
def field(database_url, tmp_path):
    """People of two communities, and the desk that calls them to meetings."""
    with meeting_field(database_url, tmp_path) as made:
        yield made

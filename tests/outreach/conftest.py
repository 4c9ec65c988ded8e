from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.lessons.phrases import result_phrases
from bot.outreach.phrasing import Phrasing

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="session", params=["es", "en"])
def words(request):
    return Phrasing(result_phrases(CONTENT, request.param), request.param, ZoneInfo("America/Bogota"))


@pytest.fixture(scope="session")
def spanish():
    return Phrasing(result_phrases(CONTENT, "es"), "es", ZoneInfo("America/Bogota"))

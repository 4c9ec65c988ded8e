"""Counts over everybody: nobody waits for them, and none stays old."""

import asyncio

import pytest
from standins.staff_side import StaffSide

from bot.web.staff import overview, warmth


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("warmth"))
    yield running
    running.close()


def test_what_takes_its_time_is_ready_before_the_first_visit(side):
    assert side.app.state.staff_counts == {}
    side.loop.run_until_complete(warmth.warm(side.app))
    assert set(side.app.state.staff_counts) == set(warmth.COUNTS)
    counted = dict(side.app.state.staff_counts)
    staff = side.browser(side.member("admin"))
    for path in ("/staff/", "/staff/modules", "/staff/donors", "/staff/misses"):
        assert staff.get(path).status_code == 200
    assert side.app.state.staff_counts == counted, "nothing was counted for a visit"


def test_an_old_count_is_shown_and_counted_anew_meanwhile(side):
    staff = side.browser(side.member("staff"))
    counts, key = side.app.state.staff_counts, overview.counted(None)
    (agreed,) = side.rows("SELECT count(DISTINCT person_id) FROM consent")[0]
    counts[key] = (0.0, 987)
    assert ">987<" in staff.get("/staff/").text

    async def others_go_on():
        await asyncio.gather(*side.app.state.staff_counting)

    side.loop.run_until_complete(others_go_on())
    assert f">{agreed}<" in staff.get("/staff/").text

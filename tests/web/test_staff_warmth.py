"""Counts over everybody: nobody waits for them, and none stays old."""

import asyncio
import re

import pytest
from standins.staff_side import StaffSide

from bot.domain.staff import Role
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
        await asyncio.gather(*side.app.state.staff_beside)

    side.loop.run_until_complete(others_go_on())
    assert f">{agreed}<" in staff.get("/staff/").text


def test_while_she_looks_for_her_code_what_her_pages_draw_with_is_loaded(side, monkeypatch):
    loaded = []
    monkeypatch.setattr(warmth.polls_results, "prepare_to_publish", lambda: loaded.append("counts"))
    monkeypatch.setattr(warmth.polls_results, "prepare_to_draw", lambda: loaded.append("draws"))
    side.app.state.staff_counts.clear()
    account = side.batea.access.enrol("carmen@example.org", Role.STAFF, None)
    form = side.browser().get("/staff/signin")
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)[1]
    for password, others in (
        ("no es esta la clave", []),
        (account.password, ["counts", "draws"]),
        (account.password, ["counts", "draws"]),
    ):
        fields = {"email": account.member.email, "password": password, "csrf": csrf}
        side.browser().send("POST", "/staff/signin", fields, headers={"cookie": f"batea_form={csrf}"})

        async def she_looks_for_it():
            await asyncio.gather(*side.app.state.staff_beside)

        side.loop.run_until_complete(she_looks_for_it())
        assert loaded == others, "once, and for nobody who does not know a password"
    assert set(side.app.state.staff_counts) == set(warmth.COUNTS)

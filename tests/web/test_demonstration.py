"""What `make run` shows: people who agreed and learnt, a poll that is open, and results with something to see."""

import json
from types import SimpleNamespace

import pytest
from standins.staff_side import StaffSide

from bot import wiring
from bot.domain.figures import ModuleCounts
from bot.domain.person import Country
from bot.web.staff.modules import module_rows


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("demo"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def staff(side):
    return side.browser(side.member("staff"))


def test_the_overview_counts_people_and_an_open_poll(staff, side):
    (agreed,) = side.rows("SELECT count(DISTINCT person_id) FROM consent")[0]
    page = staff.get("/staff/").text
    assert f">{agreed}<" in page
    assert side.batea.library.poll("Q04_v1").wording.text in page


def test_modules_show_who_finished_and_what_is_missed(staff):
    page = staff.get("/staff/modules").text
    assert 'class="missed"' in page
    assert 'class="learnt" open' in page
    assert " → " in page, "what changed between the first and the last answers"


def test_the_closed_rounds_have_charts_breakdowns_and_a_comparison(staff):
    path = "/staff/polls/rounds/Q11_v1-1"
    assert "Q11_v1-1" in staff.get("/staff/polls").text
    shown = json.loads(staff.get(f"{path}/results.json").text)
    assert shown["n"] > 100
    assert {one["by"] for one in shown["breakdowns"]} == {"sex", "territory", "role", "channel"}
    assert shown["comparison"]["headline"]["difference"] > 0
    for what in ("bars", "time", "sex"):
        assert staff.get(f"{path}/chart/{what}.svg").status_code == 200


def test_starting_again_adds_nothing_and_leaves_no_key_behind(side):
    before = side.said()
    wiring.load_demo_data(side.batea, crowd=True)
    after = side.said()
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert side.batea.round_keys.round_ids() == ["demo-round"]


def test_a_group_that_is_too_small_is_counted_nowhere():
    modules = [SimpleNamespace(id="m", title="M", status="draft", lessons=[SimpleNamespace(quizzes=[])])]
    batea = SimpleNamespace(library=SimpleNamespace(modules=lambda _: modules))
    for finished, told in ((0, 0), (9, None), (10, 10)):
        (row,) = module_rows(batea, [ModuleCounts(Country.CO, "m", {0: 20, 1: finished})])
        assert (row.begun, row.finished) == (20 + finished, told)

"""Questions that staff compose to be asked only of those who gave some answer to another one."""

import json

import pytest
from standins.staff_side import StaffSide

PATH = "/staff/polls/compose"
GOOD = {
    "text": "¿El casco le queda bien?",
    "simpler": "¿Le sirve ese casco?",
    "kind": "single",
    "option-1": "Sí",
    "option-2": "No",
    "way_out": "say",
    "country-CO": "1",
}


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("conditions"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def staff(side):
    return side.browser(side.member("staff"))


def test_a_condition_is_chosen_among_answers_that_may_lead_on(staff):
    page = staff.get(PATH).text
    assert 'value="Q04_v1:los_dos"' in page
    assert "Q01_v1:" not in page, "sensitive: whoever is asked would tell what she said"
    assert "Q02_v1:" not in page, "not asked at all"


def test_a_condition_is_kept_and_shown_again(side, staff):
    wish = GOOD | {"when-1": "Q04_v1:los_dos", "when-2": "Q04_v1:uno"}
    assert staff.post(PATH, **wish, step="check").status_code == 200
    assert staff.post(PATH, **wish, step="save").status_code == 303
    body = json.loads(side.rows("SELECT body FROM composed_poll WHERE id = 'P01_v1'")[0][0])
    assert body["when"] == {"poll_id": "Q04_v1", "options": ["los_dos", "uno"]}
    page = staff.get(f"{PATH}?from=P01_v1").text
    assert page.count(" selected>") >= 2
    assert 'value="Q04_v1:uno" selected' in page
    assert "P01_v1:" not in page, "it depends on something itself"
    composed = side.submit(lambda uow: uow.composed.get("P01_v1"))
    assert composed is not None
    assert composed.when is not None


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ({"when-1": "Q01_v1:mucho"}, "no puede llevar a otra"),
        ({"when-1": "Q04_v1:nothing"}, "no puede llevar a otra"),
        ({"when-1": "nothing"}, "no puede llevar a otra"),
        ({"when-1": "Q04_v1:uno", "when-2": "Q05_v1:si"}, "de una misma pregunta"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(side, staff, when, says):
    before = side.rows("SELECT count(*) FROM composed_poll")
    answer = staff.post(PATH, **GOOD, **when, step="save")
    assert answer.status_code == 422
    assert says in answer.text
    assert side.rows("SELECT count(*) FROM composed_poll") == before

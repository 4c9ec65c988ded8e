"""The staff pages of polls in a real browser: at phone width, for a thumb, for a screen reader, with charts that are drawn."""

import pytest
from playwright.sync_api import expect
from standins.answered import closed_rounds
from standins.looks import SCREENS, fits, is_good, shot
from standins.server import Server
from standins.staffing import Account, Visitor

pytestmark = pytest.mark.browser

ROUND = "/staff/polls/rounds/Q05_v1-1"
PAGES = {
    "polls": "/staff/polls",
    "poll-results": ROUND,
    "poll-results-territory": f"{ROUND}?by=territory&compare=0",
    "poll-results-first": "/staff/polls/rounds/Q05_v1-0",
    "poll-open-round": "/staff/polls/rounds/demo-round",
    "poll-open": "/staff/polls/open",
    "poll-tally": "/staff/polls/rounds/demo-round/in-person",
    "poll-close": "/staff/polls/rounds/demo-round/close",
    "poll-compose": "/staff/polls/compose",
    "poll-told": f"{ROUND}/told",
    "donors": "/staff/donors",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("polls"), DEMO="1").start()
    closed_rounds(running.environment, in_person={"si": 12, "no_pude": 10})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server):
    """The cookies of somebody who is signed in."""
    visitor = Visitor(server.url).sign_in(Account.enrolled(server.environment, "ana@example.org", "admin"))
    return [{"name": each.name, "value": each.value, "url": server.url} for each in visitor.jar]


@pytest.fixture(params=SCREENS)
def page(request, tab, session):
    return tab(request.param, session)


def tables_fit(page):
    """Nobody has to push a table aside to see its last column."""
    return page.eval_on_selector_all(".scroll", "all => all.every(e => e.scrollWidth <= e.clientWidth + 1)")


def test_the_pages_fit_the_screen_and_the_thumb_and_axe_finds_nothing(page, axe):
    for name, path in PAGES.items():
        page.goto(path)
        # A phone has bars within the table instead of a drawing in letters too small to read.
        for image in page.locator("img.chart").all() if page.viewport_size["width"] > 640 else ():
            image.scroll_into_view_if_needed()
            expect(image).to_have_js_property("complete", value=True)
            assert image.evaluate("one => one.naturalWidth") > 0
        page.evaluate("scrollTo(0, 0)")
        is_good(page, axe, name)
        assert tables_fit(page), name


def test_a_question_is_put_right_and_looked_at(page):
    page.goto("/staff/polls/compose")
    page.get_by_label("La pregunta").fill("¿Usted usó mercurio y quemó oro en su casa?")
    page.get_by_label("La misma, más fácil").fill("¿Usó azogue?")
    page.locator("#option-1").fill("Sí")
    page.locator("#option-2").fill("No")
    page.get_by_role("button", name="Revisar").click()
    expect(page.locator("#text-faults")).to_contain_text("confesar")
    shot(page, "poll-compose-refused")
    assert fits(page)
    page.get_by_label("La pregunta").fill("En su sector, ¿hoy se usó azogue?")
    page.get_by_label("La misma, más fácil").fill("¿Hay mercurio por aquí estos días?")
    page.get_by_role("button", name="Revisar").click()
    expect(page.get_by_role("heading", name="Así llega")).to_be_visible()
    shot(page, "poll-compose-preview")
    assert fits(page)
    page.get_by_role("button", name="Guardar esta versión").click()
    expect(page.get_by_role("status").first).to_contain_text("quedó guardada")


def test_whom_a_round_asks_is_shown_before_it_is_opened(page):
    page.goto("/staff/polls/open?poll=Q12_v1")
    page.get_by_label("A quién").select_option(label="Tarazá")
    page.get_by_role("button", name="Ver a cuántas").click()
    expect(page.locator(".figure strong")).to_have_text("63")  # 19, and 44 of the demonstration
    shot(page, "poll-confirm")
    assert fits(page)

"""The staff pages of broadcasts in a real browser: composed and sent by keyboard, at phone width, for a screen reader."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect
from standins import npm
from standins.population import settle_in
from standins.server import Server
from standins.staffing import Account, Visitor

from bot import wiring
from bot.domain.broadcast import BroadcastState
from bot.domain.community import Community
from bot.domain.message import ChannelName
from bot.domain.person import Country
from bot.outreach.broadcasting import Maker
from bot.outreach.composing import Wish
from bot.settings import load
from bot.wiring_broadcasts import for_command

pytestmark = pytest.mark.browser

AXE = "4.14.1"
SHOTS = os.environ.get("BATEA_SCREENSHOTS", "")
SCREENS = {"phone": (360, 740), "desktop": (1280, 900)}
LIST, NEW = "/staff/broadcasts", "/staff/broadcasts/new"


def crowd():
    here = {"community": "prueba"}
    yield from ({**here, "id": f"aa{n:030x}", "number": f"+5731{n:08d}"} for n in range(40))
    yield from ({**here, "id": f"ab{n:030x}", "channels": ("whatsapp",), "number": f"+5732{n:08d}"} for n in range(12))
    yield from ({**here, "id": f"ac{n:030x}", "channels": ("telegram",), "number": f"99{n}", "mode": "listen"} for n in range(9))
    yield from ({**here, "id": f"ad{n:030x}", "left": True, "number": f"+5733{n:08d}"} for n in range(3))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Broadcasts of each kind: one waits for approval, one is half done with failures, one is cancelled."""
    settings = {"DEMO": "1", "APPROVE_PEOPLE": "50", "MONTH_COP": "200000", "CALLS": "off"}
    running = Server(tmp_path_factory.mktemp("broadcasts"), **settings).start()
    with for_command(load(running.environment)) as (store, broadcasts, _):
        desk, now = broadcasts.desk, wiring.SystemClock().now()
        store.submit(lambda uow: uow.communities.put([Community("prueba", "Prueba", Country.CO, "prueba")], [])).result()
        store.submit(lambda uow: settle_in(uow, list(crowd()))).result()
        month = desk.today(now).replace(day=1)
        store.submit(lambda uow: uow.spending.add(month, ChannelName.SMS, 170_000_000_000, 90)).result()
        desk.limits = type(desk.limits)(approve_people=50)

        def make(title, by):
            wish = Wish("community:prueba", "Mañana hay reunión en la escuela.", title)
            return store.submit(lambda uow: desk.make(uow, wish, Maker(by), now)).result()

        make("Espera aprobación", "somebody")
        half = make("A medias", "somebody")
        rows = (
            "UPDATE message SET state = CASE WHEN seq % 9 = 0 THEN 'failed' WHEN seq % 3 = 0 THEN 'delivered' ELSE 'queued' END"
        )

        def happen(uow):
            run = uow.people._tx.connection.exec_driver_sql
            uow.broadcasts.change(half.id, BroadcastState.SCHEDULED, now)
            uow.broadcasts.change(half.id, BroadcastState.RUNNING, now)
            while not uow.broadcasts.expand(half.id, now, broadcasts.means("")):
                pass
            uow.broadcasts.change(half.id, BroadcastState.PAUSED, now, halt="budget")
            run(f"{rows}, error_code = CASE WHEN seq % 9 = 0 THEN '30005' ELSE '' END WHERE broadcast_id = '{half.id}'")

        store.submit(happen).result()
        running.half = half.id
        gone = make("Cancelado", "somebody")
        store.submit(lambda uow: desk.cancel(uow, gone.id, Maker("somebody"), now)).result()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server):
    visitor = Visitor(server.url).sign_in(Account.enrolled(server.environment, "ana@example.org", "admin"))
    return [{"name": each.name, "value": each.value, "url": server.url} for each in visitor.jar]


@pytest.fixture(params=SCREENS)
def page(request, chromium, server, session):
    """A tab of a size. What the browser complains of fails the test, but for answers that say that something is wrong."""
    width, height = SCREENS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, base_url=server.url, locale="es-CO")
    context.add_cookies(session)
    problems, opened = [], context.new_page()
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert [problem for problem in problems if "responded with a status of 4" not in problem] == []


@pytest.fixture(scope="module")
def axe():
    return (npm.installed("axe-core", "axe-core", AXE) / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def fine(page, axe):
    """It fits the screen, nothing is too small for a thumb, and axe finds nothing."""

    def look(name):
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        small = page.eval_on_selector_all(
            "button, input:not([type=hidden], [type=radio], [type=checkbox]), select, summary, .button, .choice",
            "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43).map(e => e.outerHTML)",
        )
        assert small == []
        assert page.get_by_role("heading", level=1).count() == 1
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []

    return look


def test_the_list_shows_what_waits_and_warns_of_the_month(page, fine):
    page.goto(LIST)
    expect(page.locator(".need")).to_contain_text("COP 170.000 de COP 200.000")
    expect(page.get_by_role("region", name="Esperan la aprobación")).to_contain_text("Espera aprobación")
    fine("broadcasts")


def test_composed_looked_at_and_sent_by_keyboard(page, fine):
    page.goto(LIST)
    page.get_by_role("link", name="Nuevo envío").press("Enter")
    fine("broadcast-new")
    page.get_by_label("Comunidad o territorio").select_option(label="Prueba")
    page.get_by_text("Más condiciones").press("Enter")
    page.get_by_label("Por dónde").select_option(label="SMS")
    page.get_by_label("El mensaje").fill("Mañana hay reunión en la escuela a las 3. 🎉")
    page.get_by_label("Un nombre para reconocerlo").fill("Prueba por SMS")
    page.get_by_role("button", name="Ver a quién llega").press("Enter")
    quoted = page.get_by_role("region", name="A quién llega y cuánto cuesta")
    expect(quoted).to_contain_text("40 personas")
    expect(quoted).to_contain_text("no existe en los SMS")
    fine("broadcast-quoted")
    page.get_by_label("Es una práctica").press(" ")
    page.get_by_role("button", name="Enviar").press("Enter")
    # What has changed since it was looked at is looked at once more.
    page.get_by_role("button", name="Practicar").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("quedó listo")
    fine("broadcast-sent")


def test_every_channel_is_shown_as_it_says_it(page, fine):
    page.goto(NEW)
    page.get_by_label("Comunidad o territorio").select_option(label="Prueba")
    page.get_by_label("El mensaje").fill("Mañana hay reunión en la escuela a las 3.")
    page.get_by_role("button", name="Ver a quién llega").click()
    shown = page.get_by_role("region", name="Así lo ve y lo oye cada quien")
    expect(shown.get_by_role("heading", level=3)).to_have_count(3)
    expect(shown).to_contain_text("primero recibe esto")
    expect(page.get_by_role("button", name="Pedir aprobación")).to_be_visible()
    fine("broadcast-previews")


def test_what_is_wrong_stands_above_what_she_wrote(page, fine):
    page.goto(f"{NEW}?template=reunion")
    page.get_by_label("Comunidad o territorio").select_option(label="Prueba")
    page.get_by_label("Cuándo", exact=True).fill("sábado a las 3")
    page.get_by_role("button", name="Ver a quién llega").click()
    expect(page.get_by_role("alert")).to_contain_text("Falta llenar")
    expect(page.get_by_label("Cuándo", exact=True)).to_have_value("sábado a las 3")
    fine("broadcast-refused")


def test_one_that_halted_shows_whom_it_did_not_reach_and_goes_on_with_more(page, fine, server):
    page.goto(f"{LIST}/{server.half}")
    expect(page.get_by_text("Se acabó su presupuesto")).to_be_visible()
    expect(page.get_by_role("region", name="No llegaron")).to_contain_text("el número no existe")
    fine("broadcast-half")
    page.get_by_role("link", name="Enviar otro mensaje").click()
    expect(page.get_by_text("Solo a quienes no les llegó “A medias”.")).to_be_visible()
    fine("broadcast-to-failed")


def test_a_second_person_reads_it_before_she_approves(page, fine):
    page.goto(LIST)
    page.get_by_role("link", name="Espera aprobación").click()
    expect(page.get_by_text("Necesita la aprobación de una segunda persona")).to_be_visible()
    expect(page.get_by_role("button", name="Aprobar y enviar")).to_be_visible()
    fine("broadcast-waiting")

"""People who wait, shifts, voice questions, posters and files of people in a real browser, at phone width."""

import uuid
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect
from standins.looks import SCREENS, SHOTS, is_good, shot
from standins.server import Server
from standins.staffing import Account, Visitor

from bot import wiring
from bot.domain.duty import Shift
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Mode
from bot.domain.voice_question import Asker, Recording
from bot.settings import load

pytestmark = pytest.mark.browser

PEOPLE = "numero;fecha;prueba;mayor\n3005550001;2026-10-01;acta 3;si\n6045550002;2026-10-01;acta 3;si\n12;2026-10-01;acta;si\n"
NUMBERS = {"TWILIO_WHATSAPP_FROM": "+573001112233", "TWILIO_VOICE_FROM": "+576041112233", "TWILIO_SMS_FROM": "+573001112233"}


def people_wait(uow, now, member_id, question_id):
    """Three who wait, one of whom was answered; a question by voice; a shift."""
    for number, community in enumerate(("taraza", "taraza", "suarez")):
        address = Address(ChannelName.SMS, f"+5730055500{number:02}", simulated=True)
        person, state = uow.people.meet(address, now - timedelta(days=3))
        uow.people.save(replace(person, country=Country.CO, adult=True, community_id=community, mode=Mode.READ), state)
        uow.people.record_consent(person.id, Consent("consent-1", now - timedelta(days=3), "sms", "m", "lessons"))
        uow.people.ask_for_help(person.id, now - timedelta(hours=number + 1))
        uow.help_desk.opened(person.id, address, now - timedelta(hours=number + 1))
        uow.help_desk.keep(person.id, "Buenas, me arden los ojos cuando queman cerca de la casa", now - timedelta(minutes=20))
    uow.help_desk.keep(person.id, "Cierre la ventana y aléjese del humo.", now, author=member_id)
    uow.questions.open(question_id, "v1", Asker(Address(ChannelName.CALL, "+573005550009"), community_id="taraza"), now)
    uow.questions.recorded(question_id, Recording("RE1", 12), now)
    uow.questions.keep(question_id, b"OggS", 12)
    uow.roster.add(Shift(uuid.uuid4().hex, "taraza", member_id, 0, time(8), time(12)))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("inbox"), DEMO="1", **NUMBERS).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def question_id():
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def session(server, question_id):
    """The cookies of somebody who is signed in, once people wait."""
    account = Account.enrolled(server.environment, "ana@example.org", "staff")
    visitor = Visitor(server.url).sign_in(account)
    now = wiring.SystemClock().now()
    with wiring.database(load(server.environment)) as store:
        member_id = store.submit(lambda uow: uow.staff.by_email(account.email).member.id).result()
        store.submit(lambda uow: people_wait(uow, now, member_id, question_id)).result()
    return [{"name": each.name, "value": each.value, "url": server.url} for each in visitor.jar]


@pytest.fixture
def tab(tab, session):
    return partial(tab, cookies=session, permissions=["microphone"])


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_fit_the_screen_and_axe_finds_nothing(tab, axe, question_id, screen):
    page = tab(screen)
    paths = {
        "inbox": "/staff/inbox",
        "duty": "/staff/inbox/duty",
        "question": f"/staff/inbox/questions/{question_id}",
        "enrolment": "/staff/enrolment",
        "poster": "/staff/enrolment/poster/taraza",
    }
    for name, path in paths.items():
        page.goto(path)
        is_good(page, axe, name)
    page.goto("/staff/inbox")
    page.locator(".record a").first.press("Enter")
    expect(page.get_by_text("me arden los ojos").first).to_be_visible()
    page.get_by_text("Responder con su voz").click()
    is_good(page, axe, "thread")


def test_who_waits_longest_is_answered_by_keyboard(tab, axe):
    page = tab()
    page.goto("/staff/inbox")
    page.locator(".record a").first.press("Enter")
    page.get_by_role("button", name="La atiendo yo").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("la atiende usted")
    page.get_by_label("Su respuesta").fill("Aléjese del humo y abra las puertas. Si tose, vaya al puesto de salud.")
    page.get_by_role("button", name="Ver cómo sale").press("Enter")
    expect(page.locator(".preview")).to_contain_text("SMS")
    is_good(page, axe, "thread-preview")
    page.get_by_role("button", name="Enviar", exact=True).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("va en camino")
    shot(page, "thread-sent")


def test_a_voice_is_recorded_on_the_page_and_sent(tab):
    page = tab()
    page.goto("/staff/inbox")
    page.locator(".record a").nth(1).click()
    page.get_by_text("Responder con su voz").click()
    page.get_by_role("button", name="Grabar").click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Parar").click()
    expect(page.locator("[data-heard]")).to_be_visible()
    shot(page, "thread-recorded")
    page.get_by_role("button", name="Enviar la voz").click()
    expect(page.get_by_role("status").first).to_contain_text("va en camino")


def test_a_file_is_looked_at_before_anybody_is_kept(tab, axe, tmp_path):
    page = tab()
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    page.goto("/staff/enrolment")
    page.get_by_label("Archivo CSV").set_input_files(file)
    page.get_by_role("button", name="Revisar").click()
    expect(page.get_by_text("es un teléfono fijo")).to_be_visible()
    is_good(page, axe, "report")
    page.get_by_role("button", name="Guardar 1 persona").click()
    expect(page.get_by_text("Se guardó 1 persona")).to_be_visible()


def test_a_poster_is_one_page_of_a4(tab):
    page = tab("desktop")
    page.goto("/staff/enrolment/poster/taraza")
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page/") <= 1
    if SHOTS:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})
        page.screenshot(path=Path(SHOTS) / "poster-print.png")

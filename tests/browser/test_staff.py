"""The staff side in a real browser: at phone width, by keyboard, for a screen reader."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from standins.looks import SCREENS, complaints, fits, is_good, shot
from standins.server import Server
from standins.staffing import PASSWORD, Account, Visitor

from bot import wiring
from bot.domain.learning import LessonRecord
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country
from bot.settings import load

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "/staff/",
    "people": "/staff/people",
    "modules": "/staff/modules",
    "misses": "/staff/misses",
    "accounts": "/staff/accounts",
    "meetings": "/staff/meetings",
    "meeting": "/staff/meetings/demo-taraza",
    "meeting-poster": "/staff/meetings/demo-taraza/poster",
    "meeting-new": "/staff/meetings/new",
    "meeting-change": "/staff/meetings/demo-taraza/change",
    "audit": "/staff/audit",
    "missing": "/staff/nada",
}
MISSES = ("kiero saver de la kosa esa blanca", "aki no ai nadie q responda?", "y el sernidor cuando yega")


def people_learn(uow, now, module):
    """Thirty people who have learnt something, three of whom wait for a person; messages that were not understood."""
    for number in range(30):
        person, state = uow.people.meet(Address(ChannelName.WHATSAPP, f"+5730055500{number:02}"), now)
        uow.people.save(replace(person, country=Country.CO, adult=True, community_id="taraza"), state)
        uow.people.record_consent(person.id, Consent("consent-1", now - timedelta(days=3), "whatsapp", "m", "lessons"))
        for lesson in module.lessons[: 1 + number % len(module.lessons)]:
            uow.people.record_lesson(person.id, LessonRecord(module.id, lesson.id, lesson.steps[-1].id, now))
        quiz = next(quiz for lesson in module.lessons for quiz in lesson.quizzes)
        uow.people.record_quiz(person.id, module.id, quiz.id, "x", number % 3 > 0, now)
        if number % 10 == 0:
            uow.people.ask_for_help(person.id, now - timedelta(hours=number))
    for text in MISSES:
        uow.misses.keep(text, "menu", 0.31, now.date())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("staff"), DEMO="1").start()
    settings, clock = load(running.environment), wiring.SystemClock()
    module = next(module for module in wiring.build_library(settings, clock).modules(Country.CO) if len(module.lessons) > 3)
    with wiring.database(settings) as store:
        store.submit(lambda uow: people_learn(uow, clock.now(), module)).result()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server):
    """The cookies of somebody who is signed in."""
    account = Account.enrolled(server.environment, "ana@example.org", "admin")
    visitor = Visitor(server.url).sign_in(account)
    return [{"name": each.name, "value": each.value, "url": server.url} for each in visitor.jar]


def fill_in_by_keyboard(page, *lines):
    """Type where the focus is, and go on with the tabulator; the last line is sent."""
    for line in lines[:-1]:
        page.keyboard.type(line)
        page.keyboard.press("Tab")
    page.keyboard.type(lines[-1])
    page.keyboard.press("Enter")


def test_signing_in_by_keyboard_alone_with_a_real_code(tab, server):
    account, page = Account.enrolled(server.environment, "eva@example.org", "staff"), tab()
    page.goto("/staff/")
    shot(page, "sign-in")
    fill_in_by_keyboard(page, account.email, "no es esta la clave")
    expect(page.get_by_role("alert")).to_contain_text("no coinciden")
    shot(page, "sign-in-refused")
    fill_in_by_keyboard(page, account.password)
    expect(page.get_by_role("heading", name="Su código")).to_be_visible()
    shot(page, "code")
    fill_in_by_keyboard(page, "000000")
    expect(page.get_by_role("alert")).to_contain_text("no es el de ahora")
    fill_in_by_keyboard(page, account.code())
    expect(page.get_by_role("heading", name="Escoja su contraseña")).to_be_visible()
    shot(page, "password")
    fill_in_by_keyboard(page, PASSWORD, PASSWORD)
    expect(page.get_by_role("heading", name="Resumen")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("button", name="Salir").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Usted salió")
    page.go_back()
    page.reload()
    expect(page.get_by_label("Contraseña")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_fit_the_screen_and_the_thumb_and_axe_finds_nothing(tab, session, axe, screen):
    page = tab(screen, session)
    for name, path in PAGES.items():
        page.goto(path)
        is_good(page, axe, name)
        expect(page.get_by_role("navigation", name="Secciones")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_one_person_is_looked_at_and_her_number_shown_by_keyboard(tab, session, screen):
    page = tab(screen, session)
    page.goto("/staff/people?community=taraza&standing=agreed")
    expect(page.get_by_text("74 personas")).to_be_visible()
    page.locator(".record a").first.press("Enter")
    page.wait_for_url("**/staff/people/*")
    shot(page, "person")
    assert fits(page)
    page.get_by_text("Ver completo").press("Enter")
    page.get_by_label("Devolverle la llamada").press(" ")
    shot(page, "person-why")
    page.get_by_role("button", name="Mostrar el número").press("Enter")
    expect(page.get_by_text(re.compile(r"^\+57300555\d{4}$"))).to_be_visible()
    shot(page, "person-revealed")
    assert fits(page)
    page.get_by_role("navigation", name="Usted está aquí").get_by_role("link", name="Personas").press("Enter")
    expect(page.get_by_text(re.compile(r"\+573005550"))).to_have_count(0)


def test_the_list_goes_on_behind_its_first_page(tab, session):
    page = tab("phone", session)
    page.goto("/staff/people?community=taraza&standing=agreed")
    first = page.locator(".record").count()
    page.get_by_role("link", name="Ver más").click()
    assert page.locator(".record").count() == first == 25
    page.get_by_role("link", name="Volver al comienzo").click()
    assert page.locator(".record").count() == first


def test_what_was_learnt_is_counted(tab, session):
    """By the thirty, and the hundred of the demonstration who have begun something."""
    page = tab("phone", session)
    page.goto("/staff/modules")
    begun = page.get_by_role("table", name="Avance por módulo").get_by_role("row")
    expect(begun.filter(has_text="130")).to_have_count(1)
    learnt = page.locator(".learnt").first
    expect(learnt.get_by_role("row").filter(has_text="130 personas")).to_have_count(1)
    expect(learnt).to_contain_text("puntos")
    learnt.locator("summary").press("Enter")
    expect(learnt.get_by_role("table")).to_have_count(0)
    expect(page.locator(".missed li")).to_have_count(5)
    expect(page.locator(".missed")).to_contain_text("de 130 personas")


def test_a_sentence_is_taught_by_keyboard(tab, session):
    page = tab("phone", session)
    page.goto("/staff/misses")
    before = page.locator(".miss").count()
    form = page.locator(".miss").first
    form.get_by_label("Qué quiere decir").select_option(label="Mercurio o azogue")
    form.get_by_label("Una frase nueva").focus()
    fill_in_by_keyboard(page, "[corchetes]")
    expect(page.get_by_role("alert")).to_contain_text("corchetes")
    shot(page, "misses-refused")
    page.locator(".miss").first.get_by_label("Una frase nueva").fill("digame de la kosita blanka del rio")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Guardado")
    expect(page.locator(".miss")).to_have_count(before - 1)


def test_the_other_language_is_one_button_away(tab, session):
    page = tab("phone", session)
    page.goto("/staff/modules")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Modules")
    shot(page, "modules-english")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Módulos")


def test_before_signing_in_the_browser_chooses_the_language(tab):
    page = tab(locale="en-GB")
    page.goto("/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entrar")


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_a_number_asked_for_and_a_sign_in_refused(tab, session, axe, screen):
    page = tab(screen, session)
    page.goto("/staff/people")
    page.locator(".record a").first.click()
    page.locator(".address-row summary").first.click()
    assert complaints(page, axe) == []
    page = tab(screen)
    page.goto("/staff/signin")
    page.get_by_label("Correo").fill("nobody@example.org")
    page.get_by_label("Contraseña").fill("no es esta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert complaints(page, axe) == []

"""The recording studio in a real browser, with a microphone that hears a file: what is good is kept, what is not is refused."""

import wave

import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright
from standins.chromium import ARGUMENTS, CHROMIUM
from standins.looks import SCREENS, is_good
from standins.server import Server
from standins.staffing import Account, Visitor
from voice.conftest import hum

pytestmark = pytest.mark.browser

RATE = 48_000


def microphone(path, gain):
    """What the microphone hears: words with pauses, 30 s long."""
    word, pause = (hum(0.9, RATE) * gain).astype(np.int16), np.zeros(RATE // 2, np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate([word, pause] * 22).tobytes())
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("studio"), DEMO="1", TTS="off", ASR="off").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server):
    visitor = Visitor(server.url).sign_in(Account.enrolled(server.environment, "ana@example.org", "staff"))
    return [{"name": each.name, "value": each.value, "url": server.url} for each in visitor.jar]


@pytest.fixture(scope="module")
def hearing(server, session, tmp_path_factory):
    """Opens a tab whose microphone hears words that loud."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt install chromium")
    folder, opened, problems = tmp_path_factory.mktemp("microphone"), [], []
    with sync_playwright() as playwright:

        def tab(gain=1.0, screen="phone", permissions=("microphone",)):
            file = microphone(folder / f"{len(opened)}.wav", gain)
            fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}"]
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *fake])
            opened.append(browser)
            width, height = SCREENS[screen]
            context = browser.new_context(viewport={"width": width, "height": height}, base_url=server.url, locale="es-CO")
            context.grant_permissions(list(permissions))
            context.add_cookies(session)
            page = context.new_page()
            page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(str(error)))
            return page

        yield tab
        for browser in opened:
            browser.close()
    assert [problem for problem in problems if "responded with a status of 4" not in problem] == []


def record(page, seconds):
    """By keyboard: one press begins, one ends."""
    button = page.locator("[data-record]")
    expect(button).to_be_visible()  # the page's script shows it once it listens; a key pressed before that is lost
    button.press("Enter")
    expect(page.locator("[data-status]")).to_have_text("Grabando. Hable ahora.")
    page.wait_for_timeout(seconds * 1000)
    button.press("Enter")
    page.wait_for_load_state("domcontentloaded")
    expect(page.locator("[data-taken], .errors").first).to_be_visible()


def first_sentence(page, language="es", group="Preguntas con la voz"):
    page.goto(f"/staff/studio?language={language}")
    page.get_by_role("link", name=group).press("Enter")
    page.get_by_role("link", name="Grabar lo que falta").press("Enter")
    expect(page.locator(".script")).to_be_visible()


def test_consent_is_written_down_and_a_sentence_recorded_heard_and_kept_by_keyboard(hearing, axe):
    page = hearing()
    page.goto("/staff/studio/speakers")
    is_good(page, axe, "speakers")
    page.get_by_label("Apodo").fill("doña Luz")
    page.get_by_label("Licencia").select_option(label="Solo Batea")
    for agreed in ("Lo oyó", "Tiene 18", "Se le paga"):
        page.get_by_label(agreed).press(" ")
    page.get_by_role("button", name="Guardar su permiso").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Ya puede grabar")
    is_good(page, axe, "speakers-one")
    first_sentence(page)
    is_good(page, axe, "say")
    script = page.locator(".script").inner_text()
    record(page, 4)
    expect(page.get_by_text("Quedó bien")).to_be_visible()
    expect(page.locator("[data-taken]")).to_be_focused()
    is_good(page, axe, "say-taken")
    sound = page.evaluate("fetch(document.querySelector('[data-taken]').src).then(r => r.blob()).then(b => [b.type, b.size])")
    assert sound[0] == "audio/ogg"
    assert sound[1] > 10_000
    assert page.evaluate("document.querySelector('[data-taken]').duration") > 3
    page.get_by_label("Quién habla").select_option(label="doña Luz")
    page.get_by_role("button", name="Guardar esta").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("La gente la oye desde ahora")
    expect(page.locator(".script")).not_to_have_text(script)
    expect(page.locator("input[name=speaker]")).not_to_have_value("")
    page.goto("/staff/studio")
    expect(page.get_by_text("con voz humana")).to_be_visible()
    is_good(page, axe, "studio")


def test_too_quiet_is_refused_with_what_to_do(hearing, axe):
    page = hearing(gain=0.01)
    first_sentence(page)
    record(page, 3)
    expect(page.get_by_role("alert")).to_contain_text("Acerque el teléfono a un palmo de la boca")
    is_good(page, axe, "say-quiet")


def test_silence_is_refused_with_what_to_do(hearing):
    page = hearing(gain=0)
    first_sentence(page)
    record(page, 3)
    expect(page.get_by_role("alert")).to_contain_text("No se oye nada")


@pytest.mark.soak
def test_more_than_a_minute_is_refused_with_what_to_do(hearing):
    page = hearing()
    first_sentence(page)
    record(page, 62)
    expect(page.get_by_role("alert")).to_contain_text("Pasa de un minuto")


def test_without_the_microphone_she_is_told_and_may_send_a_file_that_is_too_long(hearing, tmp_path):
    page = hearing(permissions=())
    page.context.clear_permissions()
    first_sentence(page, "quz")
    expect(page.get_by_role("heading", name="Dígalo en Quechua de Cusco y Puno")).to_be_visible()
    page.locator("[data-record]").press("Enter")
    expect(page.locator("[data-status]")).to_contain_text("no deja usar el micrófono")
    long = tmp_path / "long.wav"
    microphone(long, 1)
    with wave.open(str(long), "rb") as file:
        frames = file.readframes(10**8)
    with wave.open(str(long), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames * 3)
    page.get_by_text("Subir un archivo").click()
    page.get_by_label("Archivo de sonido").set_input_files(long)
    page.get_by_role("button", name="Revisar el archivo").click()
    expect(page.get_by_role("alert")).to_contain_text("Pasa de un minuto")


def test_the_pages_fit_a_wide_screen_too(hearing, axe):
    page = hearing(screen="desktop")
    for name, path in {"studio": "/staff/studio?language=ay", "sheet": "/staff/studio/ay/sheet/crisis"}.items():
        page.goto(path)
        is_good(page, axe, name)
    first_sentence(page)
    is_good(page, axe, "say")
    page.go_back()
    is_good(page, axe, "group")
    page.goto("/staff/studio/quz/sheet/crisis")
    assert page.evaluate("getComputedStyle(document.querySelector('.lines')).height").startswith("86."), (
        "the policy lets its style in"
    )

"""Voice notes from the simulator page: recorded with a microphone, or chosen from the files."""

import os
import re
from pathlib import Path

import pytest
from listening.spoken import MODEL, note, sound, why_deaf_here
from playwright.sync_api import expect, sync_playwright
from standins.chromium import ARGUMENTS, CHROMIUM
from standins.looks import SCREENS
from standins.server import Server

pytestmark = pytest.mark.browser

OGG = {"name": "nota.ogg", "mimeType": "audio/ogg"}
SHOTS = os.environ.get("BATEA_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def hearing(tmp_path_factory):
    """A server that listens to voice notes."""
    if why_deaf_here():
        pytest.skip(why_deaf_here())
    running = Server(tmp_path_factory.mktemp("hearing"), DEMO="1", ASR_MODEL=str(MODEL))
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """A Chromium whose microphone hears a file, over and over."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt install chromium")
    microphone = ["--use-fake-device-for-media-stream"]
    if not why_deaf_here():
        file = tmp_path_factory.mktemp("microphone") / "said.wav"
        file.write_bytes(sound("Sí, acepto", "wav"))
        microphone.append(f"--use-file-for-fake-audio-capture={file}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *microphone])
        yield browser
        browser.close()


@pytest.fixture
def speaking(chromium):
    """Opens the page on a phone."""
    contexts = []

    def opened(server, **more):
        phone = {"viewport": {"width": 360, "height": 740}, "locale": "es-CO"}
        contexts.append(chromium.new_context(**phone, base_url=server.url, **more))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def shot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png")


def replies(page):
    return page.locator("#thread .bubble:not(.mine):not(.note-voice)")


def greet(page):
    page.goto("/")
    page.get_by_label("Escriba un mensaje").fill("ola")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("#state")).to_have_text(re.compile("^onboarding:"), timeout=15_000)


def choose(page, file):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Elegir un archivo de audio").click()
    chooser.value.set_files(file)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_a_chosen_file_that_nobody_listens_to_is_answered_kindly(page):
    greet(page)
    before = replies(page).count()
    choose(page, {**OGG, "buffer": note("Sí, acepto")})
    mine = page.locator("#thread .bubble.mine.note-voice")
    expect(mine.locator("time")).to_have_text(re.compile(r"^0:0[1-9]$"))
    expect(replies(page).nth(before)).to_be_visible(timeout=15_000)
    mine.get_by_role("button").click()
    expect(mine).to_have_attribute("data-playing", "true")
    assert fits(page)
    shot(page, "kind")


def test_a_file_that_is_no_sound_is_refused_with_the_way_on(page):
    greet(page)
    before = replies(page).count()
    choose(page, {"name": "nota.ogg", "mimeType": "audio/ogg", "buffer": b"no sound at all"})
    expect(replies(page).nth(before)).to_be_visible(timeout=15_000)
    expect(page.locator("#thread .sign"), "nothing that could be played").to_have_count(1)


def test_by_text_message_there_are_no_voice_notes(page):
    page.goto("/")
    page.get_by_role("radio", name="SMS").click()
    expect(page.get_by_role("button", name="Grabar una nota de voz")).to_have_count(0)
    expect(page.get_by_role("button", name="Elegir un archivo de audio")).to_have_count(0)


def test_a_chosen_file_is_understood_like_any_voice_note(hearing, speaking):
    page = speaking(hearing)
    greet(page)
    choose(page, {**OGG, "buffer": note("Sí, acepto")})
    expect(page.locator("#state")).to_have_text("onboarding:country", timeout=40_000)
    expect(page.locator(".typing")).to_have_count(0)
    expect(replies(page).last).to_contain_text("país")
    shot(page, "understood")
    assert hearing.rows("voice_note") == {"voice_note": 0}


def test_danger_in_a_voice_note_is_answered_with_the_number(hearing, speaking):
    page = speaking(hearing)
    page.goto("/")
    choose(page, {**OGG, "buffer": note("Mi hermano se desmayó en el socavón, ayúdenme")})
    expect(page.locator("#thread")).to_contain_text("123", timeout=40_000)


@pytest.mark.parametrize("channel", ["WhatsApp", "Telegram"])
def test_what_the_microphone_hears_is_sent_by_keyboard_alone_and_understood(hearing, speaking, channel):
    page = speaking(hearing, permissions=["microphone"])
    page.goto("/")
    page.get_by_role("radio", name=channel).click()
    page.get_by_role("radio", name=channel).press("Tab")
    greet_here = page.get_by_label("Escriba un mensaje")
    greet_here.fill("ola")
    greet_here.press("Enter")
    expect(page.locator("#state")).to_have_text(re.compile("^onboarding:"), timeout=15_000)
    page.get_by_role("button", name="Grabar una nota de voz").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Grabación")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Grabando. Entrar envía, Escape borra.")
    expect(page.get_by_role("button", name="Enviar la nota de voz")).to_be_focused()
    expect(page.locator("#recorded")).to_have_text("0:03", timeout=8_000)
    shot(page, f"recording-{channel}")
    assert fits(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Grabar una nota de voz")).to_be_focused()
    expect(page.locator("#thread .bubble.mine.note-voice")).to_have_count(1)
    expect(page.locator(".typing")).to_have_count(0, timeout=40_000)
    expect(page.locator("#state")).to_have_text("onboarding:country")
    shot(page, f"sent-{channel}")


def test_a_recording_is_dropped_with_escape_and_with_the_channel(hearing, speaking):
    page = speaking(hearing, permissions=["microphone"])
    page.goto("/")
    record = page.get_by_role("button", name="Grabar una nota de voz")
    record.click()
    expect(page.locator("#recorder")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#recorder")).to_be_hidden()
    expect(record).to_be_focused()
    record.click()
    expect(page.locator("#recorder")).to_be_visible()
    page.get_by_role("radio", name="Llamada").click()
    expect(page.locator("#recorder")).to_be_hidden()
    expect(page.locator("#composer")).to_be_hidden()
    assert page.locator("#thread .bubble").count() == 0


def test_without_a_microphone_a_file_is_offered(hearing, speaking):
    page = speaking(hearing)
    page.add_init_script("navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError') }")
    page.goto("/")
    page.get_by_role("button", name="Grabar una nota de voz").click()
    expect(page.locator("#thread .error")).to_contain_text("micrófono")
    expect(page.get_by_role("button", name="Elegir un archivo de audio")).to_be_focused()
    page.add_init_script("delete window.MediaRecorder")
    page.goto("/")
    expect(page.get_by_role("button", name="Grabar una nota de voz")).to_have_count(0)
    expect(page.get_by_role("button", name="Elegir un archivo de audio")).to_be_visible()
    shot(page, "no-microphone")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "image/jpeg"}, b"\xff\xd8", 415),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=1", 415),
        ({"content-type": "audio/ogg"}, b"", 422),
        ({"content-type": "audio/ogg", "content-length": "16000001"}, b"OggS", 413),
    ],
)
def test_what_is_no_sound_or_too_much_of_it_is_refused(server, headers, body, status):
    assert server.request("/simulator/voice?channel=whatsapp&address=%2B573001234567", body, headers)[0] == status


def test_a_voice_note_of_nobody_is_refused(server):
    assert server.request("/simulator/voice?channel=whatsapp&address=x", b"OggS", {"content-type": "audio/ogg"})[0] == 422

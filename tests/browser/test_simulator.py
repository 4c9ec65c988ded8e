"""The simulator page in a real browser, at phone width and on a desktop."""

import re

import pytest
from playwright.sync_api import expect
from standins.looks import SCREENS

pytestmark = pytest.mark.browser


def replies(page):
    return page.locator("#thread .bubble:not(.mine):not(.note-voice)")


def say(page, text):
    before = replies(page).count()
    page.get_by_label("Escriba un mensaje").fill(text)
    page.get_by_role("button", name="Enviar").click()
    expect(replies(page).nth(before)).to_be_visible(timeout=15_000)
    expect(page.locator(".typing")).to_have_count(0)


def state(page):
    return page.locator("#state").inner_text()


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_whatsapp_answers_with_text_a_voice_note_and_buttons(page):
    page.goto("/")
    say(page, "ola")
    expect(page.locator("#thread .note-voice").first).to_be_visible()
    expect(page.locator("#thread .choices button").first).to_be_visible()
    expect(page.locator("#state")).to_have_text(re.compile("^onboarding:"))


def test_a_button_answers(page):
    page.goto("/")
    say(page, "ola")
    before = state(page)
    page.locator("#thread .choices button").first.click()
    expect(page.locator("#state")).not_to_have_text(before)


def test_a_voice_note_plays(page):
    page.goto("/")
    say(page, "ola")
    note = page.locator("#thread .note-voice").first
    note.get_by_role("button").click()
    expect(note).to_have_attribute("data-playing", "true")
    expect(note.locator(".done")).to_have_attribute("style", re.compile("clip-path"))


def test_sms_counts_its_segments_and_has_neither_buttons_nor_voice(page):
    page.goto("/")
    page.get_by_role("radio", name="SMS").click()
    say(page, "ola")
    expect(page.locator("#thread .segments").first).to_contain_text("GSM-7")
    expect(page.locator("#thread .choices")).to_have_count(0)
    expect(page.locator("#thread .note-voice")).to_have_count(0)


def test_telegram_has_buttons(page):
    page.goto("/")
    page.get_by_role("radio", name="Telegram").click()
    say(page, "ola")
    expect(page.locator("#thread .choices button").first).to_be_visible()


def test_the_first_step_of_a_lesson_shows_its_picture_above_the_words(page):
    page.goto("/")
    page.get_by_role("radio", name="Telegram").click()
    for text in ("ola", "si", "1", "si", "1", "kiero aprender", "1", "1"):
        say(page, text)
    picture = replies(page).last.locator("img.drawing")
    expect(picture).to_have_attribute("alt", re.compile("dibujo", re.IGNORECASE))
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('img.drawing').naturalWidth === 512")


def test_danger_is_answered_from_the_first_message(page):
    page.goto("/")
    say(page, "mi ermano se desmayo en el socabon")
    expect(page.locator("#thread")).to_contain_text("123")


def test_keys_of_the_keypad_are_taken(page):
    page.goto("/")
    say(page, "ola")
    page.get_by_role("button", name="Teclado").click()
    before = state(page)
    page.locator("#keypad button", has_text="1").click()
    expect(page.locator("#state")).not_to_have_text(before)


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_a_call_is_taken_heard_and_answered_with_keys(page):
    page.goto("/")
    page.get_by_role("radio", name="Llamada").click()
    page.get_by_role("button", name="Llamar y colgar").click()
    page.get_by_role("button", name="Contestar").click(timeout=10_000)
    said = page.locator("#thread .bubble:not(.mine)")
    expect(said.last).to_contain_text("Batea")
    page.locator("#keypad button", has_text="1").click()
    expect(said.last).to_contain_text("¿Acepta?")
    assert state(page) == "onboarding:consent"
    page.keyboard.press("1")
    expect(page.locator("#state")).to_have_text("onboarding:country")
    page.get_by_role("button", name="Colgar", exact=True).click()
    expect(said.last).to_have_text("La llamada terminó.")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_nothing_is_wider_than_the_screen(page):
    page.goto("/")
    say(page, "ola")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_every_target_is_large_enough_for_a_thumb(page):
    page.goto("/")
    say(page, "ola")
    small = page.eval_on_selector_all(
        "button, input, select", "all => all.filter(e => e.offsetParent && e.offsetHeight < 40).map(e => e.outerHTML)"
    )
    assert small == []


def test_text_from_a_person_is_never_markup(page):
    page.goto("/")
    say(page, "<img src=x onerror=alert(1)><b>ola</b>")
    assert page.locator("#thread img, #thread b").count() == 0


@pytest.mark.parametrize("page", SCREENS, indirect=True)
def test_the_page_works_by_keyboard(page):
    page.goto("/")
    page.get_by_label("Escriba un mensaje").focus()
    page.keyboard.type("ola")
    page.keyboard.press("Enter")
    expect(page.locator("#thread .choices button").first).to_be_visible()
    page.locator("#thread .choices button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#thread .bubble.mine")).to_have_count(2)

import pytest
from playwright.sync_api import sync_playwright
from standins.chromium import ARGUMENTS, CHROMIUM
from standins.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), DEMO="1")
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(360, 740), (1280, 900)], ids=["phone", "desktop"])
def page(request, chromium, server):
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="es-CO", base_url=server.url)
    opened = context.new_page()
    problems = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert not problems

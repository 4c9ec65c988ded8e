import pytest
from playwright.sync_api import sync_playwright
from standins import npm
from standins.chromium import ARGUMENTS, CHROMIUM
from standins.looks import SCREENS
from standins.server import Server

AXE = "4.14.1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), DEMO="1")
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def chromium():
    """A Chromium whose microphone beeps."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*ARGUMENTS, "--use-fake-device-for-media-stream"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    return (npm.installed("axe-core", "axe-core", AXE) / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def tab(chromium, server):
    """Opens a tab of a size. What the browser complains of fails the test, but for answers that say that something is wrong."""
    contexts, problems = [], []

    def opened(screen="phone", cookies=(), locale="es-CO", permissions=()):
        width, height = SCREENS[screen]
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=server.url, locale=locale)
        contexts.append(context)
        context.grant_permissions(list(permissions))
        context.add_cookies(list(cookies))
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [problem for problem in problems if "responded with a status of 4" not in problem] == []


@pytest.fixture
def page(request, chromium, server):
    """A tab as wide as a phone, or of the screen that a test is parametrised with."""
    width, height = SCREENS[getattr(request, "param", "phone")]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="es-CO", base_url=server.url)
    opened = context.new_page()
    problems = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert not problems

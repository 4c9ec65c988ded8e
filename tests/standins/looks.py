"""What a page of the staff side is on any screen: not wider, with targets for a thumb, and nothing for axe to find."""

import os
from pathlib import Path

SCREENS = {"phone": (360, 740), "desktop": (1280, 900)}
# A folder for pictures of every page, where somebody wants to look at them.
SHOTS = os.environ.get("BATEA_SCREENSHOTS", "")


def shot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def small_targets(page):
    """What a thumb would miss: links inside a sentence aside."""
    return page.eval_on_selector_all(
        "button, input:not([type=hidden], [type=radio], [type=checkbox]), select, summary, .sections a, .button, .choice",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43).map(e => e.outerHTML)",
    )


def complaints(page, axe):
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def is_good(page, axe, name):
    shot(page, name)
    assert fits(page), name
    assert small_targets(page) == [], name
    assert page.get_by_role("heading", level=1).count() == 1, name
    assert complaints(page, axe) == [], name

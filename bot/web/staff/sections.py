"""The pages of the staff side, in the order of the navigation. A new section is one module and one line here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from bot.web.staff import (
    accounts,
    audit,
    broadcasts,
    donors,
    enrolment,
    inbox,
    meetings,
    misses,
    modules,
    overview,
    people,
    polls,
    studio,
)
from bot.web.staff.section import Section

SECTIONS: Final[tuple[Section, ...]] = (
    overview.SECTION,
    inbox.SECTION,
    people.SECTION,
    modules.SECTION,
    studio.SECTION,
    broadcasts.SECTION,
    meetings.SECTION,
    polls.SECTION,
    donors.SECTION,
    enrolment.SECTION,
    misses.SECTION,
    accounts.SECTION,
    audit.SECTION,
)


def section_routes(sections: Sequence[Section] = SECTIONS) -> list[Route]:
    """Every route of every section."""
    return [route for section in sections for route in section.routes]

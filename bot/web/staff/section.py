"""What a section of the staff side is."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.routing import Route

from bot.domain.staff import Role


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation with its routes.

    `name` is the sentence `nav.<name>` of the translations and its drawing `<name>` in `templates/staff/icons.html`; `path` is
    the page it leads to; `roles` see it. Every handler of `routes` is behind `gate.allowed`.
    """

    name: str
    path: str
    roles: frozenset[Role]
    routes: tuple[Route, ...]

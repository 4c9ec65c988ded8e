"""The audit log, to look through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.audit import OPERATOR, AuditEntry
from bot.domain.staff import Role, StaffMember
from bot.domain.store import UnitOfWork
from bot.web.staff.gate import allowed
from bot.web.staff.rendering import page, texts_of
from bot.web.staff.section import Section
from bot.web.staff.visit import ask, id_of, visit_of

PATH: Final = "/staff/audit"
AT_ONCE: Final = 50
ADMINS: Final = frozenset({Role.ADMIN})
LONGEST_NUMBER: Final = 15


@allowed(*ADMINS)
async def audit(request: Request) -> Response:
    """Who did what, the newest first."""
    visit, asked = visit_of(request), request.query_params
    number = asked.get("before", "")
    before = int(number) if number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER else None
    actor, noun = id_of(asked.get("actor")), id_of(asked.get("noun"))

    def work(uow: UnitOfWork) -> tuple[Sequence[StaffMember], Sequence[AuditEntry]]:
        visit.note(uow, "audit.read")
        action = f"{noun}." if noun else ""
        return uow.staff.all(), uow.audit.recent(before=before, actor=actor, action=action, limit=AT_ONCE + 1)

    members, entries = await ask(request, work)
    last = entries[AT_ONCE - 1].number if len(entries) > AT_ONCE else 0
    return page(
        request,
        "audit.html",
        title=texts_of(request)("audit.title"),
        names={member.id: member.email for member in members},
        operator=OPERATOR,
        entries=entries[:AT_ONCE],
        actor=actor,
        noun=noun,
        nouns=(
            "person",
            "help",
            "question",
            "duty",
            "enrolment",
            "broadcast",
            "meeting",
            "round",
            "poll",
            "staff",
            "phone",
            "pin",
            "miss",
            "key",
            "audit",
        ),
        older=f"{PATH}?{urlencode({'actor': actor, 'noun': noun, 'before': last})}" if last else "",
    )


SECTION: Final = Section("audit", PATH, ADMINS, (Route(PATH, audit),))

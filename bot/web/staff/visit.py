"""One request of a member of the staff who is signed in."""

from __future__ import annotations

import asyncio
import functools
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request

from bot.domain.audit import AuditEntry
from bot.domain.community import Community
from bot.domain.staff import Role, Session, StaffMember
from bot.domain.store import UnitOfWork
from bot.running import Batea

T = TypeVar("T")
COUNTS_LAST_S: Final = 60.0
_ID: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and since when this request runs."""

    session: Session
    now: datetime

    @property
    def member(self) -> StaffMember:
        """Who asks."""
        return self.session.member

    @property
    def role(self) -> Role:
        """What she may do."""
        return self.session.member.role

    @property
    def community_id(self) -> str | None:
        """The only community that she sees; None: all of them. Never None for a facilitator."""
        member = self.session.member
        return member.community_id or "" if member.role is Role.FACILITATOR else None

    def sees(self, community_id: str | None) -> bool:
        """Whether what belongs to that community is hers to see."""
        return self.community_id is None or (bool(self.community_id) and community_id == self.community_id)

    def communities(self, uow: UnitOfWork) -> list[Community]:
        """The communities that she sees, by name."""
        return [place for place in uow.communities.all() if self.sees(place.id)]

    def note(self, uow: UnitOfWork, action: str, kind: str = "", object_id: str = "", reason: str = "") -> None:
        """Write a deed of hers into the audit log, in the transaction that does it."""
        uow.audit.write(AuditEntry(self.now, self.member.id, action, kind, object_id, reason))


def visit_of(request: Request) -> Visit:
    """The visit of a request that `allowed` let through."""
    visit: Visit = request.state.visit
    return visit


def batea_of(request: Request) -> Batea:
    """The running Batea."""
    batea: Batea = request.app.state.batea
    return batea


async def ask(request: Request, work: Callable[[UnitOfWork], T]) -> T:
    """Run work in one transaction and wait for it without holding up other requests."""
    return await asyncio.wrap_future(batea_of(request).store.submit(work))


async def look(request: Request, work: Callable[[UnitOfWork], T]) -> T:
    """Run work that only reads, and that may take long, beside everything else. It writes nothing: no audit note either."""
    return await asyncio.wrap_future(batea_of(request).store.look(work))


async def look_sometimes(request: Request, key: str, work: Callable[[UnitOfWork], T]) -> T:
    """The same for counts over everybody, which take their time: kept for a minute under a key, which says what and of where.

    What is older is shown all the same, and counted anew meanwhile: only the very first visit waits.
    """
    kept: dict[str, tuple[float, T]] = request.app.state.staff_counts
    until, known = kept.get(key, (0.0, None))
    if known is None:
        return await count(request.app, key, work)
    if time.monotonic() >= until:
        kept[key] = (time.monotonic() + COUNTS_LAST_S, known)  # so that nobody else counts, too
        beside(request.app, count(request.app, key, work))
    return known


def beside(app: Starlette, work: Coroutine[Any, Any, T]) -> None:
    """Do something while requests are answered; where it fails, whoever needs it does it again."""
    tasks: set[asyncio.Task[T]] = app.state.staff_beside
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(functools.partial(_forget, tasks))


def _forget(tasks: set[asyncio.Task[T]], done: asyncio.Task[T]) -> None:
    tasks.discard(done)
    if not done.cancelled():
        done.exception()


async def count(app: Starlette, key: str, work: Callable[[UnitOfWork], T]) -> T:
    """Count, beside everything else, and keep it under that key."""
    batea: Batea = app.state.batea
    known = await asyncio.wrap_future(batea.store.look(work))
    app.state.staff_counts[key] = (time.monotonic() + COUNTS_LAST_S, known)
    return known


def id_of(given: object) -> str:
    """An id as it came from a browser; '' for what can be none, such as text with a NUL, which PostgreSQL does not take."""
    return given if isinstance(given, str) and _ID.fullmatch(given) else ""

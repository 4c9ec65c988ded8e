"""What is forgotten, and when. Run once a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from bot.domain.facilitator import DRAFT_LASTS
from bot.domain.meeting import RSVPS_KEPT
from bot.domain.store import Store, UnitOfWork
from bot.storage.rounds import RoundKeys
from bot.storage.unit_of_work import SqlUnitOfWork

KEPT: Final = timedelta(days=30)  # domain.md, section C: no message log beyond 30 days
# A vendor who refuses late does so within its queue's 10 hours (channels.md, read November 2026).
BODIES_KEPT: Final = timedelta(days=1)

# The limits look back one day.
CALLS_KEPT: Final = timedelta(days=2)
# Where nobody listens any more, what still waits is of no use to anybody.
NOTES_KEPT: Final = timedelta(days=1)
MESSAGES_AT_ONCE: Final = 2_000
"""A month ago may have been a broadcast to everybody: whoever writes while it is forgotten waits for no more than this."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much one sweep deleted or closed."""

    deliveries: int
    messages: int
    rsvps: int
    rounds: int
    misses: int
    people: int = 0
    calls: int = 0
    notes: int = 0
    questions: int = 0
    words: int = 0


def sweep(store: Store, round_keys: RoundKeys, now: datetime) -> Forgotten:
    """Forget deliveries, settled messages and what was not understood after 30 days, calls after 2; close rounds that end.

    Who comes to a meeting, and who has not confirmed its changes, is a number 24 hours after it began.

    What somebody set out to do goes when she answers, or 30 days after she could have been asked.

    Questions asked by voice go on the day that was promised, and so does what was said to a person of the team.

    A round's key is destroyed only once its answers are on disk; a crash in between leaves a key that the next sweep finds.
    Raises StorageError.
    """

    def work(uow: UnitOfWork) -> tuple[Forgotten, tuple[str, ...]]:
        own = cast("SqlUnitOfWork", uow)
        closing = own.polls.to_close(now)
        for round_id in closing:
            own.polls.close_round(round_id, now)
        before = now - KEPT
        own.lines.forget_codes(now)
        own.polls.forget_asked(before)
        own.meeting_notices.forget_notices(now - RSVPS_KEPT, before)
        own.sessions.forget(now)
        own.enrolments.forget(now)
        own.study.forget(before)
        own.facilitators.forget_drafts(now - DRAFT_LASTS)
        own.outbox.drop_bodies(now - BODIES_KEPT)
        forgotten = Forgotten(
            deliveries=own.inbox.forget(before.date()),
            messages=0,
            rsvps=own.meetings.forget_rsvps(now - RSVPS_KEPT),
            people=own.lines.forget_unreachable(before),
            rounds=len(closing),
            misses=own.misses.forget(before.date()),
            calls=own.calls.forget(now - CALLS_KEPT),
            notes=own.notes.forget(now - NOTES_KEPT),
            questions=own.questions.forget(now),
            words=own.help_desk.forget(now),
        )
        return forgotten, tuple(own.polls.closed(round_keys.round_ids(), now))

    def messages(uow: UnitOfWork) -> int:
        return cast("SqlUnitOfWork", uow).outbox.forget(now - KEPT, MESSAGES_AT_ONCE)

    forgotten, useless = store.submit(work).result()
    while found := store.submit(messages, patient=True).result():
        forgotten = replace(forgotten, messages=forgotten.messages + found)
    for round_id in useless:
        round_keys.delete(round_id)
    return forgotten

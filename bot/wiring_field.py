"""Puts together for `wiring` what facilitators do from their own phones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final
from zoneinfo import ZoneInfo

import pyotp
from argon2 import PasswordHasher

from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import Work
from bot.domain.meeting_desk import MeetingDesk
from bot.domain.message import Inbound
from bot.domain.ports import Clock, Library, Notebook
from bot.domain.staff import Credentials, Role, StaffMember
from bot.domain.store import Store
from bot.domain.turn import Receiver
from bot.lessons.catalogue import Catalogue
from bot.lessons.demo import DemoFacilitator
from bot.lessons.phrases import result_phrases
from bot.outreach.broadcasting import Broadcasting
from bot.outreach.field_afterwards import AfterwardsWork
from bot.outreach.field_desk import Announcing, FieldOffice, Worker
from bot.outreach.field_meetings import MeetingWork
from bot.outreach.field_notes import FieldNotes
from bot.outreach.field_polls import PollWork
from bot.outreach.field_recordings import RecordingWork
from bot.outreach.giving_back import GivingBack
from bot.outreach.meeting_cost import MeetingCost
from bot.outreach.personal_pin import Pins
from bot.outreach.phrasing import Phrasing
from bot.outreach.rounds import PollRounds
from bot.settings import Settings
from bot.voice.clips import Clips

_MEETINGS: Final = (Work.MEETING, Work.CHANGE, Work.CANCEL, Work.CONFIRM)
_AFTERWARDS: Final = (Work.HOLD, Work.COUNT, Work.MINUTES)
_POLLS: Final = (Work.POLL, Work.RESULTS)


class Field:
    """The desk that turns ask, and what stands around the conversation for voice notes."""

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        desk: Broadcasting,
        meetings: MeetingDesk,
        polls: PollWork,
        recording: RecordingWork,
        cost: MeetingCost,
    ) -> None:
        self._store = store
        self._clock = clock
        self._announcing = Announcing(desk, clock)
        self._polls = polls
        self._recording = recording
        called = MeetingWork(meetings, library, clock, cost)
        works: Mapping[Work, Worker] = {
            Work.ANNOUNCEMENT: self._announcing,
            **dict.fromkeys(_MEETINGS, called),
            **dict.fromkeys(_AFTERWARDS, AfterwardsWork(meetings, library, clock)),
            **dict.fromkeys(_POLLS, polls),
            Work.RECORDING: recording,
        }
        self.office = FieldOffice(works, library, clock, Pins(store, clock).fits, called.missing, polls, recording)

    def around(
        self, conversation: Receiver, fetch: Callable[[Inbound], bytes], clips: Clips, threads: Executor, log: Notebook
    ) -> FieldNotes:
        """The conversation, and her voice notes."""

        def record(sound: bytes, draft: Draft) -> str:
            lesson = draft.get("work") == Work.RECORDING
            return self._recording.take(sound, draft) if lesson else clips.record(sound)

        return FieldNotes(self._store, conversation, fetch, record, self._prepare, threads, self._clock, log)

    def _prepare(self, who: Facilitator, draft: Draft) -> None:
        if draft.get("work") == Work.RESULTS:
            self._polls.prepare(who)
        elif "text" in draft:
            self._announcing.prepare(draft)


def enrol_demo(store: Store, clock: Clock, demo: Sequence[DemoFacilitator]) -> None:
    """Let the facilitators of the demonstration work from their simulated phones, once.

    Nobody signs in with these accounts, which have no password; their PINs are published, so that a quick hash will do.
    """
    pins, now = Pins(store, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), clock.now()
    for who in demo:
        member = StaffMember(uuid.uuid4().hex, who.email, Role.FACILITATOR, who.community_id, "es", now)
        account = Credentials(member, "", pyotp.random_base32())
        if store.submit(lambda uow, account=account: uow.staff.add(account)).result():  # type: ignore[misc]
            for phone in who.phones:
                pins.enrol(who.email, phone, pin=who.pin)


def build_polls(
    settings: Settings, store: Store, library: Catalogue, clock: Clock, rounds: PollRounds, giving_back: GivingBack
) -> PollWork:
    """Questions that she asks, and what she hears of them."""
    words = Phrasing(result_phrases(settings.content_dir, "es"), "es", ZoneInfo(settings.timezone))
    return PollWork(store, rounds, library.polls, library, giving_back, words, clock)

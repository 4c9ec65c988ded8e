"""Puts together for `wiring` what facilitators do from their own phones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Final

from argon2 import PasswordHasher

from bot.domain.facilitator import Draft
from bot.domain.field_desk import Work
from bot.domain.meeting_desk import MeetingDesk
from bot.domain.message import Inbound
from bot.domain.ports import Clock, Library, Notebook
from bot.domain.store import Store
from bot.domain.turn import Receiver
from bot.outreach.broadcasting import Broadcasting
from bot.outreach.field_desk import Announcing, FieldOffice, Worker
from bot.outreach.field_meetings import MeetingWork
from bot.outreach.field_notes import FieldNotes
from bot.outreach.personal_pin import Pins
from bot.voice.clips import Clips

_MEETINGS: Final = (Work.MEETING, Work.CHANGE, Work.CANCEL, Work.CONFIRM)


class Field:
    """The desk that turns ask, and what stands around the conversation for voice notes."""

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        desk: Broadcasting,
        meetings: MeetingDesk,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._announcing = Announcing(desk, clock)
        called = MeetingWork(meetings, library, clock)
        works: Mapping[Work, Worker] = {Work.ANNOUNCEMENT: self._announcing, **dict.fromkeys(_MEETINGS, called)}
        self.pins = Pins(store, clock, hasher)
        self.office = FieldOffice(works, library, clock, self.pins.fits, called.missing)

    def around(
        self, conversation: Receiver, fetch: Callable[[Inbound], bytes], clips: Clips, threads: Executor, log: Notebook
    ) -> FieldNotes:
        """The conversation, and her voice notes."""
        prepare: Callable[[Draft], object] = self._announcing.prepare
        return FieldNotes(self._store, conversation, fetch, clips.record, prepare, threads, self._clock, log)

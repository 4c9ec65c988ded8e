"""Puts together what belongs to meetings."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.channels.voice_numbers import may_call
from bot.domain.broadcast import Tariff
from bot.domain.errors import AudioError, UsageError
from bot.domain.meeting import Meeting
from bot.domain.meeting_notice import later
from bot.domain.ports import Clock, Library
from bot.domain.store import Store, UnitOfWork
from bot.domain.unasked import Announcing
from bot.outreach.meeting_cost import MeetingCost
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice, concerned
from bot.running import Meetings
from bot.settings import Settings
from bot.telemetry import Telemetry
from bot.voice.opening import build_clips


def build_meetings(settings: Settings, store: Store, library: Library, clock: Clock, announcing: Announcing) -> Meetings:
    """What announces, and what tells, on one ledger."""
    calls = partial(may_call, settings)
    office = MeetingOffice(library, clock, announcing, may_call=calls)
    return Meetings(office, MeetingTelling(store, library, clock, announcing, may_call=calls))


def meeting_cost(settings: Settings, clock: Clock, tariff: Tariff) -> MeetingCost:
    """What telling people of a meeting costs."""
    return MeetingCost(tariff, clock, partial(may_call, settings))


def meet(uow: UnitOfWork, demo: Sequence[Meeting], now: datetime) -> None:
    """The meetings of the demonstration, of which everybody there was told yesterday; not anew where one still lies ahead."""
    for meeting in demo:
        known = uow.meetings.get(meeting.id)
        if known is None or known.starts_at <= now:
            uow.meetings.put(meeting)
            for one in concerned(uow, meeting):
                uow.meeting_notices.join(meeting.id, one.person.id, later(meeting, now), now - timedelta(days=1))


def record_voice(settings: Settings, file: Path) -> str:
    """Keep a recording that announces a meeting; gives its name. Raises UsageError for one that cannot be played to people."""
    with contextlib.closing(build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=Telemetry())) as clips:
        try:
            return clips.record(file.read_bytes())
        except (AudioError, OSError) as error:
            raise UsageError(f"the recording cannot be used: {error}") from error

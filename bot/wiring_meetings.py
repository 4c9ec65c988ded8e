"""Puts together what belongs to meetings."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from bot.channels.voice_numbers import may_call
from bot.domain.errors import AudioError, UsageError
from bot.domain.ports import Clock, Library
from bot.domain.store import Store
from bot.domain.unasked import Announcing
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice
from bot.running import Meetings
from bot.settings import Settings
from bot.telemetry import Telemetry
from bot.voice.opening import build_clips


def build_meetings(settings: Settings, store: Store, library: Library, clock: Clock, announcing: Announcing) -> Meetings:
    """What announces, and what tells, on one ledger."""
    calls = partial(may_call, settings)
    office = MeetingOffice(library, clock, announcing, may_call=calls)
    return Meetings(office, MeetingTelling(store, library, clock, announcing, may_call=calls))


def record_voice(settings: Settings, file: Path) -> str:
    """Keep a recording that announces a meeting; gives its name. Raises UsageError for one that cannot be played to people."""
    with contextlib.closing(build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=Telemetry())) as clips:
        try:
            return clips.record(file.read_bytes())
        except (AudioError, OSError) as error:
            raise UsageError(f"the recording cannot be used: {error}") from error

"""Recordings of questions asked by voice: taken over from the vendor, kept here sealed, and deleted there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.domain.call import CallEvent
from bot.domain.errors import AudioError, MediaError, SendError
from bot.domain.message import Inbound
from bot.domain.ports import CallChannel, Clock, Notebook
from bot.domain.store import Store
from bot.domain.voice_question import ANNOUNCING, FETCHED_WITHIN, VendorRecording

# Right after a call its recording may not be there yet; after a day it will not come any more.
FETCHED_FOR: Final = timedelta(days=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
# Twilio waits 15 s for what follows a recording.
_TRIES: Final = 6
_PAUSE_S: Final = 1.0
_FIRST_PAUSE_S: Final = 2
_MOST_DOUBLINGS: Final = 12
# Whether the vendor has it ready is told by these alone; any other failure is the file's own.
_NOT_YET: Final = frozenset({"gone", "network"})


class Recordings:
    """Takes what was recorded. Blocking; any number of threads may use it, each recording is taken up by one at a time."""

    def __init__(
        self,
        store: Store,
        channel: Callable[[], CallChannel],
        transcode: Callable[[bytes], tuple[bytes, float]],
        clock: Clock,
        notebook: Notebook,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`transcode` makes OGG/Opus of a sound file and says how many seconds are heard; raises AudioError for silence."""
        self._store = store
        self._channel = channel
        self._transcode = transcode
        self._clock = clock
        self._notebook = notebook
        self._pause = pause

    def take(self, event: CallEvent) -> bool:
        """Write down that there is a recording, once; gives whether the question has one. Raises StorageError."""
        recording, question_id, now = event.recording, event.thread.question, self._clock.now()
        if recording is None:
            return False
        if question_id == ANNOUNCING:
            now += FETCHED_WITHIN
        return self._store.submit(lambda uow: uow.questions.recorded(question_id, recording, now)).result()

    def of(self, inbound: Inbound) -> bytes:
        """What a facilitator has recorded in a call. Raises MediaError."""
        return self._sound(inbound.media[0].reference)

    def _sound(self, sid: str) -> bytes:
        """What was just recorded, which somebody waits for: it may take the vendor a moment. Raises MediaError."""
        for left in reversed(range(_TRIES)):
            try:
                return self._channel().fetch_recording(sid)
            except MediaError as error:
                if not left or error.code not in _NOT_YET:
                    raise
            self._pause(_PAUSE_S)
        raise MediaError("the recording has not come", code="gone")

    def sweep(self) -> int:
        """Fetch what has come, and have deleted what the vendor need not keep; gives how many were taken up."""
        now = self._clock.now()
        due = self._store.submit(lambda uow: uow.questions.due(now)).result()
        for recording in due:
            if recording.question_id is None or self._fetched(recording, recording.question_id):
                self._deleted(recording)
        return len(due)

    def _fetched(self, recording: VendorRecording, question_id: str) -> bool:
        """Whether nothing of it is wanted from the vendor any more: it is here, or will never be."""
        try:
            sound, seconds = self._transcode(self._channel().fetch_recording(recording.sid))
        except MediaError as error:
            waits = error.code in _NOT_YET and self._clock.now() - recording.since < FETCHED_FOR
            self._notebook.event("recording_not_fetched", channel="call", code=error.code, next="queued" if waits else "dropped")
            if waits:
                self._put_off(recording)
                return False
        except AudioError:
            # Noise, or a breath: there is no question in it.
            self._notebook.event("recording_empty", channel="call")
        else:
            self._store.submit(lambda uow: uow.questions.keep(question_id, sound, round(seconds))).result()
            self._notebook.event("question_kept", channel="call")
            return True
        self._store.submit(lambda uow: uow.questions.drop(question_id)).result()
        return True

    def _deleted(self, recording: VendorRecording) -> None:
        try:
            self._channel().delete_recording(recording.sid)
        except SendError as error:
            self._notebook.event("recording_not_deleted", channel="call", code=error.code)
            self._put_off(recording)
        else:
            self._store.submit(lambda uow: uow.questions.gone(recording.id)).result()

    def _put_off(self, recording: VendorRecording) -> None:
        pause = min(timedelta(seconds=_FIRST_PAUSE_S << min(recording.attempts, _MOST_DOUBLINGS)), LONGEST_PAUSE)
        until = self._clock.now() + pause
        self._store.submit(lambda uow: uow.questions.put_off(recording.id, until)).result()

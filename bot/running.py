"""A Batea that runs: what the faces hold. `wiring` puts it together."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from bot.access import Access
from bot.channels.registry import OpenChannels
from bot.delivery.clip_links import ClipLinks
from bot.delivery.dialler import Dialler
from bot.delivery.engine import Lasting
from bot.delivery.pace import Pace
from bot.delivery.phone_talk import PhoneTalk
from bot.delivery.recordings import Recordings
from bot.delivery.sender import Sender
from bot.domain.broadcast import Means
from bot.domain.errors import BateaError, StorageError
from bot.domain.field_desk import FieldDesk
from bot.domain.message import Choice, Speech
from bot.domain.ports import CallChannel, Channel, Clock, Understander, WebhookRequest
from bot.domain.store import Store
from bot.domain.turn import Receiver
from bot.lessons.catalogue import Catalogue
from bot.outreach.answering import Answering
from bot.outreach.broadcasting import Broadcasting
from bot.outreach.giving_back import GivingBack
from bot.outreach.meeting_telling import MeetingTelling
from bot.outreach.meetings import MeetingOffice
from bot.outreach.quote import Pricing
from bot.outreach.rounds import PollRounds
from bot.outreach.signing_up import SigningUp
from bot.outreach.spending import Meter
from bot.outreach.studio import Studio
from bot.outreach.study import Studying
from bot.settings import Settings
from bot.storage import retention
from bot.storage.rounds import RoundKeyFiles
from bot.telemetry import Telemetry
from bot.voice.clips import Clips
from bot.voice.listening.notes import VoiceNotes
from bot.voice.listening.process import ListeningProcess

SENDING_THREADS: Final = 8
# Who is on the telephone must not wait behind vendors that are slow to take messages.
TALKING_THREADS: Final = 4
CLOSES_WITHIN_S: Final = 9.0
_AT_LEAST_S: Final = 0.1
# A link to a voice note lives for a week.
CLIPS_KEPT: Final = timedelta(days=8)
# What a newcomer hears first: these voice notes are made before the first message can come.
FIRST_WORDS: Final = ("onboarding.", "menu.", "call.")


class Polling(Protocol):
    """Something that fetches messages itself until it is stopped."""

    def stop(self) -> None:
        """End it and wait for its thread."""
        ...


@dataclass(frozen=True, slots=True)
class Broadcasts:
    """What belongs to broadcasts: `pricing` is what the engine books with, `means` what it chooses addresses by.

    `meter` counts what everything that leaves costs.
    """

    desk: Broadcasting
    pricing: Pricing
    pace: Pace
    means: Callable[[str], Means]
    meter: Meter


@dataclass(frozen=True, slots=True)
class Meetings:
    """What belongs to meetings: `desk` announces, changes and calls off, `telling` sends what is due.

    `field` is the desk of those who work from their own phones, where there is one.
    """

    desk: MeetingOffice
    telling: MeetingTelling
    field: FieldDesk | None = None


@dataclass
class Batea:
    """A running Batea. `senders` are the threads that make vendor calls; `names` are our own, by channel, once known."""

    settings: Settings
    store: Store
    access: Access
    round_keys: RoundKeyFiles
    clock: Clock
    library: Catalogue
    understander: Understander
    clips: Clips
    clip_links: ClipLinks
    reception: Receiver
    notes: VoiceNotes
    listener: ListeningProcess | None
    sender: Sender
    telephone: Callable[[], CallChannel]
    dialler: Dialler
    broadcasts: Broadcasts
    recordings: Recordings
    rounds: PollRounds
    meetings: Meetings
    studying: Studying
    answering: Answering
    signing_up: SigningUp
    names: Mapping[str, str]
    giving_back: GivingBack
    studio: Studio
    talk: PhoneTalk
    notebook: Telemetry
    channels: OpenChannels
    senders: ThreadPoolExecutor
    engine: Lasting | None = None
    talkers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(TALKING_THREADS, "batea-talk"))
    _closing: threading.Event = field(default_factory=threading.Event)
    _set_up: Polling | None = None

    def channel(self, name: str) -> Channel:
        """A channel by its name."""
        return self.channels.get(name)

    def channel_for(self, endpoint: str, request: WebhookRequest) -> Channel:
        """Which channel reads what came to an address of ours; SMS and WhatsApp share Twilio's."""
        if endpoint.startswith("twilio"):
            return self.channel("whatsapp" if b"whatsapp" in request.body else "sms")
        return self.channel(endpoint)

    def start_telegram(self) -> Polling | None:
        """Have Telegram call us, or fetch its updates ourselves where it cannot reach us; None where there is nothing to stop."""
        if not self.settings.telegram_token:
            return None
        # Only who uses Telegram pays for its library.
        from bot.channels.telegram_polling import TelegramPolling  # noqa: PLC0415
        from bot.channels.telegram_set_up import TelegramSetUp  # noqa: PLC0415

        channel = self.channel("telegram")
        public = self.settings.public_url.startswith("https://")
        self._set_up = TelegramSetUp(channel, self.notebook, webhook=public)
        if not public:
            return TelegramPolling(channel, self.reception, self.sender, self.clock, self.notebook)
        return None

    def warm_up(self) -> None:
        """Make every voice note that has none yet, the first ones at once and the rest in a thread of its own."""
        speeches = list(self.library.speeches(after_step(self.library)))
        for speech in speeches:
            if speech.key.startswith(FIRST_WORDS):
                self.clips.clip(speech)
                if self.settings.telephones:
                    self.clips.clip(speech, call=True)
        threading.Thread(target=self._make_clips, args=(speeches,), name="batea-clips", daemon=True).start()

    def prepare_to_listen(self) -> None:
        """Load the model before the first voice note comes."""
        if self.listener:
            try:
                self.listener.start()
            except OSError as error:
                self.notebook.event("listening_not_started", kind=type(error).__name__)

    def _make_clips(self, speeches: Sequence[Speech]) -> None:
        try:
            self.studio.sentences()  # nobody who opens its pages, or records from a phone, waits for that
            for speech in speeches:
                if self._closing.is_set():
                    return
                self.clips.build([speech])
                if self.settings.telephones:
                    self.clips.build([speech], call=True)
        except BateaError as error:
            self.notebook.event("clips_not_made", kind=type(error).__name__)

    def tidy(self) -> None:
        """Forget what is older than it may be kept: rows of the database, and voice notes with a date or a place in them."""
        retention.sweep(self.store, self.round_keys, self.clock.now())
        self.clips.prune(CLIPS_KEPT.total_seconds())
        self.studio.publish()
        self.studio.sweep()

    def book(self) -> None:
        """Write down what has left meanwhile costs, and pause broadcasts once the month's cap is reached."""
        self.broadcasts.meter.book()
        now = self.clock.now()
        if self.settings.month_cop:
            self.store.submit(lambda uow: self.broadcasts.desk.watch(uow, now)).result()

    def close(self, polling: Polling | None = None) -> None:
        """Let vendors answer what they have, for some seconds; put back what has not been begun; then let go of everything.

        However slow a vendor is, that takes about ten seconds: what it has not answered is in doubt, what waits leaves next time.
        """
        self._closing.set()
        if self.engine is not None:
            self.engine.hold()
        self.dialler.stop()
        by = time.monotonic() + CLOSES_WITHIN_S
        with contextlib.suppress(StorageError):
            self.sender.finish()
        for stoppable in (polling, self.engine, self._set_up):
            if stoppable is not None:
                _ended(stoppable.stop, by)
        _ended(self.notes.close, by)
        for threads in (self.senders, self.talkers):
            _ended(partial(threads.shutdown, wait=True, cancel_futures=True), by)
        _ended(self.channels.close, by)
        with contextlib.suppress(StorageError):
            self.broadcasts.meter.book()
        self.store.close()
        self.clips.close()


def _ended(work: Callable[[], None], by: float) -> None:
    """Do that; go on without waiting for its end where it would be too late."""
    thread = threading.Thread(target=work, name="batea-close", daemon=True)
    thread.start()
    thread.join(max(_AT_LEAST_S, by - time.monotonic()))


def after_step(library: Catalogue) -> tuple[Choice, ...]:
    """The choices that are read aloud below every step of a lesson."""
    return (Choice("9", "lesson:next", library.reply("lesson.next").text),)

"""Puts the rooms together. The only place that names concrete classes."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, cast

from bot.channels.content_sync import ContentShelf
from bot.channels.content_templates import FILE as TEMPLATES
from bot.channels.content_templates import ContentTemplate, templates
from bot.channels.content_templates import read_file as read_templates
from bot.channels.media import MOST_BYTES
from bot.channels.registry import OpenChannels, build_channel
from bot.channels.surroundings import Surroundings
from bot.channels.voice_numbers import listening_number, may_call
from bot.delivery.clip_links import ClipLinks
from bot.delivery.dialler import CallLimits, Dialler
from bot.delivery.phone_talk import PhoneTalk
from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.dialogue.reception import Reception
from bot.dialogue.words import Words
from bot.domain.clock import MovableClock, SystemClock
from bot.domain.errors import BateaError, MediaError, SendError
from bot.domain.message import Choice, Inbound, Speech
from bot.domain.ports import CallChannel, Channel, Clock, Understander, WebhookRequest
from bot.domain.store import Store, UnitOfWork
from bot.domain.turn import Receiver
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.lessons.demo import load_demo
from bot.lessons.source import read_document
from bot.nlu.engine import open_engine
from bot.settings import Settings
from bot.storage import retention, schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.secret_key import make_folder, secret_key
from bot.storage.vault import Vault
from bot.telemetry import Telemetry
from bot.voice.clips import Clips
from bot.voice.listening.notes import VoiceNotes
from bot.voice.listening.opening import build_listener
from bot.voice.listening.process import ListeningProcess
from bot.voice.opening import build_clips

SENDING_THREADS: Final = 8
# Who is on the telephone must not wait behind vendors that are slow to take messages.
TALKING_THREADS: Final = 4
# What `make rasa` trains; any other model that the service might load is not believed.
RASA_MODEL: Final = "batea.tar.gz"
# A link to a voice note lives for a week.
CLIPS_KEPT: Final = timedelta(days=8)
# What a newcomer hears first: these voice notes are made before the first message can come.
FIRST_WORDS: Final = ("onboarding.", "menu.", "call.")
# Only a channel knows its own number and name: it fills these in itself.
SLOTS: Final[dict[str, Any]] = {"number": "{number}", "name": "{name}"}


class Polling(Protocol):
    """Something that fetches messages itself until it is stopped."""

    def stop(self) -> None:
        """End it and wait for its thread."""
        ...


@dataclass
class Batea:
    """A running Batea. `senders` are the threads that make vendor calls."""

    settings: Settings
    store: Store
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
    talk: PhoneTalk
    notebook: Telemetry
    channels: OpenChannels
    senders: ThreadPoolExecutor
    talkers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(TALKING_THREADS, "batea-talk"))
    _closing: threading.Event = field(default_factory=threading.Event)

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

        channel = self.channel("telegram")
        self.senders.submit(self._set_up_telegram, channel)
        if not self.settings.public_url.startswith("https://"):
            return TelegramPolling(channel, self.reception, self.sender, self.clock, self.notebook)
        return None

    def _set_up_telegram(self, channel: Channel) -> None:
        bot = channel.bot  # type: ignore[attr-defined] # only Telegram has one
        try:
            if self.settings.public_url.startswith("https://"):
                bot.register_webhook()
            bot.learn_name()
        except SendError as error:
            self.notebook.event("telegram_not_set_up", code=error.code, kind=type(error).__name__)

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

    def close(self) -> None:
        """Finish what is being sent, then let go of everything."""
        self._closing.set()
        self.notes.close()
        self.senders.shutdown(wait=True)
        self.talkers.shutdown(wait=True)
        self.channels.close()
        self.store.close()
        self.clips.close()


def build_understander(settings: Settings, engine: str | None = None) -> Understander:
    """The engine that a setting or an option names; Rasa falls back to the embedded one."""
    embedded = open_engine(settings.intents_dir, settings.data_dir)
    if (engine or settings.nlu) == "rasa":
        from bot.nlu.rasa import RasaEngine  # noqa: PLC0415 only who uses Rasa pays for it

        return RasaEngine(settings.rasa_url, embedded, model=RASA_MODEL)
    return embedded


def build_library(settings: Settings, clock: Clock) -> Catalogue:
    """Everything that is said and taught."""

    def today() -> date:
        return clock.now().date()

    return load_catalogue(settings.content_dir, drafts=settings.drafts_served, today=today, timezone=settings.timezone)


def content_templates(settings: Settings) -> tuple[ContentTemplate, ...]:
    """What Twilio is to keep for WhatsApp. Raises ContentError."""
    file = read_templates(read_document(settings.content_dir / TEMPLATES, settings.content_dir).data)
    return templates(file, build_library(settings, SystemClock()).reply(file.invitation.reply))


def open_content_shelf(settings: Settings) -> ContentShelf:
    """What Twilio does keep."""
    return ContentShelf(settings, Surroundings())


def build(
    settings: Settings, clock: Clock, key: str, understander: Understander | None = None, *, terminal: bool = False
) -> Batea:
    """Put everything together around an upgraded database, with an engine that is there already where one is given.

    In a terminal voice notes are files of this machine, and each is waited for.
    """
    notebook = Telemetry()
    round_keys = RoundKeyFiles(settings.data_dir / "rounds")
    store = open_store(settings.database_url, Vault(key), round_keys)
    library = build_library(settings, clock)
    understander = understander or build_understander(settings)
    clips = build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=notebook)
    clip_links = ClipLinks(key, settings.public_url, {"clips": settings.data_dir / "clips"})
    contents = read_templates(read_document(settings.content_dir / TEMPLATES, settings.content_dir).data)
    invitation = library.reply(contents.invitation.reply)
    ways_back = {name: library.reply(f"ways_back.{name}", **SLOTS).text for name in ("whatsapp", "telegram")}
    hint = library.reply("ways_back.listen", **SLOTS).text if settings.calls == "callback" else ""
    surroundings = Surroundings(hint, notebook=notebook, invitation_id=invitation.id, ways_back=ways_back)
    channels = OpenChannels(lambda name: build_channel(name, settings, surroundings))
    said = read_document(settings.content_dir / "words.yml", settings.content_dir).data
    words = Words.from_mapping(said)
    window = ReplyWindow(invitation, notebook)
    listening = partial(listening_number, settings)
    reception = Reception(store, understander, library, clock, words, listening_number=listening)
    telephone = cast("Callable[[], CallChannel]", partial(channels.get, "call"))
    limits = CallLimits(settings.calls, settings.calls_per_day, partial(may_call, settings))
    dialler = Dialler(store, telephone, clock, notebook, limits)
    sender = Sender(store, channels.get, clips, clip_links.url, clock, notebook, SimulatedPhones(), window, dialler.plan)
    senders = ThreadPoolExecutor(SENDING_THREADS, "batea-send")
    fetch = _file if terminal else partial(_fetched, channels)
    deliver = partial(_sent, senders, sender)
    listener = build_listener(settings.asr, settings.asr_model, settings.data_dir, str(said.get("trade", "")))
    notes = VoiceNotes(store, reception, understander, listener, fetch, deliver, clock, notebook, patient=terminal)
    return Batea(
        settings=settings,
        store=store,
        round_keys=round_keys,
        clock=clock,
        library=library,
        understander=understander,
        clips=clips,
        clip_links=clip_links,
        reception=notes,
        notes=notes,
        listener=listener,
        sender=sender,
        senders=senders,
        telephone=telephone,
        dialler=dialler,
        talk=PhoneTalk(store, reception, library, clips, clip_links.url, telephone, dialler, clock, settings.call_minutes),
        notebook=notebook,
        channels=channels,
    )


def _sent(senders: ThreadPoolExecutor, sender: Sender, message_ids: Sequence[str]) -> None:
    """Send rows in a thread; once that is closed, the next start does."""
    with contextlib.suppress(RuntimeError):
        senders.submit(sender.send, message_ids)


def _fetched(channels: OpenChannels, inbound: Inbound) -> bytes:
    """The sound of a voice note, from whoever keeps it. Raises MediaError."""
    if inbound.sender.simulated:
        raise MediaError("a simulated phone keeps no files", code="gone")
    return channels.get(inbound.sender.channel.value).fetch(inbound.media[0])


def _file(inbound: Inbound) -> bytes:
    """The sound of a voice note, from this machine. Raises MediaError."""
    try:
        with Path(inbound.media[0].reference).expanduser().open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MediaError("there is no such file", code="gone") from error


def build_server(settings: Settings) -> Batea:
    """What `batea serve` runs: with DEMO=1 the schema, a key and the demo data are made on the way."""
    key = secret_key(settings, make=settings.demo)
    if settings.demo:
        make_folder(settings.data_dir)
        schema.upgrade(settings.database_url)
    batea = build(settings, SystemClock(), key)
    if settings.demo:
        load_demo_data(batea)
    batea.prepare_to_listen()
    batea.warm_up()
    return batea


def after_step(library: Catalogue) -> tuple[Choice, ...]:
    """The choices that are read aloud below every step of a lesson."""
    return (Choice("9", "lesson:next", library.reply("lesson.next").text),)


def forget(settings: Settings) -> dict[str, int]:
    """Delete what is older than it may be kept, and say how much that was."""
    with database(settings) as store:
        return asdict(retention.sweep(store, RoundKeyFiles(settings.data_dir / "rounds"), datetime.now(UTC)))


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Store]:
    """The database alone, for a command that needs nothing else."""
    store = open_store(
        settings.database_url, Vault(secret_key(settings, make=False)), RoundKeyFiles(settings.data_dir / "rounds")
    )
    try:
        yield store
    finally:
        store.close()


def load_demo_data(batea: Batea) -> None:
    """Put the fictitious communities, people, poll round and meetings into the database."""
    demo = load_demo(batea.settings.content_dir, batea.clock.now())

    def work(uow: UnitOfWork) -> None:
        uow.communities.put(demo.communities, demo.committees)
        for poll_round in demo.rounds:
            uow.polls.put_round(poll_round)
        for meeting in demo.meetings:
            uow.meetings.put(meeting)
        for address, person in demo.people:
            met, state = uow.people.meet(address, person.created_at)
            uow.people.save(replace(person, id=met.id), replace(state, place="menu"))

    batea.store.submit(work).result()


@contextlib.contextmanager
def chat_session(settings: Settings, *, fresh: bool) -> Iterator[tuple[Batea, MovableClock]]:
    """A Batea for the terminal; `fresh` uses a throw-away database with the demo data and serves drafts."""
    clock = MovableClock(datetime.now(UTC).replace(microsecond=0))
    with contextlib.ExitStack() as stack:
        if fresh:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="batea-")))
            settings = replace(settings, database_url=f"sqlite:///{folder / 'batea.db'}", serve_drafts=True)
            key = secrets.token_urlsafe(32)
        else:
            key = secret_key(settings, make=True)
        make_folder(settings.data_dir)
        schema.upgrade(settings.database_url)
        batea = build(settings, clock, key, terminal=True)
        stack.callback(batea.close)
        if fresh or settings.demo:
            load_demo_data(batea)
        yield batea, clock

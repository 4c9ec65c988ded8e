"""Puts the rooms together. The only place that names concrete classes."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.access import Access
from bot.channels.content_sync import ContentShelf
from bot.channels.content_templates import FILE as TEMPLATES
from bot.channels.content_templates import ContentTemplate, templates
from bot.channels.content_templates import read_file as read_templates
from bot.channels.media import MOST_BYTES
from bot.channels.registry import OpenChannels
from bot.channels.senders import sms_number
from bot.channels.surroundings import Surroundings
from bot.channels.voice_numbers import listening_number, may_call
from bot.delivery.announcing import Announcements
from bot.delivery.call_times import CallHours
from bot.delivery.engine import Lasting
from bot.delivery.phone_talk import PhoneTalk
from bot.delivery.phones import SimulatedPhones
from bot.delivery.recordings import Recordings
from bot.delivery.sender import Sender
from bot.dialogue.reception import Reception
from bot.dialogue.words import Words
from bot.domain.clock import MovableClock, SystemClock
from bot.domain.errors import MediaError
from bot.domain.field_desk import FieldDesk
from bot.domain.message import Inbound
from bot.domain.ports import Clock, Notebook, Understander
from bot.domain.store import Store, UnitOfWork
from bot.lessons import demo_past
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.lessons.demo import load_demo
from bot.lessons.source import read_document
from bot.nlu.engine import open_engine
from bot.outreach.answering import Answering
from bot.outreach.giving_back import GivingBack
from bot.outreach.meetings import MeetingOffice
from bot.outreach.personal_pin import Pins
from bot.outreach.rounds import PollRounds
from bot.outreach.signing_up import SigningUp
from bot.running import SENDING_THREADS, Batea
from bot.settings import Settings
from bot.storage import retention, schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.secret_key import make_folder, secret_key
from bot.storage.vault import Vault
from bot.telemetry import Telemetry
from bot.voice.listening.notes import VoiceNotes
from bot.voice.listening.opening import build_listener
from bot.voice.spoken_questions import as_note
from bot.wiring_engine import build_engine
from bot.wiring_field import Field, build_polls, enrol_demo
from bot.wiring_meetings import build_meetings, meet, meeting_cost
from bot.wiring_sending import Sending, build_sending
from bot.wiring_studio import build_studio, heard_languages, recording_work
from bot.wiring_study import build_studying

# What `make rasa` trains; any other model that the service might load is not believed.
RASA_MODEL: Final = "batea.tar.gz"


def build_understander(settings: Settings, engine: str | None = None) -> Understander:
    """The engine that a setting or an option names; Rasa falls back to the embedded one."""
    embedded = open_engine(settings.intents_dir, settings.data_dir)
    if (engine or settings.nlu) == "rasa":
        from bot.nlu.rasa import RasaEngine  # noqa: PLC0415 only who uses Rasa pays for it

        return RasaEngine(settings.rasa_url, embedded, model=RASA_MODEL)
    return embedded


def build_library(settings: Settings, clock: Clock) -> Catalogue:
    """Everything that is said and taught."""
    heard = heard_languages(settings)
    return load_catalogue(
        settings.content_dir,
        drafts=settings.drafts_served,
        today=lambda: clock.now().date(),
        timezone=settings.timezone,
        languages=heard.spoken,
        recorded=heard.recorded,
    )


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
    """Put everything together around an upgraded database. In a terminal voice notes are files here, and each is waited for."""
    library = build_library(settings, clock)
    sending = build_sending(settings, clock, key, library)
    store, notebook, channels, sender = sending.store, sending.notebook, sending.channels, sending.sender
    understander = understander or build_understander(settings)
    said = read_document(settings.content_dir / "words.yml", settings.content_dir).data
    announcing = build_announcing(settings, notebook)
    meetings = build_meetings(settings, store, library, clock, announcing)
    rounds = build_rounds(settings, store, library, clock, announcing)
    giving_back = GivingBack(library, announcing, may_call=partial(may_call, settings))
    polls = build_polls(settings, store, library, clock, rounds, giving_back)
    studio = build_studio(settings, store, library, clock, sending.clips)
    recording, cost = recording_work(studio, library), meeting_cost(settings, clock, sending.broadcasts.pricing)
    field = Field(store, library, clock, sending.broadcasts.desk, meetings.desk, polls, recording, cost)
    reception = _reception(settings, store, understander, library, clock, said, field.office)
    recordings = Recordings(store, sending.telephone, as_note, clock, notebook)
    spoken_by = (library, sending.clips, sending.clip_links.url, sending.telephone)
    senders = ThreadPoolExecutor(SENDING_THREADS, "batea-send")
    by_phone = field.around(reception, recordings.of, sending.clips, senders, notebook)
    talk = PhoneTalk(store, by_phone, *spoken_by, sending.dialler, recordings, clock, settings.call_minutes)
    listener = build_listener(settings.asr, settings.asr_model, settings.data_dir, str(said.get("trade", "")))
    fetched = _file if terminal else partial(_fetched, channels, sending.phones)
    heard = (listener, fetched, partial(_sent, senders, sender), clock, notebook)
    notes = VoiceNotes(store, reception, understander, *heard, patient=terminal)
    return Batea(
        settings=settings,
        store=store,
        access=Access(store, clock),
        round_keys=sending.round_keys,
        clock=clock,
        library=library,
        understander=understander,
        clips=sending.clips,
        clip_links=sending.clip_links,
        reception=field.around(notes, fetched, sending.clips, senders, notebook),
        notes=notes,
        listener=listener,
        sender=sender,
        senders=senders,
        telephone=sending.telephone,
        dialler=sending.dialler,
        broadcasts=sending.broadcasts,
        recordings=recordings,
        rounds=rounds,
        meetings=replace(meetings, field=field.office),
        studying=build_studying(settings, sending, announcing),
        answering=Answering(store, library, clock, announcing, partial(may_call, settings)),
        signing_up=SigningUp(library, partial(may_call, settings)),
        names=sending.surroundings.names,
        giving_back=giving_back,
        studio=studio,
        talk=talk,
        notebook=notebook,
        channels=channels,
    )


def _reception(
    settings: Settings,
    store: Store,
    understander: Understander,
    library: Catalogue,
    clock: Clock,
    said: Mapping[str, Any],
    field_desk: FieldDesk,
) -> Reception:
    words = Words.from_mapping(said)
    listening = partial(listening_number, settings)
    texting = partial(sms_number, settings.senders.sms)
    numbers: dict[str, Any] = {"listening_number": listening, "sms_number": texting}
    return Reception(store, understander, library, clock, words, field_desk=field_desk, **numbers)


def build_announcing(settings: Settings, notebook: Notebook) -> Announcements:
    """Where every feature puts what it says unasked."""
    return Announcements(notebook, CallHours(settings.call_hours), settings.unasked_per_week)


def _sent(senders: ThreadPoolExecutor, sender: Sender, message_ids: Sequence[str]) -> None:
    """Send rows in a thread; once that is closed, the next start does."""
    with contextlib.suppress(RuntimeError):
        senders.submit(sender.send, message_ids)


def _fetched(channels: OpenChannels, phones: SimulatedPhones, inbound: Inbound) -> bytes:
    """The sound of a voice note, from whoever keeps it. Raises MediaError."""
    if inbound.sender.simulated:
        return phones.sound(inbound.media[0].reference)
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
    batea.engine = build_engine(batea)
    if settings.demo:
        load_demo_data(batea, crowd=True)
    batea.studio.publish()
    batea.prepare_to_listen()
    batea.warm_up()
    return batea


def build_worker(settings: Settings) -> tuple[Sending, Lasting]:
    """What `batea worker` runs: what sends, and its engine. Raises a BateaError where that cannot be."""
    clock = SystemClock()
    sending = build_sending(settings, clock, secret_key(settings, make=False), build_library(settings, clock))
    return sending, build_engine(sending, kind="worker")


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


@contextlib.contextmanager
def poll_rounds(settings: Settings) -> Iterator[tuple[Store, Catalogue, PollRounds]]:
    """Poll rounds, for a command."""
    clock = SystemClock()
    with database(settings) as store:
        library = build_library(settings, clock)
        announcing = build_announcing(settings, Telemetry())
        yield store, library, build_rounds(settings, store, library, clock, announcing)


@contextlib.contextmanager
def meeting_desk(settings: Settings) -> Iterator[tuple[Store, MeetingOffice]]:
    """The meetings, for a command."""
    clock = SystemClock()
    with database(settings) as store:
        announcing = build_announcing(settings, Telemetry())
        yield store, build_meetings(settings, store, build_library(settings, clock), clock, announcing).desk


def build_rounds(settings: Settings, store: Store, library: Catalogue, clock: Clock, announcing: Announcements) -> PollRounds:
    """Opens poll rounds, asks, and closes them."""
    keys = RoundKeyFiles(settings.data_dir / "rounds")
    return PollRounds(store, library, clock, announcing, keys.delete, may_call=partial(may_call, settings))


@contextlib.contextmanager
def access(settings: Settings) -> Iterator[Access]:
    """The accounts of the staff side, for a command."""
    with database(settings) as store:
        yield Access(store, SystemClock())


@contextlib.contextmanager
def pins(settings: Settings) -> Iterator[Pins]:
    """Phones and PINs of facilitators, for a command."""
    with database(settings) as store:
        yield Pins(store, SystemClock())


def load_demo_data(batea: Batea, *, crowd: bool = False) -> None:
    """Put the fictitious communities, people, poll round and meetings into the database; `crowd`: and many more people's past."""
    demo = load_demo(batea.settings.content_dir, batea.clock.now())
    library = batea.library

    def work(uow: UnitOfWork) -> None:
        uow.communities.put(demo.communities, demo.committees)
        for poll_round in demo.rounds:
            uow.polls.put_round(poll_round, library.poll(poll_round.poll_id))
        list(demo_past.enrol(uow, demo.people))
        if crowd:
            demo_past.happen(uow, demo, library)
        meet(uow, demo.meetings, batea.clock.now())

    batea.store.submit(work).result()
    enrol_demo(batea.store, batea.clock, demo.facilitators)
    for closed in demo.closed_rounds if crowd else ():
        batea.rounds.close(closed.round.id)


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

"""Puts broadcasts together for `wiring`: prices, approved texts, what they are counted by, and what the month has cost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Final

from bot.channels.content_sids import ContentSids
from bot.channels.content_templates import FILE as TEMPLATES
from bot.channels.content_templates import message_key
from bot.channels.content_templates import read_file as read_templates
from bot.channels.registry import OpenChannels, build_channel
from bot.channels.senders import sender_for
from bot.channels.surroundings import Surroundings
from bot.delivery.pace import Pace, Rates
from bot.domain.broadcast import Means
from bot.domain.clock import SystemClock
from bot.domain.message import Address, ChannelName, Clip, Rendered, Reply, Speech
from bot.domain.person import Country
from bot.domain.ports import ClipLibrary, Clock, Library
from bot.domain.store import Store
from bot.lessons.source import read_document
from bot.outreach import quote as quotes
from bot.outreach.broadcasting import Broadcasting, Limits
from bot.outreach.composing import Composing, Template
from bot.outreach.prices import FILE as PRICES
from bot.outreach.prices import read_prices
from bot.outreach.quote import Outlets, Pricing
from bot.outreach.spending import Meter, spent
from bot.running import Broadcasts
from bot.settings import Settings
from bot.telemetry import Telemetry
from bot.voice.clips import Clips
from bot.voice.opening import build_clips

MARKETING: Final = "MARKETING"


def build_broadcasts(
    settings: Settings, store: Store, clock: Clock, library: Library, channels: OpenChannels, clips: ClipLibrary
) -> Broadcasts:
    """Everything that a page, a command or the engine needs of them. Raises ContentError."""
    file = read_templates(read_document(settings.content_dir / TEMPLATES, settings.content_dir).data)
    templates = {name: Template(name, one.text, one.category) for name, one in file.messages.items()}
    invitation = library.reply(file.invitation.reply)
    prices = read_prices(read_document(settings.content_dir / PRICES, settings.content_dir).data)
    marketing = frozenset(name for name, one in templates.items() if one.kind == MARKETING)
    outlets = Outlets(partial(_rendered, channels), lambda speech, call: clips.clip(speech, call=call), invitation, marketing)
    pricing = Pricing(prices, outlets)
    pace = build_pace(settings)
    means = partial(_means, settings, ContentSids(settings.data_dir, settings.twilio_account_sid))
    desk = Broadcasting(
        library,
        Composing(library, templates, partial(_lasts, clips), pricing),
        pricing,
        quotes.Pace(pace.lane, settings.calls_per_day),
        means,
        spent,
        Limits(settings.approve_people, settings.approve_cop, settings.month_cop, settings.unasked_per_week),
        settings.timezone,
    )
    return Broadcasts(desk, pricing, pace, means, Meter(store, clock, prices, settings.timezone, invitation.id, marketing))


@contextlib.contextmanager
def for_command(settings: Settings) -> Iterator[tuple[Store, Broadcasts, Clips]]:
    """Broadcasts for a command, which sends nothing itself."""
    from bot import wiring  # noqa: PLC0415 it imports this module

    clock = SystemClock()
    library = wiring.build_library(settings, clock)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(wiring.database(settings))
        clips = stack.enter_context(
            contextlib.closing(build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=Telemetry()))
        )
        channels = stack.enter_context(
            contextlib.closing(OpenChannels(lambda name: build_channel(name, settings, Surroundings())))
        )
        yield store, build_broadcasts(settings, store, clock, library, channels, clips), clips


def build_pace(settings: Settings) -> Pace:
    """How fast each of our senders goes."""
    senders = settings.senders
    numbers = {ChannelName.SMS: senders.sms, ChannelName.WHATSAPP: senders.whatsapp, ChannelName.CALL: senders.voice}
    per_s = {ChannelName(name): rate for name, rate in settings.rates.items()}
    return Pace(Rates(per_s, settings.whatsapp_tier, numbers))


def _rendered(channels: OpenChannels, name: str, reply: Reply, to: Address, clip: Clip | None, url: str | None) -> list[Rendered]:
    return list(channels.get(name).render(reply, to, clip, url))


def _means(settings: Settings, sids: ContentSids, template: str) -> Means:
    rings = settings.calls != "off"
    voices = {
        country.value
        for country in Country
        if settings.calls == "answer" or sender_for(settings.senders.voice, quotes.example(ChannelName.CALL, country.value))
    }
    return Means(frozenset(voices) if rings else frozenset(), bool(template and sids.get(message_key(template))))


def _lasts(clips: ClipLibrary, key: str) -> float | None:
    """How many seconds a recorded voice note lasts."""
    found = clips.clip(Speech("", catalogue=False, key=key))
    return found.duration_s if found else None

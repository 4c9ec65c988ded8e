"""Puts together for `wiring` what sends: channels, clips, the dialler, the sender. A worker needs no more."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from bot.channels.content_templates import FILE as TEMPLATES
from bot.channels.content_templates import read_file as read_templates
from bot.channels.registry import OpenChannels, build_channel
from bot.channels.surroundings import Surroundings
from bot.channels.voice_numbers import may_call
from bot.delivery.aftermath import Aftermath
from bot.delivery.call_times import CallHours
from bot.delivery.clip_links import ClipLinks
from bot.delivery.dialler import CallLimits, Dialler
from bot.delivery.gate import Gate
from bot.delivery.phones import SimulatedPhones
from bot.delivery.sender import Sender
from bot.delivery.window import ReplyWindow
from bot.domain.errors import StorageError
from bot.domain.ports import CallChannel, Clock
from bot.domain.store import Store
from bot.lessons.catalogue import Catalogue
from bot.lessons.drawing import Drawings
from bot.lessons.source import read_document
from bot.running import Broadcasts
from bot.settings import Settings
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault, secrets_in
from bot.telemetry import Telemetry
from bot.voice.clips import Clips
from bot.voice.opening import build_clips
from bot.wiring_broadcasts import build_broadcasts

# Only a channel knows its own number and name: it fills these in itself.
SLOTS: Final[dict[str, Any]] = {"number": "{number}", "name": "{name}"}


@dataclass(frozen=True)
class Sending:
    """What sends the rows of the ledger, and makes its calls."""

    settings: Settings
    store: Store
    round_keys: RoundKeyFiles
    clock: Clock
    library: Catalogue
    notebook: Telemetry
    clips: Clips
    clip_links: ClipLinks
    surroundings: Surroundings
    channels: OpenChannels
    telephone: Callable[[], CallChannel]
    broadcasts: Broadcasts
    dialler: Dialler
    phones: SimulatedPhones
    sender: Sender

    def close(self) -> None:
        """Book what left last, then let go of everything."""
        self.channels.close()
        with contextlib.suppress(StorageError):
            self.broadcasts.meter.book()
        self.store.close()
        self.clips.close()


def build_sending(settings: Settings, clock: Clock, key: str, library: Catalogue) -> Sending:
    """Around an upgraded database. Raises a BateaError where that cannot be."""
    notebook = Telemetry()
    round_keys = RoundKeyFiles(settings.data_dir / "rounds")
    store = open_store(settings.database_url, Vault(key), round_keys)
    clips = build_clips(settings.tts, settings.data_dir, settings.audio_dir, log=notebook)
    pictures = settings.data_dir / "pictures"
    served = {"clips": settings.data_dir / "clips", "pictures": pictures}
    clip_links = ClipLinks(secrets_in(key), settings.public_url, served)
    surroundings, window = _said_around(settings, library, notebook)
    channels = OpenChannels(lambda name: build_channel(name, settings, surroundings))
    telephone = cast("Callable[[], CallChannel]", partial(channels.get, "call"))
    broadcasts = build_broadcasts(settings, store, clock, library, channels, clips)
    dialler = Dialler(store, telephone, clock, notebook, _limits(settings), lasted=broadcasts.meter.rang)
    phones = SimulatedPhones()
    gate = Gate(notebook, CallHours(settings.call_hours), settings.unasked_per_week)
    aftermath = Aftermath(broadcasts.pace, partial(broadcasts.means, ""))
    around = (clock, notebook, phones, window, dialler.plan, gate, broadcasts.meter.left, aftermath)
    drawings = Drawings(settings.content_dir, pictures, notebook)
    return Sending(
        settings=settings,
        store=store,
        round_keys=round_keys,
        clock=clock,
        library=library,
        notebook=notebook,
        clips=clips,
        clip_links=clip_links,
        surroundings=surroundings,
        channels=channels,
        telephone=telephone,
        broadcasts=broadcasts,
        dialler=dialler,
        phones=phones,
        sender=Sender(store, channels.get, clips, clip_links.url, *around, drawings=drawings.drawing),
    )


def _said_around(settings: Settings, library: Catalogue, notebook: Telemetry) -> tuple[Surroundings, ReplyWindow]:
    """What channels add to a reply, and what is said where WhatsApp takes none."""
    contents = read_templates(read_document(settings.content_dir / TEMPLATES, settings.content_dir).data)
    invitation = library.reply(contents.invitation.reply)
    ways_back = {name: library.reply(f"ways_back.{name}", **SLOTS).text for name in ("whatsapp", "telegram")}
    hint = library.reply("ways_back.listen", **SLOTS).text if settings.calls == "callback" else ""
    surroundings = Surroundings(hint, notebook=notebook, invitation_id=invitation.id, ways_back=ways_back)
    return surroundings, ReplyWindow(invitation, notebook)


def _limits(settings: Settings) -> CallLimits:
    """Whom Batea calls, how often, and at which hours."""
    hours, most = CallHours(settings.call_hours), settings.unasked_per_week
    return CallLimits(settings.calls, settings.calls_per_day, partial(may_call, settings), hours=hours, most_a_week=most)

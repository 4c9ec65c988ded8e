"""Puts together for `wiring` what people record."""

from __future__ import annotations

from bot.settings import Settings
from bot.voice.languages import HeardLanguages
from bot.voice.shelf import Shelf


def heard_languages(settings: Settings) -> HeardLanguages:
    """What somebody has recorded, by language."""
    return HeardLanguages(settings.audio_dir, Shelf(settings.data_dir / "recordings"))

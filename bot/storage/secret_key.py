"""The key that hides who is who, and the folder that it may be kept in."""

from __future__ import annotations

import secrets
from pathlib import Path

from bot.domain.errors import ConfigurationError
from bot.settings import Settings


def secret_key(settings: Settings, *, make: bool) -> str:
    """The key that hides who is who: the setting, else the one kept in the data folder, else (`make`) a new one there.

    Raises ConfigurationError where there is none.
    """
    if settings.secret_key:
        return settings.secret_key
    file = settings.data_dir / "secret.key"
    if file.is_file():
        return file.read_text("utf-8").strip()
    if not make:
        raise ConfigurationError("BATEA_SECRET_KEY is not set: make one with: openssl rand -base64 32 (or try BATEA_DEMO=1)")
    make_folder(settings.data_dir)
    key = secrets.token_urlsafe(32)
    file.touch(mode=0o600)
    file.write_text(key + "\n", "utf-8")
    return key


def make_folder(folder: Path) -> None:
    """Make a folder. Raises ConfigurationError, saying what to do, where that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be written to ({error.strerror}): set BATEA_DATA_DIR to a folder of your own"
        ) from error

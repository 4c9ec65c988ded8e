"""A broadcast as the options of a command describe it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.domain.errors import UsageError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from collections.abc import Callable

    from bot.outreach.composing import Wish
    from bot.settings import Settings

PURPOSES: Final = ("service", "urgent", "promotional", "chosen")
_MOST_BYTES: Final = 16 * 1024 * 1024


class Given:
    """The options of a wish, as they were written."""

    def __init__(
        self,
        to: str,
        text: str,
        template: str,
        variables: list[str],
        voice: Path | None,
        at: str,
        expires: str,
        budget: int | None,
        spread_min: int,
        purpose: str,
        failed_of: str,
        title: str = "",
        practice: bool = False,
    ) -> None:
        if bool(to.strip()) == bool(failed_of.strip()):
            raise UsageError("say who gets it: --to EXPR, or --failed-of ID")
        if purpose not in PURPOSES:
            raise UsageError(f"{purpose!r} is no purpose: use one of {', '.join(PURPOSES)}")
        self.voice = voice
        self._facts: dict[str, Any] = {
            "to": to,
            "text": text,
            "title": title,
            "template": template,
            "variables": dict(_variable(one) for one in variables),
            "spread_s": spread_min * 60,
            "budget": budget,
            "practice": practice,
            "retry_of": failed_of.strip(),
        }
        self._times = {"at": at, "expires": expires}
        self._purpose = purpose

    def wish(self, settings: Settings, record: Callable[[bytes], str]) -> Wish:
        """The wish, its voice note kept. Raises UsageError."""
        from bot.domain.message import Purpose  # noqa: PLC0415
        from bot.outreach.composing import Wish, recorded  # noqa: PLC0415

        times: dict[str, Any] = {name: _moment(given, settings.timezone) for name, given in self._times.items()}
        key = recorded(record, _sound(self.voice)) if self.voice else ""
        return Wish(**self._facts, **times, purpose=Purpose(self._purpose), voice=key)


def _variable(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{given!r} fills no slot: write NAME=VALUE")
    return name.strip(), value.strip()


def _moment(given: str, timezone: str) -> datetime | None:
    """A moment, in the programme's time where it names none; after `+`, so many minutes, hours or days from now."""
    text = given.strip()
    if not text:
        return None
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    if text[0] == "+" and text[1:-1].isdecimal() and text[-1] in units:
        return datetime.now(ZoneInfo(timezone)) + int(text[1:-1][:6]) * units[text[-1]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{given!r} is no time: write 2026-12-01T15:00, or +2h") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _sound(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} is too big: 16 MB at most")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): name a sound file") from error

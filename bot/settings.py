"""Every setting, read from the environment here and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.errors import ConfigurationError
from bot.domain.unasked import MOST_A_WEEK

PREFIX: Final = "BATEA_"
_PACKAGE: Final = Path(__file__).resolve().parent
_MOST_DIGITS: Final = 6
_MOST_MONEY_DIGITS: Final = 10
# Source: channels.md (read November 2026): WhatsApp about 80 a second a number, Telegram about 30 in all; the others [?].
RATES: Final[Mapping[str, float]] = {"sms": 10.0, "whatsapp": 80.0, "telegram": 30.0, "call": 1.0}
_RATE: Final = re.compile(r"\d{1,5}(?:\.\d{1,3})?", re.ASCII)
_MOMENT: Final = r"([01]?\d|2[0-3])(?::([0-5]\d))?"
_HOURS: Final = re.compile(rf"{_MOMENT}\s*-\s*{_MOMENT}", re.ASCII)
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Senders:
    """Our own numbers at Twilio, E.164, by country; '' where there is none. The empty country is the default."""

    sms: Mapping[str, str]
    voice: Mapping[str, str]
    whatsapp: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of design.md, section 4. Secrets never show in `repr`.

    `calls` says what becomes of somebody who rings: she is called back, answered, or neither; `calls_per_day` bounds all calls
    together, `call_minutes` each one; `call_hours` are those of a country, in which people are called or written to unasked,
    `unasked_per_week` how often that may be. `rates` are messages a second by channel, `whatsapp_tier` conversations a day
    outside its window, 0 without limit. Broadcasts to more than `approve_people`, or dearer than `approve_cop` pesos, need a
    second person; `month_cop` pesos is what a month may cost, 0 without cap.
    """

    database_url: str
    data_dir: Path
    public_url: str
    secret_key: str
    demo: bool
    serve_drafts: bool
    nlu: str
    rasa_url: str
    tts: str
    asr: str
    asr_model: str
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_api_url: str
    twilio_say_voice: str
    senders: Senders
    calls: str
    calls_per_day: int
    call_minutes: int
    call_hours: Mapping[str, tuple[time, time]]
    unasked_per_week: int
    rates: Mapping[str, float]
    whatsapp_tier: int
    approve_people: int
    approve_cop: int
    month_cop: int
    telegram_token: str
    telegram_api_url: str
    telegram_webhook_secret: str
    timezone: str
    content_dir: Path
    intents_dir: Path
    audio_dir: Path

    def __repr__(self) -> str:
        """Only what is no secret."""
        return f"Settings(data_dir={self.data_dir}, demo={self.demo}, nlu={self.nlu}, tts={self.tts})"

    @property
    def telephones(self) -> bool:
        """Whether there are calls at all: answered, or called back from a number of ours."""
        return self.calls == "answer" or (self.calls == "callback" and any(self.senders.voice.values()))

    @property
    def drafts_served(self) -> bool:
        """Whether unsigned modules are shown: in a demonstration, or where somebody asked for it."""
        return self.demo or self.serve_drafts


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(PREFIX + name, "").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ConfigurationError(f"{PREFIX}{name} is {value!r}: write 1 or 0")


def _count(environ: Mapping[str, str], name: str, default: int, most_digits: int = _MOST_DIGITS) -> int:
    value = environ.get(PREFIX + name, "").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) <= most_digits):
        raise ConfigurationError(f"{PREFIX}{name} is {value!r}: write a number such as {default}")
    return int(value)


def _rates(environ: Mapping[str, str]) -> dict[str, float]:
    """Messages a second by channel, e.g. `sms=10,whatsapp=80`; 0: no limit of ours."""
    rates, given = dict(RATES), environ.get(PREFIX + "RATES", "").strip()
    for part in filter(None, (one.strip() for one in given.split(","))):
        name, _, number = (one.strip() for one in part.partition("="))
        if name not in RATES or not _RATE.fullmatch(number):
            raise ConfigurationError(f"{PREFIX}RATES is {given!r}: write messages a second, such as sms=10,whatsapp=80")
        rates[name] = float(number)
    return rates


def _hours(environ: Mapping[str, str], name: str) -> tuple[time, time]:
    value = environ.get(PREFIX + name, "").strip() or "07-20"
    found = _HOURS.fullmatch(value)
    moments = [time(int(hour), int(minute or 0)) for hour, minute in (found.group(1, 2), found.group(3, 4))] if found else []
    if not moments or moments[0] >= moments[1]:
        raise ConfigurationError(f"{PREFIX}{name} is {value!r}: write from when to when, such as 07-20 or 07:30-19:00")
    return moments[0], moments[1]


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(PREFIX + name, "").strip().lower() or allowed[0]
    if value not in allowed:
        raise ConfigurationError(f"{PREFIX}{name} is {value!r}: use one of {', '.join(allowed)}")
    return value


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(f"{PREFIX}TIMEZONE is {name!r}: use a name such as America/Bogota or America/Lima") from None
    return name


def _numbers(environ: Mapping[str, str], kind: str) -> dict[str, str]:
    names = {"": f"TWILIO_{kind}_FROM", "CO": f"TWILIO_{kind}_FROM_CO", "PE": f"TWILIO_{kind}_FROM_PE"}
    return {country: environ.get(PREFIX + name, "").strip() for country, name in names.items()}


def _data_folder(environ: Mapping[str, str], name: str) -> Path:
    """The folder a setting names, else the checkout's, else the copy that the wheel carries."""
    override = environ.get(f"{PREFIX}{name.upper()}_DIR", "").strip()
    if override:
        folder = Path(override).expanduser()
        if not folder.is_dir():
            raise ConfigurationError(f"{PREFIX}{name.upper()}_DIR: there is no folder {folder}")
        return folder
    checkout = _PACKAGE.parent / name
    carried = _PACKAGE / "_data" / name
    return carried if carried.is_dir() else checkout


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises ConfigurationError, in one line, for a value that cannot be used."""
    env = os.environ if environ is None else environ

    def text(name: str, default: str = "") -> str:
        return env.get(PREFIX + name, "").strip() or default

    data_dir = Path(text("DATA_DIR", "var")).expanduser()
    return Settings(
        database_url=text("DATABASE_URL", f"sqlite:///{data_dir / 'batea.db'}"),
        data_dir=data_dir,
        public_url=text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        secret_key=text("SECRET_KEY"),
        demo=_flag(env, "DEMO"),
        serve_drafts=_flag(env, "SERVE_DRAFTS"),
        nlu=_choice(env, "NLU", ("embedded", "rasa")),
        rasa_url=text("RASA_URL", "http://127.0.0.1:5005").rstrip("/"),
        tts=_choice(env, "TTS", ("auto", "pico", "espeak", "gtts", "off")),
        asr=_choice(env, "ASR", ("auto", "off")),
        asr_model=text("ASR_MODEL"),
        twilio_account_sid=text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=text("TWILIO_AUTH_TOKEN"),
        twilio_api_url=text("TWILIO_API_URL").rstrip("/"),
        twilio_say_voice=text("TWILIO_SAY_VOICE", "Polly.Mia-Neural"),
        senders=Senders(sms=_numbers(env, "SMS"), voice=_numbers(env, "VOICE"), whatsapp=_numbers(env, "WHATSAPP")),
        calls=_choice(env, "CALLS", ("callback", "answer", "off")),
        calls_per_day=_count(env, "CALLS_PER_DAY", 300),
        call_minutes=_count(env, "CALL_MINUTES", 15),
        call_hours={country: _hours(env, f"CALL_HOURS_{country}") for country in ("CO", "PE")},
        unasked_per_week=_count(env, "UNASKED_PER_WEEK", MOST_A_WEEK),
        rates=_rates(env),
        whatsapp_tier=_count(env, "WHATSAPP_TIER", 250),
        approve_people=_count(env, "APPROVE_PEOPLE", 200),
        approve_cop=_count(env, "APPROVE_COP", 100_000, _MOST_MONEY_DIGITS),
        month_cop=_count(env, "MONTH_COP", 0, _MOST_MONEY_DIGITS),
        telegram_token=text("TELEGRAM_TOKEN"),
        telegram_api_url=text("TELEGRAM_API_URL").rstrip("/"),
        telegram_webhook_secret=text("TELEGRAM_WEBHOOK_SECRET"),
        timezone=_timezone(text("TIMEZONE", "America/Bogota")),
        content_dir=_data_folder(env, "content"),
        intents_dir=_data_folder(env, "intents"),
        audio_dir=_data_folder(env, "audio"),
    )

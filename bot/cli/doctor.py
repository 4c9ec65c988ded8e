"""`batea doctor`: what is wrong with this installation, one line each."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from bot.domain.errors import BateaError, ConfigurationError
from bot.domain.unasked import WEEK, Kept

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.settings import Settings

ENOUGH_DISK_BYTES = 500_000_000
# Source: https://core.telegram.org/bots/api#setwebhook (channels.md, read November 2026).
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


# What `SenderConfigurationError` says beside the codes of Twilio.
_OUR_FAULTS = {
    "401": "ask BotFather for the token and set BATEA_TELEGRAM_TOKEN",
    "credentials": "set BATEA_TWILIO_ACCOUNT_SID and BATEA_TWILIO_AUTH_TOKEN, or BATEA_TELEGRAM_TOKEN",
    "sender": "set BATEA_TWILIO_SMS_FROM or BATEA_TWILIO_WHATSAPP_FROM",
    "url": "BATEA_TWILIO_API_URL is no address",
}
_KEPT_BACK = {
    Kept.WEEK_FULL: "the week of the person was full (BATEA_UNASKED_PER_WEEK)",
    Kept.OUT_OF_HOURS: "it would have been late by the next hour at which people may be written to or called",
}


def doctor() -> None:
    """Check settings, key, database, content, voice and channels; exit code 1 where something must be mended."""
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    broken = False
    for name, checkup in CHECKUPS.items():
        try:
            findings = list(checkup(settings))
        except BateaError as error:
            findings = [f"BROKEN {error}"]
        for finding in findings or ["ok"]:
            broken |= finding.startswith("BROKEN")
            typer.echo(f"{name}: {finding}")
    if broken:
        raise typer.Exit(1)


def _key(settings: Settings) -> Iterator[str]:
    from bot.storage.secret_key import secret_key  # noqa: PLC0415
    from bot.storage.vault import Vault  # noqa: PLC0415

    Vault(secret_key(settings, make=False))
    if settings.demo:
        yield "DEMO=1: the simulator is open to whoever reaches this port; never so with real people"


def _database(settings: Settings) -> Iterator[str]:
    from bot import wiring  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415
    from bot.storage.rotation import survey  # noqa: PLC0415
    from bot.storage.secret_key import secret_key  # noqa: PLC0415
    from bot.storage.vault import secrets_in  # noqa: PLC0415

    revision = schema.current(settings.database_url)
    if revision != schema.HEAD:
        yield f"BROKEN the schema is {revision or 'missing'}: run batea db upgrade"
        return
    # Opening proves that the key is the one it was made with; of one that is none `key` has told.
    with contextlib.suppress(ConfigurationError), wiring.database(settings) as store:
        several = len(secrets_in(secret_key(settings, make=False)))
        if several == 1:
            return
        found = survey(store)
        if found.unreadable:
            yield f"BROKEN {found.unreadable} values open with no key of BATEA_SECRET_KEY: put the one they were sealed with back"
        if found.old:
            yield f"{found.old} of {found.values} values are sealed with an old key: run batea keys rotate"
        elif not found.unreadable:
            yield f"all {found.values} values are sealed with the first of {several} keys: the others may be taken away"


def _sending(settings: Settings) -> Iterator[str]:
    from bot import wiring  # noqa: PLC0415
    from bot.channels.twilio_errors import CONFIGURATION  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415

    if schema.current(settings.database_url) != schema.HEAD:
        return
    with contextlib.suppress(ConfigurationError), wiring.database(settings) as store:
        refused = store.submit(lambda uow: uow.outbox.refused()).result()
        for code, count in sorted(refused.items()):
            waiting = "1 message waits" if count == 1 else f"{count} messages wait"
            if code in CONFIGURATION:
                mend = f"mend what https://www.twilio.com/docs/api/errors/{code} says"
            elif code in _OUR_FAULTS:
                mend = _OUR_FAULTS[code]
            else:
                continue
            yield f"BROKEN {waiting}, refused for our own set-up: {mend}; within a day they still leave by themselves"
        now = datetime.now(UTC)
        kept = store.submit(lambda uow: uow.unasked.refused(now - WEEK)).result()
        for why, count in sorted(kept.items()):
            yield f"of what nobody asked for, {count} in the last seven days not sent: {_KEPT_BACK[Kept(why)]}"


def _disk(settings: Settings) -> Iterator[str]:
    from bot.storage.secret_key import make_folder  # noqa: PLC0415

    make_folder(settings.data_dir)
    free = shutil.disk_usage(settings.data_dir).free
    if free < ENOUGH_DISK_BYTES:
        yield f"BROKEN only {free // 1_000_000} MB are free in {settings.data_dir}: make room"


def _content(settings: Settings) -> Iterator[str]:
    from bot.lessons.check import check  # noqa: PLC0415

    report = check(settings.content_dir, today=datetime.now(UTC).date())
    for problem in report.problems:
        yield f"BROKEN {problem.file}:{problem.line}: {problem.text}"
    if not settings.drafts_served and not any(module.status == "signed" for module in report.modules):
        yield "no module is signed, so no lesson is served: have one signed, or set BATEA_SERVE_DRAFTS=1"


def _voice(settings: Settings) -> Iterator[str]:
    from bot.voice.engines import choose_voices  # noqa: PLC0415

    voices = choose_voices(settings.tts)
    if settings.tts != "off" and not voices.local:
        yield "BROKEN no voice engine works here: run make setup"
    for speaker in voices.local:
        speaker.close()


def _listening(settings: Settings) -> Iterator[str]:
    from bot.voice.listening.opening import why_deaf  # noqa: PLC0415

    reason = why_deaf(settings.asr, settings.asr_model, settings.data_dir)
    if reason:
        yield reason


def _twilio(settings: Settings) -> Iterator[str]:
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        yield "not set up: set BATEA_TWILIO_ACCOUNT_SID and BATEA_TWILIO_AUTH_TOKEN for SMS, WhatsApp and calls"
        return
    if not any(settings.senders.sms.values()) and not any(settings.senders.whatsapp.values()):
        yield "BROKEN there is no number to send from: set BATEA_TWILIO_SMS_FROM or BATEA_TWILIO_WHATSAPP_FROM"
    yield from _reachable(settings)
    from bot.channels.checkup import examine_twilio  # noqa: PLC0415

    for finding in examine_twilio(settings, datetime.now(UTC)):
        yield f"BROKEN {finding}"


def _prices(settings: Settings) -> Iterator[str]:
    from bot import wiring_broadcasts  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.outreach.spending import WARNS_AT  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415

    if schema.current(settings.database_url) != schema.HEAD:
        return
    now = SystemClock().now()
    with contextlib.suppress(ConfigurationError), wiring_broadcasts.for_command(settings) as (store, broadcasts, _):
        used = broadcasts.pricing.prices.used((), now.date())
        spent, cap = store.look(lambda uow: broadcasts.desk.month(uow, now)).result()
        if used.out_of_date:
            yield f"BROKEN {len(used.out_of_date)} are out of date, such as {used.out_of_date[0]}: edit content/prices.yml"
        yield f"as of {used.as_of.isoformat()}, {len(used.estimates)} of them estimated"
        if cap and spent >= WARNS_AT * cap:
            yield f"BROKEN this month has cost {100 * spent // cap} % of its cap: broadcasts pause at 100 % (BATEA_MONTH_COP)"


def _whatsapp(settings: Settings) -> Iterator[str]:
    if not (settings.twilio_account_sid and settings.twilio_auth_token and any(settings.senders.whatsapp.values())):
        yield "not set up: set BATEA_TWILIO_WHATSAPP_FROM beside Twilio's account"
        return
    from bot import wiring  # noqa: PLC0415
    from bot.channels.checkup import examine_templates  # noqa: PLC0415

    for broken, finding in examine_templates(settings, wiring.content_templates(settings)):
        yield f"BROKEN {finding}" if broken else finding


def _telegram(settings: Settings) -> Iterator[str]:
    if not settings.telegram_token:
        yield "not set up: set BATEA_TELEGRAM_TOKEN"
        return
    if settings.public_url.startswith("https://") and not settings.telegram_webhook_secret:
        yield "BROKEN set BATEA_TELEGRAM_WEBHOOK_SECRET to a long random word: no update is believed without"
    if settings.telegram_webhook_secret and not _SECRET.fullmatch(settings.telegram_webhook_secret):
        yield "BROKEN BATEA_TELEGRAM_WEBHOOK_SECRET may hold only letters, digits, - and _, 256 at most: openssl rand -hex 32"
    from bot.channels.checkup import examine_telegram  # noqa: PLC0415

    for finding in examine_telegram(settings, datetime.now(UTC)):
        yield f"BROKEN {finding}"


def _reachable(settings: Settings) -> Iterator[str]:
    if not settings.public_url.startswith("https://"):
        yield f"BROKEN {settings.public_url} cannot be called by Twilio: set BATEA_PUBLIC_URL to the public https address"


CHECKUPS: dict[str, Callable[[Settings], Iterator[str]]] = {
    "key": _key,
    "database": _database,
    "sending": _sending,
    "disk": _disk,
    "content": _content,
    "voice": _voice,
    "listening": _listening,
    "twilio": _twilio,
    "whatsapp": _whatsapp,
    "prices": _prices,
    "telegram": _telegram,
}

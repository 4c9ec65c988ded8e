"""`batea channels`: what is set up, and what Twilio keeps for WhatsApp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.domain.errors import ConfigurationError, SendError

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.channels.content_sync import Synced
    from bot.settings import Settings

app = typer.Typer(help="See what is set up; make WhatsApp's buttons, lists and invitation at Twilio.", no_args_is_help=True)


@app.command(name="list")
def list_() -> None:
    """List the channels, and which of WhatsApp's templates Twilio has."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load()
    for name, senders in _senders(settings).items():
        typer.echo(f"{name}\t{senders or 'not set up'}")
    wanted = wiring.content_templates(settings)
    if not settings.twilio_account_sid:
        return
    shelf = wiring.open_content_shelf(settings)
    try:
        for found in shelf.look(wanted):
            typer.echo(_line(found, "missing: run batea channels sync"))
    except SendError as error:
        raise ConfigurationError(f"Twilio's templates cannot be listed ({error.code}): {error}") from error
    finally:
        shelf.close()


@app.command()
def sync() -> None:
    """Make what `content/templates.yml` lists and Twilio lacks; running it again changes nothing."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415
    from bot.storage.secret_key import make_folder  # noqa: PLC0415

    settings = load()
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        raise ConfigurationError("set BATEA_TWILIO_ACCOUNT_SID and BATEA_TWILIO_AUTH_TOKEN to make WhatsApp's templates")
    make_folder(settings.data_dir)
    shelf = wiring.open_content_shelf(settings)
    try:
        for synced in shelf.sync(wiring.content_templates(settings)):
            typer.echo(_line(synced, "") + ("\tmade" if synced.made else ""))
    except SendError as error:
        raise ConfigurationError(f"Twilio did not take a template ({error.code}): {error}; run this again") from error
    finally:
        shelf.close()


def _senders(settings: Settings) -> dict[str, str]:
    """What each channel speaks through, '' where it is not set up."""
    twilio = {"sms": settings.senders.sms, "whatsapp": settings.senders.whatsapp, "call": settings.senders.voice}
    ready = settings.twilio_account_sid and settings.twilio_auth_token
    named = {
        name: " ".join(f"{country + ':' if country else ''}{number}" for country, number in numbers.items() if number)
        for name, numbers in twilio.items()
    }
    telegram = "bot" if settings.telegram_token else ""
    return {**{name: numbers if ready else "" for name, numbers in named.items()}, "telegram": telegram}


def _line(synced: Synced, missing: str) -> str:
    approval = f"\t{synced.approval}" if synced.approval else ""
    return f"whatsapp template\t{synced.template.key}\t{synced.template.name}\t{synced.sid or missing}{approval}"

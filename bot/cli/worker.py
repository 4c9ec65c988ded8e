"""`batea worker`: one more process that sends broadcasts, on PostgreSQL."""

from __future__ import annotations

import os
import signal
import sys

import typer

from bot.domain.errors import ConfigurationError


def worker() -> None:
    """Send broadcasts beside `batea serve`, on PostgreSQL; as many of these as are needed, on any machine.

    Each has the first name that is free, the same after a restart, and takes over what others had begun that are gone.
    """
    from bot import telemetry, wiring  # noqa: PLC0415 - `batea --help` needs none of this
    from bot.settings import load  # noqa: PLC0415 - likewise

    settings = load()
    if settings.database_url.startswith("sqlite"):
        raise ConfigurationError(
            "an SQLite file is for one process, and `batea serve` sends its broadcasts: set BATEA_DATABASE_URL to PostgreSQL"
        )
    telemetry.start_logging()
    sending, engine = wiring.build_worker(settings)

    def stop(*_: object) -> None:
        engine.ask_to_stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    engine.start()
    typer.echo(f"Batea sends broadcasts as {engine.worker}", err=True)
    engine.wait()
    engine.hold()
    sending.sender.finish()
    engine.stop()
    sending.close()
    # Threads that a vendor keeps waiting have nothing in hand any more.
    sys.stderr.flush()
    os._exit(0)

"""`batea serve`: webhooks, the simulator with DEMO=1, and the sweep of what did not leave."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from bot.domain.errors import ConfigurationError, UsageError

HIGHEST_PORT = 65535
# Longer than proxies keep an idle connection (nginx: 60 s): closed from our side it would now and then meet a webhook half way.
KEEP_ALIVE_S = 75
# A request that takes longer must not keep a process from ending.
FINISHES_WITHIN_S = 3


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the webhooks (and, with BATEA_DEMO=1, the simulator)."""
    if not 0 <= port <= HIGHEST_PORT:
        raise UsageError(f"--port {port} is no port: use a number from 0 to {HIGHEST_PORT}")
    listener = _listen(host, port)

    # Imported late: `batea --help` needs none of this.
    import uvicorn  # noqa: PLC0415

    with listener:
        # By name: one face does not import the other.
        config = uvicorn.Config(
            "bot.web.app:serving",
            factory=True,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=FINISHES_WITHIN_S,
        )
        config.load()
        bound = listener.getsockname()
        typer.echo(f"Batea listens on http://{bound[0]}:{bound[1]}", err=True)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow starts, so that a taken one is told at once."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise ConfigurationError(f"{host} is no address of this machine: use --host 127.0.0.1 ({error.strerror})") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        other = port + 1 if port else 8000
        raise ConfigurationError(
            f"port {port} is taken or not allowed: stop the other program, or use: batea serve --port {other}"
        ) from error
    return listener

"""The limit: a signed webhook that writes one row. Same web stack, same signature check, same durable group commit, no bot."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bench.conversation import AUTH_TOKEN, PATH, PUBLIC_URL
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault


def build(database_url: str, folder: Path) -> Starlette:
    """One route, one table."""
    schema.upgrade(database_url)
    store = open_store(database_url, Vault("of-the-benchmark-and-long-enough"), RoundKeyFiles(folder))
    made = text("CREATE TABLE bare_message (sid VARCHAR(64) PRIMARY KEY, sender TEXT, body TEXT)")
    insert = text("INSERT INTO bare_message VALUES (:sid, :sender, :body) ON CONFLICT DO NOTHING")
    validator = RequestValidator(AUTH_TOKEN)

    def run(statement: Any, values: dict[str, Any] | None = None) -> Any:
        return store.submit(lambda uow: uow.people._tx.run(statement, values))  # type: ignore[attr-defined]  # noqa: SLF001

    run(made).result()

    async def take(request: Request) -> Response:
        form = await request.form()
        if not validator.validate(PUBLIC_URL + PATH, form, request.headers.get("x-twilio-signature", "")):
            return Response(status_code=403)
        row = {"sid": form["MessageSid"], "sender": form["From"], "body": form["Body"]}
        await asyncio.wrap_future(run(insert, row))
        return Response(status_code=204)

    async def ready(_: Request) -> Response:
        return Response(status_code=200)

    return Starlette(routes=[Route(PATH, take, methods=["POST"]), Route("/readyz", ready)])


if __name__ == "__main__":
    url, port = sys.argv[1], int(sys.argv[2])
    app = build(url, Path(sys.argv[3]))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False)

"""Webhooks that nobody would send, against the running application: never a 5xx, and nothing happens without a signature."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from channels.captured import captured
from channels.form_of import signed_headers
from channels.mutation import spoilt
from channels.requests_made import FORM
from standins.server import Server
from standins.signing import TELEGRAM_SECRET

FORMS = ("/webhooks/twilio/messages", "/webhooks/twilio/status")
SOAK_S = 120
TABLES = ("person", "message", "delivery_seen", "address")


def rows(server: Server) -> list[int]:
    with closing(sqlite3.connect(f"file:{server.folder / 'data' / 'batea.db'}?mode=ro", uri=True)) as database:
        return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]


def originals() -> Iterator[tuple[str, bytes]]:
    """Genuine webhooks to spoil."""
    for number, text in enumerate(("hola", "2", "BAJA", "que es el azogue", "")):
        fields = {"MessageSid": f"SM{number:032d}", "From": "+573001112222", "To": "+15005550006", "Body": text, "NumMedia": "0"}
        yield FORMS[0], urlencode(fields).encode()
        yield FORMS[0], urlencode({**fields, "From": "whatsapp:+573001112222", "To": "whatsapp:+15005550007"}).encode()
    yield FORMS[1], urlencode({"MessageSid": "SM" + "1" * 32, "MessageStatus": "failed", "ErrorCode": "63016"}).encode()
    for one in captured("telegram_updates")["cases"][:20]:
        yield "/webhooks/telegram", json.dumps(one["update"]).encode()


def mutants(seed: int, each: int) -> Iterator[tuple[str, bytes]]:
    for path, body in originals():
        for spoiled in spoilt(body, b"," if path.endswith("telegram") else b"&", seed, each):
            yield path, spoiled


def headers(path: str, body: bytes) -> dict[str, str]:
    """What the vendor would send with it."""
    if path.endswith("telegram"):
        return {"content-type": "application/json", "x-telegram-bot-api-secret-token": TELEGRAM_SECRET}
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=500)
    return {"content-type": FORM, **signed_headers(path, pairs)}


def post(server: Server, path: str, body: bytes, with_headers: dict[str, str]) -> int:
    return server.request(path, body, with_headers)[0]


def test_without_a_signature_nothing_happens(server: Server) -> None:
    before = rows(server)
    forged = [{}, {"x-twilio-signature": "A" * 28}, {"x-telegram-bot-api-secret-token": "wrong"}]
    for number, (path, body) in enumerate(mutants(11, 6)):
        kind = {"content-type": "application/json" if path.endswith("telegram") else FORM}
        assert post(server, path, body, {**kind, **forged[number % 3]}) == 403
    assert rows(server) == before


def test_a_spoilt_webhook_is_never_an_error_of_ours(server: Server) -> None:
    seen = {post(server, path, body, headers(path, body)) for path, body in mutants(7, 8)}
    assert seen <= {200, 204, 403, 413}
    assert 204 in seen


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_two_minutes_of_spoilt_webhooks_leave_the_memory_flat(server: Server) -> None:
    end, sizes, number = time.monotonic() + SOAK_S, [], 0
    while time.monotonic() < end:
        for path, body in mutants(random.Random(number).randrange(2**32), 20):
            assert post(server, path, body, headers(path, body)) in {200, 204, 403, 413}
        number += 1
        sizes.append(int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4096)
    settled = sizes[len(sizes) // 3 :]
    assert settled[-1] - settled[0] < 60_000_000, sizes

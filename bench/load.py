"""The load: HTTP/1.1 over connections that stay open, as cheap as can be, because it shares the machine with what it measures."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_ACCEPTED: Final = frozenset({200, 204})


@dataclass(slots=True)
class Outcome:
    """`seconds` from the moment a request was due to its answer; `took_s` the whole; `refused` counts all but 200 and 204."""

    took_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.took_s

    def percentile_ms(self, share: float) -> float:
        """The time in milliseconds that a share (0 to 1) of the requests did not exceed."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Wire(asyncio.Protocol):
    """One connection, one request at a time; opened again where the server closed it between two requests (RFC 9112, 9.3.1)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP connection has
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = _LENGTH.search(head)
        if length and len(body) < int(length[1]):
            return
        self._buffer = b""
        if self._answer and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._buffer = b""
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    async def ask(self, request: bytes) -> int:
        """The status of the answer. Raises a ConnectionError where the server is gone."""
        try:
            return await self._ask(request)
        except ConnectionError:
            # A webhook may come twice: it carries its idempotency token.
            return await self._ask(request)

    async def _ask(self, request: bytes) -> int:
        if self._transport is None:
            await self.open()
        assert self._transport  # noqa: S101 - open() has set it
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    async def open(self) -> None:
        """Connect. Raises a ConnectionError where nobody listens."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def _wires(port: int, count: int) -> list[_Wire]:
    wires = [_Wire(port) for _ in range(count)]
    for wire in wires:
        await wire.open()
    return wires


async def flat_out(port: int, requests: Iterable[bytes], *, connections: int) -> Outcome:
    """As fast as the server answers: every connection sends its next request when it has the answer to its last."""
    outcome = Outcome()
    wires = await _wires(port, connections)
    waiting = iter(requests)
    started = time.perf_counter()
    await asyncio.gather(*(_one_after_the_other(wire, waiting, outcome) for wire in wires))
    outcome.took_s = time.perf_counter() - started
    for wire in wires:
        wire.close()
    return outcome


async def _one_after_the_other(wire: _Wire, requests: Iterator[bytes], outcome: Outcome) -> None:
    for request in requests:
        due = time.perf_counter()
        status = await wire.ask(request)
        outcome.seconds.append(time.perf_counter() - due)
        outcome.refused += status not in _ACCEPTED


async def at_rate(port: int, requests: Sequence[bytes], *, per_s: float, connections: int = 64) -> Outcome:
    """At a fixed rate, whatever the server does: a request that is late to leave has waited since it was due."""
    outcome = Outcome()
    free: asyncio.Queue[_Wire] = asyncio.Queue()
    for wire in await _wires(port, connections):
        free.put_nowait(wire)
    began = time.perf_counter() + 0.05
    under_way: set[asyncio.Task[None]] = set()

    async def one(request: bytes, due: float) -> None:
        wire = await free.get()
        status = await wire.ask(request)
        outcome.seconds.append(time.perf_counter() - due)
        outcome.refused += status not in _ACCEPTED
        free.put_nowait(wire)

    for number, request in enumerate(requests):
        due = began + number / per_s
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(request, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    outcome.took_s = time.perf_counter() - began
    while not free.empty():
        free.get_nowait().close()
    return outcome

"""`batea serve`, a process of its own, by telephone: whole modules with nothing but a keypad, across calls and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL
from standins.telephone import OURS, Handset
from standins.vendor import Vendor

from bot.domain.message import InboundKind
from bot.domain.person import Country

PREFIXES = {Country.CO: "+5730055502", Country.PE: "+519555502"}
LONGEST_WALK = 400


@pytest.fixture
def server(tmp_path: Path, exchange: Vendor) -> Iterator[Server]:
    running = Server(
        tmp_path / "server",
        DEMO="1",
        PUBLIC_URL=PUBLIC_URL,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        TWILIO_API_URL=exchange.url,
        TWILIO_VOICE_FROM=OURS,
    )
    yield running.start()
    running.stop()


def test_serve_calls_back_and_goes_on_after_a_restart(server: Server, exchange: Vendor) -> None:
    handset = Handset(server.url, exchange, "+573005550299")
    assert handset.ring().find("Reject") is not None
    assert handset.rung(seconds=60) is not None
    handset.pick_up()
    heard = []
    for key in ("1", "1", "1", "1", "1", "1", "1", "1"):
        handset.press(key)
        heard += handset.heard
        assert not handset.read
    assert all(one.coding == ("pcm_mulaw", 8000, 1) and one.seconds > 0.3 for one in heard)
    lesson = handset.heard[0].clip
    assert handset.ring().find("Reject") is not None
    server.kill()
    server.start()
    assert handset.rung(seconds=60) is not None, "the call was owed when the process died"
    handset.pick_up()
    handset.press("1")
    assert [one.clip for one in handset.heard] == [lesson]
    handset.hang_up()
    log = server.log.read_text()
    assert handset.number[3:] not in log
    assert handset.sid not in log


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("country", list(Country))
def test_a_whole_module_is_walked_by_keypad_alone(telephony: Any, country: Country, every: int) -> None:
    """Every fifth module, others in each country; all of them in the soak."""
    modules = telephony.batea.library.modules(country)
    for number, module in list(enumerate(modules))[list(Country).index(country) % every :: every]:
        handset = telephony.handset(f"{PREFIXES[country]}{number:02d}")
        visited = _walk(telephony, handset, country, module.id)
        steps = {f"{module.id}/{lesson.id}/{step.id}" for lesson in module.lessons for step in lesson.steps}
        quizzes = {f"{module.id}/{lesson.id}/{quiz.id}" for lesson in module.lessons for quiz in lesson.quizzes}
        assert steps | quizzes <= visited


def _walk(telephony: Any, handset: Handset, country: Country, module_id: str) -> set[str]:
    """Listen to all of a module; each document is compared with what the twin says. Gives the ids of what was heard."""
    telephony.missed_call(handset)
    handset.pick_up()
    handset.press("1")
    receipt = telephony.expected(InboundKind.ANSWERED_CALL, handset.number)
    visited: set[str] = set()
    keys = iter(("1", "1" if country is Country.CO else "2", "1", "1", "1"))
    for _ in range(LONGEST_WALK):
        assert telephony.names(handset) == telephony.clips(list(receipt.replies))
        visited |= {reply.id for reply in receipt.replies}
        choices = {choice.key: choice for choice in receipt.replies[-1].choices}
        if visited and any(reply.id == "lesson.module_finished" for reply in receipt.replies):
            return visited
        listed = receipt.replies[-1].id in {"lesson.modules", "lesson.more_modules"}
        key = next(keys, None) or _next_key(choices, module_id, listed=listed)
        handset.press(key)
        receipt = telephony.expected(InboundKind.KEY, handset.number, key=key)
    raise AssertionError(f"{module_id} has no end: {sorted(visited)[-5:]}")


def _next_key(choices: dict[str, Any], module_id: str, *, listed: bool) -> str:
    """On where it goes on, into that module where modules are listed, else the first answer."""
    wanted = (f":{module_id}", ":more") if listed else (f":{module_id}",)
    into = next((key for end in wanted for key, choice in choices.items() if choice.id.endswith(end)), None)
    return into or ("9" if "9" in choices else "1")

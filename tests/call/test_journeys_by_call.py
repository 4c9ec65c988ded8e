"""The journeys of tests/journeys by telephone: documents followed, clips fetched, decoded and recognised, keys pressed."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from standins.composed import furnish
from standins.telephone import Handset

from bot.domain.message import InboundKind
from bot.domain.turn import Receipt

JOURNEYS = Path(__file__).parents[1] / "journeys"
NUMBERS = {"CO": "+573005550101", "PE": "+51955550101"}
# What nobody can do on a call.
UNHEARD = {"voice", "media", "location", "blocked", "unblocked"}


# A code is drawn by lot, so that the twin cannot tell which is heard: tests/call/test_conversation_by_call.py types one.
BY_LOT = {"code_by_call"}
# What comes by itself rings: tests/call/test_learning_by_call.py takes those calls.
BY_ITSELF = {"practice", "drip"}


def _walkable(path: Path) -> bool:
    """With keys to press on one telephone. Those that say `not: [call]` are about words, or about what happens elsewhere."""
    journey = yaml.safe_load(path.read_text(encoding="utf-8"))
    # A facilitator's phone is given to her by staff: tests/call/test_facilitator_by_call.py takes her calls.
    return "call" not in journey.get("not", ()) and "facilitator" not in journey and path.stem not in BY_LOT | BY_ITSELF


WALKS = [path for path in sorted(JOURNEYS.glob("*.yml")) if _walkable(path)]


@pytest.mark.parametrize("path", WALKS, ids=lambda path: path.stem)
def test_journey_by_call(path: Path, telephony: Any) -> None:
    journey = yaml.safe_load(path.read_text(encoding="utf-8"))
    country = journey.get("country", "CO")
    telephony.furnish(furnish(journey.get("polls", ()), telephony.clock.now()))
    walk = Walk(telephony, telephony.handset(NUMBERS[country]))
    if journey.get("enrolled"):
        walk.call()
        for key in ("1", "1" if country == "CO" else "2", "1", "1"):
            walk.press(key)
    for number, step in enumerate(journey["steps"], 1):
        if "call" in step.get("not", ()) or "call" not in step.get("only", "call") or step.get("kind") in UNHEARD:
            continue
        if "key" in step or "kind" in step:
            walk.take(step, f"step {number}")


class Walk:
    """One person's way through a journey; the twin tells what must be heard."""

    def __init__(self, telephony: Any, handset: Handset) -> None:
        self.telephony = telephony
        self.handset = handset
        self.rung = False
        self.content = telephony.batea.library._content

    def take(self, step: dict[str, Any], where: str) -> None:
        if "withdraw" in step:
            self._withdraw(step["withdraw"])
        if "wait" in step:
            self.hang_up()
            self.telephony.pass_time(**step["wait"])
        if step.get("again"):
            before = self.handset.document
            self.handset.again()
            assert self.handset.document == before, where
            return
        if step.get("kind") == "missed_call":
            self.hang_up()
            self.telephony.missed_call(self.handset)
            self.rung = True
            return
        # Nobody stays on the telephone for days: what comes after a while begins with a call.
        called = step.get("kind") == "answered_call" or step.get("key") == "call" or "wait" in step
        receipt = self.call() if called else self.press(str(step["key"]))
        found = [reply.id for reply in receipt.replies]
        if "replies" in step:
            assert len(found) == len(step["replies"]), f"{where}: {found}"
            assert all(map(fnmatchcase, found, step["replies"])), f"{where}: {found}"
        if "state" in step:
            assert receipt.state == step["state"], where

    def call(self) -> Receipt:
        """Be called, take the call, and listen."""
        if not self.rung:
            self.hang_up()
            self.telephony.missed_call(self.handset)
        self.rung = False
        self.handset.pick_up()
        self.handset.press("1")
        return self._heard(InboundKind.ANSWERED_CALL)

    def press(self, key: str) -> Receipt:
        if self.handset.over:
            self.call()
        self.handset.press(key)
        return self._heard(InboundKind.KEY, key=key)

    def hang_up(self) -> None:
        if not self.handset.over:
            self.handset.hang_up()

    def _withdraw(self, module_ids: list[str]) -> None:
        """Have the running server, and its twin, serve all modules but these; none where `*` is withdrawn."""
        left = [folder for folder in self.content.modules if not {folder.module.entry.id, "*"} & set(module_ids)]
        library = self.telephony.batea.library
        library._content = replace(self.content, modules=tuple(left))
        library._served = {}

    def _heard(self, kind: InboundKind, **facts: str) -> Receipt:
        receipt: Receipt = self.telephony.expected(kind, self.handset.number, **facts)
        assert self.telephony.names(self.handset) == self.telephony.clips(list(receipt.replies))
        if self.handset.over:
            self.handset.hang_up()
        return receipt


def test_there_are_enough_journeys_by_call_and_each_of_them_presses_keys() -> None:
    assert len(WALKS) >= 15
    for path in WALKS:
        steps = yaml.safe_load(path.read_text(encoding="utf-8"))["steps"]
        assert any("key" in step for step in steps), path.stem

"""Whole conversations, each on every channel. On a call only keys are pressed: what has no `key` is left out there.

A step: `say` (text), `key` (what is pressed on a call instead), `button`, `kind` (voice, media, location, missed_call, ...),
`wait` ({days: 3}), `withdraw` (a module), `again` (the same delivery comes twice), `only` and `not` (channels). What must come
back: `replies` (ids in order; `*` stands for anything), `state`, `danger`, `unsafe`, `intent`, `choices` (keys), `people`
(how many persons the database holds), `labels` (of the last reply's choices), `says` (words that stand in a reply) and
`hides` (words that stand in none), `notices` (what is to be sent unasked: [address, reply id]). A journey with
`enrolled` begins at the menu; with `facilitator` (a community) staff have given her that role on this phone
(`facilitates: [community, email, PIN]` on another one, from this step on);
`desk: [meeting, deed]` with `facts` is what is done about a meeting (`announce` makes one like it, by the name `reunion`);
`learnt: {module: m1, but: [humo]}` has her finish all lessons but those;
`polls` of tests/standins/composed.py are asked in it.

`phone: [channel, address]` takes another phone, from this step on; `phone: own` the first one again. An address is a number, a
Telegram chat or `bsuid:...`; a third entry is one that the same delivery carried. `{code}` in what is said is the last code.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from standins.composed import furnish

from bot.domain.message import ChannelName, InboundKind
from bot.domain.turn import Receipt

JOURNEYS = sorted(Path(__file__).parent.glob("*.yml"))
KNOWN = {
    "say", "key", "button", "kind", "wait", "withdraw", "again", "only", "not", "replies", "state", "danger", "unsafe", "intent",
    "choices", "people", "labels", "says", "hides", "notices", "phone", "desk", "facts",
    "facilitates", "learnt",
}  # fmt: skip
STATE = re.compile(
    r"^(onboarding:\w+|menu|lesson:[\w-]+/[\w-]+/[\w-]+|quiz:[\w-]+/[\w-]+/[\w-]+|poll:\w+/\w+|meeting:[\w-]+|facilitator:\w+/\w+|clarify|human|opted_out)$"
)
ANNOUNCED = re.compile(r"marque ([06789*])")


def _read(path: Path) -> dict[str, Any]:
    journey: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return journey


WALKS = [
    pytest.param(_read(path), channel, id=f"{path.stem}-{channel.value}")
    for path in JOURNEYS
    for channel in ChannelName
    if channel.value not in _read(path).get("not", ())
]


@pytest.mark.parametrize(("journey", "channel"), WALKS)
def test_journey(journey: dict[str, Any], channel: ChannelName, phones: Any) -> None:
    phone = own = phones(channel, journey.get("country", "CO"))
    own.run(furnish(journey.get("polls", ()), own.clock.now()))
    if journey.get("enrolled"):
        _enrol(phone, journey.get("country", "CO"))
    if "facilitator" in journey:
        own.facilitates(journey["facilitator"])
    for number, step in enumerate(journey["steps"], 1):
        assert set(step) <= KNOWN, f"step {number}: unknown keys {set(step) - KNOWN}"
        if channel.value in step.get("not", ()) or channel.value not in step.get("only", channel.value):
            continue
        if "phone" in step:
            phone = own if step["phone"] == "own" else own.beside(*step["phone"])
        _before(phone, own, step)
        receipt = _send(phone, step, phone.channel)
        if receipt is None:
            continue
        _decent(receipt)
        own.learn_code(receipt)
        _expected(receipt, step, f"step {number} on {channel.value}: {step.get('say', step)!r}")
        if "notices" in step:
            _noticed(own.notices(), step["notices"])
        if "people" in step:
            assert phone.run(lambda unit: _count(unit, "person")) == step["people"]


def _before(phone: Any, own: Any, step: dict[str, Any]) -> None:
    """What happens before she says anything."""
    if "facilitates" in step:
        phone.facilitates(*step["facilitates"])
    if "wait" in step:
        phone.wait(**step["wait"])
    if "desk" in step:
        own.desk(*step["desk"], **step.get("facts", {}))
    if "learnt" in step:
        phone.learns(**step["learnt"])
    if "withdraw" in step:
        phone.library.withdrawn = frozenset(step["withdraw"])


def _noticed(found: list[tuple[str, str]], wanted: list[list[str]]) -> None:
    assert len(found) == len(wanted), found
    for notice, pattern in zip(found, wanted, strict=True):
        assert all(map(fnmatchcase, notice, pattern)), found


def _enrol(phone: Any, country: str) -> None:
    """Through the first conversation, with keys."""
    phone.send(InboundKind.ANSWERED_CALL)
    for key in ("1", "1" if country == "CO" else "2", "1", "1"):
        receipt = phone.send(InboundKind.KEY, key=key)
    assert receipt.state == "menu"


def _send(phone: Any, step: dict[str, Any], channel: ChannelName) -> Receipt | None:
    send = phone.again if step.get("again") else phone.send
    if "kind" in step:
        receipt: Receipt = send(InboundKind(step["kind"]))
    elif channel is ChannelName.CALL:
        if "key" not in step:
            return None
        receipt = send(InboundKind.ANSWERED_CALL) if step["key"] == "call" else send(InboundKind.KEY, key=str(step["key"]))
    elif "button" in step:
        receipt = send(InboundKind.BUTTON, button=step["button"])
    elif "say" in step:
        receipt = send(InboundKind.TEXT, text=step["say"].replace("{code}", phone.codes[-1] if phone.codes else ""))
    else:
        return None
    return receipt


def _decent(receipt: Receipt) -> None:
    """What holds for every reply of every turn."""
    assert STATE.match(receipt.state) or not receipt.new, receipt.state
    for reply in receipt.replies:
        assert reply.text
        assert reply.speech is not None
        assert len(reply.choices) <= 5
        assert len({choice.key for choice in reply.choices}) == len(reply.choices)
        assert all(choice.key in "0123456789*" and len(choice.id.encode("ascii")) <= 64 and choice.id for choice in reply.choices)
        assert len({*ANNOUNCED.findall(reply.text), *(c.key for c in reply.choices if c.key in "06789*")}) <= 1


def _expected(receipt: Receipt, step: dict[str, Any], where: str) -> None:
    if "replies" in step:
        found = [reply.id for reply in receipt.replies]
        assert len(found) == len(step["replies"]), f"{where}: {found}"
        assert all(map(fnmatchcase, found, step["replies"])), f"{where}: {found}"
    if "state" in step:
        assert receipt.state == step["state"], where
    if "choices" in step:
        assert "".join(choice.key for choice in receipt.replies[-1].choices) == step["choices"], where
    if "labels" in step:
        assert [choice.label for choice in receipt.replies[-1].choices] == step["labels"], where
    told = " ".join(f"{r.text} {[c.label for c in r.choices]} {r.speech.text if r.speech else ''}" for r in receipt.replies)
    assert all(word in told for word in step.get("says", ())), f"{where}: {told}"
    assert not any(word in told for word in step.get("hides", ())), f"{where}: {told}"
    understood = receipt.understood
    for fact in ("danger", "unsafe", "intent"):
        if fact in step:
            assert understood is not None, where
            assert getattr(understood, fact) == step[fact], where


def _count(unit: Any, table: str) -> int:
    return int(unit.people._tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_there_are_enough_journeys() -> None:
    assert len(JOURNEYS) >= 14

"""What is different where she listens and presses keys: the words, the key that leaves, the number to ring."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.conversation import State
from bot.domain.message import ChannelName, InboundKind
from bot.domain.person import Person

REPLIES = Path(__file__).parents[2] / "content" / "replies"
ROOT = Path(__file__).parents[2]
WRITING = re.compile(r"\b(escrib\w*|chat|letras|botón|dibujo|llegó vacío)\b", re.IGNORECASE)
# Said of what a facilitator goes on with on another channel.
ELSEWHERE = "por WhatsApp o Telegram"
# Only ever said in answer to what is written, sent or shown, which no caller can do; or by WhatsApp alone.
NEVER_ON_A_CALL = re.compile(
    r"^(crisis|unsafe|window|ways_back|clarify|picture)\.|^answers\.|^input\.(voice|media|emoji|empty|location|unknown_button|old_button)"
    r"|^onboarding\.(consent_leave|consent_cost|consent_who|consent_what_for|mode_simpler)|^profile\."
)


def sentences() -> dict[str, list[str]]:
    found = {}
    for path in sorted(REPLIES.glob("*.yml")):
        for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            texts = entry["text"] if isinstance(entry["text"], list) else [entry["text"]]
            found[f"{path.stem}.{key}"] = [*texts, *(choice["label"] for choice in entry.get("choices", ()))]
    return found


def test_no_sentence_of_a_call_speaks_of_writing() -> None:
    known = sentences()
    for reply_id, texts in known.items():
        if NEVER_ON_A_CALL.match(reply_id) or f"{reply_id}_call" in known:
            continue
        assert not any(WRITING.search(text) and ELSEWHERE not in text for text in texts), reply_id


# A facilitator's call offers to choose from what she would write, or to record it: more keys than the same step in a chat.
FORMS_FOR_CALLS = [
    each
    for each in sentences()
    if each.endswith("_call") and each.removesuffix("_call") in sentences() and not each.startswith("facilitator.")
]


@pytest.mark.parametrize("reply_id", FORMS_FOR_CALLS)
def test_the_form_for_calls_offers_the_same_choices(reply_id: str) -> None:
    known = {
        f"{path.stem}.{key}": [choice["id"] for choice in entry.get("choices", ())]
        for path in REPLIES.glob("*.yml")
        for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }
    assert known[reply_id] == known[reply_id.removesuffix("_call")]


def test_every_sentence_that_a_call_says_of_its_own_stands_in_the_catalogue() -> None:
    source = (ROOT / "bot" / "delivery" / "phone_talk.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"(call\.\w+)"', source))
    assert named
    assert named <= set(sentences())


def test_the_consent_that_is_kept_is_the_one_that_was_heard(stranger: Any) -> None:
    versions = set()
    for channel in (ChannelName.CALL, ChannelName.WHATSAPP):
        stranger.person, stranger.state = Person("somebody", stranger.now), State()
        stranger.around.channel = channel
        stranger.send(InboundKind.ANSWERED_CALL)
        stranger.press("1")
        versions.add(stranger.person.consent.text_version)
    assert len(versions) == 2


def test_hash_leaves_on_a_call_only(talk: Any) -> None:
    talk.around.channel = ChannelName.CALL
    assert talk.press("#") == ["call.leaving"]
    assert talk.press("3") == ["menu.main"]
    talk.around.channel = ChannelName.WHATSAPP
    assert talk.press("#") == ["input.unknown_key"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", ["menu.listen_by_call", "menu.main"]),
        ("+576040000000", ["menu.listen_by_call_to", "menu.main"]),
        (None, ["menu.main"]),
    ],
)
def test_by_sms_the_number_to_ring_is_told_where_there_is_one(talk: Any, number: str | None, said: list[str]) -> None:
    talk.around.channel = ChannelName.SMS
    talk.around.listening_number = number
    talk.engine.intents["no se leer"] = "listen_audio"
    assert talk.say("es que no se leer") == said
    assert number is None or number in talk.texts()[0] or not number

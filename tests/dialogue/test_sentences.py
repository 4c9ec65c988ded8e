"""Every sentence that the dialogue names stands in the real catalogue, for both countries and for none."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.sentences import REPLY_IDS
from bot.domain.person import Country
from bot.lessons.catalogue import Catalogue, load_catalogue

ROOT = Path(__file__).parents[2]
EXAMPLES: dict[str, Any] = {
    "lesson": "El humo que no se ve", "module": "Mercurio: proteja su casa", "agenda": "agua del río", "place": "Escuela El Hato",
    "details": "Hay comida.", "count": 12, "contact": "doña Rosa", "code": "483920", "digits": "4, 8, 3, 9, 2, 0",
    "number": "+576040000000", "question": "Ayer, ¿usó casco o guantes?", "least": 0, "most": 60,
    "ask": "Pregunte por doña Rosa.", "committee": "Comité de Gestión", "language": "quechua", "quorum": 20,
    "people": 42, "pesos": 1800, "names": "Rosa, Luz", "more": 2,
    "when": datetime(2026, 11, 28, 14, tzinfo=UTC), "before": datetime(2026, 11, 29, 14, tzinfo=UTC), "day": date(2026, 12, 5),
    "where": "Lugar: Escuela El Hato.", "offers": "Hay comida.", "what": "arreglar el filtro", "who": "la presidenta",
    "script": "Nunca queme azogue en la casa.",
}  # fmt: skip
OWN_FILES = (
    "onboarding",
    "profile",
    "menu",
    "lesson",
    "poll",
    "about",
    "meeting",
    "human",
    "optout",
    "input",
    "question",
    "clarify",
    "voice_question",
)
LONGEST = 160
LONGEST_CONSENT = 306


@pytest.fixture(scope="module")
def library() -> Catalogue:
    return load_catalogue(ROOT / "content", drafts=True, today=lambda: date(2026, 11, 23), timezone="America/Bogota")


@pytest.mark.parametrize("country", [None, *Country])
@pytest.mark.parametrize("reply_id", REPLY_IDS)
def test_the_catalogue_has_it_with_its_parameters(library: Catalogue, reply_id: str, country: Country | None) -> None:
    assert library.has(reply_id, country)
    for variant in range(3):
        reply = library.reply(reply_id, country, variant=variant, **{name: EXAMPLES[name] for name in REPLY_IDS[reply_id]})
        assert reply.text
        assert reply.speech is not None
        assert reply.speech.text
        assert len(reply.choices) <= 5
        if reply_id.partition(".")[0] in OWN_FILES:
            assert len(reply.text) <= (LONGEST_CONSENT if "consent" in reply_id else LONGEST)


def test_no_sentence_is_named_that_the_list_lacks() -> None:
    named = re.compile(rf"^({'|'.join((*OWN_FILES, 'answers'))})\.[a-z_]+(?<!_)$")
    found = {
        node.value
        for path in (ROOT / "bot" / "dialogue").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.match(node.value)
    }
    assert found <= set(REPLY_IDS)


def test_no_sentence_of_the_dialogue_lies_unused(library: Catalogue) -> None:
    own = {reply_id for reply_id in library.reply_ids() if reply_id.partition(".")[0] in OWN_FILES}
    forms = {reply_id: reply_id.removesuffix("_call").removesuffix("_simpler") for reply_id in own}
    assert {reply_id for reply_id, base in forms.items() if base not in REPLY_IDS} <= set(REPLY_IDS)


def test_what_is_asked_back_never_comes_in_one_wording_only(library: Catalogue) -> None:
    for reply_id in (
        "clarify.not_understood",
        "clarify.way_out",
        "clarify.did_you_mean",
        "answers.out_of_scope",
        "optout.way_back",
    ):
        assert library.reply(reply_id, variant=0).text != library.reply(reply_id, variant=1).text


def test_a_message_announces_at_most_one_reserved_key(library: Catalogue) -> None:
    announced = re.compile(r"marque ([06789*])")
    for reply_id in REPLY_IDS:
        reply = library.reply(reply_id, **{name: EXAMPLES[name] for name in REPLY_IDS[reply_id]})
        keys = {*announced.findall(reply.text), *(choice.key for choice in reply.choices if choice.key in "06789*")}
        assert len(keys) <= 1

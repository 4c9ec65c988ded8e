"""A small set of intents that trains in a moment, and the real rules for danger."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.nlu import danger_rules, lexicon, vocabulary
from bot.nlu.danger import Watch
from bot.nlu.spelling import Speller

ROOT = Path(__file__).resolve().parents[2]

SENTENCES = {
    "greet": ["hola", "buenas", "buenos dias", "buenas tardes", "hola que tal", "saludos", "que mas", "muy buenas"],
    "ask_mercury": [
        "el azogue hace daño",
        "es malo el mercurio",
        "que pasa si respiro el humo del azogue",
        "el mercurio enferma a los niños",
        "por que es peligroso el azogue",
        "eso que brilla y corre como agua es malo",
        "como saco oro sin mercurio",
        "el humo de la amalgama hace daño",
    ],
    "ask_next_meeting": [
        "cuando es la reunion",
        "a que hora es la asamblea",
        "donde es la proxima reunion del comite",
        "que dia nos reunimos",
        "cuando se junta el comite",
        "hay reunion el sabado",
        "la reunion de cuando es",
        "para cuando quedo la asamblea",
    ],
    "ask_fair_price": [
        "a como pagan el gramo",
        "cuanto vale el oro hoy",
        "el comprador me paga poco",
        "como se si la pesa esta buena",
        "cuanto me dan por un castellano",
        "me descuentan mucha merma",
        "que precio tiene el gramo",
        "como vendo mejor mi oro",
    ],
    "out_of_scope": [
        "quien gano el partido",
        "va a llover mañana",
        "cuenteme un chiste",
        "vendo una moto",
        "que rico el sancocho",
        "feliz cumpleaños",
        "mi novia me dejo",
        "a que hora juega nacional",
    ],
}


def make_intents(folder: Path, more: dict[str, list[str]] | None = None) -> Path:
    """A folder like `intents/`, with some sentences and the real lexicon and danger rules."""
    (folder / "es").mkdir(parents=True, exist_ok=True)
    for intent, listed in {**SENTENCES, **(more or {})}.items():
        lines = "".join(f"    - {sentence}\n" for sentence in listed)
        text = f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{lines}'
        (folder / "es" / f"{intent}.yml").write_text(text, encoding="utf-8")
    for name in ("lexicon.yml", "danger.yml"):
        shutil.copy(ROOT / "intents" / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def write_intents() -> Callable[..., Path]:
    return make_intents


@pytest.fixture
def intents_dir(tmp_path: Path) -> Path:
    return make_intents(tmp_path / "intents")


@pytest.fixture(scope="session")
def speller() -> Speller:
    known = lexicon.read(ROOT / "intents" / "lexicon.yml")
    return Speller(vocabulary.domain_words((), known.terms), vocabulary.common_words())


@pytest.fixture(scope="session")
def watch(speller: Speller) -> Watch:
    return Watch(danger_rules.read(ROOT / "intents" / "danger.yml"), speller)

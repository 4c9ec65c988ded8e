"""A conversation without database, catalogue or engine: only the turn, with stand-ins for what it asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from standins.talk import NOW, Shelf, Talk, wording

from bot.dialogue.words import Words
from bot.domain.community import CommitteeKind
from bot.domain.conversation import State
from bot.domain.meeting import Meeting
from bot.domain.person import Consent, Country, Mode, Person, Role, Sex
from bot.domain.poll import Poll, PollOption, PollRound

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def words() -> Words:
    return Words.from_mapping(yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def entries() -> dict[str, Any]:
    return {
        f"{path.stem}.{key}": entry
        for path in (CONTENT / "replies").glob("*.yml")
        for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


@pytest.fixture
def stranger(entries: dict[str, Any], words: Words) -> Talk:
    """Somebody who writes for the first time."""
    return Talk(Person("p1", NOW), Shelf(entries), words)


@pytest.fixture
def talk(stranger: Talk) -> Talk:
    """Somebody who has been welcomed long since and stands at the menu."""
    consent = Consent("v1", NOW, "whatsapp", "SM0", "programme")
    stranger.person = replace(
        stranger.person,
        country=Country.CO,
        mode=Mode.LISTEN,
        adult=True,
        consent=consent,
        community_id="taraza",
        last_seen_at=NOW,
        sex=Sex.WOMAN,
        role=Role.PANNER,
    )
    stranger.state = State(place="menu")
    return stranger


@pytest.fixture
def polled(talk: Talk) -> Talk:
    """With one running poll round."""
    options = (PollOption("nada", "Nada"), PollOption("poco", "Poco"), PollOption("no_digo", "No sé / no digo"))
    talk.shelf.polls["Q01_v1"] = Poll("Q01_v1", "Q01", wording("¿Se usó azogue?"), wording("¿Hubo azogue?"), options)
    talk.around.rounds.append(PollRound("r1", "Q01_v1", NOW - timedelta(days=1), NOW + timedelta(days=9)))
    return talk


@pytest.fixture
def invited(talk: Talk) -> Talk:
    """With a meeting next Saturday."""
    talk.around.meetings["reunion"] = Meeting(
        "reunion", "c1", CommitteeKind.MANAGEMENT, "taraza", "agua del río", NOW + timedelta(days=5), "America/Bogota",
        "Escuela El Hato", "junto a la cancha", food=True, contact="doña Rosa",
    )  # fmt: skip
    return talk

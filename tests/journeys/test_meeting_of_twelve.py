"""A facilitator and twelve people on all channels, in the terminal with a moved clock: who gets what, when, in which words."""

from __future__ import annotations

import io
import wave
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot import wiring
from bot.cli.terminal import Terminal, parse_address
from bot.domain.clock import MovableClock
from bot.lessons.catalogue import Catalogue
from bot.lessons.content import Content
from bot.nlu.engine import EmbeddedEngine
from bot.settings import Settings, load
from bot.storage import schema

BOGOTA = ZoneInfo("America/Bogota")
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ROSA, ROSA_PIN = "whatsapp +573000000011", "739164"
EVA, EVA_PIN = "telegram 9000000012", "518203"
PEOPLE = {
    "abel": "whatsapp +573001110001", "bety": "whatsapp +573001110002", "cira": "sms +573001110003", "dora": "sms +573001110004",
    "elsa": "telegram 880005", "fany": "telegram 880006", "gina": "call +573001110007", "hugo": "call +573001110008",
    "inés": "whatsapp +573001110009", "juan": "sms +573001110010", "kike": "whatsapp +573001110011",
}  # fmt: skip
LUIS = "sms +573001110012"
"""He lives elsewhere: none of it is his business."""

ANNOUNCED = (
    "Batea le avisa de una reunión. Es el sábado 5 de diciembre, 9 de la mañana. Tema: agua del río. "
    "Lugar: Escuela El Hato, junto a la cancha. Hay comida. Cuidan a los niños. ¿Va a ir?"
)
MOVED = (
    "CAMBIO de la reunión. Ya no es en Escuela El Hato. Lugar: Casa Comunal, frente a la iglesia. "
    "Es el sábado 5 de diciembre, 9 de la mañana. Cuénteles a sus vecinos."
)


@dataclass
class Telling:
    """The terminal, and everything that came unasked: when there, by which channel, to whom, which sentence."""

    terminal: Terminal
    names: dict[str, str]
    who: str = ""
    came: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def type(self, *lines: str) -> list[str]:
        """The ids of the replies to the last line."""
        ids: list[str] = []
        for line in lines:
            first, *unasked = self.terminal.read(line)
            ids, self.said = [one.reply.id for one in first.arrivals], [one.reply.text for one in first.arrivals]
            for one in unasked:
                at = datetime.fromisoformat(one.mapping["at"]).astimezone(BOGOTA)
                name = self.names.get(one.mapping["to"], one.mapping["to"])
                for arrival in one.arrivals:
                    self.came.append((f"{at:%d %Hh}", one.mapping["channel"], name, arrival.reply.id, arrival.reply.text))
        return ids

    def be(self, address: str, *lines: str) -> list[str]:
        """Take somebody's phone."""
        self.type(f"/as {address}")
        return self.type(*lines) if lines else []

    def news(self) -> list[tuple[str, str, str, str, str]]:
        """What came since the last time."""
        found, self.came = self.came, []
        return [one for one in found if one[2] in PEOPLE or one[2] == "luis"]


def counted(news: list[tuple[str, str, str, str, str]], sentence: str) -> Counter[tuple[str, str]]:
    """How many got that, by the hour and the channel."""
    return Counter((at, channel) for at, channel, _, said, _ in news if said == sentence)


def who(news: list[tuple[str, str, str, str, str]], sentence: str) -> list[str]:
    return sorted(name for _, _, name, said, _ in news if said == sentence)


@pytest.fixture
def telling(tmp_path: Path, engine: EmbeddedEngine, content: Content, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telling]:
    url = f"sqlite:///{tmp_path / 'batea.db'}"
    schema.upgrade(url)
    environ = {"DATA_DIR": str(tmp_path), "DATABASE_URL": url, "SERVE_DRAFTS": "1", "TTS": "off", "ASR": "off"}
    monkeypatch.setattr(wiring, "build_library", partial(_library, content))
    clock = MovableClock(START)
    own = load({f"BATEA_{name}": value for name, value in environ.items()})
    batea = wiring.build(own, clock, "a secret of the tests and long enough", engine, terminal=True)
    wiring.load_demo_data(batea)
    names = {address.partition(" ")[2]: name for name, address in {**PEOPLE, "luis": LUIS}.items()}
    made = Telling(Terminal(batea, clock, parse_address("whatsapp", "+573009990001")), names)
    for name, address in {**PEOPLE, "luis": LUIS}.items():
        home, mode = "1" if name == "luis" else "2", "2" if name in {"bety", "cira", "dora", "fany", "juan"} else "1"
        if address.startswith("call"):
            made.be(address, "/missed-call", "/key 1", "/key 1", "/key 1", f"/key {mode}", "/key 3", f"/key {home}", "/key 0")
        else:
            made.be(address, "hola", "1", "1", "1", mode, "3", home, "menu")
    made.be("sms +573001110009", "hola")  # she has two ways
    made.news()
    yield made
    batea.close()


def _library(content: Content, own: Settings, clock: MovableClock) -> Catalogue:
    return Catalogue(content, drafts=own.drafts_served, today=lambda: clock.now().date(), timezone=own.timezone)


def voice_note(folder: Path, seconds: float, loud: float = 0.3) -> Path:
    at = np.arange(int(seconds * 16000)) / 16000
    sound = loud * np.sin(2 * np.pi * 220 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    path = folder / f"note-{seconds}-{loud}.wav"
    path.write_bytes(data.getvalue())
    return path


def test_a_meeting_from_its_announcement_to_its_minutes(telling: Telling, tmp_path: Path) -> None:
    t = telling
    _announced(t, tmp_path)
    _answered(t)
    _reminded(t)
    _moved(t)
    _looked_back(t)


def _announced(t: Telling, folder: Path) -> None:
    t.be(ROSA, "nueva reunion", "1", "agua del río", "el sábado 5 de diciembre a las nueve", "1")
    t.type("Escuela El Hato, junto a la cancha", "4")
    assert t.type(f"/voice {voice_note(folder, 4.0, 0.0)}") == ["facilitator.voice_silent"]
    assert t.type(f"/voice {voice_note(folder, 300.0)}") == ["facilitator.voice_long"]
    assert t.type(f"/voice {voice_note(folder, 12.0)}") == ["meeting.announced", "facilitator.preview_cost"]
    assert t.type("si") == ["facilitator.pin"]
    assert t.news() == [], "nothing leaves before her PIN"
    assert t.type(ROSA_PIN)[0] == "facilitator.sent_meeting"
    news = t.news()
    assert counted(news, "meeting.announced") == {
        ("23 10h", "whatsapp"): 4, ("23 10h", "sms"): 3, ("23 10h", "telegram"): 2, ("23 10h", "call"): 2,
    }  # fmt: skip
    assert who(news, "meeting.announced") == sorted(PEOPLE), "each once, and nobody of elsewhere"
    assert who(news, "meeting.will_you") == sorted(name for name, way in PEOPLE.items() if not way.startswith("sms"))
    assert {text for *_, said, text in news if said == "meeting.announced"} == {ANNOUNCED}


def _answered(t: Telling) -> None:
    """In misspelt words, by figures, buttons and keys; some say nothing."""
    assert t.be(PEOPLE["abel"], "boi a ir") == ["meeting.needs"]
    assert t.type("1") == ["meeting.needs_kept"]
    assert t.be(PEOPLE["bety"], "nopuedo hir") == ["meeting.said_no"]
    assert t.be(PEOPLE["cira"], "1") == ["meeting.needs"]
    assert t.be(PEOPLE["dora"], "2") == ["meeting.said_no"]
    assert t.be(PEOPLE["elsa"], "talves") == ["meeting.said_maybe"]
    assert t.be(PEOPLE["gina"], "/key 1") == ["meeting.needs"]
    assert t.be(PEOPLE["inés"], "voy", "no boy", "si boy") == ["meeting.needs"], "changed at will"
    assert t.type("cuantos bamos") == ["meeting.answer_coming"]
    assert t.said == ["Hasta ahora dicen que van: 4."]


def _reminded(t: Telling) -> None:
    """Seven and two days before; who has not answered gets what the week has room for: another meeting takes its part of it."""
    t.be(ROSA, "/wait 11d")
    news = [one for one in t.news() if one[3] == "meeting.reminder" and "agua del río. Lugar" in one[4] and "5 de dic" in one[4]]
    coming = {"abel", "cira", "elsa", "gina", "inés"}
    silent = {"fany", "hugo", "juan", "kike"}
    week = {name for at, _, name, *_ in news if at == "28 09h"}
    days = [name for at, _, name, *_ in news if at == "03 09h"]
    assert coming <= week <= coming | silent
    assert sorted(days) == sorted(coming | silent), "each once, and nobody who declined"
    assert len(week) + len(days) == len(news), "at no other hour"


def _moved(t: Telling) -> None:
    """A day before, which takes a second person; whoever says nothing is told by another way, and then by telephone."""
    t.be(ROSA, "cambiar reunion", "2", "Casa Comunal, frente a la iglesia", "si")
    t.be(ROSA, "/wait 6h")
    t.news()
    if t.be(ROSA, ROSA_PIN)[0] == "facilitator.second_asked":
        assert t.news() == []
        assert t.be(EVA, "confirmar", "si", EVA_PIN)[0] == "facilitator.sent_confirm"
    news = t.news()
    assert who(news, "meeting.changed_place") == sorted(PEOPLE)
    assert {text for *_, text in news} == {MOVED}
    for name, line in (("abel", "1"), ("bety", "ya supe"), ("cira", "ya supe"), ("gina", "/key 1")):
        assert t.be(PEOPLE[name], line)[0] == "meeting.known"
    t.be(ROSA, "/wait 4h")
    again = [one for one in t.news() if one[3] == "meeting.changed_place"]
    silent = set(PEOPLE) - {"abel", "bety", "cira", "gina"}
    assert {name for _, _, name, *_ in again} == silent
    assert {channel for _, channel, name, *_ in again if name in {"kike", "dora", "juan"}} == {"call"}
    assert [channel for _, channel, name, *_ in again if name == "inés"] == ["sms", "call"]


def _looked_back(t: Telling) -> None:
    t.be(ROSA, "/wait 1d")
    news = [one for one in t.news() if "5 de diciembre" in one[4]]
    coming = sorted(set(PEOPLE) - {"bety", "dora"})
    assert [one for one in news if one[3] == "meeting.reminder_today" and one[0] != "05 07h"] == []
    assert {"abel", "cira", "elsa", "gina", "inés"} <= set(who(news, "meeting.reminder_today")) <= set(coming)
    assert all("Casa Comunal" in text for *_, said, text in news if said == "meeting.reminder_today")
    t.be(ROSA, "/wait 4d")
    asked = who(t.news() + news, "meeting.came")
    assert set(asked) <= set(coming)
    assert t.be(PEOPLE["cira"], "si fui")[0] == "meeting.came_yes"
    t.be(ROSA, "asistencia")
    t.type("fueron 23") if t.type("1") == ["facilitator.count"] else None
    assert t.type(ROSA_PIN)[0] == "facilitator.sent_count"
    t.type("hacer acta", "1", "arreglar el filtro", "la presidenta", "20 de diciembre", "no", "si")
    assert t.type(ROSA_PIN)[0] == "facilitator.sent_minutes"
    t.type("/wait 8d")
    told = who(t.news(), "meeting.minutes")
    assert told == sorted(PEOPLE), "also to whoever could not come"
    assert t.be(PEOPLE["abel"], "que se acordo")[0] == "meeting.minutes"
    assert "arreglar el filtro" in t.said[0]


def test_a_meeting_that_is_called_off(telling: Telling) -> None:
    t = telling
    t.be(
        ROSA,
        "nueva reunion",
        "2",
        "medir el agua",
        "el 5 de diciembre a las 3 de la tarde",
        "Casa comunal",
        "1",
        "1",
        "si",
        ROSA_PIN,
    )
    assert who(t.news(), "meeting.announced") == sorted(PEOPLE)
    t.be(ROSA, "/wait 1d", "cancelar reunion", "2", "si")
    t.news()
    t.type(ROSA_PIN)
    news = t.news()
    assert who(news, "meeting.cancelled") == sorted(PEOPLE)
    assert all(text.startswith("CANCELADA la reunión del sábado 5 de diciembre, 3 de la tarde.") for *_, text in news)
    assert t.be(PEOPLE["kike"], "1")[0] == "meeting.known_cancelled"
    t.be(ROSA, "/wait 13d")
    later = [one for one in t.news() if "medir el agua" in one[4] or "3 de la tarde" in one[4]]
    assert {said for *_, said, _ in later} == {"meeting.cancelled"}, "after that nobody is reminded of it, nor asked"
    assert "kike" not in {name for _, _, name, *_ in later}
    assert later

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import ContentError, UnderstandingError
from bot.domain.understanding import Alarm, Danger, Guess, Unsafe
from bot.nlu import model_store, training
from bot.nlu.engine import EmbeddedEngine, open_engine
from bot.nlu.model import Thresholds
from bot.nlu.verdict import understood

Write = Callable[..., Path]


def train_here(intents_dir: Path, data_dir: Path) -> None:
    training.train_and_keep(intents_dir, data_dir)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, write_intents: Write) -> EmbeddedEngine:
    folder = tmp_path_factory.mktemp("engine")
    intents = write_intents(folder / "intents")
    return EmbeddedEngine(intents, folder, model_store.find_or_train(intents, folder, train_here))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("kuando ez la reunyon", "ask_next_meeting"),
        ("el asogue ase daño?", "ask_mercury"),
        ("A COMO EL GRAMO", "ask_fair_price"),
        ("hola", "greet"),
        ("buenas tardes, a que hora es la asamblea", "ask_next_meeting"),
        ("hola que tal el azogue hace daño", "ask_mercury"),
        ("quien gano el partido anoche", "out_of_scope"),
    ],
)
def test_what_is_meant_is_understood(engine: EmbeddedEngine, text: str, intent: str) -> None:
    assert engine.parse(text).intent == intent


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "\u200f\x00", "¿¿??", "\ud800"])
def test_what_holds_no_words_is_out_of_scope(engine: EmbeddedEngine, text: str) -> None:
    assert engine.parse(text).intent == "out_of_scope"


def test_danger_makes_it_an_emergency_and_an_unsafe_request_that(engine: EmbeddedEngine) -> None:
    alarmed = engine.parse("mi hijo se trago el asogue")
    assert (alarmed.intent, alarmed.danger, alarmed.unsafe) == ("ask_emergency", Danger.POISONING, None)
    asked = engine.parse("donde compro dinamita")
    assert (asked.intent, asked.danger, asked.unsafe) == ("unsafe_request", None, Unsafe.EXPLOSIVES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=200))
def test_any_text_gets_a_verdict(engine: EmbeddedEngine, text: str) -> None:
    verdict = engine.parse(text)
    assert verdict.text == text
    assert verdict.engine == "embedded"
    assert 0 <= verdict.confidence <= 1
    assert list(verdict.ranking) == sorted(verdict.ranking, key=lambda guess: -guess.confidence)


def test_a_very_long_text_is_read(engine: EmbeddedEngine) -> None:
    assert engine.parse("cuando es la reunion " * 500).intent == "ask_next_meeting"


THRESHOLDS = Thresholds(reject=0.2, margin=0.15)


@pytest.mark.parametrize(
    ("ranking", "intent", "unsure"),
    [
        ([("menu", 0.9), ("help", 0.05)], "menu", ()),
        ([("menu", 0.4), ("help", 0.35), ("greet", 0.1)], "menu", ("menu", "help")),
        ([("menu", 0.3), ("help", 0.28), ("greet", 0.25), ("next", 0.2)], "menu", ("menu", "help", "greet")),
        ([("menu", 0.4), ("out_of_scope", 0.35)], "menu", ()),
        ([("out_of_scope", 0.4), ("menu", 0.39)], "out_of_scope", ()),
        ([("menu", 0.19), ("help", 0.18)], "out_of_scope", ()),
        ([], "out_of_scope", ()),
    ],
)
def test_believing_rejecting_and_asking_back(ranking: list[tuple[str, float]], intent: str, unsure: tuple[str, ...]) -> None:
    verdict = understood("x", [Guess(*item) for item in ranking], Alarm(), THRESHOLDS, "embedded")
    assert (verdict.intent, verdict.unsure) == (intent, unsure)


def test_an_alarm_leaves_no_doubt() -> None:
    verdict = understood("x", [Guess("menu", 0.3), Guess("help", 0.3)], Alarm(Danger.THREAT), THRESHOLDS, "embedded")
    assert (verdict.intent, verdict.unsure) == ("ask_emergency", ())


def test_the_model_is_swapped_while_calls_go_on(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    engine = EmbeddedEngine(intents, tmp_path, model_store.find_or_train(intents, tmp_path, train_here))
    assert engine.parse("quiero sembrar cacao con ustedes").intent != "make_proposal"
    failures: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                engine.parse("cuando es la reunion")
            except BaseException as error:  # noqa: BLE001  whatever it is, the test must see it
                failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    write_intents(tmp_path / "intents", {"make_proposal": ["quiero sembrar cacao", "propongo sembrar arboles"] * 3})
    assert engine.refresh()
    stop.set()
    asking.join()
    assert not failures
    assert engine.parse("quiero sembrar cacao con ustedes").intent == "make_proposal"
    assert not engine.refresh()


def test_opening_trains_once_and_then_reads(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    first = open_engine(intents, tmp_path)
    kept = list((tmp_path / "models").iterdir())
    assert [folder.name for folder in kept] == [model_store.content_hash(intents)]
    written = (kept[0] / "meta.json").stat().st_mtime_ns
    second = open_engine(intents, tmp_path)
    assert (kept[0] / "meta.json").stat().st_mtime_ns == written
    assert second.model.meta["content"] == first.model.meta["content"]
    assert first.train_s is not None


def test_two_that_train_at_once_leave_one_whole_model(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    both = [threading.Thread(target=train_here, args=(intents, tmp_path)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [folder.name for folder in (tmp_path / "models").iterdir()] == [model_store.content_hash(intents)]
    assert model_store.find(tmp_path, model_store.content_hash(intents)) is not None


def test_a_damaged_model_is_trained_anew(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    train_here(intents, tmp_path)
    (model_store.folder_of(tmp_path, model_store.content_hash(intents)) / "weights.npz").write_bytes(b"no")
    assert model_store.find_or_train(intents, tmp_path, train_here).intents[0] == "ask_fair_price"


def test_only_the_newest_models_stay(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    for number in range(model_store.MODELS_KEPT + 1):
        older = tmp_path / "models" / f"older{number}"
        older.mkdir(parents=True)
        os.utime(older, (number, number))
    model_store.find_or_train(intents, tmp_path, train_here)
    newest = [f"older{number}" for number in range(2, model_store.MODELS_KEPT + 1)]
    assert {path.name for path in (tmp_path / "models").iterdir()} == {*newest, model_store.content_hash(intents)}


def test_training_that_leaves_nothing_is_told(intents_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(UnderstandingError, match="batea nlu train"):
        model_store.find_or_train(intents_dir, tmp_path, lambda _intents, _data: None)


def test_a_broken_file_is_named(intents_dir: Path, tmp_path: Path) -> None:
    (intents_dir / "es" / "greet.yml").write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"greet\.yml:1"):
        open_engine(intents_dir, tmp_path)


def test_serving_imports_nothing_that_only_training_needs(tmp_path: Path, write_intents: Write) -> None:
    intents = write_intents(tmp_path / "intents")
    train_here(intents, tmp_path)
    program = (
        "import sys; from pathlib import Path; from bot.nlu.engine import open_engine;"
        "open_engine(Path(sys.argv[1]), Path(sys.argv[2])).parse('hola');"
        "print(sorted({'sklearn', 'scipy', 'bot.nlu.training', 'requests'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(intents), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

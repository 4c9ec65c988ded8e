"""New sentences written in the manner of messages that were not understood, and what they would change."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ContentError, UsageError
from bot.nlu import model_store, training, training_data, trial
from bot.nlu.engine import EmbeddedEngine
from bot.nlu.review import Review, append

ORIGINAL = "eso que brilla se puso duro"
FRESH = "el agua de plata se me hizo piedra"


@pytest.fixture
def review(intents_dir: Path, tmp_path: Path) -> Review:
    return Review(intents_dir, tmp_path / "data")


def _trained_here(intents_dir: Path, data_dir: Path) -> EmbeddedEngine:
    def train(intents: Path, data: Path) -> None:
        training.train_and_keep(intents, data)

    return EmbeddedEngine(intents_dir, data_dir, model_store.find_or_train(intents_dir, data_dir, train))


def test_a_new_sentence_is_kept_in_the_form_of_intents(review: Review, tmp_path: Path) -> None:
    review.add("ask_mercury", review.new(f"  {FRESH}  ", ORIGINAL))
    review.add("ask_mercury", "ese liquido se seco")
    file = tmp_path / "data" / "review" / "es" / "ask_mercury.yml"
    assert [example.text for example in training_data.read_file(file)] == [FRESH, "ese liquido se seco"]
    assert [example.text for example in review.examples()] == [FRESH, "ese liquido se seco"]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        (ORIGINAL, "the message itself"),
        ("Ezo ke briya, se puso duro!!", "the message itself"),
        ("se puso duro eso que brilla", "the message itself"),
        ("el asogue ase daño", "there already, as ask_mercury"),
        ("hola", "there already, as greet"),
        ("  ", "has words"),
        ("🦆", "has words"),
        ("llame al 3001234567", "leave out"),
        ("escriba a rosa@correo.co", "leave out"),
        ("el [azogue](metal) es malo", "square brackets"),
    ],
)
def test_what_is_not_new_or_tells_who_wrote_is_refused(review: Review, sentence: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        review.new(sentence, ORIGINAL)


def test_a_sentence_is_reviewed_once(review: Review) -> None:
    review.add("ask_mercury", FRESH)
    with pytest.raises(UsageError, match="there already"):
        review.new(FRESH.upper(), ORIGINAL)


def test_an_unknown_intent_is_refused_with_what_is_close(review: Review) -> None:
    assert review.intent("ask_mercury") == "ask_mercury"
    with pytest.raises(UsageError, match="ask_mercury"):
        review.intent("ask_mercuri")
    with pytest.raises(UsageError, match="no intent"):
        review.intent("../../etc")


def test_an_export_adds_to_the_files_that_are_there_and_once_only(review: Review, intents_dir: Path, tmp_path: Path) -> None:
    before = (intents_dir / "es" / "ask_mercury.yml").read_text("utf-8")
    review.add("ask_mercury", FRESH)
    review.add("greet", "buenas nochecitas")
    assert review.export(tmp_path / "elsewhere") == 2
    assert review.export(intents_dir) == 2
    after = (intents_dir / "es" / "ask_mercury.yml").read_text("utf-8")
    assert after == before + f"    - {FRESH}\n"
    assert review.export(intents_dir) == 0
    assert training_data.read_file(tmp_path / "elsewhere" / "es" / "greet.yml")[0].text == "buenas nochecitas"


def test_what_has_been_committed_waits_no_longer(review: Review, intents_dir: Path, tmp_path: Path) -> None:
    review.add("ask_mercury", FRESH)
    review.export(intents_dir)
    assert Review(intents_dir, tmp_path / "data").examples() == ()


def test_a_file_of_another_indentation_is_kept_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "greet.yml"
    file.write_text('version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - hola\n\n', encoding="utf-8")
    assert append(file, "greet", ["hola", "quiubo: pues # hey"]) == 1
    assert [example.text for example in training_data.read_file(file)] == ["hola", "quiubo: pues # hey"]


def test_a_broken_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "greet.yml"
    file.write_text("- nothing of ours\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"greet\.yml"):
        append(file, "greet", ["hola"])
    assert file.read_text("utf-8") == "- nothing of ours\n"


def test_a_trial_shows_what_new_sentences_change_and_switches_nothing_on(
    review: Review, intents_dir: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    before = model_store.content_hash(intents_dir)
    for what in ("quiero", "deme", "y si hay", "mas", "hablemos de", "otra vez", "sobre", "el"):
        review.add("greet", review.new(f"{what} quimbombo fruncido", ORIGINAL))
    lines = [("greet", "pues quimbombo fruncido"), ("greet", "hola"), ("out_of_scope", "quien gano el partido")]
    lines.append(("greet", "sobre quimbombo fruncido"))
    steps: list[int] = []
    done = trial.attempt(intents_dir, data, review.examples(), lines, progress=lambda: steps.append(1), open_model=_trained_here)
    assert (done.reviewed, done.n, len(steps)) == (8, 3, trial.STEPS)
    assert done.change["accuracy"] == pytest.approx(1 / 3, abs=1e-3)
    assert done.candidate["in_scope_rejected"] == 0
    assert (done.better, done.worse, done.chance) == (1, 0, 1.0)
    assert model_store.content_hash(intents_dir) == before
    assert [folder.name for folder in (data / "models").iterdir()] == [before]


def test_without_sentences_of_ones_own_a_fixed_part_is_held_out_from_both(
    review: Review, intents_dir: Path, tmp_path: Path
) -> None:
    review.add("ask_mercury", FRESH)
    learnt, judged = trial.split(training_data.read(intents_dir).examples)
    assert not {example.text for example in learnt} & {text for _, text in judged}
    assert trial.split(training_data.read(intents_dir).examples) == (learnt, judged)
    seen: list[set[str]] = []

    def look(intents: Path, data: Path) -> EmbeddedEngine:
        seen.append({example.text for example in training_data.read(intents).examples})
        return _trained_here(intents, data)

    done = trial.attempt(intents_dir, tmp_path / "data", review.examples(), open_model=look)
    assert seen == [{example.text for example in learnt}, {example.text for example in learnt} | {FRESH}]
    assert done.n == len(judged)
    assert not (tmp_path / "data" / "models").exists()


def test_without_anything_out_of_scope_no_recall_is_made_up(intents_dir: Path, tmp_path: Path) -> None:
    done = trial.attempt(intents_dir, tmp_path / "data", (), [("greet", "hola")], open_model=_trained_here)
    assert done.current["out_of_scope_recall"] is None
    assert done.change["out_of_scope_recall"] is None


@pytest.mark.parametrize(("better", "worse", "chance"), [(0, 0, 1), (5, 5, 1), (8, 1, 0.0391), (1, 8, 0.0391), (10, 0, 0.002)])
def test_how_likely_a_change_is_by_chance_alone(better: int, worse: int, chance: float) -> None:
    assert trial.Trial(1, 100, {}, {}, better, worse).chance == chance

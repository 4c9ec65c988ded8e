from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import UnderstandingError
from bot.nlu import lexicon, model, training, training_data, vocabulary
from bot.nlu.features import Extractor
from bot.nlu.lexicon import Lexicon
from bot.nlu.model import Model
from bot.nlu.spelling import Speller
from bot.nlu.training_data import Example

ALARMS = [
    Example(kind, text, "", 0)
    for kind, listed in {
        "accident": ["el compa quedo bajo la peña", "se vino la loma encima del compa", "no sale del hueco desde anoche"],
        "violence": ["me levanta la mano cuando toma", "el jefe me dejo marcada", "anoche me cogio del pelo y me tiro"],
        "explosives": ["quien me consigue los tacos", "cuanta mecha le pongo al hueco", "como cargo el hueco para tumbar"],
        "privacy": ["quien fue la que hablo mal", "deme el numero de la comadre", "quien dijo eso en la junta"],
        "harmless": ["se me vino encima el fin de mes", "me dejo marcada esa cancion", "quien gano la rifa de la junta"],
    }.items()
    for text in listed
]


def train(intents_dir: Path) -> tuple[Model, Lexicon]:
    known = lexicon.read(intents_dir / "lexicon.yml")
    return training.train(training_data.read(intents_dir), known), known


def extractor_of(trained: Model, known: Lexicon) -> Extractor:
    return Extractor(Speller(trained.domain_words, vocabulary.common_words()), known)


def test_training_twice_gives_the_same_model(intents_dir: Path) -> None:
    one, _ = train(intents_dir)
    other, _ = train(intents_dir)
    assert one.names == other.names
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_two_processes_train_the_same_model_as_one(intents_dir: Path) -> None:
    known = lexicon.read(intents_dir / "lexicon.yml")
    one, other = (training.train(training_data.read(intents_dir), known, alarms=ALARMS, workers=number) for number in (1, 2))
    assert one.names == other.names
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_a_kept_model_answers_as_it_did(intents_dir: Path, tmp_path: Path) -> None:
    trained, known = train(intents_dir)
    trained.save(tmp_path)
    loaded = model.load(tmp_path)
    extractor = extractor_of(trained, known)
    features = extractor.extract(extractor.read("cuando se reune el comite"))
    assert np.allclose(trained.probabilities(features), loaded.probabilities(features), atol=1e-6)
    assert loaded.intents[int(loaded.probabilities(features).argmax())] == "ask_next_meeting"


def test_a_model_that_was_read_is_not_kept_without_its_features(intents_dir: Path, tmp_path: Path) -> None:
    trained, _ = train(intents_dir)
    trained.save(tmp_path)
    (tmp_path / "other").mkdir()
    with pytest.raises(UnderstandingError, match="copy its folder"):
        model.load(tmp_path).save(tmp_path / "other")


def test_a_kept_model_holds_numbers_and_text_only(intents_dir: Path, tmp_path: Path) -> None:
    trained, _ = train(intents_dir)
    trained.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"meta.json", "vocabulary.json", "weights.npz"}
    with zipfile.ZipFile(tmp_path / "weights.npz") as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind == "f" for name in arrays)


@pytest.mark.parametrize("damage", ["meta.json", "vocabulary.json", "weights.npz"])
def test_a_damaged_model_is_not_served(intents_dir: Path, tmp_path: Path, damage: str) -> None:
    trained, _ = train(intents_dir)
    trained.save(tmp_path)
    (tmp_path / damage).write_bytes((tmp_path / damage).read_bytes()[:40])
    with pytest.raises(UnderstandingError, match="train again"):
        model.load(tmp_path)


def test_a_model_of_another_format_is_not_served(intents_dir: Path, tmp_path: Path) -> None:
    trained, _ = train(intents_dir)
    trained.save(tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    (tmp_path / "meta.json").write_text(json.dumps({**meta, "format": 0}), encoding="utf-8")
    with pytest.raises(UnderstandingError, match="format 0"):
        model.load(tmp_path)


def test_words_never_seen_leave_the_choice_open(intents_dir: Path) -> None:
    trained, known = train(intents_dir)
    extractor = extractor_of(trained, known)
    chances = trained.probabilities(extractor.extract(extractor.read("%%% ¿? 🙂")))
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert chances.max() < 0.6

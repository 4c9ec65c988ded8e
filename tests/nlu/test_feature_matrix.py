"""Training counts for many sentences at once what serving counts for one: both must see the same."""

from pathlib import Path

import numpy as np
import pytest

from bot.nlu import feature_matrix, lexicon, model, training, training_data, vocabulary
from bot.nlu.feature_rows import FeatureRows
from bot.nlu.features import Extractor
from bot.nlu.spelling import Speller

INTENTS = Path(__file__).resolve().parents[2] / "intents"
EVERY = 40


@pytest.fixture(scope="module")
def texts() -> list[str]:
    examples = training_data.read(INTENTS).examples[::EVERY]
    strange = ["", "🙂", "%%% ¿?", "la la la la", "si", "a b a b a b"]
    return [*strange, *(example.text for example in examples), *(training.misspell(example.text, 1) for example in examples)]


@pytest.fixture(scope="module")
def extractor(texts: list[str]) -> Extractor:
    known = lexicon.read(INTENTS / "lexicon.yml")
    speller = Speller(vocabulary.domain_words(texts, known.terms), vocabulary.common_words())
    return Extractor(speller, known)


def test_a_row_of_the_matrix_is_the_vector_that_serving_makes(texts: list[str], extractor: Extractor) -> None:
    built = feature_matrix.build([feature_matrix.count(extractor, texts)])
    served = model.Model(
        intents=("one",),
        alarms=(),
        names={},
        rows=FeatureRows({family: list(known) for family, known in built.index.items()}),
        idf=built.idf,
        weights=np.zeros((len(built.idf), 1), dtype=np.float16),
        bias=np.zeros(1, dtype=np.float32),
        temperature=1.0,
        family_weights=feature_matrix.FAMILY_WEIGHTS,
        thresholds=training.THRESHOLDS,
        alarm_thresholds=training.ALARM_THRESHOLDS,
        domain_words=frozenset(),
        meta={},
    )
    touched = 0
    for number, text in enumerate(texts):
        rows, values = served.vector(extractor.extract(extractor.read(text)))
        expected = np.zeros(len(built.idf))
        expected[rows] = values
        assert np.allclose(built.matrix[number].toarray()[0], expected, atol=1e-5), text
        touched += len(rows)
    assert touched > 10_000


def test_features_that_are_no_chance_are_kept_and_no_others(texts: list[str], extractor: Extractor) -> None:
    built = feature_matrix.build([feature_matrix.count(extractor, texts)])
    seen = [extractor.extract(extractor.read(text)) for text in texts]
    for family, kept in built.index.items():
        often = {name: sum(name in each[family] for each in seen) for name in set().union(*(each[family] for each in seen))}
        assert set(kept) == {name for name, count in often.items() if count >= feature_matrix.MIN_SENTENCES[family]}


def test_how_the_sentences_are_parted_makes_no_difference(texts: list[str], extractor: Extractor) -> None:
    whole = feature_matrix.build([feature_matrix.count(extractor, texts)])
    parted = feature_matrix.build([feature_matrix.count(extractor, texts[:100]), feature_matrix.count(extractor, texts[100:])])
    assert whole.index == parted.index
    assert np.array_equal(whole.idf, parted.idf)
    assert np.allclose(whole.matrix.toarray(), parted.matrix.toarray())

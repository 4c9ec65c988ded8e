"""Training: the only module that needs scikit-learn, imported by whoever trains and by nobody who serves."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from bot.domain.errors import BateaError
from bot.nlu import lexicon, model_store, training_data, vocabulary
from bot.nlu.features import Extractor
from bot.nlu.lexicon import Lexicon
from bot.nlu.misspelling import misspell
from bot.nlu.model import Model, Thresholds
from bot.nlu.spelling import Speller
from bot.nlu.training_data import Example, TrainingData

MISSPELT_EVERY: Final = 2
"""One sentence in so many is learnt misspelt too: all of them cost a third more time and buy nothing (docs/nlu.md)."""
MIN_SENTENCES: Final[Mapping[str, int]] = {"written": 4, "sound": 3, "word": 2, "pair": 4, "concept": 1}
"""A feature in fewer sentences than this is chance."""
FAMILY_WEIGHTS: Final[Mapping[str, float]] = {"written": 0.6, "sound": 1.0, "word": 1.0, "pair": 0.7, "concept": 0.6}
PENALTY_C: Final = 0.5
TOLERANCE: Final = 0.2
BAYES_SMOOTHING: Final = 0.02
BAYES_SHARE: Final = 0.04
"""How much of naive Bayes is mixed into the support vector machine. Both are linear, so one table of weights serves both."""
TEMPERATURE: Final = 3.0
"""Sharpens scores into confidences: least log loss on sentences held out (docs/nlu.md). Finding it anew would double the time."""
THRESHOLDS: Final = Thresholds(reject=0.12, margin=0.15)

Matrix = Any


def train(data: TrainingData, lexicon: Lexicon, meta: Mapping[str, Any] | None = None) -> Model:
    """A model of the data; the same data gives the same model."""
    began = time.perf_counter()
    domain = vocabulary.domain_words((example.text for example in data.examples), lexicon.terms)
    extractor = Extractor(Speller(domain, vocabulary.common_words()), lexicon.matcher(), lexicon.courtesies)
    originals = [extractor.extract(extractor.read(example.text)) for example in data.examples]
    misspelt = data.examples[::MISSPELT_EVERY]
    copies = [extractor.extract(extractor.read(misspell(example.text, 0))) for example in misspelt]
    model = _untrained(data.intents, originals + copies, domain)
    matrix = _matrix(model, originals + copies)
    codes = {intent: code for code, intent in enumerate(data.intents)}
    labels = np.array([codes[example.intent] for example in (*data.examples, *misspelt)])
    weights, bias = _fit(matrix, labels)
    facts = {"sentences": len(data.examples), "features": int(matrix.shape[1]), "trained_at": datetime.now(UTC).isoformat()}
    return Model(
        intents=model.intents,
        index=model.index,
        idf=model.idf,
        weights=weights.astype(np.float16),
        bias=bias,
        temperature=TEMPERATURE,
        family_weights=FAMILY_WEIGHTS,
        thresholds=THRESHOLDS,
        domain_words=domain,
        meta={**(meta or {}), **facts, "train_s": round(time.perf_counter() - began, 2)},
    )


def _untrained(intents: tuple[str, ...], features: Sequence[Mapping[str, Counter[str]]], domain: frozenset[str]) -> Model:
    """The vocabulary and the inverse document frequencies, without weights."""
    index: dict[str, dict[str, int]] = {}
    frequencies: list[int] = []
    for family in Extractor.FAMILIES:
        counts: Counter[str] = Counter()
        for sentence in features:
            counts.update(sentence[family].keys())
        kept = sorted(feature for feature, count in counts.items() if count >= MIN_SENTENCES[family])
        index[family] = {feature: row for row, feature in enumerate(kept, len(frequencies))}
        frequencies.extend(counts[feature] for feature in kept)
    idf = np.log((1 + len(features)) / (1 + np.array(frequencies, dtype=np.float32))) + 1
    nothing = np.zeros((0, 0), dtype=np.float16)
    return Model(
        intents, index, idf.astype(np.float32), nothing, np.zeros(0, np.float32), 1.0, FAMILY_WEIGHTS, THRESHOLDS, domain, {}
    )


def _matrix(model: Model, features: Sequence[Mapping[str, Counter[str]]]) -> Matrix:
    vectors = [model.vector(sentence) for sentence in features]
    starts = np.cumsum([0, *(len(rows) for rows, _ in vectors)])
    columns = np.concatenate([rows for rows, _ in vectors])
    values = np.concatenate([values for _, values in vectors])
    return sparse.csr_matrix((values, columns, starts), shape=(len(vectors), len(model.idf)), dtype=np.float64)


def _fit(matrix: Matrix, labels: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One row a feature, one column an intent: a support vector machine with some naive Bayes."""
    machine = LinearSVC(C=PENALTY_C, tol=TOLERANCE, random_state=0).fit(matrix, labels)
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # noqa: PLR2004  scikit-learn gives one column for two classes
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    likelihoods = MultinomialNB(alpha=BAYES_SMOOTHING, fit_prior=False).fit(matrix, labels).feature_log_prob_
    weights = weights + BAYES_SHARE * (likelihoods - likelihoods.mean(axis=0))
    return np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)


def examples_of(pairs: Sequence[tuple[str, str]]) -> TrainingData:
    """Training data from (intent, sentence) pairs that stand in no file."""
    return TrainingData(tuple(Example(intent, text, "", 0) for intent, text in pairs))


def train_and_keep(intents_dir: Path, data_dir: Path) -> Model:
    """Train on what stands in `intents/` and put the model in its place. Raises ContentError for a broken file."""
    content = model_store.content_hash(intents_dir)
    trained = train(
        training_data.read(intents_dir), lexicon.read(intents_dir / model_store.LEXICON), {"content": content, "language": "es"}
    )
    model_store.keep(trained, data_dir, content)
    return trained


def main(arguments: Sequence[str]) -> int:
    """`python -m bot.nlu.training INTENTS_DIR DATA_DIR`: what `model_store.train_apart` runs."""
    try:
        train_and_keep(Path(arguments[0]), Path(arguments[1]))
    except BateaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

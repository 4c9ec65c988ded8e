"""Training: the only module, with `feature_matrix`, that needs scikit-learn; imported by whoever trains, by nobody who serves."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from bot.domain.errors import BateaError
from bot.domain.understanding import Danger, Unsafe
from bot.nlu import alarm_data, feature_matrix, lexicon, model_store, training_data, vocabulary
from bot.nlu.alarm import DANGER, NO_THRESHOLDS, UNSAFE, AlarmThresholds, Levels, weight
from bot.nlu.feature_matrix import FAMILY_WEIGHTS, FeatureMatrix, Matrix
from bot.nlu.feature_rows import FeatureRows
from bot.nlu.features import Extractor
from bot.nlu.lexicon import Lexicon
from bot.nlu.misspelling import misspell
from bot.nlu.model import Model, Thresholds
from bot.nlu.spelling import Speller
from bot.nlu.training_data import Example, TrainingData

MISSPELT_EVERY: Final = 2
"""One sentence of the intents in so many is learnt misspelt too. Of the alarm none: what is misspelt would look like danger."""
PENALTY_C: Final = 0.5
TOLERANCE: Final = 1.0
BAYES_SMOOTHING: Final = 0.02
BAYES_SHARE: Final = 0.04
"""How much of naive Bayes is mixed into the support vector machine. Both are linear, so one table of weights serves both."""
TEMPERATURE: Final = 3.0
"""Sharpens scores into confidences: least log loss on sentences held out (docs/nlu.md). Finding it anew would double the time."""
THRESHOLDS: Final = Thresholds(reject=0.16, margin=0.15, outside=0.25)
"""By cross-validation (docs/nlu.md): 2 % more of what is in scope rejected than by the ranking alone, at the same accuracy."""
ALARM_THRESHOLDS: Final = AlarmThresholds(
    danger=Levels(alone=-0.3, weak=-0.5, asked=-0.6, sure=-0.8), unsafe=Levels(alone=-0.2, weak=-1.2, asked=-0.4, sure=-0.8)
)
"""Found by cross-validation (docs/nlu.md); a missed danger is worse than a false one."""
WORKERS: Final = 2

Result = TypeVar("Result")
Weights = tuple[NDArray[np.float32], NDArray[np.float32]]
"""A row a feature and a column a label; a bias a label."""


def train(
    data: TrainingData,
    lexicon: Lexicon,
    meta: Mapping[str, Any] | None = None,
    alarms: Sequence[Example] = (),
    workers: int = 1,
) -> Model:
    """A model of the data; the same data gives the same model. `alarms` are the sentences that the alarm is learnt from."""
    began = time.perf_counter()
    examples = (*data.examples, *alarms)
    domain = vocabulary.domain_words((example.text for example in examples), lexicon.terms)
    extractor = Extractor(Speller(domain, vocabulary.common_words(), vocabulary.common_sounds()), lexicon)
    copied = range(0, len(data.examples), MISSPELT_EVERY)
    texts = [example.text for example in examples] + [misspell(examples[number].text, 0) for number in copied]
    half = len(texts) // 2
    counted = _shared_out(partial(feature_matrix.count, extractor), [texts[:half], texts[half:]], workers)
    features = feature_matrix.build(counted, workers)
    rows = np.array([*range(len(examples)), *copied])
    tasks = _tasks(data.intents, examples, rows)
    columns = _in_order(partial(_machine, features), tasks, workers)
    weights, bias = np.hstack([part for part, _ in columns]), np.concatenate([part for _, part in columns])
    learnt, labels = tasks[0].rows, tasks[0].labels
    weights[:, : len(data.intents)] += _bayes(features.matrix[learnt], labels)
    facts = {"sentences": len(data.examples), "alarm_sentences": len(alarms), "features": int(features.matrix.shape[1])}
    names = {family: list(known) for family, known in features.index.items()}
    return Model(
        intents=data.intents,
        alarms=tuple(name for task in tasks for name in task.alarms),
        names=names,
        rows=FeatureRows(names),
        idf=features.idf,
        weights=weights.astype(np.float16),
        bias=bias,
        temperature=TEMPERATURE,
        family_weights=FAMILY_WEIGHTS,
        thresholds=THRESHOLDS,
        alarm_thresholds=ALARM_THRESHOLDS if alarms else NO_THRESHOLDS,
        domain_words=domain,
        meta={
            **(meta or {}),
            **facts,
            "trained_at": datetime.now(UTC).isoformat(),
            "train_s": round(time.perf_counter() - began, 2),
        },
    )


_shared: Any = None
"""How forked processes get what is too big to be sent to them."""


def _shared_out(work: Callable[[Any], Result], pieces: Sequence[Any], workers: int) -> list[Result]:
    """`work` done on every piece, in processes of their own where there are several workers; the outcome is the same."""
    global _shared  # noqa: PLW0603
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():  # noqa: PLR2004
        return [work(piece) for piece in pieces]
    _shared = (work, pieces)
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        done: list[Result] = pool.map(_do_piece, range(len(pieces)), chunksize=1)
    _shared = None
    return done


def _in_order(work: Callable[[_Task], Weights], tasks: Sequence[_Task], workers: int) -> list[Weights]:
    """`work` done on every task, in their order; begun with the longest, so that no processor ends long before the other."""
    order = sorted(range(len(tasks)), key=lambda number: -len(tasks[number].rows) * len(tasks[number].columns))
    done = dict(zip(order, _shared_out(work, [tasks[number] for number in order], workers), strict=True))
    return [done[number] for number in range(len(tasks))]


def _do_piece(number: int) -> Any:
    work, pieces = _shared
    return work(pieces[number])


@dataclass(frozen=True, slots=True)
class _Task:
    """Some columns of the weights: the matrix rows to learn from, the label of each, and which labels get a column here.

    `alarms` names the columns that belong to the alarm.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    columns: NDArray[np.int64]
    alarms: tuple[str, ...] = ()


def _tasks(intents: tuple[str, ...], examples: Sequence[Example], rows: NDArray[np.int64]) -> list[_Task]:
    """The intents in two halves, for two processors; the alarm, where there are sentences for it.

    For danger, then for unsafe requests: whether there is any, and which. What is harmless is learnt as written only.
    """
    codes = {intent: code for code, intent in enumerate(intents)}
    truth = np.array([codes.get(example.intent, -1) for example in examples])[rows]
    learnt = np.flatnonzero(truth >= 0)
    tasks = [_Task(learnt, truth[learnt], half) for half in np.array_split(np.arange(len(intents)), 2)]
    if not any(example.intent in alarm_data.KINDS for example in examples):
        return tasks
    written = np.arange(len(rows)) < len(examples)
    for side, kinds in ((DANGER, Danger), (UNSAFE, Unsafe)):
        there = np.array([alarm_data.says(example.intent, kinds) for example in examples])[rows]
        learnt = np.flatnonzero((there > 0) | ((there == 0) & written))
        tasks.append(_Task(learnt, there[learnt], np.array([1]), (side,)))
        present = [str(kind) for kind in kinds if any(example.intent == kind for example in examples)]
        which = np.array([present.index(example.intent) if example.intent in present else -1 for example in examples])[rows]
        learnt = np.flatnonzero((which >= 0) | ((there == 0) & written))
        tasks.append(_Task(learnt, which[learnt], np.arange(len(present)), tuple(present)))
    return tasks


def _machine(features: FeatureMatrix, task: _Task) -> Weights:
    """A support vector machine for each column against all the rest.

    Never two in threads of one process: they would share their random numbers, and training would not repeat.
    """
    labels = np.where(np.isin(task.labels, task.columns), task.labels, -1)
    learnt = features.matrix[task.rows]
    if task.alarms:
        learnt = learnt.multiply(weight(np.maximum(features.words[task.rows], 1.0))[:, None]).tocsr()
    machine = LinearSVC(C=PENALTY_C, tol=TOLERANCE, random_state=0).fit(learnt, labels)
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # noqa: PLR2004  scikit-learn gives one column for two classes
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    wanted = np.isin(machine.classes_, task.columns)
    return np.ascontiguousarray(weights[wanted].T, dtype=np.float32), bias[wanted].astype(np.float32)


def _bayes(matrix: Matrix, labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """What naive Bayes adds to the weights of the intents."""
    likelihoods = MultinomialNB(alpha=BAYES_SMOOTHING, fit_prior=False).fit(matrix, labels).feature_log_prob_
    return np.asarray(BAYES_SHARE * (likelihoods - likelihoods.mean(axis=0)).T, dtype=np.float32)


def examples_of(pairs: Sequence[tuple[str, str]]) -> TrainingData:
    """Training data from (intent, sentence) pairs that stand in no file."""
    return TrainingData(tuple(Example(intent, text, "", 0) for intent, text in pairs))


def train_and_keep(intents_dir: Path, data_dir: Path, workers: int = 1) -> Model:
    """Train on what stands in `intents/` and put the model in its place. Raises ContentError for a broken file."""
    content = model_store.content_hash(intents_dir)
    known = lexicon.read(intents_dir / model_store.LEXICON)
    meta = {"content": content, "language": "es"}
    trained = train(training_data.read(intents_dir), known, meta, alarm_data.read(intents_dir), workers)
    model_store.keep(trained, data_dir, content)
    return trained


def main(arguments: Sequence[str]) -> int:
    """`python -m bot.nlu.training INTENTS_DIR DATA_DIR`: what `model_store.train_apart` runs."""
    gc.disable()  # a process of its own that soon ends: searching millions of features for cycles costs seconds
    try:
        train_and_keep(Path(arguments[0]), Path(arguments[1]), min(WORKERS, os.cpu_count() or 1))
    except BateaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

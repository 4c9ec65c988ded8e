"""The embedded engine beside Rasa's DIET and logistic regression, trained on the same files, on the same sentences: one table.

`make compare` trains all three first. The sentences are those of `tests/intents/`, which nothing is trained on.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from bench.rasa import MODELS, ROOT, RasaService
from bot.domain.ports import Understander
from bot.nlu import training_data
from bot.nlu.engine import open_engine
from bot.nlu.evaluation import Line, evaluate, misspelt, table
from bot.nlu.rasa import RasaEngine
from bot.settings import load

RESULTS: Final = ROOT / "bench" / "results" / "nlu.json"
# Long enough for a busy machine: what is compared here is what they understand.
PATIENCE_S: Final = 10.0


def exam() -> dict[str, list[Line]]:
    """The sentences, by kind: as said directly, and without naming the thing."""
    found = {}
    for name, folder in (("direct", ROOT / "tests" / "intents"), ("indirect", ROOT / "tests" / "intents" / "indirect")):
        found[name] = [(example.intent, example.text) for example in training_data.read(folder, "es").examples]
    return found


def judged(engine: Understander, sets: dict[str, list[Line]], name: str) -> dict[str, dict[str, Any]]:
    """What `evaluate` says of one engine on each set, as written and misspelt further."""
    found = {}
    for kind, lines in sets.items():
        found[kind] = evaluate(engine, lines) | {"engine": name}
        found[f"{kind}, misspelt"] = evaluate(engine, misspelt(lines)) | {"engine": name}
    return found


def main() -> None:
    """Print the table and keep the figures."""
    settings = load()
    embedded = open_engine(settings.intents_dir, settings.data_dir)
    sets = exam()
    results = [judged(embedded, sets, "embedded")]
    for name, model in MODELS.items():
        if not model.is_file():
            sys.stderr.write(f"Rasa's {name} is left out: {model.name} was not trained (make compare)\n")
            continue
        with RasaService(model) as service:
            engine = RasaEngine(service.url, embedded, model=model.name, timeout_s=PATIENCE_S)
            with contextlib.closing(engine):
                engine.check()
                results.append(judged(engine, sets, f"Rasa, {name}"))
    rows = {kind: [result[kind] for result in results] for kind in results[0]}
    sys.stdout.write(table(rows) + "\n")
    keep(RESULTS, rows)


def keep(file: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write the figures without the long lists."""
    short = {kind: [{k: v for k, v in row.items() if not isinstance(v, dict | list)} for row in rows[kind]] for kind in rows}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(short, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

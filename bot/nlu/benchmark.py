"""How quick an engine is, and how much memory it takes: what `batea bench nlu` prints."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import UnderstandingError
from bot.domain.ports import Understander
from bot.nlu import training_data
from bot.nlu.engine import open_engine
from bot.nlu.misspelling import misspell

SENTENCES: Final = 500
_MEASURE: Final = """
import json, sys
from pathlib import Path
def rss_mb():
    for line in open("/proc/self/status", encoding="ascii"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
import bot.settings, starlette.applications, sqlalchemy
before = rss_mb()
from bot.nlu.engine import open_engine
engine = open_engine(Path(sys.argv[1]), Path(sys.argv[2]))
for n in range(50):
    engine.parse(f"cuando es la reunion numero {n} del comite")
print(json.dumps({"adds_mb": round(rss_mb() - before, 1), "rss_mb": round(rss_mb(), 1)}))
"""


def latency(engine: Understander, sentences: Sequence[str]) -> dict[str, float]:
    """Milliseconds of one parse: the median, the 95th and the 99th of a hundred, after a short warming up."""
    for sentence in sentences[:20]:
        engine.parse(sentence)
    taken: list[float] = []
    for sentence in sentences:
        began = time.perf_counter()
        engine.parse(sentence)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    last = len(taken) - 1
    return {f"p{share}_ms": round(taken[min(last, len(taken) * share // 100)], 3) for share in (50, 95, 99)}


def memory(intents_dir: Path, data_dir: Path) -> dict[str, float]:
    """Megabytes that serving adds to a web process, measured in a process of its own. Linux only."""
    command = [sys.executable, "-c", _MEASURE, str(intents_dir), str(data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    if done.returncode:
        raise UnderstandingError("memory could not be measured: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(intents_dir: Path, data_dir: Path) -> dict[str, Any]:
    """Latency on misspelt training sentences (no two alike, so no cache helps), memory, and how long training took."""
    engine = open_engine(intents_dir, data_dir)
    examples = training_data.read(intents_dir).examples
    step = max(1, len(examples) // SENTENCES)
    sentences = [misspell(example.text, 3) for example in examples[::step]]
    return {
        "engine": engine.name,
        "n": len(sentences),
        **latency(engine, sentences),
        **memory(intents_dir, data_dir),
        "train_s": engine.train_s,
        "sentences": engine.model.meta.get("sentences"),
    }

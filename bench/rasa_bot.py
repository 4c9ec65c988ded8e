"""Beside Batea: a Rasa bot on its REST channel that answers each intent with one sentence, by one rule an intent.

It reads the same training sentences with the pipeline of `intents/config.yml` (logistic regression), keeps its conversations in
memory, and commits nothing. What it is asked are the sentences of the load; short answers mean nothing to it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench import load
from bench.conversation import Talk
from bench.rasa import FOLDER, PROGRAM, ROOT, RasaService
from bot.nlu import training_data

MESSAGES: Final = 600
WARMING: Final = 40
CONNECTIONS: Final = 8
TRAINS_WITHIN_S: Final = 1800
_PATH: Final = "/webhooks/rest/webhook"


class RasaBotError(Exception):
    """Rasa could not be trained or did not start."""


def available() -> bool:
    """Whether `make rasa` has set Rasa up."""
    return PROGRAM.is_file()


def measure(talk: Talk, messages: int = MESSAGES) -> dict[str, Any]:
    """Messages a second of one process, and what one message takes alone. Raises RasaBotError."""
    with tempfile.TemporaryDirectory(prefix="batea-rasa-") as made:
        folder = Path(made)
        model = _train(folder, sorted({example.intent for example in training_data.read(ROOT / "intents").examples}))
        try:
            with RasaService(model, "--credentials", str(_write(folder / "credentials.yml", {"rest": None}))) as service:
                asyncio.run(load.flat_out(service.port, _requests(talk, WARMING), connections=1))
                alone = asyncio.run(load.flat_out(service.port, _requests(talk, max(messages // 6, 1)), connections=1))
                flat = asyncio.run(load.flat_out(service.port, _requests(talk, messages), connections=CONNECTIONS))
        except (TimeoutError, ConnectionError) as error:
            raise RasaBotError(str(error)) from error
    return {
        "messages_per_s": round(flat.per_s),
        "p50_ms_alone": round(alone.percentile_ms(0.5), 1),
        "p99_ms_alone": round(alone.percentile_ms(0.99), 1),
        "refused": flat.refused + alone.refused,
    }


def _requests(talk: Talk, count: int) -> list[bytes]:
    """Sentences of as many people, as Rasa's REST channel takes them."""
    return [_request(f"person-{number}", talk.sentence()) for number in range(count)]


def _request(sender: str, text: str) -> bytes:
    content = json.dumps({"sender": sender, "message": text}).encode()
    head = f"POST {_PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _train(folder: Path, intents: Sequence[str]) -> Path:
    """A project of its own around the training sentences; gives its model."""
    answers = {f"utter_{intent}": [{"text": intent}] for intent in intents}
    rules = [{"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]} for intent in intents]
    domain = _write(folder / "domain.yml", {"version": "3.1", "intents": list(intents), "responses": answers})
    _write(folder / "rules.yml", {"version": "3.1", "rules": rules})
    config = folder / "config.yml"
    pipeline = (ROOT / "intents" / "config.yml").read_text("utf-8")
    config.write_text(pipeline.replace("policies: []", "policies:\n  - name: RulePolicy\n"), "utf-8")
    own = {"HOME": str(FOLDER), "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
    data = ["--data", str(ROOT / "intents" / "es"), str(folder / "rules.yml")]
    where = ["--config", str(config), "--domain", str(domain), "--out", str(folder), "--fixed-model-name", "bot"]
    done = subprocess.run(  # noqa: S603 - the program that make rasa installed
        [str(PROGRAM), "train", *where, *data],
        env={"PATH": os.pathsep.join(os.get_exec_path())} | own,
        cwd=folder,
        capture_output=True,
        timeout=TRAINS_WITHIN_S,
        check=False,
    )
    model = folder / "bot.tar.gz"
    if done.returncode or not model.is_file():
        raise RasaBotError(f"rasa train ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-300:]}")
    return model


def _write(path: Path, document: Any) -> Path:
    """JSON is YAML."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
    return path

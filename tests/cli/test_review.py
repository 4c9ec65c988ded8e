"""`batea nlu review`: through a real process, and at a terminal through the loop that serves it."""

import importlib.util
import json
import os
import pty
import sys
from datetime import date
from pathlib import Path

import pytest

from bot import wiring
from bot.cli.review import Walk, printable
from bot.domain.understanding import Miss
from bot.nlu import training_data
from bot.nlu.review import Review
from bot.settings import load

spec = importlib.util.spec_from_file_location("chat_tests", Path(__file__).with_name("test_chat.py"))
chat_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chat_tests)
batea = chat_tests.batea

DAY = date(2026, 11, 23)
ORIGINAL = "eso que brilla se puso bien duro"
FRESH = "el agua de plata se me hizo piedra anoche"


@pytest.fixture
def data(tmp_path):
    """A data folder with one message that was not understood."""
    env = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "a key that is long enough"}
    assert batea("db", "upgrade", **env).returncode == 0
    with wiring.database(load({f"BATEA_{name}": value for name, value in env.items()})) as store:
        store.submit(lambda uow: uow.misses.keep(ORIGINAL, "ask_mercury", 0.25, DAY)).result()
    return env


def listed(data):
    done = batea("nlu", "review", "--json", **data)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def written(data):
    folder = Path(data["DATA_DIR"]) / "review" / "es"
    return {file.stem: [one.text for one in training_data.read_file(file)] for file in folder.glob("*.yml")}


def test_the_messages_are_listed_one_object_a_line(data):
    (line,) = listed(data)
    assert line == {"id": line["id"], "day": "2026-11-23", "text": ORIGINAL, "guess": "ask_mercury", "confidence": 0.25}


def test_where_nobody_can_answer_it_says_what_to_use():
    done = batea("nlu", "review")
    assert done.returncode == 2
    assert b"--json" in done.stderr


@pytest.mark.parametrize(
    "options", [["--on", "some.tsv"], ["--try", "--export", "x"], ["--try"], ["--try", "--on", "nothing.tsv"]]
)
def test_what_cannot_be_done_is_wrong_use_in_one_line(options, tmp_path):
    done = batea("nlu", "review", *options, DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(b"batea: ")
    assert done.stderr.count(b"\n") == 1


def at_a_terminal(data, typed):
    """Type into a real terminal; what it showed."""
    env = {"PATH": os.environ["PATH"]} | {f"BATEA_{name}": value for name, value in data.items()}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(chat_tests.ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "bot.cli.app", "nlu", "review"], env)
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    return shown.decode()


def test_a_reviewer_writes_a_new_sentence_and_the_message_is_gone(data, tmp_path):
    shown = at_a_terminal(data, f"ask_mercury\n{ORIGINAL}\nask_mercury\n{FRESH}\n")
    assert ORIGINAL in shown
    assert "ask_mercury 0.25" in shown
    assert "that is the message itself" in shown
    assert "1 of 1 dealt with" in shown
    assert listed(data) == []
    assert written(data) == {"ask_mercury": [FRESH]}
    done = batea("nlu", "review", "--export", str(tmp_path / "out"), **data)
    assert b"1 sentences written" in done.stdout
    assert FRESH in (tmp_path / "out" / "es" / "ask_mercury.yml").read_text("utf-8")
    assert all(ORIGINAL.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


class Reviewer:
    """Somebody with prepared answers."""

    def __init__(self, tmp_path, *answers):
        self.answers = list(answers)
        self.shown = []
        self.gone = []
        self.sentences = Review(load({}).intents_dir, tmp_path)
        self.walk = Walk(self.sentences, lambda _: self.answers.pop(0), self.shown.append, self.gone.append)


MISSES = [Miss("a", ORIGINAL, "ask_mercury", 0.25, DAY), Miss("b", "otra cosa rara", "out_of_scope", 0.1, DAY)]


@pytest.mark.parametrize(
    ("answers", "gone"),
    [
        (["s", "s"], []),
        (["d", "d"], ["a", "b"]),
        (["q"], []),
        (["d", "q"], ["a"]),
        (["?", "s", "d"], ["b"]),
        (["no_such_intent", "d", "s"], ["a"]),
        (["ask_mercury", "", "s", "q"], []),
    ],
)
def test_a_message_is_skipped_deleted_or_left(tmp_path, answers, gone):
    reviewer = Reviewer(tmp_path, *answers)
    assert reviewer.walk.through(MISSES) == len(gone)
    assert reviewer.gone == gone
    assert reviewer.answers == []
    assert reviewer.sentences.examples() == ()


def test_a_refused_sentence_may_be_written_again(tmp_path):
    reviewer = Reviewer(tmp_path, "ask_mercury", ORIGINAL, "ask_mercury", FRESH, "q")
    reviewer.walk.through(MISSES)
    assert reviewer.gone == ["a"]
    assert [example.text for example in reviewer.sentences.examples()] == [FRESH]


def test_what_is_shown_cannot_steer_the_terminal():
    assert printable("ola \x1b[2J\x9b31m ñandú\u202e") == "ola  [2J 31m ñandú "

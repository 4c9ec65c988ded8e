"""`batea poll results`: a round counted in person, from opening to every format."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from standins import commands

BATEA = Path(sys.executable).with_name("batea")


@pytest.fixture(scope="module")
def batea(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    settings = {"BATEA_DATA_DIR": str(folder), "BATEA_SECRET_KEY": "k" * 43, "BATEA_TTS": "off"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BATEA_")}

    def run(*arguments, code=0):
        done = commands.run(*arguments, environment=kept | settings, folder=folder)
        assert done.returncode == code, done.stderr.decode()
        return done.stdout if code == 0 else done.stderr.decode()

    run("db", "upgrade")
    for counts in (["si=20", "no_pude=30", "no_supe=25"], ["si=45", "no_pude=20", "no_supe=2", "no_digo=7"]):
        opened = json.loads(run("poll", "open", "Q05_v1", "--to", "all", "--json"))
        run("poll", "in-person", opened["round"], *counts)
        run("poll", "close", opened["round"])
    return run


def test_the_last_round_is_shown_as_json(batea):
    shown = json.loads(batea("poll", "results", "Q05_v1", "--format", "json"))
    assert (shown["poll"], shown["round"], shown["n"]) == ("Q05_v1", 1, 74)
    assert {o["id"]: o["count"] for o in shown["options"]} == {"si": 45, "no_pude": 20, "no_supe": None, "no_digo": None}
    assert shown["comparison"] is None


def test_an_earlier_round_is_shown_and_compared(batea):
    first = json.loads(batea("poll", "results", "Q05_v1", "--round", "0", "--format", "json"))
    assert [o["count"] for o in first["options"]] == [20, 30, 25, 0]
    both = json.loads(batea("poll", "results", "Q05_v1", "--compare", "0", "--format", "json"))
    assert both["comparison"]["headline"]["direction"] == "up"
    assert both["comparison"]["headline"]["before"] == 26.7


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("csv", b"\xef\xbb\xbf"),
        ("xlsx", b"PK"),
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("table", b"Contestaron 74"),
    ],
)
def test_every_format_comes_out(batea, form, begins, tmp_path):
    assert batea("poll", "results", "Q05_v1", "--format", form).startswith(begins)
    file = tmp_path / f"results.{form}"
    batea("poll", "results", "Q05_v1", "--format", form, "--output", str(file))
    assert file.read_bytes().startswith(begins)


def test_the_tables_speak_english_too(batea):
    text = batea("poll", "results", "Q05_v1", "--compare", "0", "--language", "en").decode()
    assert "74 people answered" in text
    assert "rose" in text
    assert re.search(r"In person|in person", text)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["Q06_v1"], 1, "was never asked"),
        (["Q05_v1", "--round", "7"], 1, "there is no round 7"),
        (["Q05_v1", "--round", "0", "--compare", "1"], 2, "not earlier"),
        (["Q05_v1", "--format", "xls"], 2, "xls"),
    ],
)
def test_wrong_use_is_told_in_one_line(batea, arguments, code, says):
    assert says in batea("poll", "results", *arguments, code=code)


def test_lists_tell_no_more_of_a_round_than_its_results(batea):
    opened = json.loads(batea("poll", "open", "Q06_v1", "--to", "all", "--json"))
    batea("poll", "in-person", opened["round"], "mucho=3", "poco=4")
    closed = json.loads(batea("poll", "close", opened["round"], "--json"))
    assert (closed["n"], closed["invited"]) == (None, None)
    listed = {one["round"]: one for one in json.loads(batea("poll", "list", "--json"))["rounds"]}
    assert listed[opened["round"]]["answered"] is None
    assert listed["Q05_v1-1"]["answered"] == 74, "whoever was asked in person is among them, as in the results"
    assert "too few" in batea("poll", "list").decode()

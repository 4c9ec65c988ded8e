"""`batea meeting`: announced, changed, called off, counted."""

import json
import sqlite3
import wave
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

SOON = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}T09:00"
MEETING = ("--committee", "taraza-management", "--place", "Escuela El Hato", "--agenda", "agua del río")


@pytest.fixture
def with_committee(tmp_path, batea):
    with closing(sqlite3.connect(tmp_path / "batea.db")) as connection, connection:
        connection.execute("INSERT INTO committee VALUES ('taraza-management', 'taraza', 'management', 'Comité de Gestión')")
    return batea


def announced(batea, *more):
    done = batea("meeting", "announce", *MEETING, "--at", SOON, "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_meeting_is_announced_changed_and_called_off(with_committee):
    made = announced(with_committee, "--landmark", "junto a la cancha", "--food", "--for", "women", "--language", "quz")
    assert (made["stage"], made["version"], made["at"]) == ("announced", 1, f"{SOON}:00-05:00")
    done = with_committee("meeting", "change", made["meeting"], "--place", "Casa comunal", "--json")
    assert json.loads(done.stdout)["version"] == 2
    done = with_committee("meeting", "cancel", made["meeting"], "--json")
    assert json.loads(done.stdout)["stage"] == "cancelled"
    listed = json.loads(with_committee("meeting", "list", "--json").stdout)
    assert [(row["meeting"], row["stage"], row["coming"]) for row in listed] == [(made["meeting"], "cancelled", 0)]


REFUSED = [
    (("--at", "2020-01-01T09:00"), "starts_at: past"),
    (("--at", "mañana"), "write it like 2026-12-05T09:00"),
    (("--at", "2026-04-31T09:00"), "write it like 2026-12-05T09:00"),
    (("--at", SOON, "--for", "men"), "all, women or members"),
    (("--at", SOON, "--agenda", "uno dos tres cuatro cinco seis siete ocho nueve"), "agenda: too_long"),
    (("--at", SOON, "--committee", "nobody"), "there is no committee"),
    (("--at", SOON[:10]), "the hour is missing"),
    (("--at", SOON, "--language", "la"), "language: unknown"),
    (("--at", SOON, "--contact", "Rosa 300 123 4567"), "contact: number"),
    (("--at", SOON, "--keep-place"), "contact: missing"),
]


def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_sent(with_committee):
    for words, why in REFUSED:
        done = with_committee("meeting", "announce", *MEETING, *words)
        assert done.returncode == 2, words
        assert why in done.stderr
        assert done.stderr.strip().count("\n") == 0
    assert json.loads(with_committee("meeting", "list", "--json").stdout) == []


def test_a_change_that_changes_nothing_and_a_count_before_it_began_are_refused(with_committee):
    made = announced(with_committee)
    assert "same" in with_committee("meeting", "change", made["meeting"], "--place", "Escuela El Hato").stderr
    early = with_committee("meeting", "attendance", made["meeting"], "--count", "7")
    assert early.returncode == 2
    assert with_committee("meeting", "cancel", "nothing").returncode == 2


def test_a_late_change_of_place_takes_a_second_person_whom_no_command_is(with_committee):
    soon = f"{datetime.now(UTC) + timedelta(hours=10):%Y-%m-%dT%H:%M}+00:00"
    made = json.loads(with_committee("meeting", "announce", *MEETING, "--at", soon, "--json").stdout)
    done = with_committee("meeting", "change", made["meeting"], "--place", "Casa comunal")
    assert (done.returncode, "within a day" in done.stderr) == (2, True)
    assert with_committee("meeting", "change", made["meeting"], "--food").returncode == 0


def test_two_at_the_same_hour_are_a_mistake(with_committee):
    announced(with_committee)
    again = with_committee("meeting", "announce", *MEETING, "--at", SOON.replace("09:00", "09:30"))
    assert (again.returncode, "starts_at: clash" in again.stderr) == (2, True)


@pytest.mark.parametrize(("seconds", "loud"), [(4.0, 0.0), (300.0, 0.3)])
def test_silence_and_five_minutes_are_refused(with_committee, tmp_path, seconds, loud):
    at = np.arange(int(seconds * 8000)) / 8000
    with wave.open(str(tmp_path / "note.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((loud * 32767 * np.sin(2 * np.pi * 220 * at)).astype("<i2").tobytes())
    done = with_committee("meeting", "announce", *MEETING, "--at", SOON, "--voice", str(tmp_path / "note.wav"))
    assert (done.returncode, "recording" in done.stderr) == (2, True)


def test_a_recording_that_nobody_could_hear_is_refused(with_committee, tmp_path):
    (tmp_path / "noise.ogg").write_bytes(b"no sound at all")
    done = with_committee("meeting", "announce", *MEETING, "--at", SOON, "--voice", str(tmp_path / "noise.ogg"))
    assert done.returncode == 2
    assert "recording" in done.stderr
    assert json.loads(with_committee("meeting", "list", "--json").stdout) == []

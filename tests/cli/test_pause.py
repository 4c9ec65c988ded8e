"""`batea pause` and `batea resume`."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_a_territory_is_paused_told_and_resumed(batea):
    done = batea("pause", "--territory", "bajo-cauca")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("paused: bajo-cauca, since ")
    assert batea("pause").stdout.count("\n") == 2
    assert "everywhere" in batea("pause", "list").stdout
    assert "bajo-cauca" not in batea("resume", "--territory", "bajo-cauca").stdout
    assert batea("resume").stdout == "nothing is paused\n"
    assert batea("pause", "resume").returncode == 0


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_an_unknown_territory_is_wrong_use_and_the_known_are_named(batea, command):
    done = batea(command, "--territory", "taraza")
    assert done.returncode == 2
    assert done.stderr == "batea: there is no territory 'taraza': use one of bajo-cauca\n"
    assert batea("pause", "list").stdout == "nothing is paused\n"


def test_without_a_database_it_fails_in_one_line(batea, tmp_path):
    done = batea("pause", BATEA_DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert done.returncode == 1
    assert done.stderr.startswith("batea: ")
    assert done.stderr.count("\n") == 1

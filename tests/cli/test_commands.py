"""Exit codes and errors: 0, 1 (it failed), 2 (wrong use), one line on stderr that says what to do."""

import importlib.util
import json
import os
import socket
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("chat_tests", Path(__file__).with_name("test_chat.py"))
chat_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chat_tests)
batea = chat_tests.batea


def one_line(done):
    errors = done.stderr.decode()
    assert errors.startswith("batea: "), errors
    assert errors.count("\n") == 1, errors
    return errors


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["serve"],
        ["chat"],
        ["doctor"],
        ["nlu"],
        ["nlu", "parse"],
        ["nlu", "eval"],
        ["nlu", "review"],
        ["content"],
        ["content", "check"],
        ["audio"],
        ["channels"],
        ["channels", "sync"],
        ["db"],
        ["keys", "rotate"],
        ["pause"],
        ["resume"],
    ],
)
def test_every_command_has_help(command):
    done = batea(*command, "--help")
    assert done.returncode == 0
    assert b"Usage: batea" in done.stdout


@pytest.mark.parametrize("command", [["serve", "--port", "99999"], ["chat", "--channel", "pigeon"], ["chat", "--from", "abc"]])
def test_wrong_use_is_exit_code_2(command):
    done = batea(*command)
    assert done.returncode == 2
    one_line(done)


def test_an_unknown_option_is_exit_code_2():
    assert batea("serve", "--wings").returncode == 2


def test_a_setting_that_cannot_be_used_is_told_in_one_line():
    done = batea("content", "check", DEMO="perhaps")
    assert done.returncode == 1
    assert "BATEA_DEMO" in one_line(done)


def test_serve_refuses_to_start_without_a_key(tmp_path):
    done = batea("serve", "--port", "0", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "BATEA_SECRET_KEY" in one_line(done)


def test_a_taken_port_is_told_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = batea("serve", "--port", str(port), DEMO="1")
    assert done.returncode == 1
    assert f"--port {port + 1}" in one_line(done)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_to_is_named():
    done = batea("db", "upgrade", DATA_DIR="/proc/batea")
    assert done.returncode == 1
    assert "BATEA_DATA_DIR" in one_line(done)


def test_parse_has_exactly_the_public_keys():
    done = batea("nlu", "parse", "--json", stdin="ola kiero saver del asogue\nmi marido me pega\ndonde compro mercurio\n\n")
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [line.keys() for line in lines] == [{"text", "intent", "confidence", "ranking", "danger", "unsafe"}] * 4
    assert lines[0]["text"] == "ola kiero saver del asogue"
    assert lines[0]["ranking"][0].keys() == {"intent", "confidence"}
    assert (lines[1]["intent"], lines[1]["danger"]) == ("ask_emergency", "violence")
    assert (lines[2]["intent"], lines[2]["unsafe"]) == ("unsafe_request", "mercury")
    assert lines[3]["intent"] == "out_of_scope"


def test_eval_has_exactly_the_public_keys(tmp_path):
    file = tmp_path / "some.tsv"
    file.write_text("greet\thola buenas\nout_of_scope\tcuanto vale el arroz\n", "utf-8")
    done = batea("nlu", "eval", str(file), "--json")
    assert json.loads(done.stdout).keys() == {
        "n", "accuracy", "macro_f1", "out_of_scope_recall", "out_of_scope_precision", "in_scope_rejected",
        "per_intent", "confusions", "p50_ms", "p95_ms", "train_s", "engine",
    }  # fmt: skip


@pytest.mark.parametrize("content", [None, "", "no tab here\n"])
def test_eval_of_an_unusable_file_says_so(tmp_path, content):
    file = tmp_path / "some.tsv"
    if content is not None:
        file.write_text(content)
    done = batea("nlu", "eval", str(file))
    assert done.returncode == 2
    one_line(done)


def test_content_check_has_exactly_the_public_keys():
    done = batea("content", "check", "--json")
    report = json.loads(done.stdout)
    assert report.keys() == {"modules", "problems"}
    assert report["problems"] == []
    assert report["modules"][0].keys() == {"id", "lessons", "steps", "countries", "status"}


def test_content_with_a_fault_fails_with_file_and_line(tmp_path):
    import shutil  # noqa: PLC0415

    shutil.copytree(chat_tests.ROOT / "content", tmp_path / "content")
    poll = tmp_path / "content" / "polls" / "Q04_v1.yml"
    poll.write_text(poll.read_text("utf-8") + "surprise: 1\n", "utf-8")
    done = batea("content", "check", CONTENT_DIR=str(tmp_path / "content"))
    assert done.returncode == 1
    assert b"Q04_v1.yml:" in done.stdout


def test_a_copy_of_the_database_can_be_put_back(tmp_path):
    env = {"DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": "a key that is long enough"}
    assert batea("db", "upgrade", **env).returncode == 0
    assert batea("db", "backup", str(tmp_path / "copy.db"), **env).returncode == 0
    assert batea("db", "restore", str(tmp_path / "copy.db"), **env).returncode == 0
    assert batea("db", "retention", **env).returncode == 0


def test_doctor_names_what_is_missing(tmp_path):
    done = batea("doctor", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert b"key: BROKEN BATEA_SECRET_KEY" in done.stdout
    assert b"database: BROKEN" in done.stdout


def test_help_imports_no_room():
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    heavy = ("numpy", "sqlalchemy", "sklearn", "telegram", "av", "starlette")
    probe = f"import sys, bot.cli.app; print([m for m in sys.modules if m in {heavy}])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, env=dict(os.environ), check=False)
    assert done.stdout.strip() == b"[]"


def test_pictures_are_drawn_with_a_page_that_says_what_each_shows(tmp_path):
    done = batea("content", "pictures", "--out", str(tmp_path / "out"), "m1-humo", "m1-cocina.svg")
    assert (done.returncode, done.stdout.decode().split()[0]) == (0, "2")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.html", "m1-cocina.png", "m1-humo.png"]
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "m1/humo: El humo que no se ve" in page
    assert "no lesson shows it" not in page


def test_a_picture_that_nobody_has_drawn_is_wrong_use(tmp_path):
    done = batea("content", "pictures", "--out", str(tmp_path), "unicornio")
    assert done.returncode == 2
    assert "unicornio.svg" in one_line(done)


def test_what_may_not_be_drawn_is_told_and_the_others_are_drawn(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{}</svg>'
    (images / "a.svg").write_text(frame.format("<script/>"))
    (images / "b.svg").write_text(frame.format('<circle cx="9" cy="9" r="9"/>'))
    done = batea("content", "pictures", "--out", str(tmp_path / "out"), CONTENT_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.decode().startswith("images/a.svg:0: has <script>")
    assert (tmp_path / "out" / "b.png").is_file()

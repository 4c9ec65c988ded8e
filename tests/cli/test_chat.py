"""`batea chat --json`: the exact shapes of design.md, section 4, through a real process."""

import json
import os
from pathlib import Path

import pytest
from standins import commands

ROOT = Path(__file__).resolve().parents[2]
LINE = {"turn", "input", "understood", "replies", "state"}
REPLY = {"text", "voice", "choices", "image", "rendered"}


def batea(*arguments, stdin="", **environment):
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "BATEA_DATA_DIR": str(ROOT / "var")}
    env |= {f"BATEA_{name}": value for name, value in environment.items()}
    return commands.run(*arguments, environment=env, folder=ROOT, stdin=stdin.encode())


def chat(*lines, channel="whatsapp", **options):
    done = batea("chat", "--fresh", "--json", "--channel", channel, stdin="\n".join(lines) + "\n", **options)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()], done.stderr.decode()


@pytest.fixture(scope="module")
def talk():
    lines, _ = chat(
        "ola",
        "si",
        "colombia",
        "si tengo 20",
        "escuchar",
        "ola kiero saver del asogue",
        "/button no:such",
        "/key 0",
        "aprender",
        "1",
        "1",
    )
    return lines


def test_each_line_is_answered_by_one_object_of_exactly_these_keys(talk):
    assert [line["turn"] for line in talk] == list(range(1, 12))
    for line in talk:
        assert line.keys() == LINE
        assert line["replies"]
        for reply in line["replies"]:
            assert reply.keys() == REPLY


def test_onboarding_leads_to_the_menu(talk):
    assert [line["state"] for line in talk[:5]] == [
        "onboarding:consent",
        "onboarding:country",
        "onboarding:age",
        "onboarding:mode",
        "menu",
    ]


def test_a_free_sentence_shows_what_was_understood(talk):
    understood = talk[5]["understood"]
    assert understood.keys() == {"intent", "confidence", "engine", "danger", "unsafe"}
    assert understood["intent"] == "ask_mercury"
    assert 0 < understood["confidence"] <= 1


def test_a_short_answer_needs_no_engine(talk):
    assert talk[1]["understood"] is None


def test_every_reply_has_a_voice_note_on_disk(talk):
    for line in talk:
        for reply in line["replies"]:
            voice = reply["voice"]
            assert voice.keys() == {"clip", "path", "mime", "duration_s"}
            assert voice["mime"] == "audio/ogg"
            assert 0 < voice["duration_s"] <= 60
            assert Path(voice["path"]).read_bytes().startswith(b"OggS")


def test_the_first_step_of_a_lesson_has_a_picture_on_disk(talk):
    images = [reply["image"] for line in talk for reply in line["replies"]]
    assert images[:-1] == [None] * (len(images) - 1)
    assert Path(images[-1]).read_bytes().startswith(b"\x89PNG")
    assert "media_url" in talk[-1]["replies"][-1]["rendered"][0]["params"]


def test_choices_have_key_id_and_label_and_are_at_most_five(talk):
    for line in talk:
        for reply in line["replies"]:
            assert len(reply["choices"]) <= 5
            for choice in reply["choices"]:
                assert choice.keys() == {"key", "id", "label"}
                assert len(choice["id"].encode("ascii")) <= 64


def test_sms_is_rendered_with_segments():
    lines, _ = chat("ola", channel="sms")
    call = lines[0]["replies"][0]["rendered"][0]
    assert call["api"] == "twilio.messages"
    assert call["params"]["body"]
    assert call["encoding"] == "GSM-7"
    assert call["segments"] <= 2


def test_telegram_is_rendered_with_buttons():
    lines, _ = chat("ola", channel="telegram")
    apis = [call["api"] for reply in lines[0]["replies"] for call in reply["rendered"]]
    assert apis[0] == "telegram.sendMessage"
    assert "telegram.sendVoice" in apis


def test_a_call_is_rendered_as_twiml_only():
    lines, _ = chat("/missed-call", "/key 1", channel="sms")
    for line in lines:
        for reply in line["replies"]:
            assert [call.keys() for call in reply["rendered"]] == [{"twiml"}]
            assert reply["rendered"][0]["twiml"].startswith("<?xml")


def test_danger_is_answered_before_consent_and_shown():
    lines, _ = chat("mi ermano se desmayo en el socabon y no respira")
    assert lines[0]["understood"]["danger"] == "accident"
    assert lines[0]["understood"]["intent"] == "ask_emergency"
    assert "123" in " ".join(reply["text"] for reply in lines[0]["replies"])


def test_a_wait_moves_the_clock_and_says_nothing_itself():
    lines, _ = chat("ola", "/wait 2d", "ola")
    assert lines[1]["replies"] == []
    assert lines[1]["state"] == lines[0]["state"]


def test_going_on_as_somebody_else_is_another_conversation():
    lines, _ = chat("ola", "si", "/as sms +573009990055", "ola", "/as whatsapp +573009990001", "/key 8")
    assert lines[1]["state"] == "onboarding:country"
    assert lines[2]["state"] == "onboarding:welcome"
    assert lines[3]["state"] == "onboarding:consent"
    assert lines[5]["state"] == "onboarding:country"


@pytest.mark.parametrize(
    "line", ["", "x" * 10_000, "🙂🙂", "\u202eola\u200f", "a\x00b", "/voice nothing.ogg", "/location 7.5 -75.4", "/key 77"]
)
def test_odd_input_gets_a_kind_reply_and_loses_nothing(line):
    lines, errors = chat("ola", "si", line, "/key 8")
    assert lines[2]["replies"]
    assert lines[3]["state"] == "onboarding:country"
    assert "Traceback" not in errors


@pytest.mark.parametrize("line", ["/wait soon", "/as pigeon 3", "/as sms 12", "/location here", "/button", "/key", "/voice"])
def test_a_command_that_cannot_be_read_is_explained(line):
    lines, errors = chat(line, "ola")
    assert len(lines) == 1
    assert errors.startswith("batea: ")
    assert errors.count("\n") == 1


def test_bytes_that_are_no_text_are_survived():
    done = batea("chat", "--fresh", "--json", stdin="")
    assert done.returncode == 0

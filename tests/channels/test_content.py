"""WhatsApp's Content resources: made once, kept by name and hash, filled in for each reply."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from channels.content_api import ContentApi
from channels.loopback import Answer, loopback
from channels.requests_made import settings

from bot.channels.content_sids import ContentSids
from bot.channels.content_sync import ContentShelf, Synced
from bot.channels.content_templates import ContentTemplate, fillings, key_for, read_file, templates
from bot.channels.registry import build_channel
from bot.channels.surroundings import Surroundings
from bot.domain.errors import ContentError, SendError
from bot.domain.message import Address, ChannelName, Choice, Clip, Rendered, Reply, Speech
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
WHOLE = yaml.safe_load((ROOT / "content" / "templates.yml").read_text("utf-8"))
FILE = {**WHOLE, "messages": {}}
INVITATION = Reply("window.invitation", "Conteste.", choices=(Choice("1", "window.open", "Recibirlo"),))
CLIP = Clip("abc", "/clips/abc.ogg", "audio/ogg", 3.0)
URL = "https://bot.example.org/media/abc.ogg"


def wanted(**changes: object) -> tuple[ContentTemplate, ...]:
    return templates(read_file({**FILE, **changes}), INVITATION)


@pytest.fixture
def api() -> Iterator[ContentApi]:
    server = ContentApi()
    with loopback(server=server):
        yield server


@pytest.fixture
def config(api: ContentApi, tmp_path: Path) -> Settings:
    return settings(TWILIO_API_URL=api.url, DATA_DIR=str(tmp_path))


def sync(config: Settings, **changes: object) -> list[Synced]:
    shelf = ContentShelf(config, Surroundings())
    try:
        return list(shelf.sync(wanted(**changes)))
    finally:
        shelf.close()


def render(config: Settings, reply: Reply, *, spoken: bool = True) -> list[Rendered]:
    channel = build_channel("whatsapp", config, Surroundings(invitation_id=INVITATION.id))
    to = Address(ChannelName.WHATSAPP, "+573001112222")
    return list(channel.render(reply, to, CLIP if spoken else None, URL if spoken else None))


def choices(number: int, label: str = "Sí") -> tuple[Choice, ...]:
    return tuple(Choice(str(n), f"id{n}", label) for n in range(1, number + 1))


def test_a_sync_makes_what_is_missing_and_asks_for_the_approval(api: ContentApi, config: Settings) -> None:
    done = sync(config)
    assert [one.template.key for one in done] == [
        *(f"buttons_{n}" for n in (1, 2, 3)),
        *(f"{kind}_{n}" for kind in ("list", "described") for n in range(2, 6)),
        "invitation",
    ]
    assert all(one.made for one in done)
    assert done[-1].approval == "received"
    invited = api.made[done[-1].sid]
    assert invited["types"]["twilio/quick-reply"]["actions"] == [
        {"type": "QUICK_REPLY", "title": "1 Recibirlo", "id": "window.open"}
    ]
    assert api.approvals == {done[-1].sid: {"name": invited["friendly_name"], "category": "UTILITY"}}


def test_a_second_sync_changes_nothing(api: ContentApi, config: Settings) -> None:
    first = sync(config)
    made = len(api.posts)
    again = sync(config)
    assert len(api.posts) == made
    assert [one.sid for one in again] == [one.sid for one in first]
    assert not any(one.made for one in again)
    assert again[-1].approval == "pending"


def test_what_is_changed_gets_a_new_name_and_the_old_stays(api: ContentApi, config: Settings) -> None:
    sync(config)
    changed = [one for one in sync(config, list_button="Abrir") if one.made]
    assert {one.template.key for one in changed} == {f"{kind}_{n}" for kind in ("list", "described") for n in range(2, 6)}
    assert len(api.made) == 20


def test_a_lost_file_is_made_again_from_what_twilio_holds(api: ContentApi, config: Settings, tmp_path: Path) -> None:
    first = sync(config)
    (tmp_path / "whatsapp-content.json").unlink()
    assert render(config, Reply("x", "Hola", choices=choices(2)))[0].params.get("content_sid") is None
    sync(config)
    assert render(config, Reply("x", "Hola", choices=choices(2)))[0].params["content_sid"] == first[1].sid


def test_a_sync_that_breaks_off_leaves_what_was_kept(api: ContentApi, config: Settings) -> None:
    first = sync(config)
    api.answers.extend([Answer.of(200, {"contents": [], "meta": {"key": "contents"}}), Answer.of(401, {"code": 20003})])
    with pytest.raises(SendError):
        sync(config)
    assert ContentSids(config.data_dir, config.twilio_account_sid).get("buttons_1") == first[0].sid


def test_a_running_server_sees_a_sync(config: Settings, tmp_path: Path) -> None:
    sids = ContentSids(tmp_path, "AC1")
    assert sids.get("list_4") == ""
    sids.save({"list_4": "HX1"})
    assert sids.get("list_4") == "HX1"
    ContentSids(tmp_path, "AC1").save({"list_4": "HX2"})
    os.utime(tmp_path / "whatsapp-content.json", ns=(1, 1))
    assert sids.get("list_4") == "HX2"


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"account": "AC1"}', '{"account": "AC2", "sids": {"list_4": "HX1"}}'])
def test_a_broken_file_or_one_of_another_account_counts_as_none(tmp_path: Path, kept: str) -> None:
    (tmp_path / "whatsapp-content.json").write_text(kept)
    assert ContentSids(tmp_path, "AC1").get("list_4") == ""


def test_a_template_holds_no_more_than_whatsapp_takes() -> None:
    for template in wanted():
        assert len(template.name) <= 64
        assert template.name.replace("_", "").isalnum()
        assert template.name == template.name.lower()
        assert set(template.variables) == {str(n + 1) for n in range(len(template.variables))}
        assert all(value and len(value) <= 20 for name, value in template.variables.items() if name != "1")


@pytest.mark.parametrize(
    "changes",
    [
        {"list_button": "x" * 21},
        {"buttons": [4]},
        {"lists": [11]},
        {"lists": "no"},
        {"unknown": 1},
        {"language": "español"},
        {"messages": {"x1": {"text": "Hoy en {place}.", "category": "UTILITY"}}},
        {"messages": {"x1": {"text": "Hoy.", "category": "UTILITY", "example": {"place": "x"}}}},
        {"messages": {"x1": {"text": "{place} hoy.", "category": "UTILITY", "example": {"place": "x"}}}},
        {"messages": {"x1": {"text": "Hoy en {}.", "category": "UTILITY", "example": {"": "x"}}}},
        {"messages": {"X-1": {"text": "Hoy.", "category": "UTILITY"}}},
        {"messages": {"x1": {"text": "Hoy.", "category": "OTHER"}}},
    ],
)
def test_a_file_that_whatsapp_would_not_take_is_an_error_with_its_name(changes: dict[str, object]) -> None:
    with pytest.raises(ContentError, match=r"templates\.yml"):
        wanted(**changes)


@pytest.mark.parametrize(
    ("offered", "key"),
    [
        ((), ""),
        (choices(1), "buttons_1"),
        (choices(3), "buttons_3"),
        (choices(3, "x" * 18), "buttons_3"),
        (choices(3, "x" * 19), "list_3"),
        (choices(3, "x" * 22), "list_3"),
        (choices(3, "x" * 23), "described_3"),
        (choices(3, "x" * 70), "described_3"),
        (choices(3, "x" * 71), ""),
        (choices(4), "list_4"),
        (choices(5, "x" * 22), "list_5"),
    ],
)
def test_three_short_options_are_buttons_more_or_longer_ones_a_list(offered: tuple[Choice, ...], key: str) -> None:
    assert key_for(offered) == key


def test_a_reply_with_options_is_one_message_with_them_filled_in(config: Settings) -> None:
    done = {one.template.key: one.sid for one in sync(config)}
    offered = (Choice("1", "learn", "Aprender"), Choice("0", "menu", "Menú"))
    text, voice = render(config, Reply("x", "¿Qué quiere?", Speech("x"), offered))
    assert text.params["content_sid"] == done["buttons_2"]
    filled = json.loads(str(text.params["content_variables"]))
    assert (
        filled
        == {"1": "¿Qué quiere?", "2": "1 Aprender", "3": "learn", "4": "0 Menú", "5": "menu"}
        == fillings("¿Qué quiere?", offered)
    )
    assert "body" not in text.params
    assert voice.params["media_url"] == [URL]
    assert (text.follows, voice.follows) == (False, True)


@pytest.mark.parametrize("reply", [
    Reply("x", "a" * 256, choices=choices(2)),
    Reply("x", "dos\nlíneas", choices=choices(2)),
    Reply("x", "", choices=choices(2)),
    Reply("x", "Hola", choices=choices(2, "x" * 80)),
    Reply("x", "Hola", choices=choices(6)),
    Reply("x", "Hola"),
])  # fmt: skip
def test_what_does_not_fit_a_template_is_written_out(config: Settings, reply: Reply) -> None:
    sync(config)
    (call,) = render(config, reply, spoken=False)
    assert "content_sid" not in call.params
    assert all(choice.label in str(call.params["body"]) for choice in reply.choices)


def test_the_invitation_is_the_template_and_carries_no_voice(config: Settings) -> None:
    sid = sync(config)[-1].sid
    (call,) = render(config, INVITATION)
    assert call.params["content_sid"] == sid
    assert not {"body", "media_url", "content_variables"} & set(call.params)


def test_a_long_option_stands_below_its_key(config: Settings) -> None:
    done = {one.template.key: one.sid for one in sync(config)}
    offered = (Choice("1", "next", "El azogue se lleva su oro"), Choice("2", "menu", "Menú"))
    (call,) = render(config, Reply("x", "¿Qué sigue?", choices=offered), spoken=False)
    assert call.params["content_sid"] == done["described_2"]
    filled = json.loads(str(call.params["content_variables"]))
    assert list(filled.values()) == ["¿Qué sigue?", "1", "next", "El azogue se lleva su oro", "2", "menu", "Menú"]


@pytest.mark.parametrize("label", ["Sí", "Un poco más larga que eso", "Una opción que cabe solo debajo de su número"])
@pytest.mark.parametrize("code", [21655, 63027, 92006])
def test_buttons_that_twilio_no_longer_has_go_out_as_numbered_text(
    api: ContentApi, config: Settings, label: str, code: int
) -> None:
    sync(config)
    (call,) = render(config, Reply("x", "¿Acepta?", choices=choices(2, label)), spoken=False)
    assert "content_sid" in call.params
    channel = build_channel("whatsapp", config)
    api.answers.extend([Answer.of(400, {"code": code}), Answer.of(201, {"sid": "SM1"})])
    try:
        assert channel.send(call) == "SM1"
    finally:
        channel.close()
    sent = api.calls[-1].form
    assert sent["Body"] == f"¿Acepta?\n\n1. {label}\n2. {label}"
    assert "ContentSid" not in sent
    assert sent["To"] == "whatsapp:+573001112222"


def test_an_invitation_that_twilio_no_longer_has_is_a_failure(api: ContentApi, config: Settings) -> None:
    sync(config)
    (call,) = render(config, INVITATION)
    channel = build_channel("whatsapp", config)
    api.answers.append(Answer.of(400, {"code": 21655}))
    try:
        with pytest.raises(SendError):
            channel.send(call)
    finally:
        channel.close()


def test_an_approved_message_is_made_with_numbered_slots_and_its_approval_is_asked_for(api: ContentApi, config: Settings) -> None:
    done = {one.template.key: one for one in sync(config, messages=WHOLE["messages"])}
    meeting = api.made[done["message_reunion"].sid]
    assert "{{1}} se reúne el {{2}} en {{3}}" in meeting["types"]["twilio/text"]["body"]
    assert set(meeting["variables"]) == {"1", "2", "3"}
    assert api.approvals[done["message_taller"].sid]["category"] == "MARKETING"


def test_an_approved_message_goes_out_alone_with_what_fills_its_slots(config: Settings) -> None:
    sids = {one.template.key: one.sid for one in sync(config, messages=WHOLE["messages"])}
    filled = (("comite", "de gestión"), ("cuando", "el sábado"), ("lugar", "la escuela"))
    (call,) = render(config, Reply("x", "Lo mismo", Speech("x"), template="reunion", variables=filled))
    assert call.params["content_sid"] == sids["message_reunion"]
    assert json.loads(str(call.params["content_variables"])) == {"1": "de gestión", "2": "el sábado", "3": "la escuela"}
    assert not {"body", "media_url"} & set(call.params)


def test_a_message_that_was_not_synced_is_written_out(config: Settings) -> None:
    sync(config)
    text, _voice = render(config, Reply("x", "Lo mismo", template="reunion"))
    assert text.params["body"] == "Lo mismo"

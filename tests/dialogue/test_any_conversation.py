"""Whatever people send, in whatever order: an answer, at most five choices, and a state that a later turn can read."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standins.talk import NOW, Shelf, Talk

from bot.dialogue.scene import public
from bot.dialogue.words import Words
from bot.domain.conversation import State
from bot.domain.message import ChannelName, InboundKind
from bot.domain.person import Person

WORDS = st.sampled_from(
    [
        "si",
        "no",
        "hola",
        "baja",
        "borrar",
        "para",
        "menu",
        "aprender",
        "encuesta",
        "reuniones",
        "una persona",
        "que es el asogue",
        "dinamita",
    ]
)
TEXTS = st.one_of(WORDS, st.sampled_from("0123456789*#"), st.text(max_size=40))
BUTTONS = st.sampled_from(["menu:learn", "menu:human", "poll:Q/Q:a", "meeting:x:yes", "quiz:m1/humo/q1:a", "a:b:c"])
EVENTS = st.one_of(
    st.tuples(st.just(InboundKind.TEXT), TEXTS),
    st.tuples(st.just(InboundKind.KEY), st.sampled_from([*"0123456789*#", "", "11"])),
    st.tuples(st.just(InboundKind.BUTTON), st.one_of(st.text(max_size=70), BUTTONS)),
    st.tuples(st.sampled_from([InboundKind.VOICE, InboundKind.MEDIA, InboundKind.MISSED_CALL]), st.just("")),
)  # fmt: skip
FIELDS = {InboundKind.TEXT: "text", InboundKind.KEY: "key", InboundKind.BUTTON: "button"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=25), enrolled=st.booleans(), channel=st.sampled_from(ChannelName))
def test_any_conversation_goes_on(
    entries: dict[str, Any], words: Words, events: list[tuple[InboundKind, str]], enrolled: bool, channel: ChannelName
) -> None:
    talk = Talk(Person("p1", NOW), Shelf(entries), words)
    talk.around.channel = channel
    if enrolled:
        for text in ("hola", "1", "1", "1", "1"):
            talk.say(text)
    for kind, content in events:
        assert talk.send(kind, **({FIELDS[kind]: content} if kind in FIELDS else {}))
        assert talk.last is not None
        assert all(reply.text and len(reply.choices) <= 5 for reply in talk.last.replies)
        assert State.from_json(talk.state.to_json()) == talk.state
        assert public(talk.state)

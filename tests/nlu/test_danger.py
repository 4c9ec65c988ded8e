from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import ContentError
from bot.domain.understanding import Alarm, Danger, Unsafe
from bot.nlu import danger_rules
from bot.nlu.danger import Watch

HERE = Path(__file__).parent
ALARMS = yaml.safe_load((HERE / "alarms.yml").read_text(encoding="utf-8"))
HARMLESS = yaml.safe_load((HERE / "harmless.yml").read_text(encoding="utf-8"))
DANGERS = [(kind, text) for kind, listed in ALARMS["danger"].items() for text in listed]
REQUESTS = [(kind, text) for kind, listed in ALARMS["unsafe"].items() for text in listed]


def test_every_kind_has_sentences() -> None:
    assert set(ALARMS["danger"]) == set(Danger)
    assert set(ALARMS["unsafe"]) == set(Unsafe)


@pytest.mark.parametrize(("kind", "text"), DANGERS)
def test_danger_is_seen(watch: Watch, kind: str, text: str) -> None:
    assert watch.alarm(text).danger is not None, kind


@pytest.mark.parametrize(("kind", "text"), REQUESTS)
def test_an_unsafe_request_is_seen(watch: Watch, kind: str, text: str) -> None:
    assert watch.alarm(text).unsafe is not None, kind


def test_the_kind_is_right_but_for_a_few_that_touch_two(watch: Watch) -> None:
    wrong = [text for kind, text in DANGERS if watch.alarm(text).danger != kind]
    wrong += [text for kind, text in REQUESTS if watch.alarm(text).unsafe != kind]
    assert len(wrong) <= 0.03 * (len(DANGERS) + len(REQUESTS)), wrong


def test_ordinary_talk_raises_no_alarm(watch: Watch) -> None:
    alarmed = [text for text in HARMLESS if watch.alarm(text)]
    assert len(alarmed) <= 0.01 * len(HARMLESS), alarmed


@pytest.mark.parametrize(
    "text",
    [
        "el niño trago asogue",
        "EL NIÑO SE TRAGÓ EL AZOGUE!!!",
        "se derunbo el sokabon",
        "sederrumbo el socavon",
        "mepega mi marido",
        "me amenasaron",
        "nos amenzaaron de muerte",
        "me kiero morir",
        "me qiero morirrrr",
        "hola buenas tardes disculpe la molestia es que mi compañero se desmallo adentro que hago",
        "n o respira no respira",
        "esta intosicado con merkurio",
    ],
)
def test_danger_is_seen_in_any_spelling(watch: Watch, text: str) -> None:
    assert watch.alarm(text).danger is not None


def test_one_wrong_letter_in_a_long_word_hides_little(watch: Watch) -> None:
    """A wrong letter can make another word ("mordió", "murió"), so not every alarm can survive."""
    luck = random.Random(7)
    hidden = []
    for _, text in DANGERS:
        listed = text.split()
        at = max(range(len(listed)), key=lambda index: len(listed[index]))
        word = listed[at]
        place = luck.randrange(1, len(word))
        listed[at] = word[:place] + luck.choice("aeiorsnl") + word[place + luck.randrange(2) :]
        if watch.alarm(" ".join(listed)).danger is None:
            hidden.append(" ".join(listed))
    assert len(hidden) <= 0.06 * len(DANGERS), hidden


def test_a_harmless_idiom_does_not_hide_a_danger_beside_it(watch: Watch) -> None:
    assert watch.alarm("me muero de hambre y mi marido me pega").danger == Danger.VIOLENCE


def test_danger_and_an_unsafe_request_are_both_seen(watch: Watch) -> None:
    alarm = watch.alarm("mi hijo tragó mercurio, qué pastilla le doy para sacarlo")
    assert alarm == Alarm(Danger.POISONING, Unsafe.MEDICAL)


@given(st.text(max_size=300))
def test_nothing_makes_it_fail(watch: Watch, text: str) -> None:
    assert isinstance(watch.alarm(text), Alarm)


def test_a_very_long_message_is_read_quickly(watch: Watch) -> None:
    began = time.perf_counter()
    assert watch.alarm("palabra " * 1200 + "me quiero morir").danger == Danger.SELFHARM
    assert time.perf_counter() - began < 1.0


def test_reading_a_message_takes_less_than_half_a_millisecond(watch: Watch) -> None:
    texts = [text for _, text in (*DANGERS, *REQUESTS)] + HARMLESS
    for text in texts:
        watch.alarm(text)
    began = time.perf_counter()
    for text in texts:
        watch.alarm(text)
    assert (time.perf_counter() - began) / len(texts) < 0.002, "measured 0.15 ms; the bound leaves room for a busy machine"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("groups: {}\ndanger: {}\nunsafe: {}\n", 1),
        ("groups: {}\ndanger:\n  fire: [a]\nunsafe: {}\nharmless: {}\n", 3),
        ("groups: {}\ndanger:\n  threat:\n    - me @none\nunsafe: {}\nharmless: {}\n", 4),
        ("groups: {}\ndanger:\n  threat:\n    - 7\nunsafe: {}\nharmless: {}\n", 4),
        ('groups: {}\ndanger:\n  threat:\n    - ".."\nunsafe: {}\nharmless: {}\n', 4),
        ('groups: {}\ndanger:\n  threat:\n    - "?!|a"\nunsafe: {}\nharmless: {}\n', 4),
    ],
)
def test_a_mistake_in_the_rules_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "danger.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        danger_rules.read(path)
    assert caught.value.line == line

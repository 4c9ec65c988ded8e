"""Spanish in the letters of SMS."""

# ruff: noqa: RUF001 - the look-alikes are what gets folded

import pytest
from channels.captured import captured
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import gsm7


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("¿Cuándo lloverá mañana?", "¿Cuando llovera mañana?"),
        ("ÁÍÓÚ áíóú", "AIOU aiou"),
        ("ñÑüÜéÉ¿¡àèìòù", "ñÑüÜéÉ¿¡àèìòù"),
        ("n\u0303 e\u0301 i\u0301", "ñ é i"),
        ("“Así” «no» ‘va’", '"Asi" "no" \'va\''),
        ("uno – dos — tres…", "uno - dos - tres..."),
        ("2️⃣ Sí 👍🏽", "2 Si"),
        ("½ kg de CO₂, 3 m³", "1/2 kg de CO2, 3 m3"),
        ("a\u00a0b\tc", "a b c"),
        ("uno\r\ndos\r\n\r\n\r\n\r\ntres", "uno\ndos\n\ntres"),
        ("🌧️", ""),
        ("\u202eabc\u200b", "abc"),
        ("€ [a] {b}", "€ [a] {b}"),
    ],
)
def test_folding_keeps_the_meaning(text, folded):
    assert gsm7.fold(text) == folded


def test_twilios_own_replacements_all_end_in_the_alphabet():
    for character in captured("sms_segments")["smart_encoding_map"]["map"]:
        assert gsm7.fits(gsm7.fold(character))


@given(st.text())
def test_folding_is_total_and_done_once(text):
    folded = gsm7.fold(text)
    assert gsm7.fits(folded)
    assert gsm7.fold(folded) == folded

from __future__ import annotations

import pytest

from bot.domain.masking import masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("llameme al 3001234567", "llameme al #"),
        ("al +57 300 123 45 67 por favor", "al +# por favor"),
        ("cedula 1.098.765.432", "cedula #"),
        ("a las 12/03/1985 nací", "a las # nací"),
        ("rosa.q@correo.co pues", "@ pues"),
        ("soy @rosa en telegram", "soy @ en telegram"),
        ("mire https://ejemplo.co/x?tel=1 eso", "mire @ eso"),
        ("me pagan 250 por 3 gramos", "me pagan 250 por 3 gramos"),
        ("", ""),
    ],
)
def test_numbers_and_addresses_are_taken_out_and_talk_is_left(text: str, left: str) -> None:
    assert masked(text) == left
    assert masked(left) == left

import pytest

from bot.domain.person import Country
from bot.domain.telephone_number import NumberProblem, read_number

CO, PE = Country.CO, Country.PE


@pytest.mark.parametrize(("typed", "country", "number"), [
    ("300 123 4567", None, ("+573001234567", CO)),
    ("+57 (300) 123-4567", None, ("+573001234567", CO)),
    ("573001234567", CO, ("+573001234567", CO)),
    ("0057 300 123 4567", None, ("+573001234567", CO)),
    ("3001234567.0", None, ("+573001234567", CO)),
    ("'3001234567", None, ("+573001234567", CO)),
    ("912 345 678", PE, ("+51912345678", PE)),
    ("+51 912 345 678", CO, ("+51912345678", PE)),
    ("", None, NumberProblem.MISSING),
    ("5,73E+11", None, NumberProblem.ROUNDED),
    ("5.73001E+11", None, NumberProblem.ROUNDED),
    ("604 123 4567", None, NumberProblem.LANDLINE),
    ("+57 601 123 4567", None, NumberProblem.LANDLINE),
    ("01 234 5678", PE, NumberProblem.LANDLINE),
    ("+51 54 123456", None, NumberProblem.LANDLINE),
    ("+1 202 555 0100", None, NumberProblem.ELSEWHERE),
    ("+57 200 123 4567", None, NumberProblem.WRONG),
    ("912345678", CO, NumberProblem.WRONG),
    ("hola", None, NumberProblem.WRONG),
    ("٣٠٠١٢٣٤٥٦٧", None, NumberProblem.WRONG),
    ("3" * 40, None, NumberProblem.WRONG),
])  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed, country, number):
    assert read_number(typed, country) == number

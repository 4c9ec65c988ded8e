import subprocess
import sys

import pytest

from bot.channels.numbering import read_number
from bot.domain.home import country_of
from bot.domain.person import Country
from bot.domain.telephone_number import NumberProblem

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
    ("604 234 5678", None, NumberProblem.LANDLINE),
    ("+57 601 123 4567", None, NumberProblem.LANDLINE),
    ("01 234 5678", PE, NumberProblem.LANDLINE),
    ("+51 54 123456", None, NumberProblem.LANDLINE),
    ("+1 202 555 0100", None, NumberProblem.ELSEWHERE),
    ("+57 200 123 4567", None, NumberProblem.WRONG),
    ("912345678", CO, NumberProblem.WRONG),
    ("300 123 4567", PE, NumberProblem.WRONG),
    ("57 300 123 4567", PE, ("+573001234567", CO)),
    ("+57 399 999 9999", None, NumberProblem.WRONG),
    ("01 800 012 3456", CO, NumberProblem.WRONG),
    ("hola", None, NumberProblem.WRONG),
    ("300 CALL NOW", CO, NumberProblem.WRONG),
    ("300 123 4567 ext. 5", CO, NumberProblem.WRONG),
    ("٣٠٠١٢٣٤٥٦٧", None, NumberProblem.WRONG),
    ("3" * 40, None, NumberProblem.WRONG),
])  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed, country, number):
    assert read_number(typed, country) == number


def test_an_address_tells_its_country_by_its_beginning():
    values = ["+573001234567", "+51912345678", "bsuid:CO.1234", "bsuid:PE.12", "bsuid:MX.1", "+12025550100", "3527065", ""]
    assert [country_of(value) for value in values] == [CO, PE, CO, PE, None, None, None, None]


def test_nothing_that_is_imported_to_serve_reads_the_numbering_plans():
    code = "import sys, bot.wiring, bot.web.app, bot.web.staff.site; print('phonenumbers' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "False"

"""Days and hours as people say them, with a clock that stands still: Monday 23 November 2026, ten in the morning."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from bot.dialogue.spoken_time import Problem, read
from bot.dialogue.time_words import TimeWords
from bot.domain.errors import ContentError

CONTENT = Path(__file__).parents[2] / "content"
BOGOTA = timezone(timedelta(hours=-5))
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BOGOTA)
LATE = datetime(2026, 11, 23, 23, 50, tzinfo=BOGOTA)
AFTER_MIDNIGHT = datetime(2026, 11, 24, 0, 20, tzinfo=BOGOTA)
SATURDAY = datetime(2026, 11, 28, 10, 0, tzinfo=BOGOTA)


@pytest.fixture(scope="module")
def words() -> TimeWords:
    return TimeWords.from_mapping(yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8"))["times"])


# What is said, the day (month, day), and the hour; `~` before an hour: nobody said whether it is morning or afternoon.
SAID = """
el sábado a las nueve | 11-28 | ~09:00
el sabado a las nuebe | 11-28 | ~09:00
sabado a las 9 | 11-28 | ~09:00
sábado 9 am | 11-28 | 09:00
sabado 9am | 11-28 | 09:00
el savado a las nueve de la mañana | 11-28 | 09:00
el sabado a las 9 de la manana | 11-28 | 09:00
el sábado por la mañana a las nueve | 11-28 | 09:00
el sabado en la tarde a las 3 | 11-28 | 15:00
este sabado a las tres de la tarde | 11-28 | 15:00
el proximo sabado a las 3 pm | 11-28 | 15:00
el sabado que viene a las 3 p.m. | 11-28 | 15:00
el sábado entrante, 3 de la tarde | 11-28 | 15:00
sabado 28 a las 9 | 11-28 | ~09:00
sábado 28 de noviembre a las 9 de la mañana | 11-28 | 09:00
sabado 28 de nov 9:30 am | 11-28 | 09:30
el sabado 5 de diciembre a las diez | 12-05 | ~10:00
sabado 5 a las diez | 12-05 | ~10:00
el sabado 5 9 am | 12-05 | 09:00
sabado nueve | 11-28 | ~09:00
el martes a las dos y media de la tarde | 11-24 | 14:30
el marte a las dos | 11-24 | ~14:00
martez a las 2 | 11-24 | ~14:00
miercoles a las siete de la noche | 11-25 | 19:00
el miércoles a las 7 y cuarto de la noche | 11-25 | 19:15
el miercole a las ocho | 11-25 | ~08:00
mierkoles a las 8 | 11-25 | ~08:00
jueves 26 a las 4 | 11-26 | ~16:00
el juebes a las cuatro | 11-26 | ~16:00
el jueves a las cuatro y veinte | 11-26 | ~16:20
viernes a las cinco menos cuarto de la tarde | 11-27 | 16:45
el biernes a un cuarto para las cinco | 11-27 | ~16:45
viernes faltando 10 para las 5 | 11-27 | ~16:50
el domingo a las doce del dia | 11-29 | 12:00
domingo al mediodia | 11-29 | 12:00
el domingo a medio dia | 11-29 | 12:00
el domingo 12 m | 11-29 | 12:00
domingo 29 a las 12 | 11-29 | ~12:00
el lunes a las 9 | 11-30 | ~09:00
el lunes a las nueve en punto | 11-30 | ~09:00
lunes 30 de noviembre 9 a.m. | 11-30 | 09:00
lunes 7 de diciembre a la una de la tarde | 12-07 | 13:00
lunes 7 a la una | 12-07 | ~13:00
mañana a las 9 | 11-24 | ~09:00
mañna a las nuebe | 11-24 | ~09:00
manana a las 9 de la manana | 11-24 | 09:00
mañana a las nueve de la mañana | 11-24 | 09:00
mañana por la mañana a las 9 | 11-24 | 09:00
mañana en la tarde a las 2 | 11-24 | 14:00
mañana 2pm | 11-24 | 14:00
mañana martes a las 2 pm | 11-24 | 14:00
mañana 14:30 | 11-24 | 14:30
mañana a las 14 horas | 11-24 | 14:00
mañana a las 7 de la noche | 11-24 | 19:00
mañana a medianoche | 11-24 | 00:00
mañana a la una y media | 11-24 | ~13:30
a las 9 de la mañana mañana | 11-24 | 09:00
pasado mañana | 11-25 |
pasado mañana a las diez | 11-25 | ~10:00
pasao mañana a las 10 y media | 11-25 | ~10:30
pasado manana a las diez y cuarto de la mañana | 11-25 | 10:15
pasadomañana 3 pm | 11-25 | 15:00
hoy a las 4 | 11-23 | 16:00
hoy a las cuatro de la tarde | 11-23 | 16:00
hoy mismo a las 6 de la tarde | 11-23 | 18:00
oy a las seis | 11-23 | 18:00
hoy a las 9 | 11-23 | 21:00
hoy a las once | 11-23 | ~11:00
14 de dic | 12-14 |
14 de diciembre | 12-14 |
el 14 de diciembre a las nueve | 12-14 | ~09:00
catorce de diciembre a las 9 am | 12-14 | 09:00
el catorse de disiembre a las nueve de la mañana | 12-14 | 09:00
14 diciembre 9 am | 12-14 | 09:00
14 dic 9:00 | 12-14 | ~09:00
diciembre 14 a las 2 | 12-14 | ~14:00
14/12 | 12-14 |
14/12 a las 9 | 12-14 | ~09:00
14-12 9:30 am | 12-14 | 09:30
14/12/2026 15:00 | 12-14 | 15:00
14/12/26 3 pm | 12-14 | 15:00
2026-12-14 15:00 | 12-14 | 15:00
14 de diciembre de 2026 a las 3 pm | 12-14 | 15:00
14 de diciembre del 2026 a las tres de la tarde | 12-14 | 15:00
primero de diciembre a las 8 am | 12-01 | 08:00
el 1 de diciembre a las ocho de la mañana | 12-01 | 08:00
1ro de diciembre 8am | 12-01 | 08:00
uno de diciembre a las 8 am | 12-01 | 08:00
el 28 | 11-28 |
el 28 a las 9 | 11-28 | ~09:00
el día 28 a las 9 de la mañana | 11-28 | 09:00
el veintiocho a las nueve | 11-28 | ~09:00
el veinteocho a las nueve | 11-28 | ~09:00
el treinta a las 9 | 11-30 | ~09:00
el 5 a las 9 | 12-05 | ~09:00
el 31 a las 10 | 12-31 | ~10:00
el 28 de este mes a las 9 am | 11-28 | 09:00
el 5 del otro mes a las 9 am | 12-05 | 09:00
el 5 del mes que viene | 12-05 |
el 10 del proximo mes a las dos de la tarde | 12-10 | 14:00
en tres dias a las 9 | 11-26 | ~09:00
dentro de tres días a las nueve de la mañana | 11-26 | 09:00
de aqui a tres dias | 11-26 |
en ocho dias | 11-30 |
dentro de ocho días a las dos | 11-30 | ~14:00
en quince dias a las dos de la tarde | 12-07 | 14:00
en una semana a las 9 am | 11-30 | 09:00
en dos semanas | 12-07 |
dentro de dos semanas a las 9 am | 12-07 | 09:00
de hoy en ocho | 11-30 |
de hoy en ocho a las 9 am | 11-30 | 09:00
de hoy en quince | 12-07 |
de mañana en ocho | 12-01 |
el sabado en ocho | 12-05 |
de este sabado en ocho a las 9 am | 12-05 | 09:00
el martes en ocho a las dos de la tarde | 12-01 | 14:00
el martes de la otra semana | 12-01 |
la otra semana el martes a las 3 pm | 12-01 | 15:00
el sabado de la proxima semana a las 9 am | 12-05 | 09:00
la semana entrante el jueves | 12-03 |
la semana que viene, el jueves a las 9 am | 12-03 | 09:00
jueves de la semana que biene a las 9 am | 12-03 | 09:00
fin de mes | 11-30 |
el 20 de enero a las 9 am | 01-20 | 09:00
5 de febrero | 02-05 |
5 de febrero de 2027 a las 9 am | 02-05 | 09:00
3 de marso a las 10 | 03-03 | ~10:00
a las 9 | | ~09:00
a las nueve | | ~09:00
a la una | | ~13:00
a las 9 de la mañana | | 09:00
a las 9 am | | 09:00
9 am | | 09:00
9am | | 09:00
9:30 | | ~09:30
9.30 pm | | 21:30
9 y media de la noche | | 21:30
nueve y media am | | 09:30
a las dies y media | | ~10:30
a las 10 y 45 | | ~10:45
a las once menos diez | | ~10:50
once menos cuarto de la mañana | | 10:45
cuarto para las tres de la tarde | | 14:45
20 para las 3 de la tarde | | 14:40
a las dose del dia | | 12:00
12 de la noche | | 00:00
12 del dia | | 12:00
1 de la tarde | | 13:00
6 de la mañana | | 06:00
5 de la madrugada | | 05:00
17 horas a las 17 | | 17:00
14h30 | | 14:30
las tres | | ~15:00
tipo 3 | | ~15:00
como a las 3 de la tarde | | 15:00
mediodía | | 12:00
a eso de las ocho de la noche | | 20:00
la reunion es el sabado a las nueve | 11-28 | ~09:00
seria el sábado, a las dos de la tarde pues | 11-28 | 14:00
quedamos el viernes 27 a las 3 pm por favor | 11-27 | 15:00
SABADO 9 AM | 11-28 | 09:00
sab 9 am | 11-28 | 09:00
vie 27 3pm | 11-27 | 15:00
no se | |
hola | |
cuando puedan | |
"""
TABLE = [tuple(part.strip() for part in line.split("|")) for line in SAID.strip().splitlines()]


def _day(text: str) -> date | None:
    if not text:
        return None
    month, day = map(int, text.split("-"))
    return date(2026 if month > 10 else 2027, month, day)


def test_the_table_is_long_enough() -> None:
    assert len({said for said, *_ in TABLE}) >= 150


@pytest.mark.parametrize(("said", "day", "hour"), TABLE, ids=[said for said, *_ in TABLE])
def test_what_is_said_is_understood(said: str, day: str, hour: str, words: TimeWords) -> None:
    found = read(said, words, MONDAY)
    assert found.problem is None
    assert found.day == _day(day)
    assert found.hour == (time.fromisoformat(hour.lstrip("~")) if hour else None)
    assert found.half_said is not hour.startswith("~")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("31 de abril", Problem.NO_SUCH_DAY),
        ("31 de abril a las 9", Problem.NO_SUCH_DAY),
        ("el treinta y uno de abril", Problem.NO_SUCH_DAY),
        ("30 de febrero", Problem.NO_SUCH_DAY),
        ("29 de febrero", Problem.NO_SUCH_DAY),
        ("31/4", Problem.NO_SUCH_DAY),
        ("el 32", Problem.NO_SUCH_DAY),
        ("14/13", Problem.NO_SUCH_DAY),
        ("ayer a las 9", Problem.PAST),
        ("antier", Problem.PAST),
        ("el sabado pasado a las nueve", Problem.PAST),
        ("14 de octubre", Problem.PAST),
        ("14/10/2026", Problem.PAST),
        ("20 de noviembre a las 9 am", Problem.PAST),
        ("hoy a las 9 de la mañana", Problem.PAST),
        ("hoy a las 9:30 am", Problem.PAST),
        ("el 20 de este mes", Problem.PAST),
        ("sabado 27", Problem.MISMATCH),
        ("sabado 27 de noviembre a las 9", Problem.MISMATCH),
        ("viernes 28 de noviembre", Problem.MISMATCH),
        ("mañana a las 25", Problem.NO_SUCH_HOUR),
        ("mañana 9:75", Problem.NO_SUCH_HOUR),
    ],
)
def test_what_cannot_be_is_told_apart(said: str, problem: Problem, words: TimeWords) -> None:
    found = read(said, words, MONDAY)
    assert found.problem is problem
    assert found.day is None


def test_tomorrow_said_just_before_midnight_is_asked_back(words: TimeWords) -> None:
    found = read("mañana a las 9 am", words, LATE)
    assert (found.day, found.other_day) == (date(2026, 11, 24), date(2026, 11, 25))


def test_tomorrow_said_just_after_midnight_is_asked_back(words: TimeWords) -> None:
    found = read("mañana a las 9 am", words, AFTER_MIDNIGHT)
    assert (found.day, found.other_day) == (date(2026, 11, 24), date(2026, 11, 25))


def test_saturday_said_on_a_saturday_is_asked_back(words: TimeWords) -> None:
    found = read("el sabado a las 3 pm", words, SATURDAY)
    assert (found.day, found.other_day) == (date(2026, 11, 28), date(2026, 12, 5))


def test_saturday_at_an_hour_that_is_past_today_is_the_next_one(words: TimeWords) -> None:
    found = read("el sabado a las 8 de la mañana", words, SATURDAY)
    assert (found.day, found.other_day, found.problem) == (date(2026, 12, 5), None, None)


def test_a_bare_number_is_what_was_asked_for(words: TimeWords) -> None:
    assert read("28", words, MONDAY, expects="day").day == date(2026, 11, 28)
    assert read("9", words, MONDAY, expects="hour").hour == time(9)
    assert read("nueve", words, MONDAY, expects="hour").hour == time(9)
    assert read("9", words, MONDAY).hour is None


def test_the_other_half_of_the_day_is_named(words: TimeWords) -> None:
    found = read("mañana a las 9", words, MONDAY)
    assert (found.hour, found.other_hour) == (time(9), time(21))


def test_days_and_hours_are_never_out_of_nothing(words: TimeWords) -> None:
    for said in ("", "?", "0", "a las", "el de la", "🎉", "xyz " * 50, "9" * 40, "mañana " * 100, "31/31/31", "99:99"):
        read(said, words, MONDAY)


def test_a_pin_that_came_too_early_is_no_hour(words: TimeWords) -> None:
    assert read("739164", words, MONDAY, expects="hour") == read("", words, MONDAY)


def test_words_that_are_missing_are_named() -> None:
    with pytest.raises(ContentError, match="times"):
        TimeWords.from_mapping({"weekdays": {}})

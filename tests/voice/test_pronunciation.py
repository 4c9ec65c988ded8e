"""Texts as people say them."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import ContentError
from bot.voice.pronunciation import Pronunciation

SAID = {
    # Telephone numbers, digit by digit
    "Llame al 155.": "Llame al uno, cinco, cinco.",
    "Llame al 123 (Colombia) o 106 (Perú).": "Llame al uno, dos, tres, Colombia, o uno, cero, seis, Perú.",
    "La línea 1810 es gratis": "La línea uno, ocho, uno, cero es gratis",
    "Línea 018000 916012": "Línea cero, uno, ocho, cero, cero, cero, nueve, uno, seis, cero, uno, dos",
    "(601) 288 6012": "seis, cero, uno, dos, ocho, ocho, seis, cero, uno, dos",
    "0800-13040": "cero, ocho, cero, cero, uno, tres, cero, cuatro, cero",
    "+57 300 123 4567": "más cinco, siete, tres, cero, cero, uno, dos, tres, cuatro, cinco, seis, siete",
    "3001234567": "tres, cero, cero, uno, dos, tres, cuatro, cinco, seis, siete",
    "Policía: 123. Bomberos: 119.": "Policía: uno, dos, tres. Bomberos: uno, uno, nueve.",
    "Marque *1 o *611#": "Marque asterisco, uno o asterisco, seis, uno, uno, numeral",
    "*3 gramos*": "tres gramos",
    "Marque el 987 654 321": "Marque el nueve, ocho, siete, seis, cinco, cuatro, tres, dos, uno",
    # The same digits where nobody is called
    "Son 155 personas": "Son ciento cincuenta y cinco personas",
    "Llamó a 100 personas": "Llamó a cien personas",
    "Marque 1 para oír": "Marque uno para oír",
    # Quantities
    "3 g": "tres gramos",
    "1 g de oro": "un gramo de oro",
    "2.5 kg": "dos coma cinco kilos",
    "0,048 g": "cero coma cero cuarenta y ocho gramos",
    "21 gramos": "veintiún gramos",
    "1 libra": "una libra",
    "200 personas": "doscientas personas",
    "31 mujeres": "treinta y una mujeres",
    "400 hombres": "cuatrocientos hombres",
    "21000": "veintiún mil",
    "1.440.000": "un millón cuatrocientos cuarenta mil",
    "1,440,000": "un millón cuatrocientos cuarenta mil",
    "400 000": "cuatrocientos mil",
    "19.5 %": "diecinueve coma cinco por ciento",
    "80%": "ochenta por ciento",
    "40-50": "cuarenta a cincuenta",
    "a -5 °C": "a menos cinco grados",
    "1/2 libra": "media libra",
    "½ gramo": "medio gramo",
    "3/4 de hora": "tres cuartos de hora",
    "20 g/t": "veinte gramos por tonelada",
    # Money
    "$ 50.000": "cincuenta mil pesos",
    "$1.000.000": "un millón de pesos",
    "$ 1": "un peso",
    "S/ 20.50": "veinte soles con cincuenta céntimos",
    "US$ 4,000/kg": "cuatro mil dólares por kilo",
    "5000 COP": "cinco mil pesos",
    "4 g \u00d7 0.90 \u00d7 400 000": "cuatro gramos por cero coma noventa por cuatrocientos mil",
    "S/ 0.50": "cincuenta céntimos",
    "COP 1.440.000": "un millón cuatrocientos cuarenta mil pesos",
    "PEN 20,50": "veinte soles con cincuenta céntimos",
    "$2.5 millones": "dos coma cinco millones de pesos",
    "$ 1.5 millones de pesos": "uno coma cinco millones de pesos",
    "$ 50 mil": "cincuenta mil pesos",
    "más de 0,05 mg/m³": "más de cero coma cero cinco miligramos por metro cúbico",
    "> 5 g y < 10 g": "más de cinco gramos y menos de diez gramos",
    "3 x 4": "tres por cuatro",
    # Dates and hours
    "14/02/2026": "catorce de febrero de dos mil veintiséis",
    "2026-11-28": "veintiocho de noviembre de dos mil veintiséis",
    "1 de mayo": "primero de mayo",
    "45/13/2026": "cuarenta y cinco o trece o dos mil veintiséis",
    "a las 09:30": "a las nueve y media de la mañana",
    "15:00": "tres de la tarde",
    "3:15 p. m.": "tres y cuarto de la tarde.",
    "12:00 am": "doce de la noche",
    "a la 1 de la tarde": "a la una de la tarde",
    "a las 7:05": "a las siete y cinco",
    "sábado 14, 9 de la mañana": "sábado catorce, nueve de la mañana",
    "El 14/02 a las 3 pm": "El catorce de febrero a las tres de la tarde",
    "28 nov 2026": "veintiocho de noviembre de dos mil veintiséis",
    "el 3 de dic.": "el tres de diciembre",
    "de 8-10 am": "de ocho a diez de la mañana",
    "8:00 a. m. a 12:00 m.": "ocho de la mañana a doce del día",
    "1 a 2 horas": "una a dos horas",
    # Ordinals, Roman numerals
    "Módulo III": "Módulo tres",
    "la 1.ª lección": "la primera lección",
    "el 3er piso": "el tercer piso",
    "el 2do": "el segundo",
    "siglo XXI": "siglo veintiuno",
    "Anexo IV": "Anexo cuatro",
    # Acronyms, single letters, foreign names
    "el RUCOM": "el rúcom",
    "REINFO e IGAFOM": "reínfo e igáfom",
    "comité PM&E": "comité pe eme e",
    "por SMS": "por ese eme ese",
    "la DGFM": "la de ge efe eme",
    "el CTDN": "el ce te de ene",
    "Escriba BAJA": "Escriba baja",
    "una ONG y dos ONGs": "una o ene ge y dos o ene ges",
    "la EPS": "la e pe ese",
    "SUNAT e INGEMMET": "sunat e ingemmet",
    "D.S. 018-2017-EM": "decreto supremo dieciocho de dos mil diecisiete, e eme",
    "https://www.anm.gov.co/rucom.": "anm punto gov punto co.",
    "un N95": "un ene noventa y cinco",
    "por WhatsApp": "por guátsap",
    "NO ENTRE AL HUECO DNI": "no entre al hueco de ene i",
    # Signs and emoji
    "2️⃣ Sí 👍🏽": "dos Sí",
    "Con * o con #": "Con asterisco o con numeral",
    "*importante*": "importante",
    "y/o": "y o",
    "<b>Hola</b>": "Hola",
    "uno & dos": "uno y dos",
    "Oro (fino)": "Oro, fino",
    "Hola\nmundo": "Hola. mundo",
    "Hola.\n\n  mundo\n": "Hola. mundo",
    "¿Sí?!": "¿Sí?",
    "\U0001d7cf\U0001d7d0 \u0663": "doce tres",
    "ca\u0301ncer": "cáncer",
}


@pytest.mark.parametrize(("text", "said"), SAID.items(), ids=[repr(text) for text in SAID])
def test_a_text_is_said_as_people_say_it(pronunciation: Pronunciation, text: str, said: str) -> None:
    assert pronunciation.of(text) == said


@pytest.mark.parametrize("text", ["", " ", "😀👍", "\0", "\ud800", "...", "<b>", "\u202e\u200d"])
def test_where_there_is_nothing_to_say_nothing_is_said(pronunciation: Pronunciation, text: str) -> None:
    assert pronunciation.of(text) == ""


NUMBERISH = st.text(alphabet="0123456789 .,:/-+$%()gkSULapm°ºªXIV\n*#é", max_size=60)


@settings(max_examples=800, deadline=None)
@given(st.one_of(st.text(max_size=120), NUMBERISH, st.integers(0, 10**14).map(str)))
def test_pronunciation_is_total_and_leaves_only_words(pronunciation: Pronunciation, text: str) -> None:
    said = pronunciation.of(text)
    assert not any(unicodedata.category(c) in {"Nd", "So", "Cs", "Cc", "Cf"} for c in said)
    assert not set("<>&") & set(said)
    assert said == "" or any(c.isalpha() for c in said)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(categories=["Ll", "Lu"], max_codepoint=0xFF), min_size=1, max_size=20))
def test_saying_what_is_already_said_changes_nothing(pronunciation: Pronunciation, word: str) -> None:
    once = pronunciation.of(word.lower())
    assert pronunciation.of(once) == once


@pytest.mark.parametrize(
    "piece", ["7", "1 000", "11 ", "AB ", "A&", "x ", " ", "\n", "(", "1-", "1/", ". ", "<b", "9:", "llame 155 ", "Á\u0301"]
)
def test_ten_thousand_characters_take_little_time(pronunciation: Pronunciation, piece: str) -> None:
    begun = time.process_time()
    pronunciation.of(piece * (10_000 // len(piece)))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("version: 1", "version: 2", "version"),
        ("  decimal: coma", "  comma: coma\n  decimal: coma", "comma"),
        ("  decimal: coma", "  decimal: 5", "decimal"),
        ("  SMS: ese eme ese", "  SMS: <b>", "acronyms.SMS"),
    ],
)
def test_a_mistake_in_the_words_names_file_and_line(tmp_path: Path, old: str, new: str, text: str) -> None:
    source = (Path(__file__).parents[2] / "audio" / "pronunciation.yml").read_text(encoding="utf-8")
    assert old in source
    (tmp_path / "pronunciation.yml").write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=r"pronunciation\.yml:\d+: ") as caught:
        Pronunciation(tmp_path)
    assert text in caught.value.text
    assert caught.value.line == source[: source.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("content", "text"),
    [("version: [1", "this is no YAML"), ("a: 1\na: 2", "this is no YAML"), ("", "dictionary"), (None, "read")],
)
def test_words_that_cannot_be_read_are_a_content_error(tmp_path: Path, content: str | None, text: str) -> None:
    if content is not None:
        (tmp_path / "pronunciation.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=text):
        Pronunciation(tmp_path)

"""Enrolment over HTTP: posters, signing up somebody who is present, files of people who agreed on paper."""

import re

import pytest
from standins.server import Server

from bot.domain.staff import Role

HEADER = "numero;fecha de consentimiento;prueba de consentimiento;mayor de 18;comunidad\n"
GOOD = "3005551234;2026-10-01;acta 3, folio 2;sí;Tarazá\n300 555 1235;01/10/2026;acta 3, folio 3;si;\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    numbers = {"TWILIO_WHATSAPP_FROM": "+573001112233", "TWILIO_VOICE_FROM": "+576041112233", "TWILIO_SMS_FROM": "+573001112233"}
    running = Server(tmp_path_factory.mktemp("enrolment"), DEMO="1", PUBLIC_URL="https://batea.example", **numbers).start()
    yield running
    running.stop()


def test_a_poster_has_a_code_a_word_and_the_number_to_ring(server, signed_in):
    visitor = signed_in[Role.FACILITATOR]
    assert visitor.get("/staff/enrolment/poster/taraza") == 200
    assert "https://wa.me/573001112233?text=TARAZA" in visitor.page
    assert "TARAZA al +57 300 111 2233" in visitor.page
    assert "+57 604 111 2233" in visitor.page
    assert re.search(r'<svg[^>]* class="code"', visitor.page)
    assert visitor.get("/staff/enrolment/poster/taraza?by=call") == 200
    assert "tel:+576041112233" in visitor.page
    assert visitor.get("/staff/enrolment/poster/puno") == 404, "not her community"


def test_who_is_present_is_asked_and_until_she_answers_only_her_number_is_kept(server, signed_in, database):
    visitor = signed_in[Role.FACILITATOR]
    visitor.get("/staff/enrolment")
    people = database("SELECT count(*) FROM person")
    form = {"number": "310 555 0001", "country": "CO", "community": "taraza", "by": "sms", "mode": "read", "simulated": "yes"}
    visitor.post("/staff/enrolment/assist", **form)
    assert "Que conteste ella misma" in visitor.page
    assert database("SELECT count(*) FROM person") == people
    [(sealed, community)] = database("SELECT sealed, community_id FROM pending_enrolment")
    assert (community, "5550001" in sealed) == ("taraza", False)
    wrong = (
        {"number": "604 555 0001"},
        {"number": "12"},
        {"number": "+1 202 555 0100"},
        {"country": "PE"},
        {"community": "puno"},
        {"by": "telegram"},
        {"mode": ""},
    )
    for change in wrong:
        assert visitor.post("/staff/enrolment/assist", **(form | change)) == 422, change


def test_a_file_is_judged_line_by_line_and_kept_once_after_confirmation(server, signed_in, database):
    visitor = signed_in[Role.STAFF]
    visitor.get("/staff/enrolment")
    bad = "6045551234;2026-10-01;acta;si;\n3005551234;2026-10-01;acta;si;\n3005551236;2026-10-01;;si;\n3005551237;mañana;x;si;\n"
    content = (HEADER + GOOD).encode("cp1252") + bad.encode()
    before = database("SELECT count(*) FROM person")[0][0]
    assert visitor.upload("/staff/enrolment/upload", "file", content) == 200
    for why in ("es un teléfono fijo", "número repetido", "falta la prueba", "la fecha no se entiende"):
        assert why in visitor.page
    assert database("SELECT count(*) FROM person")[0][0] == before, "nothing is kept yet"
    file_id = re.search(r'name="file_id" value="(\w+)"', visitor.page)[1]
    assert "5551234" not in str(database("SELECT * FROM uploaded_file"))
    visitor.post("/staff/enrolment/confirm", file_id=file_id)
    assert "Se guardaron 2 personas" in visitor.page
    assert database("SELECT count(*) FROM person")[0][0] == before + 2
    assert database("SELECT count(*) FROM consent WHERE channel = 'presencial'") == [(2,)]
    visitor.get("/staff/enrolment")
    visitor.upload("/staff/enrolment/upload", "file", content)
    assert "2 ya estaban" in visitor.page
    assert 'name="file_id"' not in visitor.page
    visitor.get("/staff/enrolment")
    assert visitor.post("/staff/enrolment/confirm", file_id=file_id) == 422


@pytest.mark.parametrize(("content", "said"), [
    (b"", "está vacío"),
    (b"nombre;edad\nAna;30\n", "Faltan columnas"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "Faltan columnas"),
])  # fmt: skip
def test_a_file_of_no_use_is_refused_kindly(server, signed_in, content, said):
    visitor = signed_in[Role.STAFF]
    visitor.get("/staff/enrolment")
    assert visitor.upload("/staff/enrolment/upload", "file", content) == 422
    assert said in visitor.page


def test_files_are_the_staffs(server, signed_in):
    visitor = signed_in[Role.FACILITATOR]
    visitor.get("/staff/enrolment")
    assert "Archivo CSV" not in visitor.page
    assert visitor.upload("/staff/enrolment/upload", "file", (HEADER + GOOD).encode()) == 403

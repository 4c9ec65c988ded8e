"""People who wait for a person, over HTTP: who sees them, what is answered, and what is written down about it."""

import io
import re
import uuid
from dataclasses import replace
from datetime import timedelta

import av
import numpy as np
import pytest
from standins.server import Server

from bot import wiring
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent
from bot.domain.staff import Role
from bot.domain.voice_question import Asker, Recording
from bot.settings import load

SMS = Address(ChannelName.SMS, "+573000000002", simulated=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("inbox"), DEMO="1", PUBLIC_URL="https://batea.example").start()
    yield running
    running.stop()


def submit(server, work):
    with wiring.database(load(server.environment)) as store:
        return store.submit(work).result()


@pytest.fixture
def waiting(server):
    """Somebody of Suárez who waits, with one message."""
    now = wiring.SystemClock().now()

    def work(uow):
        person, _ = uow.people.meet(SMS, now - timedelta(days=3))
        uow.people.ask_for_help(person.id, now - timedelta(hours=1))
        uow.help_desk.opened(person.id, SMS, now - timedelta(hours=1))
        uow.help_desk.keep(person.id, "me hizo daño el humo <b>", now - timedelta(minutes=50))
        return person.id

    person_id = submit(server, work)
    yield person_id
    submit(server, lambda uow: uow.help_desk.close(person_id, now))


def deeds(database, number):
    rows = database("SELECT action, object_id FROM audit_log ORDER BY number DESC LIMIT ?", number)
    return list(reversed(rows))


def tone(seconds=2.0):
    """A sound file, as a browser might send it."""
    samples = (np.sin(np.arange(int(16000 * seconds)) / 16000 * 2 * np.pi * 220) * 8000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = 16000
    target = io.BytesIO()
    with av.open(target, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_who_waits_is_listed_masked_without_what_she_wrote(server, signed_in, waiting):
    visitor = signed_in[Role.STAFF]
    assert visitor.get("/staff/inbox") == 200
    assert f"/staff/inbox/{waiting}" in visitor.page
    assert "+57 ••• 02" in visitor.page
    assert "humo" not in visitor.page
    assert "3000000002" not in visitor.page


def test_a_facilitator_of_elsewhere_neither_sees_nor_answers_her(server, signed_in, waiting):
    visitor = signed_in[Role.FACILITATOR]
    visitor.get("/staff/inbox")
    assert waiting not in visitor.page
    token = visitor.csrf()
    assert visitor.get(f"/staff/inbox/{waiting}") == 404
    for deed in ("claim", "close", "answer"):
        assert visitor.post(f"/staff/inbox/{waiting}/{deed}", csrf=token, claim="mine", text="hola", do="send") == 404
    assert visitor.upload(f"/staff/inbox/{waiting}/voice", "sound", tone(), csrf=token) == 404


def test_what_she_wrote_is_read_claimed_and_answered_and_all_of_it_is_written_down(server, signed_in, database, waiting):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"/staff/inbox/{waiting}")
    assert "me hizo daño el humo &lt;b&gt;" in visitor.page
    visitor.post(f"/staff/inbox/{waiting}/claim", claim="mine")
    assert "la atiende usted" in visitor.page
    visitor.post(f"/staff/inbox/{waiting}/answer", text="Salga al aire y vaya al puesto de salud.", do="look")
    assert visitor.status == 200
    assert "1 SMS" in visitor.page
    assert database("SELECT count(*) FROM help_word WHERE author != ''") == [(0,)], "looked at, not sent"
    visitor.post(f"/staff/inbox/{waiting}/answer", text="Salga al aire y vaya al puesto de salud.", do="send")
    assert "va en camino" in visitor.page
    assert [action for action, _ in deeds(database, 2)] == ["help.answer", "help.read"]
    assert ("help.claim", waiting) in deeds(database, 7)
    assert "humo" not in str(database("SELECT * FROM audit_log"))
    assert "humo" not in str(database("SELECT * FROM help_word"))
    [(state, person_id)] = database("SELECT state, person_id FROM message ORDER BY seq DESC LIMIT 1")
    assert person_id == waiting
    assert state in {"queued", "sending", "sent"}
    visitor.get("/staff/inbox")
    assert "respondida" in visitor.page


def test_what_one_has_taken_nobody_else_takes(server, signed_in, waiting):
    signed_in[Role.STAFF].get(f"/staff/inbox/{waiting}")
    signed_in[Role.STAFF].post(f"/staff/inbox/{waiting}/claim", claim="mine")
    signed_in[Role.ADMIN].get(f"/staff/inbox/{waiting}")
    signed_in[Role.ADMIN].post(f"/staff/inbox/{waiting}/claim", claim="mine")
    assert "Otra persona ya la atiende" in signed_in[Role.ADMIN].page


@pytest.mark.parametrize("text", ["", "   ", "x" * 601])
def test_an_answer_that_is_empty_or_too_long_is_not_sent(server, signed_in, waiting, text):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"/staff/inbox/{waiting}")
    assert visitor.post(f"/staff/inbox/{waiting}/answer", text=text, do="send") == 422


def test_an_answer_by_voice_becomes_a_voice_note(server, signed_in, database, waiting):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"/staff/inbox/{waiting}")
    assert visitor.upload(f"/staff/inbox/{waiting}/voice", "sound", tone()) == 200
    assert "va en camino" in visitor.page
    visitor.get(f"/staff/inbox/{waiting}")
    assert "nota de voz" in visitor.page
    for broken in (b"", b"no sound at all", b"RIFF" + b"\x00" * 200):
        assert visitor.upload(f"/staff/inbox/{waiting}/voice", "sound", broken) == 422


def test_closing_keeps_the_words_for_a_week(server, signed_in, database, waiting):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"/staff/inbox/{waiting}")
    visitor.post(f"/staff/inbox/{waiting}/close")
    assert "quedó cerrada" in visitor.page
    assert "Cerradas esta semana" in visitor.page
    visitor.get(f"/staff/inbox/{waiting}")
    assert "Está cerrada" in visitor.page
    assert database("SELECT count(*) FROM help_word WHERE deletes_on IS NULL") == [(0,)]


@pytest.fixture
def asked_by_voice(server):
    """A question by somebody of Puno, who left her number."""
    question_id, now = uuid.uuid4().hex, wiring.SystemClock().now()

    def work(uow):
        asker = Asker(callback=Address(ChannelName.CALL, "+51900000004"), community_id="puno")
        uow.questions.open(question_id, "v1", asker, now)
        uow.questions.recorded(question_id, Recording("RE" + question_id, 5), now)
        uow.questions.keep(question_id, b"OggS a voice", 5)

    submit(server, work)
    return question_id


def test_a_voice_is_heard_by_whom_it_concerns_and_each_time_is_written_down(server, signed_in, database, asked_by_voice):
    visitor, path = signed_in[Role.STAFF], f"/staff/inbox/questions/{asked_by_voice}"
    assert visitor.get(path) == 200
    assert "Es la voz de una persona" in visitor.page
    assert visitor.get(f"{path}/sound") == 200
    assert visitor.headers["content-type"] == "audio/ogg"
    assert visitor.headers["cache-control"] == "no-store"
    assert deeds(database, 1) == [("question.hear", asked_by_voice)]
    elsewhere = signed_in[Role.FACILITATOR]
    elsewhere.get("/staff/inbox")
    assert asked_by_voice not in elsewhere.page
    token = elsewhere.csrf()
    for page in (path, f"{path}/sound"):
        assert elsewhere.get(page) == 404
    for deed in ("done", "answer"):
        assert elsewhere.post(f"{path}/{deed}", csrf=token, text="hola") == 404
    visitor.get(path)
    visitor.post(f"{path}/done")
    assert "quedó como respondida" in visitor.page


def test_shifts_are_hers_to_make_in_her_community_alone(server, signed_in, database):
    visitor = signed_in[Role.FACILITATOR]
    visitor.get("/staff/inbox/duty")
    member = re.search(r'<option value="(\w{32})" selected', visitor.page)[1]
    hers = {"weekday": "0", "begins": "08:00", "ends": "12:00", "member": member, "community": "taraza"}
    visitor.post("/staff/inbox/duty/add", **hers)
    assert "turno agregado" in visitor.page
    wrong = (
        {"community": "puno"},
        {"weekday": "7"},
        {"begins": "12:00"},
        {"begins": "25:00"},
        {"member": "nobody"},
        {"begins": "09:00", "ends": "10:00"},
    )
    for change in wrong:
        assert visitor.post("/staff/inbox/duty/add", **(hers | change)) == 422, change
    assert database("SELECT community_id, weekday, begins, ends FROM duty_shift") == [("taraza", 0, "08:00", "12:00")]
    shift = re.search(r'name="shift" value="(\w+)"', visitor.page)[1]
    visitor.post("/staff/inbox/duty/drop", shift=shift)
    assert database("SELECT count(*) FROM duty_shift") == [(0,)]


def test_alerts_go_to_an_address_that_uses_batea_already(server, signed_in, database):
    visitor = signed_in[Role.STAFF]
    visitor.get("/staff/inbox/duty")
    for channel, address in (("sms", "+573009999999"), ("call", "+573000000002"), ("sms", "hola")):
        assert visitor.post("/staff/inbox/duty/contact", channel=channel, address=address, do="keep") == 422
    assert (
        deeds(database, 3) == [("duty.contact_refused", database("SELECT id FROM staff_member WHERE role = 'staff'")[0][0])] * 3
    )
    enrolled(server, Address(ChannelName.SMS, "+573000000002", simulated=True))
    visitor.post("/staff/inbox/duty/contact", channel="sms", address="+57 300 000 0002", do="keep")
    assert "le avisamos ahí" in visitor.page
    assert "3000000002" not in str(database("SELECT * FROM staff_contact"))
    assert "000002" not in visitor.page
    visitor.post("/staff/inbox/duty/contact", do="forget")
    assert database("SELECT count(*) FROM staff_contact") == [(0,)]


def enrolled(server, address):
    now = wiring.SystemClock().now()

    def work(uow):
        person, state = uow.people.meet(address, now)
        uow.people.save(replace(person, adult=True), state)
        uow.people.record_consent(person.id, Consent("v1", now, "sms", "m", "lessons"))

    submit(server, work)

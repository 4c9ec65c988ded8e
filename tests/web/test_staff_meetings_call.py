"""Calling, changing and calling off meetings on the web, and the second person's word on a change of place."""

import html
import io
import re
import wave
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyotp
import pytest
from standins.staff_side import StaffSide

from bot.domain.facilitator import ASKED
from bot.domain.meeting import MeetingDraft
from bot.domain.staff import Role

PATH = "/staff/meetings"
BOGOTA = ZoneInfo("America/Bogota")


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("calling"))
    yield running
    running.close()


@pytest.fixture
def rosa(side):
    return side.member(Role.FACILITATOR, "taraza")


@pytest.fixture
def browser(side, rosa):
    return side.browser(rosa)


def sound(seconds, loud=0.3, rate=16000):
    at = np.arange(int(seconds * rate)) / rate
    voice = loud * np.sin(2 * np.pi * 220 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((voice * 32767).astype("<i2").tobytes())
    return ("nota.wav", target.getvalue(), "audio/wav")


def code_of(side, member):
    secret = side.submit(lambda uow: uow.staff.get(member.id)).totp_secret
    return pyotp.TOTP(secret).at(side.batea.clock.now())


def form(side, days=20, **facts):
    day = (side.batea.clock.now() + timedelta(days=days)).astimezone(BOGOTA).date().isoformat()
    said = {"committee": "taraza-management", "agenda": "agua del río", "day": day, "hour": "09:00", "place": "Escuela El Hato"}
    return {**said, "landmark": "junto a la cancha", "children": "yes", "place_told": "yes", "step": "look", **facts}


def shown(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def meetings(side):
    now = side.batea.clock.now()
    found = side.submit(lambda uow: uow.meetings.between(now, now + timedelta(days=400)))
    return {one.id: one for one in found if not one.id.startswith("demo-")}


def test_it_is_looked_at_first_and_leaves_by_a_code_of_this_moment_alone(side, rosa, browser):
    before = set(meetings(side))
    facts = {"food": "yes", "quorum": "12", "language": "quz", "contact": "doña Rosa, del comité", "open_to": "women"}
    seen = shown(browser.post(f"{PATH}/new", **form(side, **facts)))
    assert "9 de la mañana. Tema: agua del río. Lugar: Escuela El Hato, junto a la cancha." in seen
    assert "Se habla en quechua de Cusco y Puno." in seen
    assert "Es para las mujeres." in seen
    assert set(meetings(side)) == before
    for wrong in ("", "000000", "12345678"):
        answer = browser.post(f"{PATH}/new", **form(side, **facts, step="send", code=wrong))
        assert answer.status_code == 422
        assert "Nada se mandó" in shown(answer)
    assert set(meetings(side)) == before
    code = code_of(side, rosa)
    answer = browser.post(f"{PATH}/new", **form(side, **facts, step="send", code=code))
    assert answer.status_code == 303
    (made,) = [one for key, one in meetings(side).items() if key not in before]
    assert (made.quorum, made.language, made.contact, made.open_to) == (12, "quz", "doña Rosa, del comité", "women")
    again = browser.post(f"{PATH}/new", **form(side, days=22, step="send", code=code))
    assert again.status_code == 422, "a code is taken once"
    assert side.rows("SELECT action FROM audit_log ORDER BY number DESC LIMIT 1") == [("meeting.announced",)]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"day": "2027-04-31"}, "Ese día no existe"),
        ({"day": "2020-01-05"}, "Ese momento ya pasó"),
        ({"day": "2099-01-05"}, "Falta demasiado"),
        ({"hour": ""}, "Falta la hora"),
        ({"hour": "25:00"}, "Falta la hora"),
        ({"agenda": "una dos tres cuatro cinco seis siete ocho nueve"}, "Algo es muy largo"),
        ({"agenda": ""}, "Falta algo"),
        ({"contact": "Rosa 300 123 4567"}, "Sin números de teléfono"),
        ({"place_told": ""}, "diga por quién preguntan"),
        ({"quorum": "muchas"}, "Escriba un número"),
        ({"committee": "puno-pme"}, "Ese comité no es de su comunidad"),
        ({"committee": "nobody"}, "Ese comité no es de su comunidad"),
    ],
)
def test_what_cannot_be_is_asked_again_in_one_sentence_and_nothing_is_sent(side, rosa, browser, facts, said):
    before = set(meetings(side))
    answer = browser.post(f"{PATH}/new", **form(side, **{**facts, "step": "send", "code": code_of(side, rosa)}))
    assert answer.status_code == 422
    assert said in shown(answer)
    assert set(meetings(side)) == before


def test_two_meetings_of_one_committee_at_the_same_hour_are_a_mistake(side, rosa, browser):
    assert browser.post(f"{PATH}/new", **form(side, days=40, step="send", code=code_of(side, rosa))).status_code == 303
    answer = browser.post(f"{PATH}/new", **form(side, days=40))
    assert answer.status_code == 422
    assert "ya tiene reunión a esa hora" in shown(answer)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (sound(4.0, loud=0.0), "no se oye nada"),
        (sound(300.0), "pasa de un minuto"),
        (("x.wav", b"x", "audio/wav"), "no se puede usar"),
    ],
)
def test_a_recording_that_cannot_be_used_is_told(side, browser, note, said):
    answer = browser.post_files(f"{PATH}/new", {"sound": note}, **form(side, days=50))
    assert answer.status_code == 422
    assert said in shown(answer)


def test_her_own_voice_is_kept_for_the_next_step(side, rosa, browser):
    answer = browser.post_files(f"{PATH}/new", {"sound": sound(5.0)}, **form(side, days=51))
    assert answer.status_code == 200
    key = re.search(r'name="voice" value="(team:[0-9a-f]{32})"', answer.text)[1]
    before = set(meetings(side))
    browser.post(f"{PATH}/new", **form(side, days=51, voice=key, step="send", code=code_of(side, rosa)))
    (made,) = [one for name, one in meetings(side).items() if name not in before]
    assert made.voice == key


@pytest.fixture
def meeting(side):
    """One that lies ahead, at an hour of its own."""
    desk, hours = side.batea.meetings.desk, len(meetings(side))
    starts_at = side.batea.clock.now().replace(microsecond=0) + timedelta(days=60, hours=3 * hours)
    draft = MeetingDraft("taraza-management", "cuentas", starts_at, "Escuela El Hato", contact="doña Rosa")
    return side.submit(lambda uow: desk.announce(uow, draft))


def changed(meeting, **facts):
    local = meeting.starts_at.astimezone(BOGOTA)
    said = {"agenda": meeting.agenda, "day": local.date().isoformat(), "hour": f"{local:%H:%M:%S}", "place": meeting.place}
    return {**said, "contact": meeting.contact, "children": "yes", "place_told": "yes", "step": "send", **facts}


def test_a_change_and_a_cancellation_need_the_code_and_are_told(side, rosa, meeting):
    mine = side.browser(rosa)
    assert mine.post(f"{PATH}/{meeting.id}/change", **changed(meeting, place="Casa comunal", code="1")).status_code == 422
    answer = mine.post(f"{PATH}/{meeting.id}/change", **changed(meeting, place="Casa comunal", code=code_of(side, rosa)))
    assert answer.status_code == 303
    assert (meetings(side)[meeting.id].place, meetings(side)[meeting.id].version) == ("Casa comunal", 2)
    assert mine.post(f"{PATH}/{meeting.id}/cancel", code="000000").status_code == 303
    assert not meetings(side)[meeting.id].cancelled
    ana = side.member(Role.STAFF)
    assert side.browser(ana).post(f"{PATH}/{meeting.id}/cancel", code=code_of(side, ana)).status_code == 303
    assert meetings(side)[meeting.id].cancelled


def test_somebody_of_elsewhere_sees_and_moves_nothing(side, meeting):
    justina = side.member(Role.FACILITATOR, "puno")
    other = side.browser(justina)
    assert other.get(f"{PATH}/{meeting.id}/change").status_code == 404
    assert other.post(f"{PATH}/{meeting.id}/cancel", code=code_of(side, justina)).status_code == 404
    assert not meetings(side)[meeting.id].cancelled


def test_a_late_change_of_place_waits_for_somebody_else_who_sees_who_asked(side, rosa, meeting):
    soon = replace(meeting, starts_at=side.batea.clock.now() + timedelta(hours=10))
    side.submit(lambda uow: uow.meetings.put(soon))
    refused = side.browser(rosa).post(
        f"{PATH}/{meeting.id}/change", **changed(soon, place="Casa comunal", code=code_of(side, rosa))
    )
    assert "otra persona lo confirma" in shown(refused)
    draft = {"work": "change", "meeting": meeting.id, "what": "place", "place": "Casa comunal", ASKED: "yes"}
    now = side.batea.clock.now()
    side.submit(lambda uow: uow.facilitators.keep(rosa.id, draft, now))
    assert "Falta una segunda persona" not in shown(side.browser(rosa).get(PATH))
    where = f"{PATH}/asked/{rosa.id}"
    own = side.browser(rosa).post(where, do="confirm", code=code_of(side, rosa))
    assert own.status_code == 404
    assert meetings(side)[meeting.id].place == "Escuela El Hato", "nobody confirms her own"
    eva = side.member(Role.FACILITATOR, "taraza")
    other = side.browser(eva)
    page = shown(other.get(PATH))
    assert "Falta una segunda persona" in page
    assert rosa.email in page
    assert "CAMBIO de la reunión. Ya no es en Escuela El Hato. Lugar: Casa comunal." in page
    other.post(where, do="confirm", code="000000")
    assert meetings(side)[meeting.id].place == "Escuela El Hato"
    other.post(where, do="confirm", code=code_of(side, eva))
    assert meetings(side)[meeting.id].place == "Casa comunal"
    assert "Falta una segunda persona" not in shown(other.get(PATH))

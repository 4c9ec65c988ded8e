"""The staff pages of broadcasts: composed, quoted, seen as it leaves, tested, sent, approved, stopped, sent again."""

import html
import io
import re
import wave

import httpx
import pytest
from standins.population import settle_in
from standins.staff_side import StaffSide

from bot.domain.broadcast import BroadcastState, Means
from bot.domain.community import Community
from bot.domain.message import Address, ChannelName, MessageState
from bot.domain.person import Country
from bot.domain.staff import Role
from bot.outreach.broadcasting import Limits

PATH = "/staff/broadcasts"
HOLA = {
    "place": "community:prueba",
    "text": "Mañana hay reunión en la escuela a las 3.",
    "title": "Reunión",
    "purpose": "service",
}


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("broadcasts"))
    here = {"community": "prueba"}
    texting = [{**here, "id": f"aa{n:030x}", "number": f"+5731{n:08d}"} for n in range(12)]
    chatting = [{**here, "id": f"ab{n:030x}", "channels": ("whatsapp",), "number": f"+5732{n:08d}"} for n in range(4)]
    there = [{"id": f"ac{n:030x}", "community": "otra", "number": f"+5734{n:08d}"} for n in range(5)]
    left = [{**here, "id": f"ad{n:030x}", "left": True, "number": f"+5733{n:08d}"} for n in range(2)]
    places = [Community(name, name.title(), Country.CO, "prueba") for name in ("prueba", "otra")]
    running.submit(lambda uow: uow.communities.put(places, []))
    running.submit(lambda uow: settle_in(uow, [*texting, *chatting, *there, *left]))
    yield running
    running.close()


@pytest.fixture(scope="module")
def members(side):
    made = {role.value: side.member(role, "prueba" if role is Role.FACILITATOR else None, role.value) for role in Role}
    return {**made, "second": side.member(Role.STAFF, None, "second")}


@pytest.fixture
def browser(side, members):
    return lambda role: side.browser(members[role])


def shown(answer):
    """The text of a page, without its marks."""
    body = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def mark(answer):
    return re.search(r'name="shown" value="([^"]*)"', answer.text)[1]


def composed(mine, **fields):
    """Looked at, then sent; gives the answer to each."""
    looked = mine.post(f"{PATH}/new", step="look", **{**HOLA, **fields})
    return looked, mine.post(f"{PATH}/new", step="send", shown=mark(looked), **{**HOLA, **fields})


def newest(side):
    return side.submit(lambda uow: uow.broadcasts.list(limit=1))[0]


def deeds(side):
    return [row[0] for row in side.rows("SELECT action FROM audit_log WHERE action LIKE 'broadcast.%' ORDER BY number")]


def test_looked_at_it_is_counted_and_shown_as_each_channel_says_it_and_nothing_is_written(side, browser):
    before = side.said()
    answer = browser("staff").post(f"{PATH}/new", step="look", **HOLA)
    assert answer.status_code == 200
    text = shown(answer)
    assert "16 personas lo recibirían" in text
    assert "12 personas, 12 mensajes, 12 SMS" in text
    assert "4 personas, 4 mensajes, 4 textos aprobados fuera de las 24 horas" in text
    assert "2 personas: no han dado su permiso" in text
    assert "Manana hay reunion" not in text
    assert "Mañana hay reunion en la escuela" in text
    assert "primero recibe esto" in text
    assert "COP" in text
    assert "aproximados" in text
    assert side.said() == before


def test_it_is_sent_only_as_it_was_looked_at(side, browser):
    mine = browser("staff")
    looked, sent = composed(mine)
    assert sent.status_code == 303
    made = newest(side)
    assert sent.headers["location"] == f"{PATH}/{made.id}"
    assert (made.state, made.audience, made.content.title) == (BroadcastState.SCHEDULED, "community:prueba", "Reunión")
    changed = mine.post(f"{PATH}/new", step="send", shown=mark(looked), **{**HOLA, "text": "Otra cosa."})
    assert changed.status_code == 200
    assert newest(side).id == made.id
    assert deeds(side)[-1] == "broadcast.send"
    page = shown(mine.get(f"{PATH}/{made.id}"))
    assert "listo para su hora" in page
    assert "16 personas lo recibirían" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "escriba el mensaje"),
        ({"text": "Hola. " * 70}, "Acórtelo"),
        ({"at": "2020-01-01T08:00"}, "ya pasó"),
        ({"at": "tomorrow"}, "no se entiende"),
        ({"budget": "mucho"}, "en cifras"),
        ({"budget": "1"}, "no sale ni un mensaje"),
        ({"place": "community:Prueba"}, ""),
        ({"place": "community:prueba", "channel": "channel:telegram"}, "No le llega a nadie"),
        ({"place": "community:nowhere"}, "Escoja otra vez"),
        ({"template": "reunion", "text": "", "slot-lugar": "la caseta"}, "Falta llenar: comite, cuando"),
    ],
)
def test_what_is_wrong_is_said_in_her_language_beside_what_she_wrote(side, browser, fields, said):
    before = side.said()
    answer = browser("facilitator").post(f"{PATH}/new", step="look", **{**HOLA, **fields})
    assert answer.status_code == (422 if said else 200)
    assert said in shown(answer)
    assert fields.get("slot-lugar", "Reunión") in answer.text
    assert side.said() == before


def test_a_facilitator_reaches_and_sees_her_own_community_alone(side, browser):
    hers, theirs = browser("facilitator"), browser("staff")
    assert 'value="community:otra"' not in hers.get(f"{PATH}/new").text
    assert hers.post(f"{PATH}/new", step="look", **{**HOLA, "place": "community:otra"}).status_code == 422
    assert "16 personas lo recibirían" in shown(hers.post(f"{PATH}/new", step="look", **{**HOLA, "place": ""}))
    composed(theirs, place="community:otra", title="Solo en Otra")
    other = newest(side)
    assert "Solo en Otra" in theirs.get(PATH).text
    assert "Solo en Otra" not in hers.get(PATH).text
    for answer in (
        hers.get(f"{PATH}/{other.id}"),
        hers.post(f"{PATH}/{other.id}/cancel"),
        hers.get(f"{PATH}/new?failed_of={other.id}"),
    ):
        assert answer.status_code == 404
    assert hers.post(f"{PATH}/{other.id}/approve").status_code == 403


def test_above_a_threshold_a_second_person_approves_and_nobody_her_own(side, browser):
    desk = side.batea.broadcasts.desk
    desk.limits = Limits(approve_people=10)
    try:
        looked, sent = composed(browser("staff"), title="Mucha gente")
    finally:
        desk.limits = Limits()
    assert "otra persona tiene que aprobarlo" in shown(looked)
    made = newest(side)
    assert (sent.status_code, made.state) == (303, BroadcastState.WAITING_APPROVAL)
    assert "Aprobar y enviar" not in browser("staff").get(f"{PATH}/{made.id}").text
    assert browser("staff").post(f"{PATH}/{made.id}/approve").status_code == 422
    second = browser("second")
    assert "Esperan la aprobación" in second.get(PATH).text
    assert "Aprobar y enviar" in second.get(f"{PATH}/{made.id}").text
    assert second.post(f"{PATH}/{made.id}/approve").status_code == 303
    page = shown(second.get(f"{PATH}/{made.id}"))
    assert "lo aprobó second" in page
    assert deeds(side)[-2:] == ["broadcast.send", "broadcast.approve"]


def test_paused_resumed_cancelled_and_each_is_in_the_log(side, browser):
    mine = browser("facilitator")
    composed(mine, title="Para parar")
    made = newest(side)
    for deed, state in (("pause", "en pausa"), ("resume", "listo para su hora"), ("cancel", "cancelado")):
        assert mine.post(f"{PATH}/{made.id}/{deed}").status_code == 303
        assert state in shown(mine.get(f"{PATH}/{made.id}"))
    late = mine.post(f"{PATH}/{made.id}/resume")
    assert late.status_code == 422
    assert "ya no se puede hacer" in shown(late)
    assert deeds(side)[-4:] == ["broadcast.send", "broadcast.pause", "broadcast.resume", "broadcast.cancel"]


def test_a_test_goes_to_her_own_phone_or_says_that_there_is_none(side, browser, members):
    mine = browser("staff")
    answer = mine.post(f"{PATH}/new", step="test", **HOLA)
    assert "no se sabe a dónde" in shown(answer)
    to = Address(ChannelName.SMS, "+573009998877", simulated=True)
    side.submit(lambda uow: uow.roster.set_contact(members["staff"].id, to))
    before = newest(side).id
    answer = mine.post(f"{PATH}/new", step="test", **HOLA)
    assert "La prueba va para su teléfono" in shown(answer)
    assert newest(side).id == before
    assert deeds(side)[-1] == "broadcast.test"


def test_practice_is_marked_and_needs_nobody(side, browser):
    side.batea.broadcasts.desk.limits = Limits(approve_people=1)
    try:
        looked, sent = composed(browser("facilitator"), practice="1", title="Ensayo")
    finally:
        side.batea.broadcasts.desk.limits = Limits()
    assert "Practicar" in looked.text
    made = newest(side)
    assert (sent.status_code, made.practice, made.state) == (303, True, BroadcastState.SCHEDULED)
    assert "no sale ningún mensaje" in shown(browser("facilitator").get(f"{PATH}/{made.id}"))


def sent_but_for(side, *ends):
    """The newest broadcast, sent to all; what became of the first persons' messages instead is given as SQL."""
    made, now = newest(side), side.batea.clock.now()

    def ran(uow):
        uow.broadcasts.change(made.id, BroadcastState.RUNNING, now)
        while not uow.broadcasts.expand(made.id, now, Means()):
            pass
        run = uow.people._tx.connection.exec_driver_sql
        run(f"UPDATE message SET state = 'sent' WHERE broadcast_id = '{made.id}'")
        for number, end in enumerate(ends):
            run(f"UPDATE message SET {end} WHERE broadcast_id = '{made.id}' AND person_id = 'aa{number:030x}'")

    side.submit(ran)
    return made


def test_who_was_not_reached_is_listed_with_the_reason_and_sent_it_again(side, browser):
    mine = browser("staff")
    composed(mine, title="Con fallas")
    made = sent_but_for(side, "state = 'failed', error_code = '30005'")
    page = mine.get(f"{PATH}/{made.id}")
    assert "el número no existe" in page.text
    assert "15 Enviados" in re.sub(r"(Enviados|No llegaron) (\d+)", r"\2 \1", shown(page))
    looked = mine.post(f"{PATH}/new", step="look", failed_of=made.id, text="Se lo mando otra vez.")
    assert "1 persona lo recibiría" in shown(looked)
    message = re.search(r'name="message" value="([^"]+)"', page.text)[1]
    assert mine.post(f"{PATH}/{made.id}/retry", message=message).status_code == 303
    assert side.submit(lambda uow: uow.broadcasts.states(made.id))[MessageState.QUEUED] == 1
    assert deeds(side)[-1] == "broadcast.retry"


def test_what_telegram_cannot_be_asked_about_somebody_may_send_once_more(side, browser):
    mine = browser("staff")
    composed(mine, title="En duda")
    made = sent_but_for(side, "state = 'unknown', sender = 'telegram'", "state = 'unknown', sender = 'sms/CO'")
    page = mine.get(f"{PATH}/{made.id}")
    assert page.text.count('name="message"') == 1, "of an SMS the vendor is asked"
    assert "quizá le llegue dos veces" in shown(page)
    message = re.search(r'name="message" value="([^"]+)"', page.text)[1]
    assert mine.post(f"{PATH}/{made.id}/retry", message=message).status_code == 303
    assert side.submit(lambda uow: uow.broadcasts.states(made.id))[MessageState.QUEUED] == 1


def test_the_month_is_shown_and_warns_near_its_cap(side, browser):
    desk = side.batea.broadcasts.desk
    month = desk.today(side.batea.clock.now()).replace(day=1)
    side.submit(lambda uow: uow.spending.add(month, ChannelName.CALL, 850_000_000, 3))
    assert "No hay tope" in browser("staff").get(PATH).text
    for cap, said in ((1_000, "Al llegar al tope se pausan"), (800, "Se llegó al tope"), (10_000, "COP 850 de COP 10.000")):
        desk.limits = Limits(month_cop=cap)
        page = shown(browser("staff").get(PATH))
        desk.limits = Limits()
        assert said in page
    desk.limits = Limits(month_cop=900)
    answer = browser("staff").post(f"{PATH}/new", step="look", **HOLA)
    desk.limits = Limits()
    assert "No cabe en el tope del mes: quedan 50 pesos" in shown(answer)


def test_an_approved_text_is_filled_in_and_previewed(side, browser):
    mine = browser("staff")
    assert 'name="slot-lugar"' in mine.get(f"{PATH}/new?template=reunion").text
    filled = {"slot-comite": "de agua", "slot-cuando": "sábado", "slot-lugar": "la caseta"}
    answer = mine.post(f"{PATH}/new", step="look", place="community:prueba", template="reunion", **filled)
    assert "el comité de agua se reúne el sábado en la caseta" in shown(answer)
    assert mine.get(f"{PATH}/new?template=nothing").status_code == 200


def test_pages_in_english_and_without_a_name_of_anybody(side, browser, members):
    side.submit(lambda uow: uow.staff.set_language(members["admin"].id, "en"))
    mine = browser("admin")
    assert "New broadcast" in mine.get(PATH).text
    assert "Whom it reaches and what it costs" in mine.post(f"{PATH}/new", step="look", **HOLA).text
    assert "+57" not in mine.get(f"{PATH}/{newest(side).id}").text


def test_people_are_marked_on_their_page_and_reached_together(side, browser):
    mine, hers, other = browser("facilitator"), f"aa{3:030x}", f"ac{0:030x}"
    assert mine.post(f"/staff/people/{hers}/tags", put="Comite-Agua").status_code == 303
    assert "Quitar comite-agua" in mine.get(f"/staff/people/{hers}").text
    assert "1 persona lo recibiría" in shown(mine.post(f"{PATH}/new", step="look", **{**HOLA, "tag": "tag:comite-agua"}))
    assert mine.post(f"/staff/people/{other}/tags", put="comite-agua").status_code == 404
    mine.post(f"/staff/people/{hers}/tags", put="Líder social 3")
    mine.post(f"/staff/people/{hers}/tags", drop="comite-agua")
    assert side.submit(lambda uow: uow.tags.all()) == {}


def spoken(seconds):
    """A tone, as loud as somebody who speaks."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        tone = b"".join((8000 * (1 if n % 20 < 10 else -1)).to_bytes(2, "little", signed=True) for n in range(8000))
        written.writeframes(tone * seconds)
    return file.getvalue()


def uploaded(side, mine, sound, **fields):
    async def ask():
        transport = httpx.ASGITransport(side.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            form = {"csrf": mine.csrf, "step": "look", **HOLA, **fields}
            cookie = {"cookie": f"batea_staff={mine.token}"}
            return await client.post(f"{PATH}/new", data=form, files={"sound": ("voz.wav", sound, "audio/wav")}, headers=cookie)

    return side.loop.run_until_complete(ask())


def test_her_own_voice_is_kept_heard_and_taken_away_again(side, browser):
    mine = browser("staff")
    answer = uploaded(side, mine, spoken(3))
    key = re.search(r'name="voice" value="(team:[0-9a-f]{32})"', answer.text)[1]
    assert answer.status_code == 200
    assert "/media/" in answer.text
    sent = mine.post(f"{PATH}/new", step="send", shown=mark(answer), voice=key, **HOLA)
    assert sent.status_code == 303
    assert newest(side).content.reply.speech.key == key
    without = mine.post(f"{PATH}/new", step="look", voice=key, no_voice="1", **HOLA)
    assert 'name="voice" value=""' in without.text
    assert 'name="voice" value=""' in mine.post(f"{PATH}/new", step="look", voice="../secret", **HOLA).text


@pytest.mark.parametrize("sound", [b"", b"no sound", spoken(0), spoken(90)], ids=["none", "text", "empty", "long"])
def test_a_sound_that_cannot_be_used_is_refused_and_the_text_stays(side, browser, sound):
    answer = uploaded(side, browser("staff"), sound)
    assert answer.status_code == (422 if sound else 200)
    assert ("entre 1 y 60 segundos." in shown(answer).partition("A quién")[0]) is bool(sound)
    assert HOLA["text"] in answer.text

"""Every address of the staff side, for every role, method and kind of session: what is answered, and what does not happen."""

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from standins.staff_side import StaffSide

from bot.domain.broadcast import Broadcast, BroadcastState, Content
from bot.domain.community import CommitteeKind
from bot.domain.meeting import Meeting
from bot.domain.message import Address, ChannelName, Purpose, Reply
from bot.domain.person import Consent
from bot.domain.poll import PollRound
from bot.domain.staff import IDLE, Role, Stage
from bot.domain.voice_question import Asker, Recording
from bot.voice.speaking import Pcm
from bot.voice.transcoding import Form, encode
from bot.web.staff import site

MOST_PAGE_BYTES = 150_000
WEEK = timedelta(days=7)
ALL = "admin staff facilitator pme"
FIELD = "admin staff facilitator"
PROGRAMME = "admin staff"
# What is asked, of whom it is, who may, and what would make it do something. {x} is of Tarazá, and then of Puno.
ROUTES = [
    ("POST", "/staff/signout", ALL, {}),
    ("POST", "/staff/language", ALL, {"language": "en", "back": "/staff/"}),
    ("GET", "/staff/", ALL, None),
    ("GET", "/staff/inbox", FIELD, None),
    ("GET", "/staff/inbox/duty", FIELD, None),
    ("POST", "/staff/inbox/duty/add", FIELD, {"begins": "08:00", "ends": "12:00", "weekday": "1"}),
    ("POST", "/staff/inbox/duty/drop", FIELD, {"shift": "x"}),
    ("POST", "/staff/inbox/duty/contact", FIELD, {"channel": "sms", "address": "+573000000002"}),
    ("GET", "/staff/inbox/questions/{question}", FIELD, None),
    ("GET", "/staff/inbox/questions/{question}/sound", FIELD, None),
    ("POST", "/staff/inbox/questions/{question}/done", FIELD, {}),
    ("POST", "/staff/inbox/questions/{question}/answer", FIELD, {"text": "Ya va doña Rosa."}),
    ("GET", "/staff/inbox/{person}", FIELD, None),
    ("POST", "/staff/inbox/{person}/claim", FIELD, {"claim": "mine"}),
    ("POST", "/staff/inbox/{person}/close", FIELD, {}),
    ("POST", "/staff/inbox/{person}/answer", FIELD, {"text": "Mañana la llamo.", "do": "send"}),
    ("POST", "/staff/inbox/{person}/voice", FIELD, {"sound": "OggS"}),
    ("GET", "/staff/people", FIELD, None),
    ("POST", "/staff/people/find", FIELD, {"address": "{number}"}),
    ("GET", "/staff/people/{person}", FIELD, None),
    ("POST", "/staff/people/{person}/reveal", FIELD, {"ref": "{ref}", "reason": "safety"}),
    ("POST", "/staff/people/{person}/tags", FIELD, {"put": "comite"}),
    ("GET", "/staff/modules", FIELD, None),
    ("GET", "/staff/studio", PROGRAMME, None),
    ("GET", "/staff/studio/speakers", PROGRAMME, None),
    ("POST", "/staff/studio/speakers", PROGRAMME, {"alias": "Eva", "licence": "batea-only", "agrees": "yes", "adult": "yes"}),
    ("POST", "/staff/studio/speakers/{speaker}/withdraw", PROGRAMME, {}),
    ("GET", "/staff/studio/sounds/{sound}", PROGRAMME, None),
    ("POST", "/staff/studio/recordings/{recording}/approve", PROGRAMME, {}),
    ("POST", "/staff/studio/recordings/{recording}/drop", PROGRAMME, {}),
    ("GET", "/staff/studio/{tongue}/say/{sentence}", PROGRAMME, None),
    (
        "POST",
        "/staff/studio/{tongue}/say/{sentence}",
        PROGRAMME,
        {"step": "keep", "take": "{sound}", "speaker": "{speaker}", "checker": "Luz"},
    ),
    ("GET", "/staff/studio/{tongue}/{group}", PROGRAMME, None),
    ("GET", "/staff/studio/{tongue}/sheet/{group}", PROGRAMME, None),
    ("GET", "/staff/broadcasts", FIELD, None),
    ("GET", "/staff/broadcasts/new", FIELD, None),
    ("POST", "/staff/broadcasts/new", FIELD, {"text": "Hola.", "place": "community:{place}", "step": "send"}),
    ("GET", "/staff/broadcasts/{broadcast}", FIELD, None),
    ("POST", "/staff/broadcasts/{broadcast}/approve", PROGRAMME, {}),
    ("POST", "/staff/broadcasts/{broadcast}/pause", FIELD, {}),
    ("POST", "/staff/broadcasts/{broadcast}/resume", FIELD, {}),
    ("POST", "/staff/broadcasts/{broadcast}/cancel", FIELD, {}),
    ("POST", "/staff/broadcasts/{broadcast}/retry", FIELD, {}),
    ("GET", "/staff/meetings", FIELD, None),
    ("GET", "/staff/meetings/new", FIELD, None),
    ("POST", "/staff/meetings/new", FIELD, {"step": "look", "agenda": "Agua", "day": "2020-01-05", "hour": "09:00"}),
    ("POST", "/staff/meetings/asked/{facilitator}", FIELD, {"do": "confirm", "code": "000000"}),
    ("GET", "/staff/meetings/{meeting}/change", FIELD, None),
    ("POST", "/staff/meetings/{meeting}/change", FIELD, {"step": "look", "agenda": "Agua", "day": "2020-01-05", "hour": "09:00"}),
    ("POST", "/staff/meetings/{meeting}/cancel", FIELD, {"code": "000000"}),
    ("GET", "/staff/meetings/{meeting}", FIELD, None),
    ("POST", "/staff/meetings/{meeting}/hold", FIELD, {"do": "hold"}),
    ("POST", "/staff/meetings/{meeting}/attendance", FIELD, {"count": "12"}),
    ("POST", "/staff/meetings/{meeting}/minutes", FIELD, {"what1": "Cercar la poza", "who1": "El comité"}),
    ("GET", "/staff/meetings/{meeting}/poster", FIELD, None),
    ("GET", "/staff/meetings/{meeting}/calendar.ics", FIELD, None),
    ("GET", "/staff/polls", ALL, None),
    ("GET", "/staff/polls/open", PROGRAMME, None),
    ("POST", "/staff/polls/open", PROGRAMME, {"poll": "Q07_v1", "to": "all", "days": "7", "step": "open"}),
    ("GET", "/staff/polls/rounds/{open}/close", PROGRAMME, None),
    ("POST", "/staff/polls/rounds/{open}/close", PROGRAMME, {}),
    ("GET", "/staff/polls/compose", PROGRAMME, None),
    ("POST", "/staff/polls/compose", PROGRAMME, {"step": "save"}),
    ("GET", "/staff/polls/rounds/{open}/in-person", FIELD, None),
    ("POST", "/staff/polls/rounds/{open}/in-person", FIELD, {"place": "{place}", "count-si": "20"}),
    ("GET", "/staff/polls/rounds/{closed}/told", PROGRAMME, None),
    ("POST", "/staff/polls/rounds/{closed}/told", PROGRAMME, {}),
    ("GET", "/staff/polls/rounds/{closed}/told.ogg", PROGRAMME, None),
    ("GET", "/staff/polls/rounds/{closed}", ALL, None),
    ("GET", "/staff/polls/rounds/{open}", FIELD, None),
    ("GET", "/staff/polls/rounds/{closed}/chart/bars.svg", ALL, None),
    ("GET", "/staff/polls/rounds/{closed}/results.json", ALL, None),
    ("GET", "/staff/donors", PROGRAMME, None),
    ("GET", "/staff/enrolment", FIELD, None),
    ("POST", "/staff/enrolment/assist", FIELD, {"number": "3001234567", "country": "CO", "by": "sms", "mode": "read"}),
    ("POST", "/staff/enrolment/upload", PROGRAMME, {"file": "numero"}),
    ("POST", "/staff/enrolment/confirm", PROGRAMME, {"file_id": "x"}),
    ("GET", "/staff/enrolment/poster/{place}", FIELD, None),
    ("GET", "/staff/misses", PROGRAMME, None),
    ("POST", "/staff/misses/teach", PROGRAMME, {"miss": "{miss}", "intent": "menu", "sentence": "muestre la lista otra vez"}),
    ("POST", "/staff/misses/drop", PROGRAMME, {"miss": "{miss}"}),
    ("GET", "/staff/accounts", "admin", None),
    ("POST", "/staff/accounts/add", "admin", {"email": "intruder@example.org", "role": "admin", "language": "es"}),
    ("POST", "/staff/accounts/{member}/renew", "admin", {}),
    ("POST", "/staff/accounts/{member}/disable", "admin", {}),
    ("GET", "/staff/accounts/{facilitator}/phones", "admin", None),
    ("POST", "/staff/accounts/{facilitator}/phones/add", "admin", {"channel": "telegram", "address": "3527065"}),
    ("POST", "/staff/accounts/{facilitator}/phones/remove", "admin", {}),
    ("POST", "/staff/accounts/{facilitator}/phones/pin", "admin", {}),
    ("GET", "/staff/audit", "admin", None),
]
# Without speech there is no voice note to hear; nobody has published what is asked of nobody else.
ELSEWHERE = {("admin", "told.ogg"): 404, ("staff", "told.ogg"): 404}
# An open round is no page for whoever only reads results.
HIDDEN_FROM_PME = "/staff/polls/rounds/{open}"
OPEN_TO_ALL = {"/staff", "/staff/signin", "/staff/code", "/staff/password", "/staff/{rest:path}"}
PLACES = {"taraza": "+573005550001", "puno": "+51900005550"}


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("access"))
    yield running
    running.close()


def spoken():
    """A sound such as lies on the studio's shelf."""
    tone = (6000 * np.sin(np.arange(48_000) / 20)).astype(np.int16)
    return encode(Pcm(tone, 48_000), Form.NOTE)


def planted(side, place):
    """Somebody of that community who waits, with a question by voice; an open and a closed round there."""
    number = PLACES[place]
    now, address = side.batea.clock.now(), Address(ChannelName.WHATSAPP, number, simulated=True)
    poll, batea = side.batea.library.poll("Q05_v1"), side.batea
    sentence, sound = batea.studio.sentences("quz")[1 if place == "taraza" else 2], batea.clips.shelf.put(spoken())

    def work(uow):
        person, state = uow.people.meet(address, now - WEEK)
        person = replace(person, adult=True, community_id=place)
        uow.people.save(person, state)
        uow.people.record_consent(person.id, Consent("consent-1", now - WEEK, "whatsapp", "m", "lessons"))
        uow.people.ask_for_help(person.id, now)
        uow.help_desk.opened(person.id, address, now)
        uow.help_desk.keep(person.id, "me duele la cabeza", now)
        uow.questions.open(f"question-{place}", "v@1", Asker(address, person.id, place), now)
        uow.questions.recorded(f"question-{place}", Recording(f"RE-{place}", 7), now)
        uow.questions.keep(f"question-{place}", b"OggS sound", 7)
        for name in ("open", "closed"):
            asked = PollRound(f"{name}-{place}", "Q05_v1", now - WEEK, now + WEEK, (), f"community:{place}")
            uow.polls.put_round(asked, poll)
        facts = (f"{place}-management", CommitteeKind.MANAGEMENT, place, "Agua", now + WEEK, "America/Bogota", "Escuela")
        uow.meetings.put(Meeting(f"meeting-{place}", *facts))
        content = Content(Reply("broadcast.message", "Hay reunión."), "Reunión")
        facts = {"state": BroadcastState.WAITING_APPROVAL, "expires_at": now + WEEK}
        uow.broadcasts.add(Broadcast(f"cast-{place}", f"community:{place}", content, Purpose.SERVICE, "nobody", now, **facts))
        voice = batea.studio.add_speaker(uow, "Eva", "batea-only", paid=True)
        take = batea.studio.sounds.known(sound)
        recorded = batea.studio.record(uow, sentence, "quz", take, speaker_id=voice.id, member_id="m", waits=True)
        ref = uow.register.record(person.id).addresses[0].ref
        studio = {"speaker": voice.id, "recording": recorded.id, "sentence": sentence.id, "group": sentence.group}
        return {"person": person.id, "ref": ref, **studio, "sound": sound, "tongue": "quz"}

    found = side.submit(work)
    side.batea.rounds.close(f"closed-{place}")
    miss = side.submit(lambda uow: uow.misses.keep("la cosa esa del rio", "menu", 0.2, now.date()))
    misses = side.submit(lambda uow: uow.misses.all())
    facilitator, asked = side.member("facilitator", place), {"work": "change", "meeting": f"meeting-{place}", "asked": "yes"}
    side.submit(lambda uow: uow.facilitators.keep(facilitator.id, {**asked, "what": "place", "place": "Casa"}, now))
    return {
        **found,
        "place": place,
        "number": number,
        "question": f"question-{place}",
        "broadcast": f"cast-{place}",
        "meeting": f"meeting-{place}",
        "open": f"open-{place}",
        "closed": f"closed-{place}",
        "miss": miss or misses[0].id,
        "member": side.member("staff").id,
        "facilitator": facilitator.id,
    }


@pytest.fixture(scope="module")
def objects(side):
    return {place: planted(side, place) for place in PLACES}


@pytest.fixture(scope="module")
def browsers(side):
    """Two for each role: the second is another session, whose forms are not the first one's."""
    people = {role: side.member(role, "taraza" if role is Role.FACILITATOR else None, role.value) for role in Role}
    return {role.value: (side.browser(one), side.browser(one)) for role, one in people.items()}


def filled(template, known):
    return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], template)


def every_route():
    for route in site.routes():
        for method in route.methods - {"HEAD"}:
            if route.path not in OPEN_TO_ALL:
                yield method, re.sub(r"\{[^}]*\}", "*", route.path)


def test_the_table_names_every_route():
    table = {(method, re.sub(r"bars(?=\.svg)|json$|\{[^}]*\}", "*", path)) for method, path, _, _ in ROUTES}
    assert table == set(every_route())


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize(("method", "path", "roles", "fields"), ROUTES, ids=lambda given: given if isinstance(given, str) else "")
def test_each_role_gets_what_is_hers_and_nothing_else_happens(side, objects, browsers, method, path, roles, fields, role):
    mine, other = browsers[role]
    for place in PLACES if role == "facilitator" and "{" in path else ("taraza",):
        known = objects[place]
        address, before = filled(path, known), side.said()
        form = None if fields is None else {name: filled(value, known) for name, value in fields.items()}
        if role not in roles.split():
            expected = 404 if (role, path) == ("pme", HIDDEN_FROM_PME) else 403
            assert mine.send(method, address, form).status_code == expected
        elif place == "puno":
            answer = mine.send(method, address, form)
            assert answer.status_code == 404
            assert known["number"] not in answer.text
        elif method == "GET":
            expected = ELSEWHERE.get((role, path.rpartition("/")[2]), 200)
            answer = mine.get(address)
            assert answer.status_code == expected
            assert len(answer.content) < MOST_PAGE_BYTES
        else:
            for forged in ("", "x", other.csrf):
                assert mine.post(address, **form, csrf=forged).status_code == 403
        assert mine.send("HEAD", address, form).status_code in {200, 403, 404, 405}
        assert side.said() == before


@pytest.mark.parametrize("verb", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "GET"])
def test_no_other_method_does_anything(side, objects, browsers, verb):
    mine, _ = browsers["admin"]
    before, override = side.said(), {"x-http-method-override": "POST"}
    for method, path, _, fields in ROUTES:
        if method == "POST":
            address = f"{filled(path, objects['taraza'])}?_method=POST&csrf={mine.csrf}"
            answer = mine.send(verb, address, fields, headers=override)
            assert answer.status_code in ({200, 404, 405} if verb == "GET" else {405}), path
    assert side.said() == before


@pytest.mark.parametrize(
    "session", ["none", "random", "over", "idle", "code", "password", "disabled", "signed out", "other cookie"]
)
def test_without_a_whole_session_every_address_leads_to_the_sign_in(side, objects, session):
    member = side.member("admin")
    facts = {"code": {"stage": Stage.CODE}, "password": {"stage": Stage.PASSWORD}, "over": {"ends_in": timedelta(0)}}
    begun = {"begun": -IDLE} if session == "idle" else {}
    browser = side.browser(member, **facts.get(session, {}), **begun)
    if session in {"none", "random"}:
        browser.token = "" if session == "none" else "A" * 43
    if session == "disabled":
        side.submit(lambda uow: uow.staff.disable(member.id, side.batea.clock.now()))
    if session == "signed out":
        browser.post("/staff/signout")
    leads = {"code": "/staff/code", "password": "/staff/password"}.get(session, "/staff/signin")
    cookie = "__Host-batea_staff" if session == "other cookie" else "batea_staff"
    before = side.said()
    for method, path, _, fields in ROUTES:
        known = objects["taraza"]
        form = None if fields is None else {name: filled(value, known) for name, value in fields.items()}
        for verb in {method, "HEAD"}:
            answer = browser.send(verb, filled(path, known), form, cookie=cookie)
            if verb == "HEAD" and method == "POST" and answer.status_code == 405:
                continue
            assert (answer.status_code, answer.headers["location"]) == (303, leads), path
    assert side.said() == before


@pytest.mark.parametrize(
    "path",
    [
        "/staff//people",
        "/staff/people/../audit",
        "/staff/%2e%2e/staff/audit",
        "/staff/people/%2e%2e%2faudit",
        "/staff/audit/",
        "/STAFF/audit",
        "/staff/audit;x=1",
        "/staff/audit%00",
        "/staff/polls/rounds/closed-puno/",
        "/staff/people/" + "a" * 5000,
        "//staff/audit",
    ],
)
def test_no_trick_in_a_path_opens_what_a_reader_may_not_see(browsers, path):
    mine, _ = browsers["pme"]
    answer = mine.get(path)
    assert answer.status_code in {307, 403, 404}
    assert "location" not in answer.headers or "audit" not in mine.get(answer.headers["location"]).text


def test_what_a_facilitator_may_not_see_is_answered_like_what_there_is_not(browsers, objects):
    mine, _ = browsers["facilitator"]
    for name, path in [("person", "/staff/people/"), ("person", "/staff/inbox/"), ("closed", "/staff/polls/rounds/")]:
        strange = mine.get(path + objects["puno"][name])
        nothing = mine.get(path + "0" * 32)
        assert (strange.status_code, strange.text.replace(objects["puno"][name], "")) == (
            nothing.status_code,
            nothing.text.replace("0" * 32, ""),
        )


def test_the_overview_shows_a_facilitator_the_rounds_that_reach_her_community(side, browsers, objects):
    question = side.batea.library.poll("Q05_v1").wording.text
    shown = {role: browsers[role][0].get("/staff/").text.count(question) for role in ("facilitator", "staff")}
    assert shown == {"facilitator": 1, "staff": 2}

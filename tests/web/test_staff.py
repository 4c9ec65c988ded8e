"""The staff side over HTTP: who gets in, who sees what, and what is written down about it."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from standins.server import Server
from standins.staffing import PASSWORD, Account, Visitor

from bot import wiring
from bot.domain.audit import OPERATOR
from bot.domain.staff import MOST_TRIES_OF_ACCOUNT, Role
from bot.settings import load
from bot.web.staff import site
from bot.web.staff.texts import FOLDER, texts

TEMPLATES = FOLDER.parent / "templates" / "staff"
OPEN_TO_ALL = {"/staff", "/staff/signin", "/staff/code", "/staff/password"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """As in the field: behind a proxy that speaks https."""
    running = Server(tmp_path_factory.mktemp("staff"), DEMO="1", PUBLIC_URL="https://batea.example")
    yield running.start()
    running.stop()


def newcomer(server, name, role="staff"):
    return Account.enrolled(server.environment, f"{name}@example.org", role)


def person_of(database, community):
    return database("SELECT id FROM person WHERE community_id = ? ORDER BY created_at DESC", community)[0][0]


def deeds(database, number):
    rows = database("SELECT action, object_id, reason FROM audit_log ORDER BY number DESC LIMIT ?", number)
    return list(reversed(rows))


def test_who_signs_in_chooses_a_password_first_and_gets_to_the_overview(server):
    account, visitor = newcomer(server, "eva"), Visitor(server.url)
    visitor.get("/staff/people")
    assert visitor.path == "/staff/signin"
    visitor.post("/staff/signin", email=f" {account.email.upper()}", password=account.password)
    assert visitor.path == "/staff/code"
    visitor.post("/staff/code", code=account.code())
    assert visitor.path == "/staff/password"
    assert visitor.get("/staff/people") == 200
    assert visitor.path == "/staff/password", "nothing else until she has a password of her own"
    for weak in ("corta", "aaaaaaaaaaaaaaaa", "eva-eva-contraseña", account.password):
        assert visitor.post("/staff/password", password=weak, again=weak) == 422
    assert visitor.post("/staff/password", password=PASSWORD, again=PASSWORD + "!") == 422
    visitor.post("/staff/password", password=PASSWORD, again=PASSWORD)
    assert (visitor.status, visitor.path) == (200, "/staff/people"), "where she wanted to go at first"


def test_a_code_works_once(server):
    account = newcomer(server, "replay")
    first = Visitor(server.url).sign_in(account)
    first.post("/staff/signout")
    code = account.code()
    for expected in ("/staff/", "/staff/code"):
        visitor = Visitor(server.url)
        visitor.get("/staff/signin")
        visitor.post("/staff/signin", email=account.email, password=PASSWORD)
        visitor.post("/staff/code", code=code)
        assert visitor.path == expected


def test_an_account_that_there_is_not_is_refused_like_a_wrong_password(server):
    account, answers = newcomer(server, "known"), []
    for email in (account.email, "nobody@example.org"):
        visitor = Visitor(server.url)
        visitor.get("/staff/signin")
        status = visitor.post("/staff/signin", email=email, password="no es esta la clave")
        answers.append((status, visitor.page.replace(email, "").replace(visitor.csrf(), "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


def test_too_many_attempts_are_refused_even_with_the_right_password(server):
    account, visitor = newcomer(server, "guessed"), Visitor(server.url)
    visitor.get("/staff/signin")
    for _ in range(MOST_TRIES_OF_ACCOUNT):
        assert visitor.post("/staff/signin", email=account.email, password="adivino") == 401
    assert visitor.post("/staff/signin", email=account.email, password=account.password) == 429


def test_the_first_step_alone_opens_no_page(server):
    account, visitor = newcomer(server, "half"), Visitor(server.url)
    visitor.get("/staff/signin")
    visitor.post("/staff/signin", email=account.email, password=account.password)
    visitor.get("/staff/people")
    assert visitor.path == "/staff/code"


def test_cookies_are_out_of_reach_and_the_token_changes_at_each_step(server):
    account, visitor = newcomer(server, "cookies"), Visitor(server.url)
    seen = set()

    def session():
        cookie = next(each for each in visitor.jar if each.name == "__Host-batea_staff")
        assert (cookie.secure, cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == (True, "/", True)
        assert cookie.get_nonstandard_attr("SameSite").lower() == "strict"
        seen.add(cookie.value)

    visitor.get("/staff/signin")
    visitor.post("/staff/signin", email=account.email, password=account.password)
    session()
    visitor.post("/staff/code", code=account.code())
    session()
    visitor.post("/staff/password", password=PASSWORD, again=PASSWORD)
    session()
    assert len(seen) == 3


def test_signing_out_and_being_disabled_end_a_session(server, database):
    account = newcomer(server, "leaves")
    visitor = Visitor(server.url).sign_in(account)
    token = [(each.name, each.value) for each in visitor.jar if each.name.endswith("batea_staff")]
    visitor.post("/staff/signout")
    assert visitor.path == "/staff/signin"
    assert token
    status, _ = server.request("/staff/", headers={"cookie": "; ".join(f"{name}={value}" for name, value in token)})
    assert status == 200, "the sign-in page, by a redirect"
    assert database("SELECT count(*) FROM staff_session s JOIN staff_member m ON m.id = s.member_id WHERE m.role = 'nobody'")
    other = Account.enrolled(server.environment, "disabled@example.org", "staff")
    visitor = Visitor(server.url).sign_in(other)
    with wiring.database(load(server.environment)) as store:
        now = wiring.SystemClock().now()
        store.submit(lambda uow: uow.staff.disable(uow.staff.by_email(other.email).member.id, now)).result()
    visitor.get("/staff/")
    assert visitor.path == "/staff/signin"
    assert visitor.post("/staff/signin", email=other.email, password=PASSWORD) == 401


def every_route():
    for route in site.routes():
        for method in sorted(route.methods - {"HEAD"}):
            yield route, method


def test_every_route_stands_behind_the_gate():
    bare = {route.path for route, _ in every_route() if not hasattr(route.endpoint, "roles")}
    assert bare == OPEN_TO_ALL


@pytest.mark.parametrize("csrf", ["", "x", "' OR 1=1 --", "ñ" * 50])
def test_a_form_from_elsewhere_does_nothing(server, signed_in, database, csrf):
    visitor = signed_in[Role.ADMIN]
    before = database("SELECT language FROM staff_member ORDER BY id")
    assert visitor.post("/staff/language", csrf=csrf, language="en", back="/staff/") == 403
    assert database("SELECT language FROM staff_member ORDER BY id") == before


def test_the_csrf_of_another_session_does_not_fit(server, signed_in):
    signed_in[Role.STAFF].get("/staff/")
    other = signed_in[Role.STAFF].csrf()
    assert signed_in[Role.ADMIN].post("/staff/language", csrf=other, language="en", back="/staff/") == 403


def test_forged_sessions_are_none(server):
    for token in ("", "x" * 43, "../../etc", "é", "0"):
        for name in ("batea_staff", "__Host-batea_staff"):
            status, body = server.request("/staff/people", headers={"cookie": f"{name}={token}".encode().decode("latin-1")})
            assert (status, b'name="password"' in body) == (200, True)


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/staff//evil", "/\\evil.example", "/media/x"])
def test_no_form_leads_away(server, signed_in, path):
    visitor = signed_in[Role.ADMIN]
    visitor.get("/staff/")
    visitor.post("/staff/language", language="es", back=path)
    assert visitor.path == "/staff/"


def test_the_language_stays_with_the_account(server, signed_in):
    visitor = signed_in[Role.STAFF]
    visitor.get("/staff/modules")
    visitor.post("/staff/language", language="en", back="/staff/modules")
    assert visitor.path == "/staff/modules"
    assert '<html lang="en">' in visitor.page
    visitor.post("/staff/language", language="es", back="/staff/")
    assert '<html lang="es">' in visitor.page


def test_a_facilitator_sees_her_community_alone(server, signed_in, database):
    visitor = signed_in[Role.FACILITATOR]
    hers, other = person_of(database, "taraza"), person_of(database, "puno")
    assert visitor.get("/staff/people") == 200
    assert hers in visitor.page
    assert other not in visitor.page
    assert visitor.get("/staff/people?community=puno") == 200
    assert other not in visitor.page
    assert visitor.get(f"/staff/people/{hers}") == 200
    token = visitor.csrf()
    assert visitor.get(f"/staff/people/{other}") == 404
    assert visitor.post(f"/staff/people/{other}/reveal", csrf=token, ref="x", reason="safety") == 404
    assert visitor.post("/staff/people/find", csrf=token, address="+51900000004") == 404
    assert visitor.post("/staff/people/find", csrf=token, address="+57 300 000-0001") == 200
    assert visitor.get("/staff/") == 200
    assert "Puno" not in visitor.page


def test_an_address_is_shown_for_a_reason_and_that_is_written_down(server, signed_in, database):
    visitor, person_id = signed_in[Role.STAFF], person_of(database, "suarez")
    visitor.get(f"/staff/people/{person_id}")
    ref = re.search(r'name="ref" value="(\w+)"', visitor.page)[1]
    assert "+573000000002" not in visitor.page
    assert visitor.post(f"/staff/people/{person_id}/reveal", ref=ref, reason="curiosity") == 422
    assert "+573000000002" not in visitor.page
    visitor.post(f"/staff/people/{person_id}/reveal", ref=ref, reason="call_back")
    assert "+573000000002" in visitor.page
    assert visitor.headers["cache-control"] == "no-store"
    assert deeds(database, 4) == [
        ("person.read", person_id, ""),
        ("person.read", person_id, ""),
        ("person.read", person_id, ""),
        ("person.reveal", person_id, "call_back"),
    ]
    assert "3000000002" not in str(database("SELECT * FROM audit_log"))


def test_lists_and_searches_are_written_down_without_what_was_searched(server, signed_in, database):
    visitor = signed_in[Role.ADMIN]
    visitor.get("/staff/people?community=puno")
    visitor.post("/staff/people/find", address="+57 399 999 9999")
    assert deeds(database, 2) == [("person.list", "puno", ""), ("person.find", "", "")]
    visitor.get("/staff/audit?noun=person")
    assert "buscó un número" in visitor.page
    assert "9999999" not in visitor.page


@pytest.mark.parametrize(
    "path",
    [
        "people?after=x&standing=y",
        "people?after=2026-01-01T00:00:00%20p",
        "people?after=2026-01-01T00:00:00%2B00:00%20%00",
        "people?community=%00",
        "audit?before=-1",
        "audit?before=99999999999999999999",
        "audit?before=%C2%B2",
        "audit?noun=%25",
        "audit?actor=%27%00",
    ],
)
def test_odd_questions_in_an_address_are_no_error(server, signed_in, path):
    assert signed_in[Role.ADMIN].get(f"/staff/{path}") == 200


@pytest.mark.parametrize("path", ["people/%00", "people/..%2F..", "x" * 3000, "people/a/b", "%F0%9F%A6%99"])
def test_what_there_is_not_is_said_kindly(server, signed_in, path):
    assert signed_in[Role.ADMIN].get(f"/staff/{path}") == 404
    assert "Aquí no hay nada" in signed_in[Role.ADMIN].page


@pytest.fixture
def missed(server):
    """A message that was not understood."""
    with wiring.database(load(server.environment)) as store:
        text = "<b>kiero</b> <script>alert(1)</script> la cosa esa del rrio"
        store.submit(lambda uow: uow.misses.keep(text, "menu", 0.2, wiring.SystemClock().now().date())).result()
        yield text
        for miss in store.submit(lambda uow: uow.misses.all()).result():
            store.submit(lambda uow, miss_id=miss.id: uow.misses.delete(miss_id)).result()


def test_what_people_wrote_is_never_markup_and_teaches_a_sentence(server, signed_in, database, missed):
    visitor = signed_in[Role.STAFF]
    visitor.get("/staff/misses")
    assert "<b>kiero" not in visitor.page
    assert "&lt;b&gt;kiero" in visitor.page
    miss = re.search(r'name="miss" value="(\w+)"', visitor.page)[1]
    wrong = {"ask_mercury": missed, "": "una frase", "nothing": "una frase", "greet": "[x]", "menu": "llame al 3001234567"}
    for intent, sentence in wrong.items():
        assert visitor.post("/staff/misses/teach", miss=miss, intent=intent, sentence=sentence) == 422, sentence
        assert 'role="alert"' in visitor.page
    visitor.post("/staff/misses/teach", miss=miss, intent="ask_mercury", sentence="kiero la cosa blanca del rio ese")
    assert (visitor.status, visitor.path) == (200, "/staff/misses")
    assert deeds(database, 1) == [("miss.teach", "ask_mercury", "")]
    assert database("SELECT count(*) FROM unread_message") == [(0,)]
    written = (server.folder / "data" / "review" / "es" / "ask_mercury.yml").read_text("utf-8")
    assert "kiero la cosa blanca del rio ese" in written
    visitor.post("/staff/misses/teach", miss=miss, intent="ask_mercury", sentence="otra frase cualquiera del rio")
    assert visitor.status == 200, "somebody else was faster: said kindly"


def test_a_message_without_a_lesson_is_deleted(server, signed_in, database, missed):
    visitor = signed_in[Role.ADMIN]
    visitor.get("/staff/misses")
    miss = re.search(r'name="miss" value="(\w+)"', visitor.page)[1]
    visitor.post("/staff/misses/drop", miss=miss)
    assert database("SELECT count(*) FROM unread_message") == [(0,)]


def test_forms_that_are_too_large_or_do_not_say_how_large_are_refused(server):
    visitor = Visitor(server.url)
    visitor.get("/staff/signin")
    assert visitor.post("/staff/signin", email="a" * 20_000, password="x") == 413


def test_headers_let_no_script_or_style_stand_in_a_page(server):
    visitor = Visitor(server.url)
    visitor.get("/staff/signin")
    policy = visitor.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for template in TEMPLATES.glob("*.html"):
        assert not re.search(
            r"<script(?! type=\"module\" src=\"/static/)|<style|\sstyle=|\son\w+=|javascript:", template.read_text("utf-8")
        ), template.name


def test_the_first_row_of_the_log_tells_who_made_the_accounts(server, signed_in, database):
    assert (OPERATOR, "staff.add") in database("SELECT actor, action FROM audit_log")
    assert "@example.org" not in str(database("SELECT * FROM audit_log"))


def test_both_languages_say_the_same_things_and_every_key_that_is_named_is_there():
    spanish, english = texts("es"), texts("en")
    assert set(spanish._sentences) == set(english._sentences)
    pages = [*TEMPLATES.glob("*.html"), *Path(site.__file__).parent.glob("*.py")]
    for file in pages:
        named = re.findall(r"""\bt(?:exts_of\(request\))?\(\s*["']([a-z_]+(?:\.[a-z_]+)+)["']\s*[,)]""", file.read_text("utf-8"))
        counted = re.findall(r"""\bt\.count\(\s*["']([a-z_.]+)["']""", file.read_text("utf-8"))
        wanted = [*named, *(f"{key}.{form}" for key in counted for form in ("one", "other"))]
        assert [key for key in wanted if key not in spanish] == [], file.name
    for key, sentence in spanish._sentences.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", english._sentences[key])), key


def test_every_section_has_a_name():
    assert all(f"nav.{section.name}" in texts("en") for section in site.SECTIONS)


def test_translation_files_have_no_key_twice():
    for file in FOLDER.glob("staff*.yml"):
        with file.open(encoding="utf-8") as opened:
            assert YAML(typ="safe").load(opened), file.name  # ruamel refuses a key that stands there twice

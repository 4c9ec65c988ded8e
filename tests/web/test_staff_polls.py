"""The staff pages of polls over HTTP: opening, counting in person, composing, publishing, giving back."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from standins.answered import closed_rounds
from standins.server import Server

from bot.domain.staff import Role

BATEA = Path(sys.executable).with_name("batea")
POLLS = "/staff/polls"
ROUND, EARLIER = f"{POLLS}/rounds/Q05_v1-1", f"{POLLS}/rounds/Q05_v1-0"
MOST_PAGE_BYTES = 150_000
GOOD = {
    "text": "¿Fue al taller del agua?",
    "simpler": "¿Estuvo en el taller pasado?",
    "kind": "single",
    "option-1": "Sí",
    "option-2": "No pude",
    "way_out": "say",
    "country-CO": "1",
    "step": "check",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("polls"), DEMO="1").start()
    closed_rounds(running.environment, in_person={"si": 12, "no_pude": 10})
    yield running
    running.stop()


def last_deeds(database, number=1):
    rows = database("SELECT action, object_id FROM audit_log ORDER BY number DESC LIMIT ?", number)
    return list(reversed(rows))


class Numbers(HTMLParser):
    """The numbers of a page, by table and row."""

    def __init__(self, page):
        super().__init__()
        self.group = self.row = ""
        self.found = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.group = attributes.get("data-group", self.group)
        if tag == "tr":
            self.row = attributes.get("data-option") or attributes.get("data-round") or ""
        if tag == "data":
            self.found.setdefault((self.group, self.row), []).append(float(attributes["value"]))


def command(server, *arguments):
    done = subprocess.run([BATEA, *arguments], env=server.environment, capture_output=True, check=True)
    return done.stdout


def expected(document):
    """The numbers of the JSON, in the order of a page's table."""
    shown = {}

    def group(name, options):
        for option in options:
            if option["count"] is not None:
                shown[name, option["id"]] = [option[key] for key in ("count", "pct", "lo", "hi")]

    group("everybody", document["options"])
    return shown


def test_the_page_says_what_the_command_says(server, signed_in):
    document = json.loads(command(server, "poll", "results", "Q05_v1", "--round", "1", "--compare", "0", "--format", "json"))
    visitor = signed_in[Role.PME]
    assert visitor.get(f"{ROUND}?compare=0") == 200
    shown = Numbers(visitor.page).found
    for key, numbers in expected(document).items():
        assert shown[key] == numbers, key
    assert f'data-n="{document["n"]}"' in visitor.page
    for option in document["options"]:
        assert (("everybody", option["id"]) in shown) == (option["count"] is not None)
    changes = {
        ("comparison", one["id"]): [one[key] for key in ("before", "after", "difference", "lo", "hi")]
        for one in document["comparison"]["options"]
    }
    assert {key: shown[key] for key in shown if key[0] == "comparison"} == changes
    funnel = document["funnel"]
    for name in ("invited", "delivered", "answered", "face_to_face"):
        assert shown.get(("funnel", name), [None]) == [funnel[name]]
    for channel in funnel["channels"]:
        assert shown.get(("funnel", f"channel-{channel['id']}"), [None]) == [channel["answered"]]
    assert document["breakdowns"], "otherwise this proves little"
    for breakdown in document["breakdowns"]:
        visitor.get(f"{ROUND}?by={breakdown['by']}&compare=0")
        shown = Numbers(visitor.page).found
        for one in breakdown["groups"]:
            if one["n"] is None:
                assert f'data-hidden="{one["id"]}"' in visitor.page
            for option in one["options"] if one["n"] is not None else ():
                numbers = shown.get((f"group-{one['id']}", option["id"]), [None] * 4)
                assert numbers == [option[key] for key in ("count", "pct", "lo", "hi")]


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_files_say_what_the_command_says(server, signed_in, form):
    theirs = command(server, "poll", "results", "Q05_v1", "--round", "1", "--compare", "0", "--format", form)
    ours = signed_in[Role.STAFF].fetch(f"{ROUND}/results.{form}?compare=0")
    assert cells(form, ours) == cells(form, theirs)


def cells(form, content):
    if form == "json":
        return json.loads(content)
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/") or "sharedStrings" in name)
        return [[(node.tag, node.text) for node in ET.fromstring(book.read(name)).iter()] for name in names]


def test_csv_holds_every_count_of_the_json(server, signed_in):
    visitor = signed_in[Role.STAFF]
    document = json.loads(visitor.fetch(f"{ROUND}/results.json?compare=0"))
    rows = cells("csv", visitor.fetch(f"{ROUND}/results.csv?compare=0"))
    for option in document["options"]:
        row = next(row for row in rows if row[:1] == [""] and option["label"] in row)
        numbers = [str(option[key]) if option[key] is not None else "oculto" for key in ("count", "pct", "lo", "hi")]
        assert [row[4], *row[5:8]] == numbers


def test_drawings_and_files_are_what_they_say(signed_in):
    visitor = signed_in[Role.PME]
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}
    for form, first in begins.items():
        assert visitor.fetch(f"{ROUND}/results.{form}").startswith(first)
        assert "attachment" in visitor.headers["content-disposition"]
    for what in ("bars", "time", "territory"):
        assert b"<svg" in visitor.fetch(f"{ROUND}/chart/{what}.svg")
        assert visitor.headers["content-type"] == "image/svg+xml"
        assert "script" not in visitor.headers["content-security-policy"]
    for path in (
        f"{ROUND}/chart/ethnicity.svg",
        f"{EARLIER}/chart/time.svg",
        f"{ROUND}/results.exe",
        f"{POLLS}/rounds/x/results.csv",
    ):
        assert visitor.get(path) == 404


@pytest.mark.parametrize("query", ["compare=99", "compare=%00", "by=ethnicity", "by=sex&by=role", "compare=-1&by=' OR 1=1"])
def test_filters_take_nothing_but_what_is_published(signed_in, query):
    visitor = signed_in[Role.PME]
    assert visitor.get(f"{ROUND}?{query.replace(' ', '%20')}") == 200
    assert len(visitor.page.encode()) < MOST_PAGE_BYTES


def test_a_committees_reader_sees_published_results_only(signed_in):
    visitor = signed_in[Role.PME]
    visitor.get(POLLS)
    assert "Rondas abiertas" not in visitor.page
    assert "demo-round" not in visitor.page
    assert ROUND in visitor.page
    assert visitor.get(f"{POLLS}/rounds/demo-round") == 404
    assert visitor.get(f"{ROUND}/told") == 403
    assert visitor.get(f"{POLLS}/compose") == 403
    assert visitor.get("/staff/donors") == 403


def test_an_open_round_tells_tens_and_nothing_else(signed_in):
    visitor = signed_in[Role.ADMIN]
    assert visitor.get(f"{POLLS}/rounds/demo-round") == 200
    assert "redondeados hacia abajo" in visitor.page
    assert "data-option" not in visitor.page
    assert visitor.get(f"{POLLS}/rounds/demo-round/results.csv") == 404
    assert visitor.get(f"{POLLS}/rounds/demo-round/chart/bars.svg") == 404


def test_a_round_is_opened_once_it_was_seen_whom_it_asks_and_closed_for_good(signed_in, database):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"{POLLS}/open?poll=Q10_v1")
    wish = {"poll": "Q10_v1", "to": "community:taraza", "days": "7", "population": "150"}
    visitor.post(f"{POLLS}/open", **wish)
    asked = int(re.search(r'class="figure"><strong>(\d+)', visitor.page)[1])
    (here,) = database(
        "SELECT count(DISTINCT c.person_id) FROM consent c JOIN person p ON p.id = c.person_id WHERE p.community_id = 'taraza'"
    )[0]
    assert asked == here - 1, "everybody of Tarazá but one, who left"
    assert database("SELECT count(*) FROM poll_round WHERE poll_id = 'Q10_v1'") == [(0,)], "nothing yet"
    visitor.post(f"{POLLS}/open", **wish, step="open")
    assert (visitor.status, visitor.path) == (200, POLLS)
    assert database("SELECT invited, population, audience FROM poll_round WHERE poll_id = 'Q10_v1'") == [
        (asked, 150, "community:taraza")
    ]
    assert last_deeds(database) == [("round.open", "Q10_v1-0")]
    visitor.get(f"{POLLS}/open")
    assert visitor.post(f"{POLLS}/open", **wish, step="open") == 422, "the same question to the same people"
    visitor.get(f"{POLLS}/rounds/Q10_v1-0/close")
    assert "para siempre" in visitor.page
    visitor.post(f"{POLLS}/rounds/Q10_v1-0/close")
    assert visitor.path == f"{POLLS}/rounds/Q10_v1-0"
    assert "Contestaron menos de 10 personas" in visitor.page
    assert last_deeds(database) == [("round.close", "Q10_v1-0")]
    assert visitor.get(f"{POLLS}/rounds/Q10_v1-0/close") == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": "0"},
        {"days": "999"},
        {"days": "²"},
        {"days": ""},
        {"population": "muchas"},
        {"population": "1"},
        {"to": "community:nada"},
        {"to": ""},
        {"poll": "Q02_v1"},
        {"poll": "Q99_v1"},
        {"poll": "Q01_v1", "panel": "1"},
    ],
)
def test_what_cannot_be_opened_is_said_before_anything_happens(signed_in, database, wrong):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"{POLLS}/open")
    before = database("SELECT count(*) FROM poll_round")
    wish = {"poll": "Q06_v1", "to": "all", "days": "7", "population": "", "step": "open"} | wrong
    assert visitor.post(f"{POLLS}/open", **wish) == 422
    assert 'role="alert"' in visitor.page
    assert database("SELECT count(*) FROM poll_round") == before


def test_a_facilitator_counts_her_community_and_corrects_herself(signed_in, database):
    visitor, path = signed_in[Role.FACILITATOR], f"{POLLS}/rounds/demo-round/in-person"
    visitor.get(path)
    assert "Suárez" not in visitor.page
    counts = {"count-los_dos": "7", "count-uno": "4", "count-no_digo": "1"}
    visitor.post(path, name="El Hato", **counts, place="puno")
    assert (visitor.status, visitor.path) == (200, path)
    visitor.post(path, name="el hato", **(counts | {"count-uno": "5"}))
    assert "Tarazá · el-hato: 13 personas" in visitor.page, "her own community, whatever the form says"
    stored = database("SELECT people, territory FROM in_person WHERE round_id = 'demo-round'")
    assert stored == [(0, "")], "one list, and nothing of it to read in the database"
    assert last_deeds(database) == [("round.tally", "demo-round")]
    for wrong in ({"count-uno": "-1"}, {"count-uno": "tres"}, {"count-uno": "99999"}, {"count-uno": "1.5"}):
        assert visitor.post(path, **(counts | wrong)) == 422
    assert database("SELECT count(*) FROM in_person WHERE round_id = 'demo-round'") == [(1,)]
    visitor.post(path, name="El Hato")
    assert database("SELECT count(*) FROM in_person WHERE round_id = 'demo-round'") == [(0,)]
    assert visitor.get(f"{ROUND}/in-person") == 404, "it is closed"


def test_a_question_is_checked_shown_and_saved_as_a_version_that_stays(signed_in, database):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"{POLLS}/compose")
    assert visitor.post(f"{POLLS}/compose", **GOOD) == 200
    assert "Batea pregunta: ¿Fue al taller del agua?" in visitor.page
    assert "1 mensaje de texto" in visitor.page
    assert "GSM-7" in visitor.page
    visitor.post(f"{POLLS}/compose", **(GOOD | {"step": "save"}))
    assert (visitor.status, visitor.path) == (200, POLLS)
    assert last_deeds(database)[0][0] == "poll.compose"
    visitor.get(f"{POLLS}/compose?from=P01_v1")
    assert "¿Fue al taller del agua?" in visitor.page
    visitor.post(f"{POLLS}/compose", **(GOOD | {"text": "¿Fue al taller del río?", "origin": "P01_v1", "step": "save"}))
    assert database("SELECT id FROM composed_poll ORDER BY id") == [("P01_v1",), ("P01_v2",)]
    first = json.loads(database("SELECT body FROM composed_poll WHERE id = 'P01_v1'")[0][0])
    assert first["wording"]["text"] == "¿Fue al taller del agua?"
    assert [option["label"] for option in first["options"]] == ["Sí", "No pude", "No digo"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "¿Usted usó mercurio?"}, "confesar"),
        ({"text": "¿Fue a la reunión y habló en el comité?"}, "dos cosas"),
        ({"text": "¿" + "agua " * 20 + "?"}, "12 como mucho"),
        ({"text": "¿Cómo se llama su comprador?"}, "nombre"),
        ({"text": "Dígame del taller"}, "signos de pregunta"),
        ({"simpler": "¿Fue al taller del agua?"}, "otras palabras"),
        ({"option-2": "Sí"}, "dos veces"),
        ({"option-2": "x" * 30}, "24 como mucho"),
        ({"option-1": "", "option-2": ""}, "de 2 a 5"),
        ({"kind": "number", "least": "9", "greatest": "3"}, "de un valor a otro mayor"),
        ({"kind": "number", "least": "x", "greatest": "3"}, "de un valor a otro mayor"),
        ({"kind": "several", "most": "3"}, "menos que las opciones"),
        ({"text": ""}, "Falta"),
        ({"country-CO": ""}, "Falta"),
        ({"text": "¿Fue al taller del agua? 🪙"}, "no llevan"),
    ],
)
def test_a_question_that_would_harm_or_confuse_is_not_saved(signed_in, database, wrong, said):
    visitor = signed_in[Role.STAFF]
    visitor.get(f"{POLLS}/compose")
    before = database("SELECT count(*) FROM composed_poll")
    assert visitor.post(f"{POLLS}/compose", **(GOOD | wrong | {"step": "save"})) == 422
    assert said in visitor.page
    assert database("SELECT count(*) FROM composed_poll") == before


def test_what_was_said_goes_back_once(server, signed_in, database):
    visitor, path = signed_in[Role.STAFF], f"{ROUND}/told"
    assert visitor.get(path) == 200
    assert "Esto dijeron ustedes." in visitor.page
    people = int(re.search(r'class="figure"><strong>(\d+)', visitor.page)[1])
    assert visitor.fetch(f"{path}.ogg").startswith(b"OggS")
    visitor.get(path)
    token, shown = visitor.csrf(), re.search(r'name="shown" value="(\w+)"', visitor.page)[1]
    visitor.post(path, csrf=token, shown="0" * 16)
    assert "El texto cambió" in visitor.page
    assert database("SELECT count(*) FROM poll_told") == [(0,)]
    messages = "SELECT count(*) FROM message"
    before = database(messages)[0][0]
    visitor.post(path, csrf=token, shown=shown)
    assert database("SELECT round_id, people FROM poll_told") == [("Q05_v1-1", people)]
    assert last_deeds(database) == [("round.tell", "Q05_v1-1")]
    assert database(messages)[0][0] == before + people
    visitor.post(path, csrf=token, shown=shown)
    assert "Ya se había enviado" in visitor.page
    assert database(messages)[0][0] == before + people
    assert [deed[0] for deed in last_deeds(database, 500)].count("round.tell") == 1
    theirs = "SELECT count(*) FROM message WHERE person_id IN (SELECT l.person_id FROM line l JOIN address a ON a.line_id = l.id"
    assert database(f"{theirs} WHERE a.opted_out_at IS NOT NULL)") == [(0,)]


def test_donors_read_counts_that_tell_on_nobody(signed_in):
    visitor = signed_in[Role.ADMIN]
    assert visitor.get("/staff/donors") == 200
    shown = Numbers(visitor.page).found
    numbers = [value for (group, _), values in shown.items() for value in values if group in {"sex", "territory"}]
    assert numbers
    assert min(numbers) >= 10


def test_every_page_is_small_in_both_languages(signed_in):
    visitor = signed_in[Role.ADMIN]
    for language in ("en", "es"):
        visitor.get("/staff/")
        visitor.post("/staff/language", language=language, back=POLLS)
        for path in (POLLS, f"{POLLS}/open", f"{POLLS}/compose", ROUND, f"{ROUND}/told", "/staff/donors"):
            assert visitor.get(path) == 200
            assert f'<html lang="{language}">' in visitor.page
            assert len(visitor.page.encode()) < MOST_PAGE_BYTES
            assert "{" not in re.sub(r"<svg.*?</svg>", "", visitor.page, flags=re.DOTALL)

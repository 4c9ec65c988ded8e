"""`batea people import`, `export` and `erase`, as processes of their own on a database of their own."""

import importlib.util
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.community import Community
from bot.domain.message import Address, ChannelName, OutboundMessage, Reply
from bot.domain.person import Country

spec = importlib.util.spec_from_file_location("people_tests", Path(__file__).with_name("test_people.py"))
people_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(people_tests)

PHONE = Address(ChannelName.SMS, "+573001112222")
HEADER = "Número,Fecha de consentimiento,Prueba de consentimiento,Mayor de 18,Comunidad\n"


@pytest.fixture
def office(tmp_path):
    made = people_tests.Office(tmp_path)
    made.run(lambda uow: uow.communities.put([Community("taraza", "Tarazá", Country.CO, "bajo-cauca")], []))
    return made


def people(office, *arguments, stdin=""):
    facts = {"SECRET_KEY": people_tests.SECRET, "DATABASE_URL": office.url, "DATA_DIR": str(office.folder)}
    done = people_tests.chat_tests.batea("people", *arguments, stdin=stdin, **facts)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def count(office):
    return office.run(lambda uow: uow.register.page().total)


def test_the_good_lines_are_kept_once_and_the_others_are_told(office):
    file = office.folder / "people.csv"
    good = "300 555 1234,2026-10-01,acta 3,sí,Tarazá\n+51 955 512 345,01/10/2026,acta 4,si,\n"
    bad = "6045551234,2026-10-01,acta,si,\n300 555 1234,2026-10-01,acta,si,\n3005551236,2026-10-01,acta,no,\n"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + good).encode() + bad.encode("cp1252"))
    code, out, err = people(office, "import", str(file), stdin="no\n")
    assert (code, count(office)) == (1, 0)
    assert "nothing was kept" in err
    code, out, _ = people(office, "import", str(file), "--yes")
    assert (code, count(office)) == (0, 2)
    assert "line 4\t-\tlandline" in out
    assert "line 5\t+57 ••• 34\trepeated (2)" in out
    assert "not adult" in out
    assert "3005551234" not in out.replace(" ", "")
    code, out, _ = people(office, "import", str(file), "--yes")
    assert (code, count(office)) == (0, 2), "the same file again changes nothing"
    assert "0 can be kept, 2 were there already" in out


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"numero,numero,fecha,prueba,mayor\n"])
def test_a_file_of_no_use_is_refused_in_one_line(office, content):
    file = office.folder / "people.csv"
    file.write_bytes(content)
    code, _, err = people(office, "import", str(file), "--yes")
    assert code == 2
    assert len(err.strip().splitlines()) == 1


def test_all_that_is_kept_of_one_person_is_printed_as_json(office):
    person_id = office.enrol(PHONE)
    now = datetime.now(UTC)

    def work(uow):
        uow.people.ask_for_help(person_id, now)
        uow.help_desk.opened(person_id, PHONE, now)
        uow.help_desk.keep(person_id, "me duele la cabeza", now)
        uow.outbox.add([OutboundMessage("m1", PHONE, Reply("x.y", "Hola"), now)], person_id)

    office.run(work)
    code, out, _ = people(office, "export", "-", stdin="+57 300 111 2222\n")
    assert code == 0
    kept = json.loads(out)
    assert kept["address"][0]["value"] == PHONE.value
    assert kept["consent"][0]["message_ref"] == "SM1"
    assert kept["help_word"][0]["content"] == "me duele la cabeza"
    assert kept["message"][0]["content"]["reply"]["text"] == "Hola"
    assert kept["lesson_record"][0]["lesson_id"] == "humo"
    assert kept["person"]["state"]["place"] == "lesson:m1/cocina/s2"
    code, _, err = people(office, "export", PHONE.value)
    assert (code, PHONE.value in err) == (2, False)
    code, _, err = people(office, "export", "-", stdin="+573009999999\n")
    assert code == 1


def test_a_person_is_erased_once_that_is_confirmed(office):
    office.enrol(PHONE)
    assert people(office, "erase", "-", stdin=f"{PHONE.value}\nno\n")[0] == 1
    assert count(office) == 1
    assert people(office, "erase", "-", stdin=f"{PHONE.value}\nyes\n")[0] == 0
    assert count(office) == 0
    assert office.run(lambda uow: [each.action for each in uow.audit.recent(limit=3)])[0] == "person.erase"


def test_who_said_baja_is_not_brought_back_by_a_file(office):
    person_id = office.enrol(PHONE)
    now = datetime.now(UTC)
    office.run(lambda uow: (uow.people.set_opted_out(PHONE, now - timedelta(days=1)), person_id))
    file = office.folder / "people.csv"
    file.write_text(HEADER + "3001112222,2026-10-01,acta,si,\n")
    _, out, _ = people(office, "import", str(file), "--yes")
    assert "\tleft" in out
    assert office.run(lambda uow: uow.people.opted_out(PHONE))

"""`batea people move`, as a process of its own on a database of its own."""

import importlib.util
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.conversation import State
from bot.domain.learning import LessonRecord
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Person
from bot.storage import schema
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.vault import Vault

spec = importlib.util.spec_from_file_location("chat_tests", Path(__file__).with_name("test_chat.py"))
chat_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(chat_tests)

SECRET = "a secret of the tests and long enough"
LOST, NEW = Address(ChannelName.SMS, "+573001112222"), Address(ChannelName.TELEGRAM, "3527065")
LONG_AGO = datetime.now(UTC) - timedelta(days=200)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


class Office:
    """A database, looked into between two commands."""

    def __init__(self, folder):
        self.folder = folder
        self.url = f"sqlite:///{folder / 'batea.db'}"
        schema.upgrade(self.url)

    def run(self, work):
        store = open_store(self.url, Vault(SECRET), RoundKeyFiles(self.folder / "rounds"))
        try:
            return store.submit(work).result(timeout=30)
        finally:
            store.close()

    def meet(self, address, now=YESTERDAY):
        return self.run(lambda uow: uow.people.meet(address, now))

    def enrol(self, address, now=YESTERDAY):
        def work(uow):
            met, _ = uow.people.meet(address, now)
            uow.people.save(replace(met, adult=True, country=Country.CO), State("lesson:m1/cocina/s2"))
            uow.people.record_consent(met.id, Consent("c1", now, "sms", "SM1", "lessons"))
            uow.people.record_lesson(met.id, LessonRecord("m1", "humo", "s1", finished_at=now))
            return met.id

        return self.run(work)

    def move(self, *lines):
        facts = {"SECRET_KEY": SECRET, "DATABASE_URL": self.url, "DATA_DIR": str(self.folder)}
        done = chat_tests.batea("people", "move", stdin="".join(f"{line}\n" for line in lines), **facts)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def test_a_profile_goes_on_at_the_new_address_and_the_lost_one_knows_nothing(office):
    person_id = office.enrol(LOST, LONG_AGO)
    office.meet(NEW)
    code, out, err = office.move("+57 300 111 2222", "telegram 3527065", "yes")
    assert (code, err) == (0, "")
    assert "CO, known since" in out
    assert "1 lessons finished" in out
    assert "moved: " in out
    assert "300" not in out
    person, state = office.meet(NEW)
    assert (person.id, state.place) == (person_id, "lesson:m1/cocina/s2")
    stranger, state = office.meet(LOST)
    assert (stranger.enrolled, state.place) == (False, "profile:gone")


@pytest.mark.parametrize("answer", ["no", "", "n", "yes please"])
def test_without_a_yes_nothing_is_changed(office, answer):
    person_id = office.enrol(LOST)
    office.meet(NEW)
    code, _, err = office.move("+573001112222", "telegram 3527065", answer)
    assert (code, len(err.splitlines())) == (1, 1)
    assert office.meet(LOST)[0].id == person_id


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (["+573001112222"], 2, "standard input ended"),
        (["3001112222", "telegram 3527065", "yes"], 2, "country code"),
        (["+573001112222", "telegram x", "yes"], 2, "telegram ID"),
        (["+573009998888", "telegram 3527065", "yes"], 1, "nobody ever wrote"),
        (["+573001112222", "telegram 99", "yes"], 1, "write hola"),
        (["+573001112222", "whatsapp CO.12", "yes"], 1, "write hola"),
        (["+573001112222", "+57 (300) 111-2222", "yes"], 1, "belong together"),
        (["telegram 3527065", "+573001112222", "yes"], 1, "has not agreed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_without_an_address(office, lines, code, said):
    office.enrol(LOST)
    office.meet(NEW)
    done, _, err = office.move(*lines)
    assert (done, len(err.splitlines())) == (code, 1)
    assert said in err
    assert "111" not in err
    assert "3527065" not in err


def test_a_new_address_that_was_silent_for_long_may_be_somebody_elses(office):
    office.enrol(LOST)
    office.meet(NEW, LONG_AGO)
    code, _, err = office.move("+573001112222", "telegram 3527065", "yes")
    assert code == 1
    assert "write hola" in err


def test_of_several_on_the_lost_phone_one_is_chosen_by_her_number(office):
    office.enrol(LOST)
    office.meet(NEW)
    office.run(lambda uow: uow.lines.share(uow.lines.find(LOST).id, "Rosa"))
    code, _, err = office.move("+573001112222", "telegram 3527065", "2", "yes")
    assert code == 2
    assert "1: Rosa" in err
    assert office.move("+573001112222", "telegram 3527065", "1", "yes")[0] == 0
    assert office.meet(NEW)[0].enrolled


def taken_over(office):
    """The lost number's new owner has said that it is hers."""
    office.run(lambda uow: uow.people.meet(LOST, YESTERDAY))
    newcomer = Person("n" * 32, YESTERDAY)
    office.run(lambda uow: uow.lines.hand_over(uow.lines.find(LOST).id, newcomer, YESTERDAY))


def test_who_lost_her_number_to_its_new_owner_is_found_by_it_and_the_new_owner_is_left_alone(office):
    person_id = office.enrol(LOST, LONG_AGO)
    taken_over(office)
    office.meet(NEW)
    code, _, err = office.move("+573001112222", "telegram 3527065", "2", "yes")
    assert (code, "1: who has the number now" in err, "who had the number before: CO" in err) == (0, True, True)
    assert office.meet(NEW)[0].id == person_id
    assert office.meet(LOST)[0].id == "n" * 32
    assert office.run(lambda uow: uow.lines.lost(LOST)) == []
    assert office.run(lambda uow: uow.lines.forget_unreachable(datetime.now(UTC))) == 0

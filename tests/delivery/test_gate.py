"""What nobody asked for stops at the last step; over the real ledger, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from delivery.test_sender import ALBA, NORA, START, clock, put, sender, states, store, vendor  # noqa: F401 - fixtures

from bot.domain.community import Community
from bot.domain.errors import PassingSendError
from bot.domain.message import MessageState, Purpose
from bot.domain.person import Country

UNASKED = {"purpose": Purpose.SERVICE}


@pytest.fixture
def nora(store):  # noqa: F811 - the fixture above
    """Nora is of bajo-cauca; Alba of nowhere."""
    place = Community("taraza", "Tarazá", Country.CO, "bajo-cauca")

    def work(unit):
        unit.communities.put([place], [])
        person, state = unit.people.meet(NORA, START)
        unit.people.save(replace(person, community_id="taraza"), state)
        return person.id

    return store.submit(work).result()


@pytest.fixture
def announce(store, nora):  # noqa: F811
    def queued(number, to=NORA, **facts):
        message = put(store, number, to, f"Aviso {number}", **(UNASKED | facts))
        owned = f"UPDATE message SET person_id = '{nora}' WHERE id = '{message}'"
        if to == NORA:
            store.submit(lambda unit: unit.people._tx.connection.exec_driver_sql(owned)).result()
        return message

    return queued


def paused(store, territory, when=START):  # noqa: F811
    store.submit(lambda unit: unit.pauses.begin(territory, when)).result()


def resume(store, when):  # noqa: F811
    store.submit(lambda unit: (unit.pauses.end(), unit.outbox.resume(when))).result()


def test_of_a_paused_territory_nothing_leaves_unasked_but_replies_do(sender, store, vendor, clock, announce):  # noqa: F811
    announce(1)
    announce(2, ALBA)
    paused(store, "bajo-cauca")
    reply = put(store, 3, text="Hola")
    assert sender.send([reply]) == 0, "it stands behind the announcement until that is put aside"
    sender.sweep()
    sender.send([put(store, 4, text="Otra vez")])
    assert [said for said in vendor.sent if said != "voice"] == ["Aviso 2", "Hola", "Otra vez"]
    assert states(store) == {MessageState.HELD: 1, MessageState.SENT: 3}


def test_a_pause_counts_from_the_moment_at_which_it_was_made(sender, store, vendor, announce):  # noqa: F811
    assert sender.send([announce(1)]) == 1
    paused(store, "")
    assert sender.send([announce(2)]) == 0
    assert vendor.sent == ["Aviso 1", "voice"]


def test_afterwards_it_leaves_once(sender, store, vendor, clock, announce):  # noqa: F811
    paused(store, "bajo-cauca")
    for number in (1, 2):
        sender.send([announce(number)])
    clock.move(timedelta(days=2))
    resume(store, clock.now())
    assert sender.sweep() == 2
    assert sender.sweep() == 0
    assert vendor.sent == ["Aviso 1", "voice", "Aviso 2", "voice"]


def test_what_half_left_goes_on(sender, store, vendor, clock, announce):  # noqa: F811
    vendor.failures = [None, PassingSendError("busy")]
    sender.send([announce(1)])
    paused(store, "")
    clock.move(timedelta(minutes=1))
    sender.sweep()
    assert vendor.sent == ["Aviso 1", "voice"]


def test_what_expired_while_paused_is_counted_and_never_sent(sender, store, vendor, clock, announce):  # noqa: F811
    paused(store, "")
    sender.send([announce(1, expires_at=START + timedelta(hours=1))])
    clock.move(timedelta(hours=2))
    sender.sweep()
    resume(store, clock.now())
    sender.sweep()
    assert vendor.sent == []
    assert states(store) == {MessageState.EXPIRED: 1}


def test_what_is_late_is_not_sent_whoever_asks_for_it(sender, store, vendor, clock, announce):  # noqa: F811
    message = announce(1, expires_at=START + timedelta(hours=1))
    clock.move(timedelta(hours=1))
    assert sender.send([message]) == 0
    assert vendor.sent == []
    assert states(store) == {MessageState.EXPIRED: 1}

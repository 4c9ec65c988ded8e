"""Whoever is being answered comes before what can wait."""

import queue
import threading

import pytest

from bot.storage.jobs import Jobs


def test_what_can_wait_comes_after_what_cannot_each_in_its_order():
    jobs = Jobs()
    for name, patient in (("a", True), ("1", False), ("b", True), ("2", False)):
        jobs.put(name, patient=patient)
    assert [jobs.get() for _ in range(4)] == ["1", "2", "a", "b"]
    assert jobs.empty()
    with pytest.raises(queue.Empty):
        jobs.get(wait=False)


def test_the_end_comes_last_and_once_for_each_taker():
    jobs = Jobs()
    jobs.end()
    jobs.end()
    jobs.put("1")
    assert [jobs.get() for _ in range(3)] == ["1", None, None]


def test_many_takers_take_each_job_once():
    jobs, taken = Jobs(), []

    def take():
        while (job := jobs.get()) is not None:
            taken.append(job)

    takers = [threading.Thread(target=take) for _ in range(4)]
    for taker in takers:
        taker.start()
    for number in range(1000):
        jobs.put(number, patient=number % 3 == 0)
    for _ in takers:
        jobs.end()
    for taker in takers:
        taker.join(10)
    assert sorted(taken) == list(range(1000))


def test_a_reply_is_written_before_a_broadcast_that_waits(desk):
    order, may_go_on = [], threading.Event()
    first = desk.store.submit(lambda _: may_go_on.wait(10), patient=True)
    others = [desk.store.submit(lambda _: may_go_on.wait(10), patient=True) for _ in range(3)]
    waiting = [desk.store.submit(lambda _, n=n: order.append(f"broadcast {n}"), patient=True) for n in range(5)]
    waiting.append(desk.store.submit(lambda _: order.append("reply")))
    may_go_on.set()
    for future in (first, *others, *waiting):
        future.result(10)
    assert "reply" in order[:2], "there may be two writers, each with one work"

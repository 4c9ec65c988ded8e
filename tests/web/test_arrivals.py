"""Results of other threads come into the event loop, many at a time."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from bot.web.arrivals import Arrivals


def test_every_result_and_every_error_arrives():
    async def run():
        arrivals = Arrivals()
        with ThreadPoolExecutor(4) as pool:
            waiting = [arrivals.wait(pool.submit(divmod, number, number % 2)) for number in range(500)]
            return await asyncio.gather(*waiting, return_exceptions=True)

    found = asyncio.run(run())
    assert [one for one in found if isinstance(one, tuple)] == [(number, 0) for number in range(1, 500, 2)]
    assert sum(isinstance(one, ZeroDivisionError) for one in found) == 250


def test_those_that_are_done_together_wake_the_loop_once():
    async def run():
        loop = asyncio.get_running_loop()
        calls = []
        loop.call_soon_threadsafe = lambda work: (calls.append(work), loop.call_soon(work))
        arrivals, futures = Arrivals(), [Future() for _ in range(10)]
        waiting = [arrivals.wait(future) for future in futures]
        for number, future in enumerate(futures):
            future.set_result(number)
        del loop.call_soon_threadsafe
        return await asyncio.gather(*waiting), len(calls)

    assert asyncio.run(run()) == (list(range(10)), 1)


def test_nobody_is_told_who_has_stopped_waiting():
    async def run():
        arrivals, future = Arrivals(), Future()
        waiting = arrivals.wait(future)
        waiting.cancel()
        future.set_result(1)
        await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(run())


def test_a_result_that_comes_after_the_loop_is_closed_is_nobodys():
    async def run(future):
        Arrivals().wait(future)

    future = Future()
    asyncio.run(run(future))
    future.set_result(1)

"""One person's flood keeps nobody else waiting, and is bounded."""

import asyncio

import pytest

from bot.web.lanes import LaneFullError, Lanes


class Post:
    """Sends rows, each taking a while; `stuck` rows do not leave."""

    def __init__(self, pause_s=0.0):
        self.pause_s = pause_s
        self.calls = []
        self.sent = []
        self.stuck = set()
        self.at_work = 0
        self.most_at_work = 0

    async def send(self, message_ids):
        self.calls.append(list(message_ids))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(self.pause_s)
        self.at_work -= 1
        leaving = [one for one in message_ids if one not in self.stuck and one not in self.sent]
        self.sent += leaving
        return len(leaving)


def test_messages_of_one_person_are_taken_one_after_the_other_in_order():
    order, inside = [], []

    async def one(lanes, number):
        async with lanes.turn("nora"):
            inside.append(number)
            assert len(inside) == 1
            await asyncio.sleep(0.001)
            order.append(inside.pop())

    async def scene():
        lanes = Lanes(Post().send)
        await asyncio.gather(*(one(lanes, number) for number in range(10)))
        assert len(lanes) == 0

    asyncio.run(scene())
    assert order == list(range(10))


def test_somebody_else_does_not_wait_behind_a_flood():
    async def one(lanes, who, finished):
        async with lanes.turn(who):
            await asyncio.sleep(0.002)
        finished.append(who)

    async def scene():
        lanes, finished = Lanes(Post().send), []
        flood = [asyncio.create_task(one(lanes, "flood", finished)) for _ in range(20)]
        await asyncio.sleep(0)
        await one(lanes, "nora", finished)
        at = len(finished)
        await asyncio.gather(*flood)
        return at

    assert asyncio.run(scene()) <= 3


def test_beyond_the_bound_a_flood_is_refused_at_once_and_taken_again_later():
    async def scene():
        lanes = Lanes(Post().send, most=3)
        held = asyncio.Event()

        async def wait():
            async with lanes.turn("flood"):
                await held.wait()

        waiting = [asyncio.create_task(wait()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(LaneFullError):
            async with lanes.turn("flood"):
                pass
        async with lanes.turn("nora"):
            pass
        held.set()
        await asyncio.gather(*waiting)
        async with lanes.turn("flood"):
            pass

    asyncio.run(scene())


def test_replies_of_one_person_occupy_one_sending_thread_and_keep_their_order():
    post = Post(pause_s=0.002)

    async def scene():
        lanes = Lanes(post.send, most=100)
        await asyncio.gather(*(lanes.answer("flood", [f"m{number}"]) for number in range(30)))
        assert len(lanes) == 0

    asyncio.run(scene())
    assert post.most_at_work == 1
    assert post.sent == [f"m{number}" for number in range(30)]


def test_replies_that_have_not_left_have_a_bound_of_their_own():
    async def scene():
        lanes = Lanes(Post(pause_s=0.01).send, most_unsent=3)
        answering = [asyncio.create_task(lanes.answer("flood", [f"m{number}"])) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(LaneFullError):
            async with lanes.turn("flood"):
                pass
        await asyncio.gather(*answering)

    asyncio.run(scene())


def test_what_cannot_leave_yet_is_tried_again_and_a_new_reply_does_not_wait_for_the_pause():
    post = Post()
    post.stuck = {"early"}

    async def scene():
        lanes = Lanes(post.send, pauses_s=[5.0])
        first = asyncio.create_task(lanes.answer("nora", ["early"]))
        await asyncio.sleep(0.01)
        post.stuck = set()
        async with asyncio.timeout(1):
            await lanes.answer("nora", ["late"])
            await first

    asyncio.run(scene())
    assert post.sent == ["early", "late"]


def test_what_never_leaves_is_left_to_the_sweep():
    post = Post()
    post.stuck = {"m1"}

    async def scene():
        lanes = Lanes(post.send, pauses_s=[0.001, 0.001])
        await lanes.answer("nora", ["m1"])
        assert len(lanes) == 0

    asyncio.run(scene())
    assert post.calls == [["m1"]] * 3

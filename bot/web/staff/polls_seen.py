"""What pages about polls share: which rounds somebody sees, whom a round asks in words, and its results, published once."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from starlette.requests import Request

from bot.domain.audience import parse
from bot.domain.community import Community
from bot.domain.learning import Wording
from bot.domain.poll import Poll, PollOption, RoundRecord
from bot.domain.results import Results, RoundTally, Tally
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.domain.told import ToldRound
from bot.lessons.phrases import result_phrases
from bot.outreach.phrasing import Phrasing
from bot.outreach.publication import Material, comparable, material
from bot.outreach.suppression import rounded_down
from bot.web.staff.rendering import texts_of
from bot.web.staff.texts import Texts
from bot.web.staff.visit import Visit, batea_of, id_of, look, visit_of

PATH: Final = "/staff/polls"
NOTHING: Final = "-"
"""As an earlier round: none."""
_KEPT: Final = 256
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Around:
    """A round that she may see, with those it can be compared to; `earlier` is the chosen one of them."""

    record: RoundRecord
    comparable: Sequence[RoundRecord]
    earlier: RoundRecord | None
    communities: Sequence[Community]
    told: ToldRound | None
    together: tuple[str, ...] = ()
    """The closed rounds beside which it is judged: what is claimed of it may change when one more is closed."""


class Kept:
    """What was made of closed rounds, which never change: the results, and what is drawn of them. The oldest go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, ...], object] = OrderedDict()

    def get(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """What was made under that key, made now where it was not."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]  # type: ignore[return-value] # a key belongs to one kind of thing
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made

    def find(self, key: tuple[str, ...]) -> object | None:
        """What was made under that key; None: nothing yet."""
        with self._lock:
            return self._made.get(key)


def sees_round(visit: Visit, record: RoundRecord, communities: Sequence[Community]) -> bool:
    """Whether a round is hers to see: a committee's reader sees what is published, a facilitator what reaches her community."""
    if visit.role is Role.PME:
        return record.closed_at is not None
    if visit.community_id is None:
        return True
    hers = next((place for place in communities if place.id == visit.community_id), None)
    if hers is None:
        return False
    wanted, where = parse(record.round.audience).wanted, record.round.territories
    known = {"community": hers.id, "territory": hers.territory, "country": hers.country.value}
    return (not where or hers.territory in where) and all(known[kind] in wanted[kind] for kind in known if kind in wanted)


async def around(request: Request) -> Around | None:
    """The round of an address, and `?compare=`; None where she may not see it, or there is none."""
    visit, round_id = visit_of(request), id_of(request.path_params["round_id"])
    chosen = request.query_params.get("compare", "")

    def work(uow: UnitOfWork) -> Around | None:
        record, communities = uow.polls.get(round_id), uow.communities.all()
        if record is None or not sees_round(visit, record, communities):
            return None
        others = comparable(record, uow.polls.rounds(record.round.poll_id)) if record.closed_at else []
        earlier = next((other for other in others if str(other.round.number) == chosen), None)
        if earlier is None and others and chosen != NOTHING:
            earlier = others[-1]
        told, together = uow.told.get(round_id), tuple(uow.polls.meanwhile(round_id)) if others else ()
        return Around(record, others, earlier if record.closed_at else None, communities, told, together)

    return await look(request, work)


async def results_of(
    request: Request, record: RoundRecord, earlier: RoundRecord | None = None, together: tuple[str, ...] = ()
) -> Results:
    """What may be shown of a round. That of a closed one is worked out once."""
    key = ("results", record.round.id, earlier.round.id if earlier else "", *(together if earlier else ()))
    known = kept(request).find(key)
    if isinstance(known, Results) and record.closed_at is not None:
        return known
    if record.closed_at is None:
        return (await look(request, lambda uow: _of_open_round(uow, record))).published()
    found: Material = await look(request, lambda uow: material(uow, record, earlier))
    return await once(request, record, key, found.published)


async def once(request: Request, record: RoundRecord, key: tuple[str, ...], make: Callable[[], T]) -> T:
    """Make something of a closed round, once.

    Of a question asked on a condition it is made anew each time: what may be shown depends on another round, which may be open.
    """
    lasts = record.poll is None or record.poll.when is None
    return await asyncio.to_thread(kept(request).get, key, make) if lasts else await asyncio.to_thread(make)


def _of_open_round(uow: UnitOfWork, record: RoundRecord) -> Material:
    """What `Polls.tally` would say, without counting its answers once more."""
    asked, nameless = record.round, Wording("")
    poll = record.poll or Poll(asked.poll_id, asked.poll_id, nameless, nameless, (PollOption("", ""),))
    met = sum(one.people for one in uow.polls.in_person(asked.id))
    everybody = Tally(record.answered + met)
    days = (asked.opens_at, asked.closes_at)
    return Material(
        RoundTally(
            poll,
            asked.id,
            asked.number,
            *days,
            closed=False,
            invited=record.invited,
            delivered=0,
            all=everybody,
            population=asked.population,
        )
    )


def kept(request: Request) -> Kept:
    """What was made of closed rounds while this server runs."""
    state = request.app.state
    if not hasattr(state, "poll_results"):
        state.poll_results = Kept()
    made: Kept = state.poll_results
    return made


def words_of(request: Request, language: str = "") -> Phrasing:
    """The words around figures, in the language of her pages unless another is given."""
    settings = batea_of(request).settings
    return _phrasing(settings.content_dir, language or texts_of(request).language, settings.timezone)


def audience_text(t: Texts, words: Phrasing, record: RoundRecord, communities: Sequence[Community]) -> str:
    """Whom a round asks, in words."""
    names = {place.id: place.name for place in communities}
    wanted = {kind: sorted(values) for kind, values in parse(record.round.audience).wanted.items()}
    if record.round.territories:
        wanted.setdefault("territory", sorted(record.round.territories))
    said: dict[str, Callable[[str], str]] = {
        "community": lambda value: names.get(value, value),
        "country": lambda value: t.named("countries", value),
        "sex": words.group,
        "role": words.group,
    }
    parts = [", ".join(said.get(kind, str)(value) for value in values) for kind, values in wanted.items()]
    return " · ".join(parts) or t("polls.everybody")


def tens(record: RoundRecord) -> tuple[int | None, int]:
    """How many answered and were invited, as it may be shown while the round is open.

    None where only those are asked who gave some answer to another question: their number would tell of that answer.
    """
    asked_of_all = record.poll is None or record.poll.when is None
    return rounded_down(record.answered) if asked_of_all else None, rounded_down(record.invited)


def share(answered: int | None, invited: int) -> int:
    """How many of a hundred have answered, for the length of a bar."""
    return min(100, 100 * answered // invited) if answered and invited else 0


def question_of(record: RoundRecord) -> str:
    """The question of a round."""
    return (record.poll.wording.text if record.poll else "") or record.round.poll_id


@functools.cache
def _phrasing(content_dir: Path, language: str, timezone: str) -> Phrasing:
    return Phrasing(result_phrases(content_dir, language), language, ZoneInfo(timezone))

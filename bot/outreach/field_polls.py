"""Questions that a facilitator has asked in her community, and what may be told of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.domain.asking import offered
from bot.domain.audience import parse
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import Shown, Snag, Work
from bot.domain.learning import Wording
from bot.domain.message import Reply
from bot.domain.poll import Poll, PollRound, RoundRecord
from bot.domain.ports import Clock, Library
from bot.domain.store import Store, UnitOfWork
from bot.outreach.giving_back import GivingBack
from bot.outreach.phrasing import Phrasing
from bot.outreach.publication import Material, material
from bot.outreach.rounds import Asking, PollRounds
from bot.outreach.telling import tell

_MOST: Final = 5
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class PollWork:
    """Rounds of her own community. `published` are the polls of the catalogue; `giving_back` words what is told."""

    def __init__(
        self,
        store: Store,
        rounds: PollRounds,
        published: Callable[[], Sequence[Poll]],
        library: Library,
        giving_back: GivingBack,
        words: Phrasing,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rounds = rounds
        self._published = published
        self._library = library
        self._giving_back = giving_back
        self._words = words
        self._clock = clock
        self._known: dict[str, Wording] = {}

    def offers(self, uow: UnitOfWork, who: Facilitator, work: Work) -> Sequence[tuple[str, str]]:
        """Questions to ask, those that were not asked for longest first; or the last closed rounds that concern her community."""
        if work is Work.POLL:
            return [(poll.id, poll.wording.text) for poll in self._askable(uow, who)[:_MOST]]
        closed = self._closed(uow, who)[:_MOST]
        return [(one.round.id, one.poll.wording.text) for one in closed if one.poll]

    def result(self, uow: UnitOfWork, who: Facilitator, round_id: str) -> Reply | None:
        """What may be told of a round, as it is told to everybody who was asked."""
        record = next((one for one in self._closed(uow, who) if one.round.id == round_id), None)
        if record is None:
            return None
        if round_id not in self._known:
            self._keep(round_id, material(uow, record))
        return self._giving_back.reply(self._known[round_id])

    def prepare(self, who: Facilitator) -> None:
        """Work out what she may choose from, outside of any transaction: it takes its time."""

        def read(uow: UnitOfWork) -> list[tuple[str, Material]]:
            wanted = [one for one in self._closed(uow, who)[:_MOST] if one.round.id not in self._known]
            return [(one.round.id, material(uow, one)) for one in wanted]

        for round_id, made_from in self._store.look(read).result():
            self._keep(round_id, made_from)

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """A question that is being asked meanwhile."""
        if draft["work"] == Work.RESULTS or "poll" not in draft:
            return None
        if all(poll.id != draft["poll"] for poll in self._askable(uow, who)):
            return Snag("poll", "refused")
        people = self._rounds.quote(uow, draft["poll"], _audience(who))
        return None if people else Snag("", "nobody")

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """The question as it is asked, and how many are."""
        poll = next(poll for poll in self._askable(uow, who) if poll.id == draft["poll"])
        now = self._clock.now()
        choices = offered(poll, PollRound("preview", poll.id, now, now))
        asked = self._library.reply("poll.invitation", choices=choices, question=poll.wording.text)
        return Shown((asked,), self._rounds.quote(uow, poll.id, _audience(who)))

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """A question moves nobody to a place."""
        del uow, who, draft
        return False

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Open the round."""
        asking = Asking(days=int(draft["days"]))
        self._rounds.open_within(uow, draft["poll"], _audience(who), asking, self._clock.now())

    def _keep(self, round_id: str, made_from: Material) -> None:
        self._known[round_id] = tell(made_from.published(), self._words)

    def _askable(self, uow: UnitOfWork, who: Facilitator) -> list[Poll]:
        """What asks nothing that is being asked anywhere, endangers nobody, and needs no other question first."""
        place = uow.communities.get(who.community_id)
        records = uow.polls.rounds()
        busy = {_question(one) for one in records if one.closed_at is None}
        asked = {one.round.poll_id: one.round.opens_at for one in sorted(records, key=lambda one: one.round.opens_at)}
        fitting = [
            poll
            for poll in self._published()
            if poll.enabled and not poll.sensitive and poll.when is None and poll.question_id not in busy
            if place is None or place.country in poll.countries
        ]
        return sorted(fitting, key=lambda poll: asked.get(poll.id, _NEVER))

    def _closed(self, uow: UnitOfWork, who: Facilitator) -> list[RoundRecord]:
        place = uow.communities.get(who.community_id)

        def concerns(one: RoundRecord) -> bool:
            wanted = parse(one.round.audience or "all").wanted
            near = not one.round.territories or (place is not None and place.territory in one.round.territories)
            here = who.community_id in wanted.get("community", {who.community_id})
            return near and here and (place is None or place.territory in wanted.get("territory", {place.territory}))

        closed = [one for one in uow.polls.rounds() if one.closed_at is not None and one.poll and concerns(one)]
        return sorted(closed, key=lambda one: one.round.closes_at, reverse=True)


def _question(one: RoundRecord) -> str:
    return one.poll.question_id if one.poll else one.round.poll_id.partition("_")[0]


def _audience(who: Facilitator) -> str:
    return f"community:{who.community_id}"

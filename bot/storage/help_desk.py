"""People who wait for a person, and what was said since."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, select, update

from bot.domain.audience import Reach
from bot.domain.help_desk import LONGEST_WORDS, MOST_WORDS, TOLD_AFTER, WORDS_KEPT, Case, Word
from bot.domain.masking import masked_address
from bot.domain.message import Address, ChannelName
from bot.domain.register import MaskedAddress
from bot.storage.help_tables import help_request, help_word
from bot.storage.person_tables import address, line, person, profile
from bot.storage.question_tables import voice_question
from bot.storage.register import REF_LETTERS
from bot.storage.transaction import Transaction

_HERS: Final = help_request.c.person_id == bindparam("p")
_words = select(func.count()).where(help_word.c.person_id == help_request.c.person_id).scalar_subquery()
_questions = (
    select(func.count())
    .where(voice_question.c.person_id == help_request.c.person_id, voice_question.c.answered_on.is_(None))
    .scalar_subquery()
)
_CASES: Final = (
    select(
        help_request,
        person.c.community_id,
        address.c.channel,
        address.c.value_sealed,
        address.c.opted_out_at,
        _words.label("words"),
        _questions.label("questions"),
    )
    .join(person, person.c.id == help_request.c.person_id)
    .outerjoin(address, (address.c.address_hash == help_request.c.address_hash) & address.c.value_sealed.is_not(None))
)
_CASE: Final = _CASES.where(_HERS)
_WAITS: Final = select(help_request.c.person_id).where(_HERS)
_STANDING: Final = select(help_request.c.since, help_request.c.answered_at).where(_HERS).with_for_update()
_HER_TURN: Final = update(help_request).where(_HERS)
_COUNT: Final = select(func.count()).select_from(help_word).where(help_word.c.person_id == bindparam("p"))
_WORDS: Final = select(help_word).where(help_word.c.person_id == bindparam("p")).order_by(help_word.c.at, help_word.c.id)
_ADD_WORD: Final = help_word.insert()
_CLOSE_WORDS: Final = update(help_word).where(help_word.c.person_id == bindparam("p")).values(deletes_on=bindparam("day"))
# The address that she asked from, as long as its line is hers, alone or with others.
_WHENCE: Final = (
    select(address.c.channel, address.c.value_sealed, address.c.simulated)
    .select_from(help_request)
    .join(address, address.c.address_hash == help_request.c.address_hash)
    .join(line, line.c.id == address.c.line_id)
    .outerjoin(profile, (profile.c.line_id == line.c.id) & (profile.c.person_id == help_request.c.person_id))
    .where(
        _HERS,
        address.c.value_sealed.is_not(None),
        address.c.opted_out_at.is_(None),
        (line.c.person_id == help_request.c.person_id) | profile.c.person_id.is_not(None),
    )
)


class SqlHelpDesk:
    """`bot.domain.help_desk.HelpDesk` on tables."""

    def __init__(self, transaction: Transaction, reach: Reach) -> None:
        self._tx = transaction
        self._reach = reach

    def opened(self, person_id: str, address: Address, now: datetime) -> None:
        """She has asked for a person from that address: it is the team's turn, if it was not already."""
        self._tx.run(_HER_TURN.values(address_hash=self._tx.lookup.address(address)), {"p": person_id})
        self._turn_to_team(person_id, now)

    def waits(self, person_id: str) -> bool:
        """Whether she waits for a person."""
        return self._tx.run(_WAITS, {"p": person_id}).first() is not None

    def keep(self, person_id: str, text: str, now: datetime, *, author: str = "", voice: bool = False) -> None:
        """Keep what was said. Of one who writes very much only the first is kept."""
        if not self.waits(person_id) or (not author and int(self._tx.run(_COUNT, {"p": person_id}).scalar() or 0) >= MOST_WORDS):
            return
        row = {"id": uuid.uuid4().hex, "person_id": person_id, "at": now, "author": author, "voice": voice, "deletes_on": None}
        self._tx.run(_ADD_WORD, {**row, "sealed": self._tx.vault.seal(text[:LONGEST_WORDS])})
        if not author:
            self._turn_to_team(person_id, now)
            return
        values = {"answered_at": now, "alerts": 0, "alert_at": None, "tell_at": None}
        self._tx.run(_HER_TURN.values(**values), {"p": person_id})

    def words(self, person_id: str) -> Sequence[Word]:
        """What was said, the oldest first."""
        rows = self._tx.run(_WORDS, {"p": person_id}).all()
        return [Word(row.id, row.at, row.author, self._tx.vault.open(row.sealed), bool(row.voice)) for row in rows]

    def cases(self, community_id: str | None = None, limit: int = 50) -> Sequence[Case]:
        """Those who wait: those nobody has answered first, the longest waiting first."""
        wanted = _CASES if community_id is None else _CASES.where(person.c.community_id == community_id)
        first = (help_request.c.answered_at.is_not(None), func.coalesce(help_request.c.since, help_request.c.asked_at))
        return [self._case(row) for row in self._tx.run(wanted.order_by(*first).limit(limit)).all()]

    def case(self, person_id: str) -> Case | None:
        """One of them; None where she does not wait."""
        row = self._tx.run(_CASE, {"p": person_id}).first()
        return None if row is None else self._case(row)

    def lately_closed(self, community_id: str | None = None, limit: int = 20) -> Sequence[str]:
        """The ids of people whose words are still kept though they wait no more."""
        last = func.max(help_word.c.at)
        closed = (
            select(help_word.c.person_id)
            .join(person, person.c.id == help_word.c.person_id)
            .outerjoin(help_request, help_request.c.person_id == help_word.c.person_id)
            .where(help_request.c.person_id.is_(None))
            .group_by(help_word.c.person_id)
            .order_by(last.desc())
            .limit(limit)
        )
        if community_id is not None:
            closed = closed.where(person.c.community_id == community_id)
        return list(self._tx.run(closed).scalars())

    def claim(self, person_id: str, member_id: str) -> None:
        """That member answers her; '' gives her back."""
        self._tx.run(_HER_TURN.values(claimed_by=member_id), {"p": person_id})

    def close(self, person_id: str, now: datetime) -> None:
        """It is done: she waits no more, and what was said is deleted a week later."""
        self._tx.run(_CLOSE_WORDS, {"p": person_id, "day": (now + WORDS_KEPT).date()})
        self._tx.run(delete(help_request).where(help_request.c.person_id == person_id))

    def address(self, person_id: str) -> Address | None:
        """Where she is answered: whence she asked, if that is still hers and did not say BAJA, else her best address."""
        row = self._tx.run(_WHENCE, {"p": person_id}).first()
        if row is not None:
            return Address(ChannelName(row.channel), self._tx.vault.open(row.value_sealed), row.simulated)
        reached = self._reach.one(person_id)
        return reached.to if reached else None

    def to_alert(self, now: datetime, limit: int = 20) -> Sequence[Case]:
        """Cases for which somebody is to be alerted now."""
        due = _CASES.where(help_request.c.alert_at <= now).order_by(help_request.c.alert_at).limit(limit)
        return [self._case(row) for row in self._tx.run(due).all()]

    def alerted(self, person_id: str, alerts: int, again_at: datetime) -> None:
        """So many alerts were sent; the next is due then."""
        self._tx.run(_HER_TURN.values(alerts=alerts, alert_at=again_at), {"p": person_id})

    def to_tell(self, now: datetime, limit: int = 20) -> Sequence[str]:
        """Those who are to be told that nobody has answered yet."""
        due = select(help_request.c.person_id).where(help_request.c.tell_at <= now).order_by(help_request.c.tell_at)
        return list(self._tx.run(due.limit(limit)).scalars())

    def told(self, person_id: str) -> None:
        """She was told."""
        self._tx.run(_HER_TURN.values(tell_at=None), {"p": person_id})

    def forget(self, now: datetime) -> int:
        """Delete the words of what was closed a week ago; returns how many."""
        return self._tx.run(delete(help_word).where(help_word.c.deletes_on <= now.date())).rowcount

    def _turn_to_team(self, person_id: str, now: datetime) -> None:
        standing = self._tx.run(_STANDING, {"p": person_id}).first()
        if standing is None:
            return
        # Words of an older request that was closed are part of it again.
        self._tx.run(_CLOSE_WORDS, {"p": person_id, "day": None})
        if standing.since is not None and standing.answered_at is None:
            return
        values = {"since": now, "answered_at": None, "alerts": 0, "alert_at": now, "tell_at": now + TOLD_AFTER}
        self._tx.run(_HER_TURN.values(**values), {"p": person_id})

    def _case(self, row: Row[Any]) -> Case:
        shown = None
        if row.value_sealed is not None:
            value = masked_address(self._tx.vault.open(row.value_sealed))
            shown = MaskedAddress(row.address_hash[:REF_LETTERS], row.channel, value, row.opted_out_at is not None)
        return Case(
            person_id=row.person_id,
            asked_at=row.asked_at,
            since=row.since or row.asked_at,
            community_id=row.community_id,
            line=shown,
            claimed_by=row.claimed_by,
            answered_at=row.answered_at,
            words=row.words,
            questions=row.questions,
            alerts=row.alerts,
        )


def pass_help_on(tx: Transaction, gone: str, keep: str) -> None:
    """What one asked the team is the other's, who turned out to be the same: whoever asked first keeps the place."""
    tx.run(update(help_word).where(help_word.c.person_id == gone).values(person_id=keep))
    theirs = {row.person_id: row for row in tx.run(select(help_request).where(help_request.c.person_id.in_((gone, keep)))).all()}
    if gone not in theirs:
        return
    if keep not in theirs:
        tx.run(update(help_request).where(help_request.c.person_id == gone).values(person_id=keep))
        return
    first = min(theirs[gone].asked_at, theirs[keep].asked_at)
    tx.run(update(help_request).where(help_request.c.person_id == keep).values(asked_at=first))

"""Who an audience is, and by which of her addresses each is reached: as SQL, for a range of persons at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, case, exists, false, func, literal, not_, or_, select, true

from bot.domain.audience import Audience, Learning, Learnt, TookPart
from bot.domain.broadcast import Group, Means, Recipients
from bot.domain.message import WHATSAPP_OPEN_FOR, ChannelName, MessageState
from bot.domain.person import Mode
from bot.domain.unasked import WEEK
from bot.storage.about import about_her
from bot.storage.states import NEVER_LEFT
from bot.storage.tables import (
    address,
    community,
    consent,
    lesson_record,
    line,
    message,
    participation,
    person,
    person_tag,
    poll_invited,
    profile,
)
from bot.storage.transaction import Transaction

SLICE: Final = 5_000
_TRIED: Final = 10  # behind every address at which nothing failed
SAME_PHONE: Final = "same_phone"
"""She shares a phone with somebody who is written to there: it is said there once."""
_NOT_REACHED: Final = (MessageState.FAILED, MessageState.EXPIRED)


def _agreed(whose: Any) -> Any:
    """Whether her last word on it was yes.

    One row by its index for each person: an EXISTS PostgreSQL would make a join of, over all consents for every slice.
    """
    last = select(consent.c.revoked_at.is_(None)).where(consent.c.person_id == whose.c.id).correlate(whose)
    return func.coalesce(last.order_by(consent.c.id.desc()).limit(1).scalar_subquery(), false())


AGREED: Final = _agreed(person)
_FROM: Final = person.c.id > bindparam("low")
_TO: Final = person.c.id <= bindparam("high")
_KNOWN: Final = (person.c.id, person.c.country, person.c.mode, person.c.adult)
_ABOUT: Final = (person.c.id, person.c.about_sealed)


@dataclass(frozen=True, slots=True)
class Search:
    """An audience of a broadcast, as conditions. `sealed` are those that no SQL can see.

    With `most`, whoever had so many announcements in the week before is not reached; `most_sharing` is the same for those
    alone who share a phone: each address is written to once, for the first by id of those whom it reaches.
    """

    audience: Audience
    means: Means
    retry_of: str = ""
    most: int | None = None
    most_sharing: int | None = None

    @property
    def sealed(self) -> bool:
        """Whether it asks for what she said of herself, which is sealed."""
        return bool({"sex", "role"} & self.audience.wanted.keys())

    @property
    def _cheap(self) -> list[Any]:
        """What one row of `person` tells."""
        wanted = self.audience.wanted
        columns = {"community": person.c.community_id, "country": person.c.country, "language": person.c.language}
        found = [column.in_(wanted[kind]) for kind, column in columns.items() if kind in wanted]
        if "territory" in wanted:
            places = select(community.c.id).where(community.c.territory.in_(wanted["territory"]))
            found.append(person.c.community_id.in_(places))
        return found

    @property
    def _meant(self) -> list[Any]:
        """Who is meant, whether she may be written to or not."""
        found = self._cheap
        if tags := self.audience.wanted.get("tag"):
            found.append(exists().where(person_tag.c.person_id == person.c.id, person_tag.c.tag.in_(tags)))
        if learnt := self.audience.learnt:
            found.append(or_(*map(_learnt, learnt)))
        if took_part := self.audience.took_part:
            found.append(or_(*map(_took_part, took_part)))
        if self.retry_of:
            found.append(_not_reached(self.retry_of))
        return found

    def bound(self) -> Select[Any]:
        """The id of the last person of the next slice; none where the rest is one slice. Parameters `low`, `most`."""
        return select(person.c.id).where(_FROM, *self._cheap).order_by(person.c.id).limit(1).offset(bindparam("most"))

    def of_slice(self) -> Select[Any]:
        """Ids and what is sealed of a slice. Parameters `low`, `high`."""
        return select(*_ABOUT).where(_FROM, _TO, person.c.about_sealed.is_not(None), *self._cheap)

    def includes(self, about: dict[str, Any]) -> bool:
        """Whether what she said of herself is what is asked for."""
        return all(about[kind] in self.audience.wanted.get(kind, {about[kind]}) for kind in ("sex", "role"))

    def who(self, *, meant: bool = False) -> Select[Any]:
        """Persons of a slice: all that are `meant`, or those of them who agreed and are of age."""
        allowed = [] if meant else [person.c.adult.is_(True), AGREED]
        if self.most is not None and not meant:
            allowed.append(self._announced(person.c.id) < self.most)
        within = [person.c.id.in_(bindparam("ids", expanding=True))] if self.sealed else []
        return select(*_KNOWN).where(_FROM, _TO, *self._meant, *within, *allowed)

    def chosen(self) -> Select[Any]:
        """Of each the address that she is reached by: `person_id`, `country`, `mode`, `to_hash`, `channel`, `open` and so on."""
        who = self.who().cte("who")
        ways = self._ways(who).cte("ways")
        place = func.row_number().over(partition_by=ways.c.person_id, order_by=(ways.c.rank, ways.c.to_hash))
        ranked = select(ways, place.label("place")).cte("ranked")
        return select(ranked).where(ranked.c.place == 1)

    def _ways(self, who: Any) -> Select[Any]:
        """Every address of theirs that may be written to, with the channel it would be used for and how well that suits."""
        by = self._addresses(who).cte("by_address")
        listens = and_(by.c.mode == Mode.LISTEN, by.c.country.in_(self.means.callable))
        wanted = self.audience.channels
        called = by.c.country.in_(self.means.callable)
        if ChannelName.CALL in wanted and ChannelName.SMS not in wanted:
            channel: Any = case((by.c.kind == ChannelName.SMS, ChannelName.CALL.value), else_=by.c.kind)
        elif wanted and ChannelName.CALL not in wanted:
            channel = by.c.kind
        else:
            channel = case((and_(by.c.kind == ChannelName.SMS, listens), ChannelName.CALL.value), else_=by.c.kind)
        closed = 2 if self.means.template else 6
        rank = case(
            (by.c.kind == ChannelName.TELEGRAM, 0),
            (and_(by.c.kind == ChannelName.WHATSAPP, by.c.open), 1),
            (by.c.kind == ChannelName.WHATSAPP, closed),
            (channel == ChannelName.SMS, 3),
            else_=4,
        ) + case((by.c.failures > 0, _TRIED), else_=0)
        possible = or_(channel != ChannelName.CALL, called)
        if wanted:
            possible = and_(possible, channel.in_([str(name) for name in wanted]))
        if self.most_sharing is not None:
            possible = and_(possible, case((by.c.shared, self._announced(by.c.person_id) < self.most_sharing), else_=true()))
        known = (by.c.person_id, by.c.country, by.c.mode, by.c.to_hash, by.c.simulated, by.c.open)
        columns = (*known, by.c.shared, by.c.line_id)
        return select(*columns, channel.label("channel"), rank.label("rank")).where(possible)

    def _addresses(self, who: Any) -> Any:
        window = or_(
            address.c.channel != ChannelName.WHATSAPP, address.c.simulated, address.c.last_inbound_at > bindparam("since")
        )
        columns = (
            who.c.id.label("person_id"),
            who.c.country,
            who.c.mode,
            address.c.address_hash.label("to_hash"),
            address.c.channel.label("kind"),
            address.c.simulated,
            address.c.failures,
            line.c.shared,
            line.c.id.label("line_id"),
            case((window, true()), else_=false()).label("open"),
        )
        usable = (address.c.value_sealed.is_not(None), address.c.opted_out_at.is_(None), address.c.dead_at.is_(None))
        owned = select(*columns).join(line, line.c.person_id == who.c.id).join(address, address.c.line_id == line.c.id)
        shared = (
            select(*columns)
            .join(profile, profile.c.person_id == who.c.id)
            .join(line, and_(line.c.id == profile.c.line_id, line.c.person_id != who.c.id))
            .join(address, address.c.line_id == line.c.id)
        )
        return owned.where(*usable).union_all(shared.where(*usable))

    def _announced(self, person_id: Any) -> Any:
        """How many announcements were let out to her in the last week."""
        return (
            select(func.count(message.c.announcement.distinct()))
            .where(
                message.c.person_id == person_id,
                message.c.announcement.is_not(None),
                message.c.let_at > bindparam("week_ago"),
                message.c.state.not_in(NEVER_LEFT),
            )
            .scalar_subquery()
        )

    def told(self) -> Select[Any]:
        """How many are meant, by the reason why not one of them is reached, '' where they are, and then by channel and so on.

        One statement for both, since choosing the addresses of a slice is most of what either costs. Those who share a phone come
        by its address as well, whoever has the first id before the others: each such address counts for one.
        """
        meant = self.who(meant=True).cte("meant")
        chosen = self.chosen().cte("chosen")

        def has(mark: Any) -> Any:
            """Whether any address of hers has that mark."""
            owned = select(line.c.id).join(address, address.c.line_id == line.c.id).where(line.c.person_id == meant.c.id, mark)
            shares = select(profile.c.line_id).join(address, address.c.line_id == profile.c.line_id)
            shared = shares.where(profile.c.person_id == meant.c.id, mark)
            return or_(exists(owned.correlate(meant)), exists(shared.correlate(meant)))

        why = case(
            (chosen.c.person_id.is_not(None), ""),
            (not_(_agreed(meant)), "no_consent"),
            (meant.c.adult.is_not(True), "under_age"),
            *([(self._announced(meant.c.id) >= self.most, "week_full")] if self.most is not None else []),
            (has(address.c.opted_out_at.is_not(None)), "opted_out"),
            (has(address.c.dead_at.is_not(None)), "dead_number"),
            else_="no_address",
        ).label("why")
        voice = case(
            (chosen.c.channel == ChannelName.SMS, false()),
            (chosen.c.channel == ChannelName.CALL, true()),
            (chosen.c.mode == Mode.READ, false()),
            else_=true(),
        ).label("voice")
        country = func.coalesce(chosen.c.country, literal("")).label("country")
        phone = case((chosen.c.shared, chosen.c.to_hash), else_="").label("phone")
        kinds = (why, chosen.c.channel, country, chosen.c.open, voice, phone)
        first = func.min(meant.c.id).label("first")
        both = meant.outerjoin(chosen, chosen.c.person_id == meant.c.id)
        return select(*kinds, func.count(), first).select_from(both).group_by(*kinds).order_by(first)


def moments(now: datetime) -> dict[str, datetime]:
    """What the statements of a search ask for at that moment: since when a window is open, and when the week began."""
    return {"since": now - WHATSAPP_OPEN_FOR, "week_ago": now - WEEK}


def count(tx: Transaction, search: Search, now: datetime, most: int = SLICE) -> Recipients:
    """All of them at that moment, slice by slice."""
    groups: Counter[tuple[Any, ...]] = Counter()
    excluded: Counter[str] = Counter()
    phones: set[str] = set()
    low, bound, told = "", search.bound(), search.told()
    while True:
        high = tx.run(bound, {"low": low, "most": most - 1}).scalar()
        values = within(tx, search, now, low, high)
        for why, *kind, phone, people, _ in tx.run(told, values):
            if why:
                excluded[why] += people
                continue
            reached = people if not phone else int(phone not in phones)
            groups[tuple(kind)] += reached
            excluded[SAME_PHONE] += people - reached
            if phone:
                phones.add(phone)
        if high is None:
            break
        low = high
    found = sorted((kind, people) for kind, people in groups.items() if people)
    kinds = (Group(ChannelName(name), country, bool(window), bool(voice), n) for (name, country, window, voice), n in found)
    return Recipients(tuple(kinds), dict(sorted((+excluded).items())))


LAST: Final = "~"
"""Behind every id of a person, which is hexadecimal."""


def within(tx: Transaction, search: Search, now: datetime, low: str, high: str | None) -> dict[str, Any]:
    """The parameters of a slice, with the ids of those whose sealed words fit where the audience asks for them."""
    values: dict[str, Any] = {"low": low, "high": LAST if high is None else high, **moments(now)}
    if search.sealed:
        rows = tx.run(search.of_slice(), values)
        values["ids"] = [row.id for row in rows if search.includes(about_her(tx.vault, row.about_sealed))]
    return values


def _learnt(how: Learnt) -> Any:
    records = and_(lesson_record.c.person_id == person.c.id, lesson_record.c.module_id == how.module_id)
    begun = exists().where(records)
    lessons = select(func.count()).where(records, lesson_record.c.finished_at.is_not(None)).scalar_subquery()
    finished = lessons >= max(1, how.lessons)
    return {
        Learning.UNBEGUN: not_(begun),
        Learning.BEGUN: begun,
        Learning.UNFINISHED: and_(begun, not_(finished)),
        Learning.FINISHED: finished,
    }[how.how]


def _took_part(part: TookPart) -> Any:
    answered = exists().where(participation.c.round_id == part.round_id, participation.c.person_id == person.c.id)
    if part.answered:
        return answered
    asked = exists().where(poll_invited.c.round_id == part.round_id, poll_invited.c.person_id == person.c.id)
    return and_(asked, not_(answered))


def _not_reached(broadcast_id: str) -> Any:
    def rows(states: Collection[MessageState], *, of: bool) -> Any:
        among = message.c.state.in_(states)
        hers = (message.c.person_id == person.c.id, message.c.broadcast_id == broadcast_id)
        return exists().where(*hers, among if of else not_(among))

    return and_(rows(_NOT_REACHED, of=True), not_(rows(_NOT_REACHED, of=False)))

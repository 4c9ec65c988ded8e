"""What a turn may ask about a facilitator's work from her phone, and what it writes down of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.dialogue.effects import Whom
from bot.domain.community import Committee
from bot.domain.facilitator import ASKED, Draft, Facilitator
from bot.domain.field_desk import FieldDesk, Shown, Snag, Work
from bot.domain.meeting import Meeting
from bot.domain.meeting_notice import Kind
from bot.domain.message import Address, Reply, Speech
from bot.domain.store import UnitOfWork


class Fieldwork(Protocol):
    """Her work, as far as it has come."""

    def facilitator(self) -> Facilitator | None:
        """Whoever works from this phone; None where nobody does."""
        ...

    def draft(self) -> Draft:
        """What she is preparing, as it was before this turn."""
        ...

    def fits(self, pin: str) -> bool:
        """Whether this is her PIN."""
        ...

    def zone(self) -> str:
        """Her community's time."""
        ...

    def committees(self) -> Sequence[Committee]:
        """Those that she calls meetings of."""
        ...

    def does(self, work: Work) -> bool:
        """Whether that is done here at all."""
        ...

    def meetings(self, work: Work) -> Sequence[Meeting]:
        """Those that she may change; or that were held; or of which people may have to be told in person."""
        ...

    def places(self) -> Sequence[str]:
        """Where her community has met lately, as place and landmark."""
        ...

    def snag(self, draft: Draft) -> Snag | None:
        """What is wrong with a draft."""
        ...

    def show(self, draft: Draft) -> Shown:
        """A draft as people get it."""
        ...

    def offers(self, work: Work) -> Sequence[tuple[str, str]]:
        """Questions that can be asked now, or rounds whose results may be shown: ids and labels."""
        ...

    def result(self, round_id: str) -> Reply | None:
        """What may be told of a round."""
        ...

    def asking(self) -> Draft | None:
        """What another facilitator has asked her to confirm; None: nothing."""
        ...

    def needs_second(self, draft: Draft) -> bool:
        """Whether a second person must confirm it, too."""
        ...

    def ask_second(self, draft: Draft) -> AskedSecond:
        """The effect that asks one."""
        ...

    def first_names(self, meeting_id: str) -> tuple[Sequence[str], int]:
        """Whom to tell in person, and how many more."""
        ...

    def send(self, draft: Draft) -> Sent:
        """The effect that sends it."""
        ...

    def lends_voice(self) -> bool:
        """Whether she has agreed that what she records is heard."""
        ...

    def to_record(self, draft: Draft, step: str) -> Sequence[tuple[str, str]]:
        """What she may choose from at a step of a recording."""
        ...

    def script(self, draft: Draft) -> Speech | None:
        """What is to be said."""
        ...

    def wrong_pin(self) -> WrongPin:
        """The effect that counts a wrong PIN."""
        ...


class WorkOfTurn:
    """`Fieldwork` in one transaction; what is asked twice is read once."""

    def __init__(self, unit: UnitOfWork, desk: FieldDesk | None, sender: Address, now: datetime) -> None:
        self._unit = unit
        self._desk = desk
        self._sender = sender
        self._now = now
        self._who: Facilitator | None = None
        self._asked = False
        self._shown: dict[frozenset[tuple[str, str]], Shown] = {}

    def facilitator(self) -> Facilitator | None:
        """Whoever works from this phone."""
        if not self._asked and self._desk is not None:
            self._who = self._unit.facilitators.at(self._sender)
        self._asked = True
        return self._who

    def draft(self) -> Draft:
        """What she is preparing."""
        who = self.facilitator()
        return self._unit.facilitators.draft(who.member_id, self._now) if who else {}

    def fits(self, pin: str) -> bool:
        """Whether this is her PIN."""
        desk, who = self._hers()
        return desk.fits(self._unit.facilitators.pin(who.member_id), pin)

    def zone(self) -> str:
        """Her community's time."""
        desk, who = self._hers()
        return desk.zone(self._unit, who)

    def committees(self) -> Sequence[Committee]:
        """Those that she calls meetings of."""
        desk, who = self._hers()
        return desk.committees(self._unit, who)

    def does(self, work: Work) -> bool:
        """Whether that is done here at all."""
        return self._desk is not None and self._desk.does(work)

    def meetings(self, work: Work) -> Sequence[Meeting]:
        """Those that she may change; or that were held; or of which people may have to be told in person."""
        desk, who = self._hers()
        if work in {Work.COUNT, Work.MINUTES}:
            return desk.held_meetings(self._unit, who)
        return (desk.moved_meetings if work is Work.MISSING else desk.meetings)(self._unit, who)

    def places(self) -> Sequence[str]:
        """Where her community has met lately."""
        desk, who = self._hers()
        return desk.places(self._unit, who)

    def snag(self, draft: Draft) -> Snag | None:
        """What is wrong with a draft."""
        desk, who = self._hers()
        return desk.snag(self._unit, who, draft)

    def show(self, draft: Draft) -> Shown:
        """A draft as people get it."""
        key = frozenset(draft.items())
        if key not in self._shown:
            desk, who = self._hers()
            self._shown[key] = desk.show(self._unit, who, draft)
        return self._shown[key]

    def first_names(self, meeting_id: str) -> tuple[Sequence[str], int]:
        """Whom to tell in person, and how many more."""
        desk, who = self._hers()
        return desk.first_names(self._unit, who, meeting_id)

    def offers(self, work: Work) -> Sequence[tuple[str, str]]:
        """Questions that can be asked now, or rounds whose results may be shown."""
        desk, who = self._hers()
        return desk.offers(self._unit, who, work)

    def result(self, round_id: str) -> Reply | None:
        """What may be told of a round."""
        desk, who = self._hers()
        return desk.result(self._unit, who, round_id)

    def asking(self) -> Draft | None:
        """What another facilitator has asked her to confirm."""
        _, who = self._hers()
        found = self._unit.facilitators.asking(who.community_id, who.member_id, self._now)
        return found[1] if found else None

    def needs_second(self, draft: Draft) -> bool:
        """Whether a second person must confirm it, too."""
        desk, who = self._hers()
        return desk.needs_second(self._unit, who, draft)

    def ask_second(self, draft: Draft) -> AskedSecond:
        """The effect that asks one."""
        return AskedSecond(*self._hers(), {**draft, ASKED: "yes"}, self._now)

    def send(self, draft: Draft) -> Sent:
        """The effect that sends it."""
        return Sent(*self._hers(), draft, self._now)

    def lends_voice(self) -> bool:
        """Whether she has agreed that what she records is heard."""
        desk, who = self._hers()
        return desk.lends_voice(self._unit, who)

    def to_record(self, draft: Draft, step: str) -> Sequence[tuple[str, str]]:
        """What she may choose from at a step of a recording."""
        desk, who = self._hers()
        return desk.to_record(self._unit, who, draft, step)

    def script(self, draft: Draft) -> Speech | None:
        """What is to be said."""
        return self._hers()[0].script(draft)

    def wrong_pin(self) -> WrongPin:
        """The effect that counts a wrong PIN."""
        return WrongPin(*self._hers())

    def _hers(self) -> tuple[FieldDesk, Facilitator]:
        who = self.facilitator()
        if who is None or self._desk is None:
            raise ValueError("nobody works from this phone: ask for the facilitator first")
        return self._desk, who


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """What she has said so far; an empty draft is forgotten. It shows in no `repr`."""

    member_id: str
    draft: Draft = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it."""
        del whom
        unit.facilitators.keep(self.member_id, self.draft, self.when)


@dataclass(frozen=True, slots=True)
class Sent:
    """She has proved herself: it is sent."""

    desk: FieldDesk
    who: Facilitator
    draft: Draft = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Send it, and forget the draft and the wrong PINs before."""
        self.desk.send(unit, self.who, self.draft)
        if "meeting" in self.draft:  # she who changes it knows
            unit.meeting_notices.answered(self.draft["meeting"], whom.person_id, Kind.NEWS, self.when)
        unit.facilitators.right(self.who.member_id)
        unit.facilitators.keep(self.who.member_id, {}, self.when)


@dataclass(frozen=True, slots=True)
class AskedSecond:
    """She has proved herself, and a second person is to do the same."""

    desk: FieldDesk
    who: Facilitator
    draft: Draft = field(repr=False)
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it for the second, and tell who that may be."""
        del whom
        unit.facilitators.right(self.who.member_id)
        unit.facilitators.keep(self.who.member_id, self.draft, self.when)
        self.desk.ask_second(unit, self.who, self.draft)


@dataclass(frozen=True, slots=True)
class WrongPin:
    """That was not her PIN."""

    desk: FieldDesk
    who: Facilitator

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Count it."""
        del whom
        self.desk.wrong_pin(unit, self.who)

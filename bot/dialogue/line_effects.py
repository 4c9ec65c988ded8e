"""What a turn writes down about the line it came by. Each names its own person: the turn may end as somebody else's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.dialogue.effects import Whom
from bot.domain.line import CodeKind
from bot.domain.message import ChannelName, OutboundMessage, Reply
from bot.domain.person import Person
from bot.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Share:
    """Several use this line; she who says so is called that."""

    name: str = field(repr=False)

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Make her the first of them."""
        unit.lines.share(unit.people.line(whom.address).id, self.name)


@dataclass(frozen=True, slots=True)
class NameProfile:
    """The nickname of one who shares the line; '' for none."""

    name: str = field(repr=False)

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Write it."""
        unit.lines.name(unit.people.line(whom.address).id, whom.person_id, self.name)


@dataclass(frozen=True, slots=True)
class AddProfile:
    """One more shares the line."""

    newcomer: Person

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Make her."""
        unit.lines.add(unit.people.line(whom.address).id, self.newcomer)


@dataclass(frozen=True, slots=True)
class Choose:
    """She is the one who writes."""

    person_id: str
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """From now on."""
        unit.lines.choose(unit.people.line(whom.address).id, self.person_id, self.when)


@dataclass(frozen=True, slots=True)
class HandOver:
    """The line belongs to somebody new."""

    newcomer: Person
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Take it from those before."""
        unit.lines.hand_over(unit.people.line(whom.address).id, self.newcomer, self.when)


@dataclass(frozen=True, slots=True)
class IssueCode:
    """A code was said to her."""

    code: str = field(repr=False)
    kind: CodeKind
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep its hash."""
        unit.lines.issue(self.code, self.kind, whom.person_id, whom.address, self.when)


@dataclass(frozen=True, slots=True)
class MissCode:
    """A wrong code was given."""

    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Count it."""
        unit.lines.missed(whom.address, self.when)


@dataclass(frozen=True, slots=True)
class Redeem:
    """A valid code was given: the two become one person, and the line that it came from is told."""

    code: str = field(repr=False)
    placeholder: Person
    notice: Reply
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Bring them together. The notice goes to where the code was said; of a call, to its number by SMS."""
        joined = unit.lines.redeem(self.code, whom.address, self.placeholder, self.when)
        if joined is None or joined.tell is None:
            return
        to = joined.tell
        if to.channel is ChannelName.CALL:
            to = replace(to, channel=ChannelName.SMS)
        if not unit.people.opted_out(to):
            unit.outbox.add([OutboundMessage(uuid.uuid4().hex, to, self.notice, self.when)], joined.person_id)

"""What a turn writes down about somebody who waits for a person of the team."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.dialogue.effects import Whom
from bot.domain.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskForHelp:
    """She wants to talk to a person."""

    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Put her in the queue, to be answered where she asked."""
        unit.people.ask_for_help(whom.person_id, self.when)
        unit.help_desk.opened(whom.person_id, whom.address, self.when)


@dataclass(frozen=True, slots=True)
class TellTeam:
    """What she writes while she waits, knowing that a person reads it. Shows in no `repr`, and so in no traceback."""

    text: str = field(repr=False)
    voice: bool
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep it, sealed, for whoever answers."""
        unit.help_desk.opened(whom.person_id, whom.address, self.when)
        unit.help_desk.keep(whom.person_id, self.text, self.when, voice=self.voice)

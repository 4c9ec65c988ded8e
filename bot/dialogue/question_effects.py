"""What a turn writes down about a question that is asked by voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.effects import Whom
from bot.domain.store import UnitOfWork
from bot.domain.voice_question import Asker


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """She agreed to be recorded, in a text of that version.

    `reachable`: she is to be answered at the number that she calls from; then it is also hers where she is `enrolled`.
    """

    question_id: str
    consent_version: str
    reachable: bool
    enrolled: bool
    community_id: str | None
    when: datetime

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Keep her consent; of her only what it covers."""
        bound = self.reachable and self.enrolled
        asker = Asker(
            callback=whom.address if self.reachable else None,
            person_id=whom.person_id if bound else None,
            community_id=self.community_id if bound else None,
        )
        unit.questions.open(self.question_id, self.consent_version, asker, self.when)


@dataclass(frozen=True, slots=True)
class DropQuestion:
    """A question is not to be kept."""

    question_id: str

    def apply(self, unit: UnitOfWork, whom: Whom) -> None:
        """Delete it."""
        del whom
        unit.questions.drop(self.question_id)

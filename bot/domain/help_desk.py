"""People who wait for a person of the team: what each wrote meanwhile, who answers her, and when somebody is alerted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.message import Address
from bot.domain.register import MaskedAddress

ANOTHER_AFTER: Final = timedelta(hours=4)
"""How long she may wait before the next on the roster and the staff are alerted; then once a day."""
EVERY: Final = timedelta(days=1)
TOLD_AFTER: Final = timedelta(hours=48)
"""How long she may wait before she is told kindly that nobody has answered yet."""
WORDS_KEPT: Final = timedelta(days=7)
"""How long what was said is kept after it was closed."""
MOST_WORDS: Final = 50
LONGEST_WORDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody who waits. `since` is when she asked, or wrote after the last answer; `line` is the address she asked from.

    `answered_at` is None while it is the team's turn; `questions` counts what she has left by voice.
    """

    person_id: str
    asked_at: datetime
    since: datetime
    community_id: str | None
    line: MaskedAddress | None
    claimed_by: str = ""
    answered_at: datetime | None = None
    words: int = 0
    questions: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """What she wrote to the team (`author` is ''), or a member of the team to her; `voice`: it was spoken."""

    id: str
    at: datetime
    author: str
    text: str = field(repr=False)
    voice: bool = False


class HelpDesk(Protocol):
    """Those who asked for a person, and what was said since. Closing keeps the words for a week, in which they may be read."""

    def opened(self, person_id: str, address: Address, now: datetime) -> None:
        """She has asked for a person from that address: it is the team's turn, if it was not already."""
        ...

    def waits(self, person_id: str) -> bool:
        """Whether she waits for a person."""
        ...

    def keep(self, person_id: str, text: str, now: datetime, *, author: str = "", voice: bool = False) -> None:
        """Keep what she wrote, which makes it the team's turn, or what the team wrote; nothing where she does not wait."""
        ...

    def words(self, person_id: str) -> Sequence[Word]:
        """What was said, the oldest first."""
        ...

    def cases(self, community_id: str | None = None, limit: int = 50) -> Sequence[Case]:
        """Those who wait: those nobody has answered first, the longest waiting first."""
        ...

    def case(self, person_id: str) -> Case | None:
        """One of them; None where she does not wait."""
        ...

    def lately_closed(self, community_id: str | None = None, limit: int = 20) -> Sequence[str]:
        """The ids of people whose words are still kept though they wait no more."""
        ...

    def claim(self, person_id: str, member_id: str) -> None:
        """That member answers her; '' gives her back."""
        ...

    def close(self, person_id: str, now: datetime) -> None:
        """It is done: she waits no more, and what was said is deleted a week later."""
        ...

    def address(self, person_id: str) -> Address | None:
        """Where she is answered: whence she asked, if that is still hers and did not say BAJA, else her best address."""
        ...

    def to_alert(self, now: datetime, limit: int = 20) -> Sequence[Case]:
        """Cases for which somebody is to be alerted now."""
        ...

    def alerted(self, person_id: str, alerts: int, again_at: datetime) -> None:
        """So many alerts were sent; the next is due then."""
        ...

    def to_tell(self, now: datetime, limit: int = 20) -> Sequence[str]:
        """Those who are to be told that nobody has answered yet."""
        ...

    def told(self, person_id: str) -> None:
        """She was told."""
        ...

    def forget(self, now: datetime) -> int:
        """Delete the words of what was closed a week ago; returns how many."""
        ...

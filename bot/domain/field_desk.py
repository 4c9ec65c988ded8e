"""What a facilitator does from her own phone, as a room asks for it that does not do it itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from bot.domain.community import Committee
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.meeting import Meeting
from bot.domain.message import Reply, Speech

if TYPE_CHECKING:
    from bot.domain.store import UnitOfWork


class Work(StrEnum):
    """What she may do. The fields of a draft are those that its steps ask for, and `work`."""

    ANNOUNCEMENT = "announcement"
    MEETING = "meeting"
    CHANGE = "change"
    CANCEL = "cancel"
    MISSING = "missing"
    CONFIRM = "confirm"
    HOLD = "hold"
    COUNT = "count"
    MINUTES = "minutes"
    POLL = "poll"
    RESULTS = "results"
    RECORDING = "recording"


class Whom(StrEnum):
    """Who hears an announcement, of her community."""

    EVERYBODY = "everybody"
    WOMEN = "women"


MESSAGE_STEP = "message"
"""Steps of a draft at which a voice note is the announcement; `VOICE_STEP` of a meeting, `MINUTES_STEP` of what was agreed."""
MINUTES_STEP = "acta"
SPEAK_STEP = "speak"
"""The step at which a call records her."""
VOICE_STEP = "voice"
NO_VOICE = "none"
TAKE_STEP = "take"
"""The step at which her voice note is the recording of a lesson's sentence."""


@dataclass(frozen=True, slots=True)
class Snag:
    """What keeps a draft from being sent: the field to say anew, and why, as a sentence of `content/replies/facilitator.yml`."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft before it is sent: as people get it, to how many, for how many pesos (None: not counted beforehand).

    `waits`: it needs somebody else's approval, too.
    """

    replies: tuple[Reply, ...]
    people: int
    pesos: int | None = None
    waits: bool = False


class FieldDesk(Protocol):
    """Works in the transaction that it is given. Whoever calls has made sure of the PIN."""

    def fits(self, hashed: str | None, pin: str) -> bool:
        """Whether this is the PIN of that hash."""
        ...

    def does(self, work: Work) -> bool:
        """Whether that is done here at all."""
        ...

    def zone(self, uow: UnitOfWork, who: Facilitator) -> str:
        """The IANA name of her community's time."""
        ...

    def committees(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Committee]:
        """The committees that she calls meetings of."""
        ...

    def meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those of her community that lie ahead, the nearest first."""
        ...

    def held_meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those that were held lately, the last one first."""
        ...

    def places(self, uow: UnitOfWork, who: Facilitator) -> Sequence[str]:
        """Where her community has met lately, as place and landmark, the last one first."""
        ...

    def moved_meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those that were changed or called off, until a day after they began: people may have to be told in person."""
        ...

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What is wrong with what has been said so far; what has not been said yet is not wrong."""
        ...

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """A whole draft without a snag."""
        ...

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Send it, and write it into the audit log."""
        ...

    def offers(self, uow: UnitOfWork, who: Facilitator, work: Work) -> Sequence[tuple[str, str]]:
        """What she may choose from: questions that can be asked now, or rounds whose results may be shown; ids and labels."""
        ...

    def result(self, uow: UnitOfWork, who: Facilitator, round_id: str) -> Reply | None:
        """What may be told of a round; None where she is not offered it."""
        ...

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """Whether a second person must confirm it, too."""
        ...

    def ask_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Tell the other facilitators of her community that something waits for one of them."""
        ...

    def first_names(self, uow: UnitOfWork, who: Facilitator, meeting_id: str) -> tuple[Sequence[str], int]:
        """Whom to tell of a meeting in person: first names, and how many more. Written into the audit log."""
        ...

    def lends_voice(self, uow: UnitOfWork, who: Facilitator) -> bool:
        """Whether she has agreed that what she records is heard."""
        ...

    def to_record(self, uow: UnitOfWork, who: Facilitator, draft: Draft, step: str) -> Sequence[tuple[str, str]]:
        """What she may choose from at a step of a recording, ids and labels: where something is left."""
        ...

    def script(self, draft: Draft) -> Speech | None:
        """What is to be said; None where nobody says that any more."""
        ...

    def wrong_pin(self, uow: UnitOfWork, who: Facilitator) -> None:
        """Count it; lock her on the third, and tell the staff."""
        ...

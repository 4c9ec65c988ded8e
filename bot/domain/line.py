"""One line (a telephone number, a chat) and the persons behind it: one as a rule, several where a phone is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.message import Address
from bot.domain.person import Person

NOBODY: Final = ""
"""The id of whoever writes while it is not known who that is: nothing of such a turn is kept."""

SILENCE: Final = timedelta(days=90)  # carriers give numbers to somebody else after a silence
SESSION: Final = timedelta(hours=1)
MOST_PROFILES: Final = 4  # with "somebody else" as the fifth choice
CODE_DIGITS: Final = 6
CODE_LASTS: Final = timedelta(minutes=10)
MOST_MISSES: Final = 3
MISSES_COUNT_FOR: Final = timedelta(hours=1)
# All lines together: a hundred thousand guesses would be needed for an even chance at one of ten codes.
MOST_MISSES_OF_ALL: Final = 100


class Question(StrEnum):
    """What a line is being asked before anything personal is said."""

    WHO = "who"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Line:
    """One number on SMS, WhatsApp and calls, with the business-scoped id that came with it; or one Telegram chat.

    `heard_at`: when it was last heard, a day exact (a minute where the line is shared); None: whoever comes next is asked
    who she is. `asked`: the question that is waiting for its answer.
    """

    id: str
    shared: bool = False
    asked: Question | None = None
    heard_at: datetime | None = None

    def silent(self, now: datetime) -> bool:
        """Whether the number may belong to somebody else by now."""
        return self.heard_at is not None and now - self.heard_at >= SILENCE

    def stale(self, now: datetime) -> bool:
        """Whether it is time to write down that it was heard: seldom, so that an ordinary turn writes nothing."""
        lasts = timedelta(minutes=1) if self.shared else timedelta(days=1)
        return self.heard_at is None or now - self.heard_at >= lasts


@dataclass(frozen=True, slots=True)
class Profile:
    """One of several persons who share a line, by the number and the nickname she is chosen by.

    `name` is None while she was not asked, '' where she wants none. `notice` is the sentence that waits for her here.
    """

    number: int
    person_id: str
    name: str | None = field(default=None, repr=False)
    notice: str = ""


class CodeKind(StrEnum):
    """What a code is for: to come by one more line, or to leave the old one."""

    JOIN = "join"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a valid code stands for: whose it is, the line it was given to, and the address there."""

    kind: CodeKind
    person_id: str
    line: Line
    address: Address


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a claim: the address to tell, None where it is told when she is chosen there; and to whose account."""

    tell: Address | None
    person_id: str


class Lines(Protocol):
    """Who is behind a line, and the codes by which a person comes to another one."""

    def profiles(self, line_id: str) -> Sequence[Profile]:
        """Those who share a line, by number; none where it is one person's."""
        ...

    def find(self, address: Address) -> Line | None:
        """The line of an address; None where nobody ever came by it. Writes nothing."""
        ...

    def writes(self, line_id: str) -> str:
        """The id of whose line it is; of who was chosen last where several share it."""
        ...

    def doubtful(self, address: Address, now: datetime) -> bool:
        """Whether the line of an address is shared, silent for long, or being asked who it is. Writes nothing."""
        ...

    def share(self, line_id: str, name: str) -> None:
        """From now on several share the line; its person is the first of them."""
        ...

    def add(self, line_id: str, newcomer: Person) -> None:
        """One more, whose person is made here."""
        ...

    def name(self, line_id: str, person_id: str, name: str) -> None:
        """The nickname she is chosen by on that line; '' for none."""
        ...

    def choose(self, line_id: str, person_id: str, now: datetime) -> None:
        """She is the one who writes from now on. What was waiting to be told her there has been."""
        ...

    def ask(self, line_id: str, question: Question, now: datetime) -> None:
        """That question is waiting for its answer since now."""
        ...

    def heard(self, line_id: str, now: datetime) -> None:
        """Something came from there."""
        ...

    def hand_over(self, line_id: str, newcomer: Person, now: datetime) -> None:
        """The line belongs to somebody else: those before lose it, with what was still to be sent to it."""
        ...

    def new_code(self, now: datetime) -> str:
        """Six digits that are no valid code yet."""
        ...

    def issue(self, code: str, kind: CodeKind, person_id: str, address: Address, now: datetime) -> None:
        """Make it her one valid code, once, for some minutes. Her code before it is void."""
        ...

    def claim(self, code: str, now: datetime) -> Claim | None:
        """What a code stands for; None where it is not valid."""
        ...

    def tries_left(self, address: Address, now: datetime) -> int:
        """How many wrong codes that line may still give; 0 too where too many come from everywhere."""
        ...

    def missed(self, address: Address, now: datetime) -> None:
        """Count a wrong code."""
        ...

    def redeem(self, code: str, address: Address, placeholder: Person, now: datetime) -> Joined | None:
        """Bring whoever comes by that address together with the code's person; None where it is no longer valid.

        Where she leaves the line that the code was given to, the placeholder takes her place there.
        """
        ...

    def lost(self, address: Address) -> Sequence[Profile]:
        """Those who came by that address until somebody new said that it is hers, and whom no line leads to since; numbered."""
        ...

    def recover(self, person_id: str, found: Line, now: datetime) -> None:
        """Bring somebody whom no line leads to any more to one. What has become of the lost one is not touched."""
        ...

    def restore(self, person_id: str, lost: Line, found: Line, placeholder: Person, now: datetime) -> None:
        """Bring somebody from a line that she lost to another one, without a code.

        There the two become one person, or, where several share it, she is one more of them. What was still to be sent to her
        on the lost line is not; the placeholder takes her place there.
        """
        ...

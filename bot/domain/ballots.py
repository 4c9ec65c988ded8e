"""What the rooms ask of the rounds and answers of polls, as a Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.poll import InPerson, Invitation, PanelConsent, Poll, PollRound, RoundRecord
from bot.domain.results import By, RoundTally


class Polls(Protocol):
    """Rounds and answers. Participation and answers are kept apart; an answer carries no message id and only its day.

    Until a round is closed an answer can only be read with the round's key, which is not in the database; afterwards nobody
    can tell whose it was, and who took part is forgotten.
    """

    def running(self, now: datetime) -> Sequence[PollRound]:
        """Every round that is open now, the oldest first."""
        ...

    def open_rounds(self, now: datetime, territory: str | None) -> Sequence[PollRound]:
        """Rounds open now to that territory, the oldest first. Whoever asks looks at their audience."""
        ...

    def answered(self, round_id: str, person_id: str) -> bool:
        """Whether her answer to a round counts so far; False once it is closed."""
        ...

    def given(self, round_id: str, person_id: str) -> tuple[str, ...]:
        """Her answer to an open round so far, begun or whole; for the turn alone, never to be kept or said."""
        ...

    def answer(
        self,
        round_id: str,
        person_id: str,
        option_ids: Sequence[str],
        when: datetime,
        about: Mapping[By, str] | None = None,
        *,
        begun: bool = False,
        panel: bool = False,
    ) -> None:
        """Record or change her one answer to an open round; none at all takes it back.

        `about` is what it may be broken down by. One that was only `begun` does not count. `panel`: she agreed to be compared.
        """
        ...

    def describe(self, person_id: str, about: Mapping[By, str], *, panel: bool | None = None) -> None:
        """Add to her answers in the rounds that are open what she said of herself since."""
        ...

    def pass_over(self, round_id: str, person_id: str, when: datetime, *, keep: bool = True) -> None:
        """She was asked something before that decides whether she is asked this: leave the same trace either way.

        `keep`: she is asked, and an answer that is there stays.
        """
        ...

    def counts(self, round_id: str) -> Mapping[str, int]:
        """Answers by option id. Not for showing: results go through suppression."""
        ...

    def put_round(self, poll_round: PollRound, poll: Poll | None = None) -> None:
        """Insert or replace a round, with its poll as it is asked."""
        ...

    def rounds(self, poll_id: str | None = None) -> Sequence[RoundRecord]:
        """Every round, of one poll where given, the oldest first."""
        ...

    def get(self, round_id: str) -> RoundRecord | None:
        """One round."""
        ...

    def meanwhile(self, round_id: str) -> Sequence[str]:
        """The closed rounds of other polls that were open at some time while this one was."""
        ...

    def to_close(self, now: datetime) -> Sequence[str]:
        """Rounds whose time is over and that are not closed yet."""
        ...

    def close_round(self, round_id: str, now: datetime) -> None:
        """Turn answers into counts that belong to nobody. Then its key is to be destroyed, once this is on disk."""
        ...

    def tally(self, round_id: str) -> RoundTally:
        """All that is kept of a round; of an open one no answers, only how many. Raises StorageError where there is none."""
        ...

    def change(self, round_a: str, round_b: str) -> Mapping[tuple[str, str], int]:
        """How many of those who agreed to be compared answered one thing in the one round and another in the later one."""
        ...

    def put_in_person(self, round_id: str, in_person: InPerson) -> None:
        """Add or replace what a facilitator counted; nobody at all removes it. Raises StorageError where it is closed."""
        ...

    def in_person(self, round_id: str) -> Sequence[InPerson]:
        """The lists of an open round that facilitators took."""
        ...

    def invite(self, round_id: str, person_ids: Sequence[str], due_at: datetime) -> None:
        """Count people as invited, and have them asked from then on; those who are already, stay as they are."""
        ...

    def due(self, now: datetime, limit: int = 200) -> Sequence[Invitation]:
        """Who is to be asked or reminded now, in open rounds, locked until the transaction ends."""
        ...

    def told(
        self, round_id: str, person_id: str, message_id: str, next_at: datetime | None, *, told_at: datetime, receipts: bool
    ) -> None:
        """A message about the round was queued for her, to leave at `told_at`; when the next one is due, None: never.

        `receipts`: its channel says when it arrives.
        """
        ...

    def put_off(self, round_id: str, person_id: str, next_at: datetime | None) -> None:
        """Nothing goes to her now, but then; None: never."""
        ...

    def told_last(self, person_id: str) -> datetime | None:
        """When a message about any open round was last due to leave for her."""
        ...

    def waiting_for(self, person_id: str) -> PollRound | None:
        """The round whose question has reached her unasked since she last wrote: what she says now may answer that. Once."""
        ...

    def consent_to_panel(self, person_id: str, consent: PanelConsent) -> None:
        """Keep the proof, a yes or a no; after a no nothing of hers is left to compare."""
        ...


class Composed(Protocol):
    """Polls that staff wrote, beside those of `content/`. A version that was ever asked never changes."""

    def get(self, poll_id: str) -> Poll | None:
        """One version."""
        ...

    def all(self) -> Sequence[Poll]:
        """Every version, by id."""
        ...

    def put(self, poll: Poll, by: str, now: datetime) -> None:
        """Write a version, or rewrite one that was never asked. Raises StorageError for one that was."""
        ...

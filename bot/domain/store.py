"""What the rooms ask of the database, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.audience import Reach
from bot.domain.audit import AuditLog
from bot.domain.ballots import Composed, Polls
from bot.domain.broadcast import Broadcasts
from bot.domain.call import Calls
from bot.domain.chunk import Chunks, Workers
from bot.domain.community import Communities
from bot.domain.conversation import State
from bot.domain.duty import Roster
from bot.domain.enrolment import Enrolments
from bot.domain.facilitator import Facilitators
from bot.domain.figures import Figures
from bot.domain.help_desk import HelpDesk
from bot.domain.learning import LessonRecord, Progress
from bot.domain.ledger import Outbox
from bot.domain.line import Line, Lines
from bot.domain.meeting import Meetings
from bot.domain.meeting_notice import Notices
from bot.domain.message import Address
from bot.domain.pause import Pauses
from bot.domain.person import Consent, Person
from bot.domain.personal_data import PersonalData
from bot.domain.recording import VoiceArchive
from bot.domain.register import Register
from bot.domain.spending import Spending
from bot.domain.staff import Sessions, Staff
from bot.domain.study import Studies
from bot.domain.tags import Tags
from bot.domain.told import Told
from bot.domain.unasked import Unasked
from bot.domain.understanding import Misses
from bot.domain.voice_note import Notes
from bot.domain.voice_question import VoiceQuestions

T = TypeVar("T")


class Inbox(Protocol):
    """What has already been dealt with."""

    def is_new(self, channel: str, vendor_id: str, now: datetime) -> bool:
        """Record a delivery by a keyed hash of its vendor id; False where it was recorded before."""
        ...


class People(Protocol):
    """Persons, their addresses, states and progress."""

    def meet(self, address: Address, now: datetime, aliases: Sequence[Address] = ()) -> tuple[Person, State]:
        """The person behind an address, made on first contact; holds a lock on her until the transaction ends.

        `aliases` came in the same delivery: from then on they are the same line. Where several share it, it is the one who
        was chosen last.
        """
        ...

    def line(self, address: Address) -> Line:
        """The line of an address that was met in this transaction."""
        ...

    def get(self, person_id: str) -> tuple[Person, State] | None:
        """One person, locked like the above; None where she was erased."""
        ...

    def save(self, person: Person, state: State) -> None:
        """Write profile and state."""
        ...

    def record_consent(self, person_id: str, consent: Consent) -> None:
        """Keep the proof; a later one does not overwrite it."""
        ...

    def opted_out(self, address: Address) -> bool:
        """Whether this address said BAJA."""
        ...

    def opted_out_at(self, address: Address) -> datetime | None:
        """When this address said BAJA; None where it did not, or came back since."""
        ...

    def set_opted_out(self, address: Address, when: datetime | None) -> None:
        """Record or lift an opt-out of one address; lifting is None."""
        ...

    def shut_by_carrier(self, address: Address) -> bool:
        """Whether the carrier holds an opt-out of this address, which a return here does not lift."""
        ...

    def set_shut_by_carrier(self, address: Address, when: datetime | None) -> None:
        """Record or lift (None) an opt-out that the carrier holds. It is one here too; what is queued there is given up.

        Once recorded, those who come by that number have the notice in their state by which they are told elsewhere.
        """
        ...

    def sms_shut(self, person_id: str) -> bool:
        """Whether a carrier keeps SMS shut on a number that she comes by."""
        ...

    def last_inbound(self, address: Address) -> datetime | None:
        """When something last came from a WhatsApp address, which opens its window of 24 hours; None: never."""
        ...

    def progress(self, person_id: str) -> Progress:
        """What she has learnt."""
        ...

    def record_lesson(self, person_id: str, record: LessonRecord) -> None:
        """Insert or update how far she came in one lesson; a finish is never taken back."""
        ...

    def record_quiz(self, person_id: str, module_id: str, quiz_id: str, option_id: str, right: bool, when: datetime) -> None:
        """Keep a quiz answer: her first to that question, or her last."""
        ...

    def ask_for_help(self, person_id: str, when: datetime) -> None:
        """Put her in the queue of people who want a person; asking twice keeps the first place."""
        ...

    def erase(self, person_id: str, *, questions: bool = True) -> None:
        """Delete everything about her: addresses, state, progress, answers that can still be linked, RSVPs.

        A line that others share stays theirs. Without `questions`, what she left by voice under its own consent stays.
        """
        ...


class UnitOfWork(Protocol):
    """One transaction over everything."""

    @property
    def inbox(self) -> Inbox:
        """Deliveries seen."""
        ...

    @property
    def people(self) -> People:
        """Persons."""
        ...

    @property
    def lines(self) -> Lines:
        """Numbers and chats."""
        ...

    @property
    def communities(self) -> Communities:
        """Places and committees."""
        ...

    @property
    def polls(self) -> Polls:
        """Rounds and answers."""
        ...

    @property
    def composed(self) -> Composed:
        """Polls that staff wrote."""
        ...

    @property
    def told(self) -> Told:
        """Rounds whose results were given back."""
        ...

    @property
    def reach(self) -> Reach:
        """Who can be reached."""
        ...

    @property
    def meetings(self) -> Meetings:
        """Meetings and RSVPs."""
        ...

    @property
    def meeting_notices(self) -> Notices:
        """Who is told what about meetings."""
        ...

    @property
    def misses(self) -> Misses:
        """Messages not understood."""
        ...

    @property
    def calls(self) -> Calls:
        """Telephone calls."""
        ...

    @property
    def notes(self) -> Notes:
        """Voice notes that wait."""
        ...

    @property
    def questions(self) -> VoiceQuestions:
        """Questions asked by voice."""
        ...

    @property
    def pauses(self) -> Pauses:
        """What nobody asked for is stopped there."""
        ...

    @property
    def staff(self) -> Staff:
        """Accounts of those who work with Batea."""
        ...

    @property
    def facilitators(self) -> Facilitators:
        """Who works from her own phone."""
        ...

    @property
    def voices(self) -> VoiceArchive:
        """Human voices."""
        ...

    @property
    def study(self) -> Studies:
        """Lessons at a chosen hour, what people set out to do, questions that come back."""
        ...

    @property
    def tags(self) -> Tags:
        """What staff have marked people with."""
        ...

    @property
    def spending(self) -> Spending:
        """What sending has cost."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        ...

    @property
    def audit(self) -> AuditLog:
        """Who did what."""
        ...

    @property
    def register(self) -> Register:
        """People as the staff see them."""
        ...

    @property
    def figures(self) -> Figures:
        """Counts for the staff pages."""
        ...

    @property
    def help_desk(self) -> HelpDesk:
        """People who wait for a person."""
        ...

    @property
    def roster(self) -> Roster:
        """Who is on duty."""
        ...

    @property
    def enrolments(self) -> Enrolments:
        """Who is to be asked for her permission."""
        ...

    @property
    def personal_data(self) -> PersonalData:
        """All that is kept of one person."""
        ...

    @property
    def unasked(self) -> Unasked:
        """What people got without having asked for it."""
        ...

    @property
    def broadcasts(self) -> Broadcasts:
        """One message to many."""
        ...

    @property
    def chunks(self) -> Chunks:
        """Who works on which rows of broadcasts."""
        ...

    @property
    def workers(self) -> Workers:
        """Processes that work on broadcasts, and the pace they share."""
        ...

    @property
    def outbox(self) -> Outbox:
        """The ledger."""
        ...


class Store(Protocol):
    """The database."""

    def submit(self, work: Callable[[UnitOfWork], T], *, patient: bool = False) -> Future[T]:
        """Run `work` in one transaction. The future is done only when it is on disk; an exception undoes all of it.

        What is `patient` comes after everything that is not: nobody who is being answered waits behind a broadcast.
        """
        ...

    def look(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Run `work`, which only reads and may take its time, without holding up whoever writes.

        It sees what was on disk when it began. What it tries to write is refused on SQLite.
        """
        ...

    def close(self) -> None:
        """Finish what waits, then let go of the files."""
        ...

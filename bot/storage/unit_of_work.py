"""One transaction, with a repository for every table family."""

from __future__ import annotations

from bot.storage.audit import SqlAuditLog
from bot.storage.broadcasts import SqlBroadcasts
from bot.storage.calls import SqlCalls
from bot.storage.chunks import SqlChunks
from bot.storage.communities import SqlCommunities
from bot.storage.composed import SqlComposed
from bot.storage.enrolments import SqlEnrolments
from bot.storage.facilitators import SqlFacilitators
from bot.storage.figures import SqlFigures
from bot.storage.help_desk import SqlHelpDesk
from bot.storage.inbox import SqlInbox
from bot.storage.lines import SqlLines
from bot.storage.meetings import SqlMeetings
from bot.storage.misses import SqlMisses
from bot.storage.notes import SqlNotes
from bot.storage.outbox import SqlOutbox
from bot.storage.pauses import SqlPauses
from bot.storage.people import SqlPeople
from bot.storage.personal_data import SqlPersonalData
from bot.storage.polls import SqlPolls
from bot.storage.questions import SqlQuestions
from bot.storage.reach import SqlReach
from bot.storage.recordings import SqlVoiceArchive
from bot.storage.register import SqlRegister
from bot.storage.roster import SqlRoster
from bot.storage.seals import SqlSeals
from bot.storage.sessions import SqlSessions
from bot.storage.spending import SqlSpending
from bot.storage.staff import SqlStaff
from bot.storage.study import SqlStudies
from bot.storage.tags import SqlTags
from bot.storage.told import SqlTold
from bot.storage.transaction import Transaction
from bot.storage.unasked import SqlUnasked
from bot.storage.workers import SqlWorkers


class SqlUnitOfWork:
    """`bot.domain.store.UnitOfWork` on tables. It is good for as long as the work that it was given to runs."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.inbox = SqlInbox(transaction)
        self.people = SqlPeople(transaction)
        self.lines = SqlLines(transaction, self.people)
        self.communities = SqlCommunities(transaction)
        self.polls = SqlPolls(transaction)
        self.composed = SqlComposed(transaction)
        self.told = SqlTold(transaction)
        self.reach = SqlReach(transaction, self.people)
        self.meetings = SqlMeetings(transaction)
        self.meeting_notices = self.meetings.notices
        self.misses = SqlMisses(transaction)
        self.calls = SqlCalls(transaction)
        self.notes = SqlNotes(transaction)
        self.questions = SqlQuestions(transaction, self.inbox)
        self.pauses = SqlPauses(transaction)
        self.staff = SqlStaff(transaction)
        self.facilitators = SqlFacilitators(transaction)
        self.voices = SqlVoiceArchive(transaction)
        self.study = SqlStudies(transaction)
        self.tags = SqlTags(transaction)
        self.spending = SqlSpending(transaction)
        self.sessions = SqlSessions(transaction)
        self.audit = SqlAuditLog(transaction)
        self.register = SqlRegister(transaction)
        self.figures = SqlFigures(transaction, self.meetings)
        self.help_desk = SqlHelpDesk(transaction, self.reach)
        self.roster = SqlRoster(transaction)
        self.enrolments = SqlEnrolments(transaction)
        self.personal_data = SqlPersonalData(transaction, self.polls)
        self.unasked = SqlUnasked(transaction)
        self.broadcasts = SqlBroadcasts(transaction)
        self.workers = SqlWorkers(transaction)
        self.outbox = SqlOutbox(transaction)
        self.chunks = SqlChunks(transaction, self.broadcasts, self.outbox, self.workers)

    @property
    def seals(self) -> SqlSeals:
        """All tokens of the vault; what no turn needs is made when it is asked for."""
        return SqlSeals(self._transaction)

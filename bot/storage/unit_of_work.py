"""One transaction, with a repository for every table family."""

from __future__ import annotations

from functools import cached_property

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
from bot.storage.meeting_notices import SqlNotices
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
    """`bot.domain.store.UnitOfWork` on tables. It is good for as long as the work that it was given to runs.

    A repository is made when it is asked for: most works need five of them.
    """

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    inbox = cached_property[SqlInbox](lambda unit: SqlInbox(unit.transaction))
    people = cached_property[SqlPeople](lambda unit: SqlPeople(unit.transaction))
    lines = cached_property[SqlLines](lambda unit: SqlLines(unit.transaction, unit.people))
    communities = cached_property[SqlCommunities](lambda unit: SqlCommunities(unit.transaction))
    polls = cached_property[SqlPolls](lambda unit: SqlPolls(unit.transaction))
    composed = cached_property[SqlComposed](lambda unit: SqlComposed(unit.transaction))
    told = cached_property[SqlTold](lambda unit: SqlTold(unit.transaction))
    reach = cached_property[SqlReach](lambda unit: SqlReach(unit.transaction, unit.people))
    meetings = cached_property[SqlMeetings](lambda unit: SqlMeetings(unit.transaction))
    meeting_notices = cached_property[SqlNotices](lambda unit: unit.meetings.notices)
    misses = cached_property[SqlMisses](lambda unit: SqlMisses(unit.transaction))
    calls = cached_property[SqlCalls](lambda unit: SqlCalls(unit.transaction))
    notes = cached_property[SqlNotes](lambda unit: SqlNotes(unit.transaction))
    questions = cached_property[SqlQuestions](lambda unit: SqlQuestions(unit.transaction, unit.inbox))
    pauses = cached_property[SqlPauses](lambda unit: SqlPauses(unit.transaction))
    staff = cached_property[SqlStaff](lambda unit: SqlStaff(unit.transaction))
    facilitators = cached_property[SqlFacilitators](lambda unit: SqlFacilitators(unit.transaction))
    voices = cached_property[SqlVoiceArchive](lambda unit: SqlVoiceArchive(unit.transaction))
    study = cached_property[SqlStudies](lambda unit: SqlStudies(unit.transaction))
    tags = cached_property[SqlTags](lambda unit: SqlTags(unit.transaction))
    spending = cached_property[SqlSpending](lambda unit: SqlSpending(unit.transaction))
    sessions = cached_property[SqlSessions](lambda unit: SqlSessions(unit.transaction))
    audit = cached_property[SqlAuditLog](lambda unit: SqlAuditLog(unit.transaction))
    register = cached_property[SqlRegister](lambda unit: SqlRegister(unit.transaction))
    figures = cached_property[SqlFigures](lambda unit: SqlFigures(unit.transaction, unit.meetings))
    help_desk = cached_property[SqlHelpDesk](lambda unit: SqlHelpDesk(unit.transaction, unit.reach))
    roster = cached_property[SqlRoster](lambda unit: SqlRoster(unit.transaction))
    enrolments = cached_property[SqlEnrolments](lambda unit: SqlEnrolments(unit.transaction))
    personal_data = cached_property[SqlPersonalData](lambda unit: SqlPersonalData(unit.transaction, unit.polls))
    unasked = cached_property[SqlUnasked](lambda unit: SqlUnasked(unit.transaction))
    broadcasts = cached_property[SqlBroadcasts](lambda unit: SqlBroadcasts(unit.transaction))
    workers = cached_property[SqlWorkers](lambda unit: SqlWorkers(unit.transaction))
    outbox = cached_property[SqlOutbox](lambda unit: SqlOutbox(unit.transaction))
    chunks = cached_property[SqlChunks](lambda unit: SqlChunks(unit.transaction, unit.broadcasts, unit.outbox, unit.workers))
    seals = cached_property[SqlSeals](lambda unit: SqlSeals(unit.transaction))
    """All tokens of the vault."""

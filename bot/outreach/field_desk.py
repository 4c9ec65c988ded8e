"""What facilitators announce from their own phones: drafts become broadcasts and meetings, in one transaction with the turn."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.audit import AuditEntry
from bot.domain.community import Committee
from bot.domain.facilitator import Draft, Facilitator
from bot.domain.field_desk import MESSAGE_STEP, Shown, Snag, Whom, Work
from bot.domain.home import ZONES
from bot.domain.meeting import FARTHEST, Meeting
from bot.domain.meeting_words import spot
from bot.domain.message import Address, OutboundMessage, Reply, Speech
from bot.domain.person import Country, Sex
from bot.domain.ports import Clock, Library
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.outreach.broadcasting import Broadcasting, Look, Maker
from bot.outreach.composing import Wish
from bot.outreach.field_recordings import RecordingWork
from bot.outreach.prices import MICROS

_ALERT_LIVES: Final = timedelta(hours=12)
_LATELY: Final = timedelta(hours=24)
_LOOKED_BACK: Final = timedelta(days=14)
"""How long after a meeting it is counted and minuted."""
_STAFF: Final = frozenset({Role.ADMIN, Role.STAFF})
_SNAGS: Final = {
    "empty": Snag(MESSAGE_STEP, "missing"),
    "long": Snag(MESSAGE_STEP, "too_long"),
    "voice": Snag(MESSAGE_STEP, "refused"),
    "voice_kept": Snag("leaves", "too_far"),
    "past": Snag("leaves", "past"),
    "far": Snag("leaves", "too_far"),
    "nobody": Snag("whom", "nobody"),
}
"""What is wrong with a broadcast, as she is told; anything else ends it."""
_OF_WORDS: Final = frozenset({"empty", "long", "voice"})


class Worker(Protocol):
    """One kind of work: the same three steps as the desk's."""

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What is wrong with what has been said so far."""
        ...

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """A whole draft without a snag."""
        ...

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """Whether a second person must confirm it, too."""
        ...

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Send it."""
        ...


class Announcing:
    """Announcements are broadcasts to her own community."""

    def __init__(self, broadcasting: Broadcasting, clock: Clock) -> None:
        self._broadcasting = broadcasting
        self._clock = clock

    def prepare(self, draft: Draft) -> None:
        """Make its voice notes beforehand: no transaction waits for them."""
        self._broadcasting.prepare(Wish(text=draft["text"], voice=draft.get("voice", "")))

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What is wrong with its words as soon as they are there, with the rest once all is."""
        now = self._clock.now()
        if "text" not in draft:
            return None
        if not is_whole(draft):
            faults = self._broadcasting.composing.faults(_wish(uow, who, draft), now)
            found = next((fault.code for fault in faults if fault.code in _OF_WORDS), None)
        else:
            found = next((fault.code for fault in self._look(uow, who, draft).faults), None)
        snag = _SNAGS.get(found, Snag("", "refused")) if found else None
        if snag and snag.field == MESSAGE_STEP and "voice" in draft and found != "voice":
            return replace(snag, field="words")
        return snag

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """The broadcast as people get it, and what it costs."""
        seen = self._look(uow, who, draft)
        return Shown((seen.content.reply,), seen.quote.people, -(-seen.quote.micros // MICROS), seen.needs_approval)

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """A broadcast has an approval of its own."""
        del uow, who, draft
        return False

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Write the broadcast down."""
        self._broadcasting.make(uow, _wish(uow, who, draft), _maker(who), self._clock.now())

    def _look(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Look:
        return self._broadcasting.look(uow, _wish(uow, who, draft), _maker(who), self._clock.now())


class Chooser(Protocol):
    """Questions and their results: what there is to choose from."""

    def offers(self, uow: UnitOfWork, who: Facilitator, work: Work) -> Sequence[tuple[str, str]]:
        """Ids and labels."""
        ...

    def result(self, uow: UnitOfWork, who: Facilitator, round_id: str) -> Reply | None:
        """What may be told of a round."""
        ...


class FieldOffice:
    """`bot.domain.field_desk.FieldDesk`. `fits` compares a PIN with a hash; `works` are what is done here."""

    def __init__(
        self,
        works: Mapping[Work, Worker],
        library: Library,
        clock: Clock,
        fits: Callable[[str | None, str], bool],
        missing: Callable[[UnitOfWork, str], tuple[Sequence[str], int]] | None = None,
        polls: Chooser | None = None,
        recordings: RecordingWork | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._fits = fits
        self._works = works
        self._library = library
        self._clock = clock
        self._missing = missing
        self._polls = polls
        self._recordings = recordings
        self._new_id = new_id

    def fits(self, hashed: str | None, pin: str) -> bool:
        """Whether this is the PIN of that hash."""
        return self._fits(hashed, pin)

    def does(self, work: Work) -> bool:
        """Whether that is done here at all."""
        return work in self._works or (work is Work.MISSING and self._missing is not None)

    def zone(self, uow: UnitOfWork, who: Facilitator) -> str:
        """The IANA name of her community's time."""
        return zone_of(uow, who)

    def committees(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Committee]:
        """The committees that she calls meetings of."""
        return uow.communities.committees(who.community_id)

    def meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those of her community that lie ahead."""
        now = self._clock.now()
        return [one for one in uow.meetings.between(now, now + FARTHEST, who.community_id) if one.lies_ahead(now)]

    def held_meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those that were held lately, the last one first."""
        now = self._clock.now()
        held = uow.meetings.between(now - _LOOKED_BACK, now, who.community_id)
        return [one for one in reversed(held) if not one.cancelled]

    def places(self, uow: UnitOfWork, who: Facilitator) -> Sequence[str]:
        """Where her community has met lately, or is to meet."""
        now = self._clock.now()
        known = uow.meetings.between(now - FARTHEST, now + FARTHEST, who.community_id)
        return list(dict.fromkeys(spot(one) for one in reversed(known)))

    def moved_meetings(self, uow: UnitOfWork, who: Facilitator) -> Sequence[Meeting]:
        """Those that were changed or called off, until a day after they began."""
        now = self._clock.now()
        return [one for one in uow.meetings.between(now - _LATELY, now + FARTHEST, who.community_id) if one.version > 1]

    def snag(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Snag | None:
        """What is wrong with what has been said so far."""
        worker = self._works.get(Work(draft["work"]))
        return worker.snag(uow, who, draft) if worker else None

    def show(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> Shown:
        """A whole draft without a snag."""
        return self._works[Work(draft["work"])].show(uow, who, draft)

    def send(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Send it, and write it into the audit log."""
        self._works[Work(draft["work"])].send(uow, who, draft)
        self._note(uow, who, f"phone.{draft['work']}")

    def offers(self, uow: UnitOfWork, who: Facilitator, work: Work) -> Sequence[tuple[str, str]]:
        """Questions that can be asked now, or rounds whose results may be shown."""
        return self._polls.offers(uow, who, work) if self._polls else ()

    def result(self, uow: UnitOfWork, who: Facilitator, round_id: str) -> Reply | None:
        """What may be told of a round; that it was looked at is in the audit log."""
        if self._polls is None:
            return None
        self._note(uow, who, "phone.results")
        return self._polls.result(uow, who, round_id)

    def needs_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> bool:
        """Whether a second person must confirm it, too."""
        worker = self._works.get(Work(draft["work"]))
        return worker is not None and worker.needs_second(uow, who, draft)

    def ask_second(self, uow: UnitOfWork, who: Facilitator, draft: Draft) -> None:
        """Tell the other facilitators of her community that something waits for one of them."""
        del draft
        self._note(uow, who, "phone.ask_second")
        others = [
            member
            for member in uow.staff.all()
            if member.id != who.member_id and member.community_id == who.community_id and not member.disabled_at
        ]
        self._tell(uow, "facilitator.second_wanted", [to for one in others for to in uow.facilitators.phones(one.id)[:1]])

    def first_names(self, uow: UnitOfWork, who: Facilitator, meeting_id: str) -> tuple[Sequence[str], int]:
        """Whom to tell of a meeting in person."""
        found = uow.meetings.get(meeting_id)
        if self._missing is None or found is None or found.community_id != who.community_id:
            return (), 0
        self._note(uow, who, "phone.missing")
        return self._missing(uow, meeting_id)

    def lends_voice(self, uow: UnitOfWork, who: Facilitator) -> bool:
        """Whether she has agreed that what she records is heard."""
        return self._recordings is not None and self._recordings.lends_voice(uow, who)

    def to_record(self, uow: UnitOfWork, who: Facilitator, draft: Draft, step: str) -> Sequence[tuple[str, str]]:
        """What she may choose from at a step of a recording."""
        return self._recordings.to_record(uow, who, draft, step) if self._recordings else ()

    def script(self, draft: Draft) -> Speech | None:
        """What is to be said."""
        return self._recordings.script(draft) if self._recordings else None

    def wrong_pin(self, uow: UnitOfWork, who: Facilitator) -> None:
        """Count it; lock her on the third, and tell the staff."""
        now = self._clock.now()
        if not uow.facilitators.wrong(who.member_id, now):
            return
        self._note(uow, who, "pin.locked")
        staff = [member for member in uow.staff.all() if member.role in _STAFF and not member.disabled_at]
        self._tell(uow, "team.pin_locked", [to for member in staff if (to := uow.roster.contact(member.id))])

    def _tell(self, uow: UnitOfWork, sentence: str, addresses: Sequence[Address]) -> None:
        """Alert those who work with Batea: they have not asked for it just now, but for the work."""
        now, alert = self._clock.now(), replace(self._library.reply(sentence, Country.CO), voice_note=False)
        for to in addresses:
            if not uow.people.opted_out(to):
                told = OutboundMessage(self._new_id(), to, alert, now, ephemeral=True, expires_at=now + _ALERT_LIVES)
                uow.outbox.add([told], None)

    def _note(self, uow: UnitOfWork, who: Facilitator, action: str) -> None:
        uow.audit.write(AuditEntry(self._clock.now(), who.member_id, action, "staff", who.member_id))


def zone_of(uow: UnitOfWork, who: Facilitator) -> str:
    """The IANA name of her community's time."""
    place = uow.communities.get(who.community_id)
    return ZONES[place.country if place else Country.CO]


def starts_at(draft: Draft, zone: str) -> datetime | None:
    """When a draft is to be, UTC; None as long as that was not said, or where it is now."""
    if "hour" not in draft or "half" in draft or "other_day" in draft or draft.get("day", "now") == "now":
        return None
    local = datetime.combine(date.fromisoformat(draft["day"]), time.fromisoformat(draft["hour"]), ZoneInfo(zone))
    return local.astimezone(UTC)


def is_whole(draft: Draft) -> bool:
    """Whether an announcement can be looked at."""
    timed = draft.get("day") == "now" or ("hour" in draft and not {"half", "other_day"} & set(draft))
    return timed and "whom" in draft and "text" in draft and "day" in draft


def _wish(uow: UnitOfWork, who: Facilitator, draft: Draft) -> Wish:
    to = f"community:{who.community_id}"
    if draft.get("whom") == Whom.WOMEN:
        to += f" + sex:{Sex.WOMAN.value}"
    return Wish(to=to, text=draft["text"], voice=draft.get("voice", ""), at=starts_at(draft, zone_of(uow, who)))


def _maker(who: Facilitator) -> Maker:
    return Maker(who.member_id, community_id=who.community_id)

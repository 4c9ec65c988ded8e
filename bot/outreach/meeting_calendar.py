"""A meeting as an entry for calendars: an .ics file. Source: RFC 5545 (iCalendar), by the library `icalendar`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from bot.domain.meeting import Meeting
from bot.domain.meeting_words import Label, offers, spot, when

LASTS: Final = timedelta(hours=2)
"""How long a calendar keeps free: nobody says when a meeting ends."""
_MAKER: Final = "-//Batea//Meetings//ES"


def calendar(meeting: Meeting, label: Label, now: datetime) -> bytes:
    """The file. A change has a higher SEQUENCE under the same UID, so that calendars replace what they have.

    The place is in it only where the committee lets it be told.
    """
    made, event, starts = Calendar(), Event(), when(meeting)
    made.add("prodid", _MAKER)
    made.add("version", "2.0")
    made.add("method", "CANCEL" if meeting.cancelled else "PUBLISH")
    event.add("uid", f"{meeting.id}@batea")
    event.add("sequence", meeting.version - 1)
    event.add("dtstamp", now)
    event.add("dtstart", starts)
    event.add("dtend", starts + LASTS)
    event.add("summary", label("poster.meeting", agenda=meeting.agenda))
    event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if meeting.place_told:
        event.add("location", spot(meeting))
    if said := offers(meeting, label):
        event.add("description", said)
    made.add_component(event)
    made.add_missing_timezones()
    written: bytes = made.to_ical()
    return written

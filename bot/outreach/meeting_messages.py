"""What people are told about meetings, as replies with their choices: the dialogue takes what they choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Place, PlaceKind
from bot.domain.gsm7 import fold
from bot.domain.home import ZONES
from bot.domain.meeting import Meeting, MeetingDraft
from bot.domain.meeting_notice import CAME_PART, NEWS_PART
from bot.domain.meeting_words import agreed, announced, changed, spot, when
from bot.domain.message import ChannelName, Choice, Reply, Speech
from bot.domain.person import Country, Mode, Person
from bot.domain.ports import Library

_ROOM_FOR_MINUTES: Final = 200
"""Letters that are left for them in two segments of SMS."""


class MeetingMessages:
    """Makes them from the sentences of `content/replies/meeting.yml`."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def announcement(self, meeting: Meeting, person: Person, channel: ChannelName) -> tuple[Reply, ...]:
        """One reply; or, where she is told in the facilitator's own voice, that and then the question."""
        facts = announced(meeting, when(meeting), self.label)
        asked = self._say("meeting.announced", Place(PlaceKind.MEETING, (meeting.id,)), person, facts)
        if not meeting.voice or channel is ChannelName.SMS:  # which carries no voice: one message says and asks all
            return (asked,)
        spoken = Speech(asked.speech.text if asked.speech else asked.text, catalogue=False, key=meeting.voice)
        own = replace(asked, choices=(), speech=spoken, voice_note=True)
        question = self._say("meeting.will_you", Place(PlaceKind.MEETING, (meeting.id,)), person, {"when": when(meeting)})
        return own, question

    def reminder(self, meeting: Meeting, person: Person, now: datetime, last: Meeting | None) -> Reply:
        """The same in short; with what was agreed the last time, where it fits."""
        at = when(meeting)
        today = now.astimezone(at.tzinfo).date() == at.date()
        facts = announced(meeting, at, self.label)
        sentence = "meeting.reminder_today" if today else "meeting.reminder"
        if last and not today:
            told = self.label("meeting.last_time", what=last.minutes[0].what)
            facts["offers"] = f"{facts['offers']} {told}".strip()
        return self._say(sentence, Place(PlaceKind.MEETING, (meeting.id,)), person, facts)

    def news(self, meeting: Meeting, person: Person) -> Reply:
        """Its last change, or that it is called off."""
        place = Place(PlaceKind.MEETING, (meeting.id, NEWS_PART))
        if meeting.cancelled:
            return self._say("meeting.cancelled", place, person, {"when": when(meeting), "agenda": meeting.agenda})
        sentence, facts = changed(meeting.before or MeetingDraft.of(meeting), meeting, self.label)
        return self._say(sentence, place, person, facts)

    def approved(self, meeting: Meeting, news: Reply) -> Reply:
        """The same news as a text that WhatsApp takes at any time; as they are, where the place may not be told."""
        moment = self.label("meeting.moment", when=when(meeting))
        if meeting.cancelled:
            return replace(news, template="reunion_cancelada", variables=(("cuando", moment),))
        if not meeting.place_told:
            return news
        return replace(news, template="reunion_cambia", variables=(("cuando", moment), ("lugar", spot(meeting))))

    def came(self, meeting: Meeting, person: Person) -> Reply:
        """Whether she was there."""
        return self._say("meeting.came", Place(PlaceKind.MEETING, (meeting.id, CAME_PART)), person, {"when": when(meeting)})

    def minutes(self, meeting: Meeting, person: Person | None = None) -> Reply:
        """What was agreed, in the facilitator's own voice where she told it; by SMS as many lines as two segments carry."""
        lines = [agreed(line, self.label) for line in meeting.minutes]
        facts = {"when": when(meeting), "details": " ".join(lines)}
        reply = self._say("meeting.minutes", None, person, facts)
        if meeting.minutes_voice and reply.speech:
            reply = replace(reply, speech=replace(reply.speech, catalogue=False, key=meeting.minutes_voice), voice_note=True)
        short = [line for n, line in enumerate(lines, 1) if len(fold(" ".join(lines[:n]))) <= _ROOM_FOR_MINUTES]
        if len(short) == len(lines):
            return reply
        rest = [*short, self.label("meeting.minutes_rest")]
        return replace(reply, sms=self._say("meeting.minutes", None, person, facts | {"details": " ".join(rest)}).sms)

    def preview(self, draft: MeetingDraft, country: Country | None) -> Reply:
        """The announcement of a draft that has no problems of its own."""
        if draft.starts_at is None:
            raise ValueError("a draft without a time cannot be shown: look at its problems first")
        moment = draft.starts_at.astimezone(ZoneInfo(ZONES[country or Country.CO]))
        reply = self._library.reply("meeting.announced", country, **announced(draft, moment, self.label))
        return replace(reply, choices=_placed(Place(PlaceKind.MEETING, ("draft",)), reply.choices))

    def label(self, reply_id: str, **params: Any) -> str:
        """The bare words of a sentence."""
        return self._library.reply(reply_id, None, **params).text

    def _say(self, reply_id: str, place: Place | None, person: Person | None, facts: dict[str, Any]) -> Reply:
        country, slow = (person.country, person.slow) if person else (None, False)
        if slow and self._library.has(f"{reply_id}_simpler", country):
            simple = self._library.reply(f"{reply_id}_simpler", country, slow=slow, **facts)
            reply = replace(simple, id=reply_id)
        else:
            reply = self._library.reply(reply_id, country, slow=slow, **facts)
        choices = _placed(place, reply.choices) if place else reply.choices
        return replace(reply, choices=choices, voice_note=person is None or person.mode is not Mode.READ)


def _placed(place: Place, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    return tuple(replace(choice, id=f"{place}:{choice.id}") for choice in choices)

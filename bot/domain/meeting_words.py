"""How a meeting is put into words: which sentence of `content/replies/meeting.yml`, filled in with what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.meeting import SPANISH, Agreement, Meeting, MeetingDraft, OpenTo

Label = Callable[..., str]
"""A bare sentence by its id, with its parameters."""
Facts = Meeting | MeetingDraft


def when(meeting: Meeting) -> datetime:
    """When it begins, by the clock of the place."""
    return meeting.starts_at.astimezone(ZoneInfo(meeting.timezone))


def spot(facts: Facts) -> str:
    """The place with its landmark."""
    return f"{facts.place}, {facts.landmark}" if facts.landmark else facts.place


def where(facts: Facts, label: Label) -> str:
    """The sentence about the place: itself, or who tells it."""
    if facts.place_told:
        return label("meeting.at", place=spot(facts))
    return label("meeting.ask_place", contact=facts.contact)


def offers(facts: Facts, label: Label) -> str:
    """What there is for whoever comes, and who is meant; '' where there is nothing to say."""
    said = []
    if facts.open_to is not OpenTo.ALL:
        said.append(label(f"meeting.for_{facts.open_to.value}"))
    offered = {"food": facts.food, "childcare": facts.childcare, "transport": facts.transport}
    said += [label(f"meeting.with_{name}") for name, given in offered.items() if given]
    if facts.language != SPANISH:
        said.append(label("meeting.in_language", language=language(facts, label)))
    if not facts.children:
        said.append(label("meeting.without_children"))
    return " ".join(said)


def language(facts: Facts, label: Label) -> str:
    """The name of the language that is spoken there."""
    return label(f"meeting.language_{facts.language}")


def announced(facts: Facts, moment: datetime, label: Label) -> dict[str, Any]:
    """What the announcement and the reminders are filled in with."""
    return {"when": moment, "agenda": facts.agenda, "where": where(facts, label), "offers": offers(facts, label)}


def changed(before: MeetingDraft, after: Meeting, label: Label) -> tuple[str, dict[str, Any]]:
    """The sentence for a change: of its hour, its place, both, or something else."""
    moved = (spot(before), before.place_told) != (spot(after), after.place_told)
    facts = {"when": when(after), "where": where(after, label), "agenda": after.agenda}
    if before.starts_at and before.starts_at != after.starts_at:
        was = before.starts_at.astimezone(ZoneInfo(after.timezone))
        return ("meeting.changed_both" if moved else "meeting.changed_hour"), {**facts, "before": was}
    if moved and before.place_told:
        return "meeting.changed_place", {**facts, "place": before.place}
    if moved:
        return "meeting.changed_place_only", facts
    return "meeting.changed_rest", {**facts, "offers": offers(after, label)}


def agreed(line: Agreement, label: Label) -> str:
    """One line of the minutes, as a sentence or two."""
    said = [label("meeting.agreed", what=line.what)]
    if line.who:
        said.append(label("meeting.agreed_who", who=line.who))
    if line.by:
        said.append(label("meeting.agreed_by", day=line.by))
    return " ".join(said)

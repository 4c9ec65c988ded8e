"""Whoever comes for the first time and is expected: by the keyword of a poster, or signed up with somebody's help."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.conversation import State
from bot.domain.enrolment import by_keyword
from bot.domain.message import Inbound, InboundKind
from bot.domain.person import Person
from bot.domain.store import UnitOfWork

_GREETING = "hola"


def expected(unit: UnitOfWork, inbound: Inbound, person: Person, state: State) -> tuple[Inbound, Person, State]:
    """What is known of a newcomer before her turn; everybody else as she was.

    Who was signed up was asked for her permission already: she stands at that question. A keyword tells where she lives, and
    is then a mere greeting. Neither is consent.
    """
    if person.consent is not None or person.last_seen_at is not None or state != State():
        return inbound, person, state
    known = unit.enrolments.expected(inbound.sender, inbound.received_at)
    if known is not None:
        person = replace(person, country=known.country, community_id=known.community_id, mode=known.mode)
        if inbound.kind is not InboundKind.ANSWERED_CALL:
            state = replace(state, place="onboarding:consent")
        return inbound, person, state
    place = by_keyword(inbound.text, unit.communities.all()) if inbound.kind is InboundKind.TEXT else None
    if place is None:
        return inbound, person, state
    return replace(inbound, text=_GREETING), replace(person, community_id=place.id, country=place.country), state

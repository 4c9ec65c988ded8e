"""Who is meant: an expression such as `community:ID`, or `all`.

Further terms: `territory:NAME`, `country:CO`, `committee:ID`, `sex:mujer`, `role:barequera`, `language:es`; for broadcasts
also `channel:sms`, `module:ID:finished`, `poll:ID:unanswered`, `tag:NAME`.

Several are joined with `+` or ` and `. Of one kind any is enough, of different kinds all must hold: `territory:puno +
territory:bajo-cauca + sex:mujer` are the women of both.

- `channel`: who has an address there that may be written to; of her addresses only those of these channels are used.
- `module:ID:unbegun|begun|unfinished|finished`: how far she came; `unfinished` is begun and not finished.
- `poll:ID:answered|unanswered`: whether she has taken part in a round that is open (of that poll, or of that id); never how.
- `tag`: what staff have marked her with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from bot.domain.community import Committee, Community
from bot.domain.errors import UsageError
from bot.domain.folding import plain
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode, Person, Role, Sex

ALL: Final = "all"
PERSONAL: Final = ("community", "territory", "country", "committee", "sex", "role", "language")
"""What is known of a person by herself; the rest is known to the database alone."""
KINDS: Final = (*PERSONAL, "channel", "module", "poll", "tag")
_JOINTS: Final = re.compile(r"\s*\+\s*|\s+and\s+", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
TAG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""What a tag may be: lower case, so that one is not written in two ways."""


class Learning(StrEnum):
    """How far somebody came in a module. `BEGUN` covers whoever has finished it."""

    UNBEGUN = "unbegun"
    BEGUN = "begun"
    UNFINISHED = "unfinished"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Learnt:
    """Somebody is that far in a module; it is finished with so many lessons finished."""

    module_id: str
    how: Learning
    lessons: int


@dataclass(frozen=True, slots=True)
class TookPart:
    """Somebody is asked in an open round, and has answered or has not. Her answer is no part of it."""

    round_id: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Beyond:
    """What an expression may name beyond persons and places: lessons by module, open rounds by id with their polls, tags."""

    modules: Mapping[str, int] = field(default_factory=dict)
    rounds: Mapping[str, str] = field(default_factory=dict)
    tags: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """An expression that was read: of each kind the values of which one must hold. None at all: everybody."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def includes(self, person: Person, community: Community | None) -> bool:
        """Whether somebody of that community is meant; nobody is where it asks for what only the database knows."""
        hers = {
            "community": person.community_id or "",
            "territory": community.territory if community else "",
            "country": person.country.value if person.country else "",
            "sex": person.sex.value if person.sex else "",
            "role": person.role.value if person.role else "",
            "language": person.language,
        }
        return all(hers.get(kind, "") in values for kind, values in self.wanted.items())

    @property
    def channels(self) -> frozenset[ChannelName]:
        """The only channels that are used; none: any."""
        return frozenset(ChannelName(value) for value in self.wanted.get("channel", ()))

    @property
    def learnt(self) -> tuple[Learnt, ...]:
        """How far somebody must have come, one of these; none: it does not matter."""
        parts = (value.rsplit(":", 2) for value in sorted(self.wanted.get("module", ())))
        return tuple(Learnt(module_id, Learning(how), int(lessons)) for module_id, how, lessons in parts)

    @property
    def took_part(self) -> tuple[TookPart, ...]:
        """In which rounds somebody must have answered, or not, one of these; none: it does not matter."""
        parts = (value.rpartition(":") for value in sorted(self.wanted.get("poll", ())))
        return tuple(TookPart(round_id, how == _ANSWERED) for round_id, _, how in parts)

    def __str__(self) -> str:
        """The expression, in one form."""
        terms = [f"{kind}:{value}" for kind in KINDS for value in sorted(self.wanted.get(kind, ()))]
        return "+".join(terms) or ALL


@dataclass(frozen=True, slots=True)
class Reached:
    """An enrolled person whom something may be sent to unasked, at the best of her addresses that did not opt out."""

    person: Person
    community: Community | None
    to: Address

    def told_at(self, may_call: Callable[[Address], bool]) -> Address:
        """By telephone, where she prefers to listen and has nothing but SMS, which is silent; else at that address."""
        call = Address(ChannelName.CALL, self.to.value, self.to.simulated)
        silent = self.person.mode is Mode.LISTEN and self.to.channel is ChannelName.SMS
        return call if silent and may_call(call) else self.to


class Reach(Protocol):
    """Who can be reached."""

    def enrolled(self) -> Iterator[Reached]:
        """Everybody who agreed, is of age, and can be written to or called; each person once."""
        ...

    def one(self, person_id: str) -> Reached | None:
        """One of them; None where she was erased, has left, or never agreed."""
        ...

    def ways(self, person_id: str) -> Sequence[Address]:
        """All her addresses that did not opt out, the best first."""
        ...


@lru_cache(maxsize=256)
def parse(expression: str) -> Audience:
    """Read an expression as it is stored, with ids; an empty one is everybody. Raises UsageError."""
    return _Places((), ()).read(expression)


def resolve(
    expression: str, communities: Sequence[Community], committees: Sequence[Committee], beyond: Beyond | None = None
) -> Audience:
    """Read an expression as staff write it: ids, or names of places in any spelling. Raises UsageError for what there is not.

    The people of a committee are those of its community. Without `beyond` only the `PERSONAL` kinds may be asked for.
    """
    if not expression.strip():
        raise UsageError("nobody is named: write all for everybody")
    return _Places(communities, committees, beyond, PERSONAL if beyond is None else KINDS).read(expression)


class _Places:
    def __init__(
        self,
        communities: Sequence[Community],
        committees: Sequence[Committee],
        beyond: Beyond | None = None,
        kinds: Sequence[str] = KINDS,
    ) -> None:
        self.kinds = kinds
        self.beyond = beyond
        self.known: dict[str, dict[str, str]] = {
            "community": {key: c.id for c in communities for key in (plain(c.name), plain(c.id))},
            "territory": {plain(c.territory): c.territory for c in communities},
            "committee": {key: c.community_id for c in committees for key in (plain(c.name), plain(c.id))},
        }

    def read(self, expression: str) -> Audience:
        wanted: dict[str, set[str]] = {}
        for term in _JOINTS.split(expression.strip()):
            if plain(term) in {ALL, ""}:
                continue
            kind, colon, value = (part.strip() for part in term.partition(":"))
            kind = kind.lower()
            if not colon or kind not in self.kinds or not value:
                raise UsageError(
                    f"{term!r} names nobody: write {', '.join(f'{k}:...' for k in self.kinds)} or all, joined with +"
                )
            found = self._find(kind, value)
            wanted.setdefault("community" if kind == "committee" else kind, set()).add(found)
        return Audience({kind: frozenset(values) for kind, values in wanted.items()})

    def _find(self, kind: str, value: str) -> str:
        if kind in _FORMS:
            return _FORMS[kind](value, self.beyond)
        fixed: dict[str, list[str]] = {"country": [*Country], "sex": [*Sex], "role": [*Role], "channel": [*ChannelName]}
        if kind in fixed:
            known = {plain(one): str(one) for one in fixed[kind]}
        else:
            known = self.known[kind]
            if not any(self.known.values()):
                return value
        if plain(value) not in known:
            there_are = ", ".join(sorted(set(known.values()))) or "(there are none yet)"
            raise UsageError(f"there is no {kind} {value!r}: use one of {there_are}")
        return known[plain(value)]


def _language(value: str, _: Beyond | None) -> str:
    if not _LANGUAGE.fullmatch(value.lower()):
        raise UsageError(f"{value!r} is no language: write its code, such as language:es")
    return value.lower()


def _module(value: str, beyond: Beyond | None) -> str:
    """`m1:finished`, or as it is stored, with the number of its lessons."""
    module_id, _, how = value.partition(":")
    how, _, lessons = how.partition(":")
    module_id, how = module_id.strip(), how.strip().lower()
    if how not in [*Learning] or not (lessons.isdecimal() or (beyond and not lessons)):
        raise UsageError(f"module:{value} says nothing: write module:ID:{'|'.join(Learning)}")
    if beyond is None:
        return value
    if module_id not in beyond.modules:
        raise UsageError(f"there is no module {module_id!r}: use one of {_listed(beyond.modules)}")
    return f"{module_id}:{how}:{beyond.modules[module_id]}"


def _poll(value: str, beyond: Beyond | None) -> str:
    """`Q05_v1:unanswered`, or with the id of a round, as it is stored."""
    named, _, how = (part.strip() for part in value.rpartition(":"))
    how = how.lower()
    if how not in {_ANSWERED, _UNANSWERED} or not named:
        raise UsageError(f"poll:{value} says nothing: write poll:ID:{_ANSWERED}|{_UNANSWERED}")
    if beyond is None:
        return f"{named}:{how}"
    found = [round_id for round_id, poll_id in beyond.rounds.items() if named in {round_id, poll_id}]
    if len(found) != 1:
        why = "several rounds of it are open, name one" if found else "no such round is open"
        raise UsageError(f"poll {named!r}: {why}: {_listed(found or beyond.rounds)}")
    return f"{found[0]}:{how}"


def _tag(value: str, beyond: Beyond | None) -> str:
    tag = value.lower()
    if not TAG.fullmatch(tag):
        raise UsageError(f"{value!r} is no tag: letters a to z, digits and hyphens")
    if beyond is not None and tag not in beyond.tags:
        raise UsageError(f"nobody has the tag {tag!r}: use one of {_listed(beyond.tags)}")
    return tag


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(known)) or "(there are none now)"


_ANSWERED: Final = "answered"
_UNANSWERED: Final = "unanswered"
_FORMS: Final[Mapping[str, Callable[[str, Beyond | None], str]]] = {
    "language": _language,
    "module": _module,
    "poll": _poll,
    "tag": _tag,
}

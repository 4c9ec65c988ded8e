"""Who is meant: `community:ID`, `territory:NAME`, `country:CO`, `committee:ID`, `sex:mujer`, `role:barequera` or `all`.

Several are joined with `+` or ` and `. Of one kind any is enough, of different kinds all must hold: `territory:puno +
territory:bajo-cauca + sex:mujer` are the women of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from bot.domain.community import Committee, Community
from bot.domain.errors import UsageError
from bot.domain.folding import plain
from bot.domain.message import Address, ChannelName
from bot.domain.person import Country, Mode, Person, Role, Sex

ALL: Final = "all"
KINDS: Final = ("community", "territory", "country", "committee", "sex", "role")
_JOINTS: Final = re.compile(r"\s*\+\s*|\s+and\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Audience:
    """An expression that was read: of each kind the values of which one must hold. None at all: everybody."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def includes(self, person: Person, community: Community | None) -> bool:
        """Whether somebody of that community is meant."""
        hers = {
            "community": person.community_id or "",
            "territory": community.territory if community else "",
            "country": person.country.value if person.country else "",
            "sex": person.sex.value if person.sex else "",
            "role": person.role.value if person.role else "",
        }
        return all(hers[kind] in values for kind, values in self.wanted.items())

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


@lru_cache(maxsize=256)
def parse(expression: str) -> Audience:
    """Read an expression as it is stored, with ids; an empty one is everybody. Raises UsageError."""
    return _Places((), ()).read(expression)


def resolve(expression: str, communities: Sequence[Community], committees: Sequence[Committee]) -> Audience:
    """Read an expression as staff write it: ids, or names of places in any spelling. Raises UsageError for what there is not.

    The people of a committee are those of its community.
    """
    if not expression.strip():
        raise UsageError("nobody is named: write all for everybody")
    return _Places(communities, committees).read(expression)


class _Places:
    def __init__(self, communities: Sequence[Community], committees: Sequence[Committee]) -> None:
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
            if not colon or kind not in KINDS or not value:
                raise UsageError(f"{term!r} names nobody: write {', '.join(f'{k}:...' for k in KINDS)} or all, joined with +")
            found = self._find(kind, value)
            wanted.setdefault("community" if kind == "committee" else kind, set()).add(found)
        return Audience({kind: frozenset(values) for kind, values in wanted.items()})

    def _find(self, kind: str, value: str) -> str:
        fixed: dict[str, list[str]] = {"country": [*Country], "sex": [*Sex], "role": [*Role]}
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

"""The rules for danger and unsafe requests, as they stand in `intents/danger.yml`.

A pattern is a row of slots. A slot is `word`, `stem*`, `@group`, several of these joined by `|`, or words joined by `_` that must
stand side by side. Between two slots at most one other word may stand; `..` allows four, `...` nine; `&` means in any order,
nine words apart at most (of what is harmless `..` allows two). `^` and `$` are the ends of the message. A slot with `?` may be
missing. What a `harmless` pattern covers raises no alarm. A pattern that begins with `~` is weak: it is
known to see what is none, and needs the learnt score to agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import ContentError
from bot.domain.folding import plain
from bot.domain.understanding import Danger, Unsafe
from bot.nlu import yaml_file

GAP: Final = 1
GAPS: Final[Mapping[str, int]] = {"..": 4, "...": 9}
HARMLESS_GAPS: Final[Mapping[str, int]] = {"..": 2, "...": 9}
"""What is harmless reaches less far, lest it cover a danger that is told beside it."""
ENDS: Final = ("^", "$")
WEAK: Final = "~ "


@dataclass(frozen=True, slots=True)
class Slot:
    """Alternatives, each a row of atoms side by side; `gap` is how many other words may stand before it.

    `firsts` has a bit set for every atom that an alternative begins with.
    """

    alternatives: tuple[tuple[int, ...], ...]
    firsts: int
    gap: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Slots that must follow each other, where they are written, and whether they alone are no sure sign."""

    slots: tuple[Slot, ...]
    where: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """All patterns by kind, in order of urgency, and what is harmless."""

    danger: Mapping[Danger, tuple[Pattern, ...]]
    unsafe: Mapping[Unsafe, tuple[Pattern, ...]]
    harmless: tuple[Pattern, ...]
    atoms: Mapping[str, int]


def read(path: Path) -> Rules:
    """Read the rules. Raises ContentError with file and line."""
    document = yaml_file.read(path)
    if not isinstance(document, dict) or set(document) != {"groups", "danger", "unsafe", "harmless"}:
        raise ContentError(str(path), 1, "the keys are groups, danger, unsafe and harmless")
    compiler = _Compiler(path, document["groups"])
    danger = {Danger(kind): compiler.patterns(document["danger"], kind) for kind in _kinds(path, document, "danger", Danger)}
    unsafe = {Unsafe(kind): compiler.patterns(document["unsafe"], kind) for kind in _kinds(path, document, "unsafe", Unsafe)}
    compiler.gaps = HARMLESS_GAPS
    harmless = tuple(pattern for topic in document["harmless"] for pattern in compiler.patterns(document["harmless"], topic))
    return Rules(danger, unsafe, harmless, compiler.atoms)


def _kinds(path: Path, document: Any, key: str, kinds: type[Danger | Unsafe]) -> Iterator[str]:
    for kind in document[key]:
        if kind not in set(kinds):
            raise ContentError(str(path), yaml_file.line_of(document[key], kind), f"{kind!r} is no kind of {key}")
        yield str(kind)


class _Compiler:
    def __init__(self, path: Path, groups: Any) -> None:
        self._path = path
        self.atoms: dict[str, int] = {}
        self.gaps = GAPS
        self._groups: dict[str, list[tuple[int, ...]]] = {}
        for name in groups:
            self._groups[str(name)] = self._alternatives(str(groups[name]).split(), yaml_file.line_of(groups, name))

    def patterns(self, table: Any, key: str) -> tuple[Pattern, ...]:
        """The patterns of one list."""
        found: list[Pattern] = []
        for index, text in enumerate(table[key] or ()):
            line = yaml_file.line_of(table[key], index)
            if not isinstance(text, str):
                raise ContentError(str(self._path), line, "a pattern is a text")
            where = f"{self._path.name}:{line}"
            weak = text.startswith(WEAK)
            for order in permutations(text.removeprefix(WEAK).split(" & ")):
                found += [Pattern(slots, where, weak) for slots in self._slots(" ... ".join(order), line)]
        return tuple(found)

    def _slots(self, text: str, line: int) -> Iterator[tuple[Slot, ...]]:
        """The row of slots; once with and once without each that may be missing."""
        parts = text.split()
        optional = next((at for at, part in enumerate(parts) if part.endswith("?")), None)
        if optional is not None:
            yield from self._slots(" ".join((*parts[:optional], parts[optional][:-1], *parts[optional + 1 :])), line)
            yield from self._slots(" ".join((*parts[:optional], *parts[optional + 1 :])), line)
            return
        slots: list[Slot] = []
        gap = GAP
        for part in parts:
            if part in self.gaps:
                gap = self.gaps[part]
                continue
            alternatives = tuple(dict.fromkeys(self._alternatives(part.split("|"), line)))
            firsts = sum(1 << atom for atom in {row[0] for row in alternatives})
            slots.append(Slot(alternatives, firsts, gap))
            gap = GAP
        if not slots:
            raise ContentError(str(self._path), line, "an empty pattern")
        yield tuple(slots)

    def _alternatives(self, names: Sequence[str], line: int) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        for name in names:
            if name.startswith("@"):
                if name[1:] not in self._groups:
                    raise ContentError(str(self._path), line, f"there is no group {name[1:]!r} above")
                found += self._groups[name[1:]]
                continue
            row = tuple(self._atom(word, line) for word in name.split("_"))
            found.append(row)
        return found

    def _atom(self, word: str, line: int) -> int:
        if word in ENDS:
            return self.atoms.setdefault(word, len(self.atoms))
        bare = plain(word.removesuffix("*"))
        if not bare or " " in bare:
            raise ContentError(str(self._path), line, f"{word!r} is no word")
        return self.atoms.setdefault(bare + "*" * word.endswith("*"), len(self.atoms))

"""Danger and unsafe requests, by rule, before anything else is understood. The rules are data: `intents/danger.yml`.

A pattern is a row of slots. A slot is `word`, `stem*`, `@group`, several of these joined by `|`, or words joined by `_` that must
stand side by side. Between two slots at most one other word may stand; `..` allows four, `...` nine; `&` means in any order,
nine words apart at most. What a `harmless` pattern covers raises no alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.errors import ContentError
from bot.domain.folding import fold_word, plain
from bot.domain.understanding import Alarm, Danger, Unsafe
from bot.nlu import yaml_file
from bot.nlu.spelling import Speller, words

MAX_WORDS: Final = 1500
GAP: Final = 1
GAPS: Final[Mapping[str, int]] = {"..": 4, "...": 9}
MIN_FUZZY_CHARS: Final = 4
_SPLITTABLE: Final = (
    "no",
    "me",
    "te",
    "se",
    "le",
    "lo",
    "la",
    "nos",
    "los",
    "las",
    "el",
    "un",
    "de",
    "en",
    "a",
    "ya",
    "que",
    "al",
)


@dataclass(frozen=True, slots=True)
class Slot:
    """Alternatives, each a row of atoms side by side; `gap` is how many other words may stand before it (`None`: any order)."""

    alternatives: tuple[tuple[int, ...], ...]
    first: frozenset[int]
    gap: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Slots that must follow each other; `swapped` is the same the other way round, for `&`."""

    slots: tuple[Slot, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All patterns by kind, in order of urgency, and what is harmless."""

    danger: Mapping[Danger, tuple[Pattern, ...]]
    unsafe: Mapping[Unsafe, tuple[Pattern, ...]]
    harmless: tuple[Pattern, ...]
    atoms: Mapping[str, int]


Seen = Sequence[frozenset[int]]
Kind = TypeVar("Kind", Danger, Unsafe)


class Watch:
    """Raises the alarm. Pure, thread-safe, never raises an error."""

    def __init__(self, rules: Rules, speller: Speller) -> None:
        self._rules = rules
        self._speller = speller
        self._whole = {fold_word(atom): number for atom, number in rules.atoms.items() if not atom.endswith("*")}
        self._stems = {fold_word(atom[:-1]): number for atom, number in rules.atoms.items() if atom.endswith("*")}
        self._whole_names = [sound for sound in self._whole if len(sound) >= MIN_FUZZY_CHARS]
        self._stem_names = [sound for sound in self._stems if len(sound) >= MIN_FUZZY_CHARS]
        self._atoms_of = lru_cache(maxsize=20_000)(self._find_atoms)

    def alarm(self, text: str) -> Alarm:
        """The most urgent danger and the first unsafe request in a text, either of which may be None."""
        seen = [self._atoms_of(word) for word in self._words(text)]
        present = frozenset().union(*seen) if seen else frozenset()
        if not present:
            return Alarm()
        harmless = {at for span in _matches(self._rules.harmless, seen, present) for at in span}
        return Alarm(
            _first(self._rules.danger, seen, present, harmless),
            _first(self._rules.unsafe, seen, present, harmless),
        )

    def _words(self, text: str) -> Iterator[str]:
        """The words as written; one that is none, but would be two, as two."""
        for word in words(text)[:MAX_WORDS]:
            if self._atoms_of(word) or self._speller.knows(word):
                yield word
                continue
            for first in _SPLITTABLE:
                rest = word[len(first) :]
                if word.startswith(first) and len(rest) >= MIN_FUZZY_CHARS and self._exact(fold_word(rest)):
                    yield first
                    yield rest
                    break
            else:
                yield word

    def _exact(self, sound: str) -> set[int]:
        found = {self._whole[sound]} if sound in self._whole else set()
        found.update(self._stems[sound[:end]] for end in range(1, len(sound) + 1) if sound[:end] in self._stems)
        return found

    def _find_atoms(self, word: str) -> frozenset[int]:
        """The atoms that a word is, or may be meant to be: a common word is only ever itself."""
        sound = fold_word(word)
        found = self._exact(sound)
        if found or len(sound) < MIN_FUZZY_CHARS or self._speller.knows(word):
            return frozenset(found)
        return frozenset(self._near(sound))

    def _near(self, sound: str) -> set[int]:
        found: dict[int, int] = {}
        for name, distance, _ in process.extract(sound, self._whole_names, scorer=OSA.distance, score_cutoff=2, limit=None):
            if distance <= _edits(len(name)):
                found[self._whole[name]] = int(distance)
        for end in range(MIN_FUZZY_CHARS, len(sound) + 1):
            near = process.extract(sound[:end], self._stem_names, scorer=OSA.distance, score_cutoff=2, limit=None)
            for name, distance, _ in near:
                if distance <= _edits(len(name)):
                    number = self._stems[name]
                    found[number] = min(int(distance), found.get(number, 9))
        if not found:
            return set()
        meant = fold_word("".join(self._speller.correct_word(sound)))
        limit = OSA.distance(sound, meant) if meant != sound else 2
        return {number for number, distance in found.items() if distance <= limit}


def _first(table: Mapping[Kind, tuple[Pattern, ...]], seen: Seen, present: frozenset[int], harmless: set[int]) -> Kind | None:
    """The first kind of which a pattern matches outside what is harmless."""
    for kind, patterns in table.items():
        if any(harmless.isdisjoint(span) for span in _matches(patterns, seen, present)):
            return kind
    return None


def _edits(length: int) -> int:
    return 0 if length < MIN_FUZZY_CHARS else 1 if length < 6 else 2  # noqa: PLR2004


def _matches(patterns: Iterable[Pattern], seen: Seen, present: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """The positions that each matching pattern touches, pattern by pattern."""
    for pattern in patterns:
        if all(not slot.first.isdisjoint(present) for slot in pattern.slots):
            for start in range(len(seen)):
                if not pattern.slots[0].first.isdisjoint(seen[start]):
                    yield from _follow(pattern.slots, 0, start, seen)


def _follow(slots: tuple[Slot, ...], index: int, at: int, seen: Seen) -> Iterator[tuple[int, ...]]:
    """Every way in which the slots from `index` on match with the first of them at `at`."""
    for end in _ends(slots[index], at, seen):
        here = tuple(range(at, end))
        if index + 1 == len(slots):
            yield here
            continue
        for start in range(end, min(len(seen), end + slots[index + 1].gap + 1)):
            for rest in _follow(slots, index + 1, start, seen):
                yield here + rest


def _ends(slot: Slot, at: int, seen: Seen) -> Iterator[int]:
    if slot.first.isdisjoint(seen[at]):
        return
    for alternative in slot.alternatives:
        end = at + len(alternative)
        if end <= len(seen) and all(atom in seen[at + offset] for offset, atom in enumerate(alternative)):
            yield end


def read(path: Path) -> Rules:
    """Read the rules. Raises ContentError with file and line."""
    document = yaml_file.read(path)
    if not isinstance(document, dict) or set(document) != {"groups", "danger", "unsafe", "harmless"}:
        raise ContentError(str(path), 1, "the keys are groups, danger, unsafe and harmless")
    compiler = _Compiler(path, document["groups"])
    danger = {Danger(kind): compiler.patterns(document["danger"], kind) for kind in _kinds(path, document, "danger", Danger)}
    unsafe = {Unsafe(kind): compiler.patterns(document["unsafe"], kind) for kind in _kinds(path, document, "unsafe", Unsafe)}
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
            left, both, right = text.partition(" & ")
            where = f"{self._path.name}:{line}"
            if both:
                forward, backward = (self._slots(f"{a} ... {b}", line) for a, b in ((left, right), (right, left)))
                found += [Pattern(forward, where), Pattern(backward, where)]
            else:
                found.append(Pattern(self._slots(text, line), where))
        return tuple(found)

    def _slots(self, text: str, line: int) -> tuple[Slot, ...]:
        slots: list[Slot] = []
        gap = GAP
        for part in text.split():
            if part in GAPS:
                gap = GAPS[part]
                continue
            alternatives = tuple(dict.fromkeys(self._alternatives(part.split("|"), line)))
            slots.append(Slot(alternatives, frozenset(row[0] for row in alternatives), gap))
            gap = GAP
        if not slots:
            raise ContentError(str(self._path), line, "an empty pattern")
        return tuple(slots)

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
        bare = plain(word.removesuffix("*"))
        if not bare or " " in bare:
            raise ContentError(str(self._path), line, f"{word!r} is no word")
        return self.atoms.setdefault(fold_word(bare) + "*" * word.endswith("*"), len(self.atoms))

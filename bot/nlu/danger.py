"""Danger and unsafe requests, by rule, before anything else is understood. The rules are data: `intents/danger.yml`.

A pattern is a row of slots. A slot is `word`, `stem*`, `@group`, several of these joined by `|`, or words joined by `_` that must
stand side by side. Between two slots at most one other word may stand; `..` allows four, `...` nine; `&` means in any order,
nine words apart at most. `^` and `$` are the ends of the message. A slot with `?` may be missing. What a `harmless` pattern
covers raises no alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any, Final, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.errors import ContentError
from bot.domain.folding import fold_word, plain
from bot.domain.understanding import Alarm, Danger, Unsafe
from bot.nlu import vocabulary, yaml_file
from bot.nlu.spelling import Speller, words

MAX_WORDS: Final = 1500
GAP: Final = 1
GAPS: Final[Mapping[str, int]] = {"..": 4, "...": 9}
MIN_FUZZY_CHARS: Final = 4
MANY_EDITS: Final = 2
"""With so many letters wrong at least the first or the second must be right."""
MANY_EDITS_CHARS: Final = 5
MAX_ENDING_CHARS: Final = 5
_ENDS: Final = ("^", "$")
_LITTLE_WORDS: Final = frozenset(
    {"a", "y", "o", "no", "me", "te", "se", "le", "lo", "la", "el", "un", "de", "en", "ya", "al", "mi", "su", "si"}
)
MIN_JOINED_CHARS: Final = 6
MIN_PART_CHARS: Final = 3


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
    """Slots that must follow each other, and where they are written."""

    slots: tuple[Slot, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All patterns by kind, in order of urgency, and what is harmless."""

    danger: Mapping[Danger, tuple[Pattern, ...]]
    unsafe: Mapping[Unsafe, tuple[Pattern, ...]]
    harmless: tuple[Pattern, ...]
    atoms: Mapping[str, int]


Seen = Sequence[int]
"""For every word of a message the atoms that it may be, a bit each."""
Kind = TypeVar("Kind", Danger, Unsafe)


class Watch:
    """Raises the alarm. Pure, thread-safe, never raises an error."""

    def __init__(self, rules: Rules, speller: Speller) -> None:
        self._speller = speller
        self._rare = vocabulary.rare_words()
        self._danger = [(kind, _Index(patterns)) for kind, patterns in rules.danger.items()]
        self._unsafe = [(kind, _Index(patterns)) for kind, patterns in rules.unsafe.items()]
        self._harmless = _Index(rules.harmless)
        self._start, self._end = (1 << rules.atoms[end] if end in rules.atoms else 0 for end in _ENDS)
        self._written: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        for atom, number in rules.atoms.items():
            if atom not in _ENDS:
                self._written[atom] = 1 << number
                sounds = self._stems if atom.endswith("*") else self._whole
                sound = fold_word(atom.removesuffix("*"))
                sounds[sound] = sounds.get(sound, 0) | 1 << number
        fuzzy = MIN_FUZZY_CHARS
        self._letters = {atom: bit for atom, bit in self._written.items() if len(atom) >= fuzzy and not atom.endswith("*")}
        self._sounds = {sound: bits for sound, bits in self._whole.items() if len(sound) >= fuzzy}
        self._roots = {sound: bits for sound, bits in self._stems.items() if len(sound) > fuzzy}
        self._atoms_of = lru_cache(maxsize=20_000)(self._find_atoms)
        self._parts_of = lru_cache(maxsize=20_000)(self._find_parts)

    def alarm(self, text: str) -> Alarm:
        """The most urgent danger and the first unsafe request in a text, either of which may be None."""
        seen = [self._start, *map(self._atoms_of, self._words(text)), self._end]
        present = 0
        for atoms in seen:
            present |= atoms
        numbers = _bits(present)
        harmless: set[int] | None = None
        found: list[Any] = []
        for table in (self._danger, self._unsafe):
            verdict = None
            for kind, index in table:
                for span in index.matches(seen, present, numbers):
                    if harmless is None:
                        harmless = {at for other in self._harmless.matches(seen, present, numbers) for at in other}
                    if harmless.isdisjoint(span):
                        verdict = kind
                        break
                if verdict is not None:
                    break
            found.append(verdict)
        return Alarm(*found)

    def _words(self, text: str) -> Iterator[str]:
        """The words as written; one that is none, but would be two, as two."""
        for word in words(text)[:MAX_WORDS]:
            yield from self._parts_of(word)

    def _find_parts(self, word: str) -> tuple[str, ...]:
        """`mepega` is "me pega": two words that we know, one of them an atom, and the longer the second the better."""
        if len(word) < MIN_JOINED_CHARS or self._speller.knows(word) or word in self._rare or self._whole.get(fold_word(word)):
            return (word,)
        for end in range(1, len(word) - 1):
            first, second = word[:end], word[end:]
            if self._is_word(first) and self._is_word(second) and (self._exactly(first) | self._exactly(second)):
                return (first, second)
        return (word,)

    def _is_word(self, part: str) -> bool:
        if len(part) < MIN_PART_CHARS:
            return part in _LITTLE_WORDS
        return self._speller.knows(part) or bool(self._whole.get(fold_word(part)))

    def _exactly(self, part: str) -> int:
        return self._written.get(part, 0) | (self._whole.get(fold_word(part), 0) if len(part) >= MIN_FUZZY_CHARS else 0)

    def _as_written(self, word: str) -> int:
        found = self._written.get(word, 0)
        for end in range(2, len(word) + 1):
            found |= self._written.get(word[:end] + "*", 0)
        return found

    def _as_it_sounds(self, sound: str) -> int:
        found = self._whole.get(sound, 0)
        for end in range(2, len(sound) + 1):
            found |= self._stems.get(sound[:end], 0)
        return found

    def _find_atoms(self, word: str) -> int:
        """The atoms that a word is, or may be meant to be: a common word is only ever itself ("entero" is not "enterro")."""
        written = self._as_written(word)
        if word in self._written:
            return written
        if self._speller.knows(word):
            meant = self._speller.correct_word(word)
            return written if meant == (word,) else written | self._as_written(meant[0])
        sound = fold_word(word)
        same = self._whole.get(sound, 0)
        if word in self._rare or same:
            return written | (same and self._as_it_sounds(sound))
        found = written | self._as_it_sounds(sound)
        return found if len(word) < MIN_FUZZY_CHARS else found | self._near(word, sound)

    def _near(self, word: str, sound: str) -> int:
        """What a misspelt word may be meant to be, by its letters or by its sound, unless a word that is no atom is nearer."""
        near = _nearest(word, self._letters) + _nearest(sound, self._sounds)
        for end in range(MIN_FUZZY_CHARS, len(sound) + 1):
            near += [
                (distance + (end < len(sound) - MAX_ENDING_CHARS), atoms)
                for distance, atoms in _nearest(sound[:end], self._roots)
            ]
        if not near:
            return 0
        meant = self._speller.correct_word(word)
        joined = "".join(meant)
        limit = min(OSA.distance(word, joined), OSA.distance(sound, fold_word(joined))) if meant != (word,) else MANY_EDITS
        found = 0
        for distance, atoms in near:
            if distance <= limit:
                found |= atoms
        return found


def _nearest(word: str, table: Mapping[str, int]) -> list[tuple[int, int]]:
    """How many letters are wrong, and the atoms, for every entry that the word may be meant to be."""
    listed = process.extract(word, table.keys(), scorer=OSA.distance, score_cutoff=MANY_EDITS, limit=None)
    return [
        (int(distance), table[name])
        for name, distance, _ in listed
        if distance <= _edits(len(name)) and (distance < MANY_EDITS or name[0] == word[0] or name[1:2] == word[1:2])
    ]


def _edits(length: int) -> int:
    return 0 if length < MIN_FUZZY_CHARS else 1 if length < MANY_EDITS_CHARS else MANY_EDITS


def _bits(mask: int) -> list[int]:
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


class _Index:
    """Patterns, found by the atoms of the slot of each that has the fewest."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._by_atom: dict[int, list[Pattern]] = {}
        for pattern in patterns:
            rarest = min(pattern.slots, key=lambda slot: slot.firsts.bit_count())
            for atom in _bits(rarest.firsts):
                self._by_atom.setdefault(atom, []).append(pattern)

    def matches(self, seen: Seen, present: int, numbers: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The positions that each match touches."""
        for atom in numbers:
            for pattern in self._by_atom.get(atom, ()):
                if all(slot.firsts & present for slot in pattern.slots):
                    first = pattern.slots[0].firsts
                    for start, atoms in enumerate(seen):
                        if atoms & first:
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
    if not slot.firsts & seen[at]:
        return
    for alternative in slot.alternatives:
        end = at + len(alternative)
        if end <= len(seen) and all(seen[at + offset] >> atom & 1 for offset, atom in enumerate(alternative)):
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
            where = f"{self._path.name}:{line}"
            for order in permutations(text.split(" & ")):
                found += [Pattern(slots, where) for slots in self._slots(" ... ".join(order), line)]
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
            if part in GAPS:
                gap = GAPS[part]
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
        if word in _ENDS:
            return self.atoms.setdefault(word, len(self.atoms))
        bare = plain(word.removesuffix("*"))
        if not bare or " " in bare:
            raise ContentError(str(self._path), line, f"{word!r} is no word")
        return self.atoms.setdefault(bare + "*" * word.endswith("*"), len(self.atoms))

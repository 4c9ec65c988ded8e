"""Danger and unsafe requests, by rule, before anything else is understood: a message against the rules of `danger_rules`.

Each word of a message may be meant to be several atoms. A pattern of one slot has nothing to confirm it, so it sees strictly:
two wrong letters only in a long word that begins right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from rapidfuzz.distance import OSA

from bot.domain.folding import fold_word
from bot.domain.understanding import Alarm, Danger, Unsafe
from bot.nlu import vocabulary
from bot.nlu.danger_rules import ENDS, Pattern, Rules, Slot
from bot.nlu.nearness import Shelf
from bot.nlu.spelling import Speller, words
from bot.nlu.vocabulary import WordSet

MAX_WORDS: Final = 1500
MIN_FUZZY_CHARS: Final = 4
MANY_EDITS: Final = 2
"""With so many letters wrong at least the first or the second must be right."""
MANY_EDITS_CHARS: Final = 5
LONG_CHARS: Final = 8
MAX_ENDING_CHARS: Final = 5
_LITTLE_WORDS: Final = frozenset(
    {"a", "y", "o", "no", "me", "te", "se", "le", "lo", "la", "el", "un", "de", "en", "ya", "al", "mi", "su", "si"}
)
MIN_JOINED_CHARS: Final = 6
MIN_PART_CHARS: Final = 3
KNOWN_WORDS: Final = 2048
"""So many words are remembered, a kilobyte each: the common ones stay, and misspelt ones seldom come again."""


Atoms = Sequence[int]
"""For every word of a message the atoms that it may be, a bit each."""
Kind = TypeVar("Kind", bound=Danger | Unsafe)


@dataclass(frozen=True, slots=True)
class Seen(Generic[Kind]):
    """A kind that a rule saw; not `sure` where only rules did that are known to err."""

    kind: Kind
    sure: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the rules see in a text."""

    danger: Seen[Danger] | None = None
    unsafe: Seen[Unsafe] | None = None


class Watch:
    """Raises the alarm. Pure, thread-safe, never raises an error. `rare`: words that are no misspellings, if at hand."""

    def __init__(self, rules: Rules, speller: Speller, rare: WordSet | None = None) -> None:
        self._speller = speller
        self._rare = vocabulary.rare_words() if rare is None else rare
        self._start, self._end = (1 << rules.atoms[end] if end in rules.atoms else 0 for end in ENDS)
        ends = self._start | self._end
        self._danger = [(kind, _Index(patterns, ends)) for kind, patterns in rules.danger.items()]
        self._unsafe = [(kind, _Index(patterns, ends)) for kind, patterns in rules.unsafe.items()]
        self._harmless = _Index(rules.harmless, ends)
        self._written: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        for atom, number in rules.atoms.items():
            if atom not in ENDS:
                self._written[atom] = 1 << number
                sounds = self._stems if atom.endswith("*") else self._whole
                sound = fold_word(atom.removesuffix("*"))
                sounds[sound] = sounds.get(sound, 0) | 1 << number
        fuzzy = MIN_FUZZY_CHARS
        self._letters = _Table({a: bit for a, bit in self._written.items() if len(a) >= fuzzy and not a.endswith("*")})
        self._sounds = _Table({sound: bits for sound, bits in self._whole.items() if len(sound) >= fuzzy})
        self._roots = _Table({sound: bits for sound, bits in self._stems.items() if len(sound) > fuzzy})
        self._atoms_of = lru_cache(maxsize=KNOWN_WORDS)(self._find_atoms)
        self._parts_of = lru_cache(maxsize=KNOWN_WORDS)(self._find_parts)

    def alarm(self, text: str) -> Alarm:
        """The most urgent danger and the first unsafe request that any rule sees, either of which may be None."""
        sight = self.look(text)
        return Alarm(sight.danger.kind if sight.danger else None, sight.unsafe.kind if sight.unsafe else None)

    def look(self, text: str) -> Sight:
        """The most urgent danger and the first unsafe request, a sure one before one that is not."""
        read = [self._atoms_of(word) for word in self._words(text)]
        atoms = _Message(
            [self._start, *(loose for loose, _ in read), self._end], [self._start, *(sure for _, sure in read), self._end]
        )
        return Sight(self._first(self._danger, atoms), self._first(self._unsafe, atoms))

    def _first(self, table: Sequence[tuple[Kind, _Index]], message: _Message) -> Seen[Kind] | None:
        doubtful: Seen[Kind] | None = None
        for kind, index in table:
            for pattern, span in index.matches(message):
                if (pattern.weak and doubtful is not None) or not message.harmless(self._harmless).isdisjoint(span):
                    continue
                if not pattern.weak:
                    return Seen(kind, sure=True)
                doubtful = Seen(kind, sure=False)
        return doubtful

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

    def _find_atoms(self, word: str) -> tuple[int, int]:
        """The atoms that a word is, or may be meant to be, loosely and strictly seen.

        A common word is only ever itself ("entero" is not "enterro").
        """
        written = self._as_written(word)
        if word in self._written:
            return written, written
        if self._speller.knows(word):
            meant = self._speller.correct_word(word)
            written |= 0 if meant == (word,) else self._as_written(meant[0])
            return written, written
        sound = fold_word(word)
        same = self._whole.get(sound, 0)
        if word in self._rare or same:
            written |= same and self._as_it_sounds(sound)
            return written, written
        found = written | self._as_it_sounds(sound)
        if len(word) < MIN_FUZZY_CHARS:
            return found, found
        loose, strict = self._near(word, sound)
        return found | loose, found | strict

    def _near(self, word: str, sound: str) -> tuple[int, int]:
        """What a misspelt word may be meant to be, by its letters or by its sound, unless a word that is no atom is nearer."""
        near = self._letters.nearest(word) + self._sounds.nearest(sound)
        for end in range(MIN_FUZZY_CHARS, len(sound) + 1):
            beyond = end < len(sound) - MAX_ENDING_CHARS
            near += [(distance + beyond, sure, atoms) for distance, sure, atoms in self._roots.nearest(sound[:end])]
        if not near:
            return 0, 0
        meant = self._speller.correct_word(word)
        joined = "".join(meant)
        limit = min(OSA.distance(word, joined), OSA.distance(sound, fold_word(joined))) if meant != (word,) else MANY_EDITS
        loose = strict = 0
        for distance, sure, atoms in near:
            if distance <= limit:
                loose |= atoms
                strict |= atoms if sure else 0
        return loose, strict


class _Table:
    """Atoms by their letters or their sound."""

    def __init__(self, atoms: Mapping[str, int]) -> None:
        self._atoms = atoms
        self._shelf = Shelf(atoms)

    def nearest(self, word: str) -> list[tuple[int, bool, int]]:
        """For every entry that the word may mean: how many letters are wrong, whether that is rather sure, its atoms."""
        found: list[tuple[int, bool, int]] = []
        for near in self._shelf.near(word, MANY_EDITS, begins_alike=True):
            name, wrong = near.word, near.distance
            begins = name[0] == word[0]
            if wrong <= _edits(len(name)) and (wrong < MANY_EDITS or begins or name[1:2] == word[1:2]):
                sure = len(name) > MANY_EDITS_CHARS if wrong < MANY_EDITS else begins and len(name) >= LONG_CHARS
                found.append((wrong, sure, self._atoms[name]))
        return found


def _edits(length: int) -> int:
    return 0 if length < MIN_FUZZY_CHARS else 1 if length < MANY_EDITS_CHARS else MANY_EDITS


def _bits(mask: int) -> list[int]:
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


class _Message:
    """The atoms of a message, looked at loosely and strictly."""

    def __init__(self, seen: Atoms, strict: Atoms) -> None:
        self.seen, self.strict = seen, strict
        self.present = 0
        for atoms in seen:
            self.present |= atoms
        self._harmless: set[int] | None = None

    def harmless(self, index: _Index) -> set[int]:
        """The positions that a harmless pattern covers; looked for only when an alarm makes it matter."""
        if self._harmless is None:
            self._harmless = {at for _, span in index.matches(self) for at in span}
        return self._harmless


class _Index:
    """Patterns, found by the atoms of the slot of each that has the fewest."""

    def __init__(self, patterns: Sequence[Pattern], ends: int) -> None:
        self._by_atom: dict[int, list[tuple[Pattern, bool, tuple[int, ...]]]] = {}
        self._atoms = 0
        for pattern in patterns:
            alone = sum(not slot.firsts & ends for slot in pattern.slots) == 1
            rarest, *others = sorted((slot.firsts for slot in pattern.slots), key=int.bit_count)
            self._atoms |= rarest
            for atom in _bits(rarest):
                self._by_atom.setdefault(atom, []).append((pattern, alone, tuple(others)))

    def matches(self, message: _Message) -> Iterator[tuple[Pattern, tuple[int, ...]]]:
        """Each pattern that is there, with the positions that it touches."""
        present = message.present
        for atom in _bits(present & self._atoms):
            for pattern, alone, others in self._by_atom[atom]:
                for firsts in others:
                    if not firsts & present:
                        break
                else:
                    yield from self._spans(pattern, message.strict if alone else message.seen)

    def _spans(self, pattern: Pattern, looked: Atoms) -> Iterator[tuple[Pattern, tuple[int, ...]]]:
        first = pattern.slots[0].firsts
        for start, atoms in enumerate(looked):
            if atoms & first:
                for span in _follow(pattern.slots, 0, start, looked):
                    yield pattern, span


def _follow(slots: tuple[Slot, ...], index: int, at: int, seen: Atoms) -> Iterator[tuple[int, ...]]:
    """Every way in which the slots from `index` on match with the first of them at `at`."""
    for end in _ends(slots[index], at, seen):
        here = tuple(range(at, end))
        if index + 1 == len(slots):
            yield here
            continue
        for start in range(end, min(len(seen), end + slots[index + 1].gap + 1)):
            for rest in _follow(slots, index + 1, start, seen):
                yield here + rest


def _ends(slot: Slot, at: int, seen: Atoms) -> Iterator[int]:
    if not slot.firsts & seen[at]:
        return
    for alternative in slot.alternatives:
        end = at + len(alternative)
        if end <= len(seen) and all(seen[at + offset] >> atom & 1 for offset, atom in enumerate(alternative)):
            yield end

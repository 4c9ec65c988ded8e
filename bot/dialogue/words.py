"""The short things people say, as `content/words.yml` lists them, ready to be recognised in any spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.errors import ContentError
from bot.domain.folding import fold, plain

if TYPE_CHECKING:
    from bot.dialogue.time_words import TimeWords

KEYS: Final = (
    "pictures", "without_pictures", "with_pictures", "picture_asked",
    "yes", "no", "opt_out", "opt_in", "reopening", "erase", "menu", "back", "next", "repeat", "simpler", "person",
    "courtesies", "fillers", "only", "negations", "adult", "minor", "unsure", "last", "slower", "faster", "both", "listening",
    "reading", "gathering", "details", "joints", "decades", "accepting", "reserves", "refusing",
    "rather_not", "abroad", "asks_who_sees", "leaves_panel", "asks_what_for", "asks_cost", "asks_how_to_leave",
    "meeting_words", "meeting_when", "meeting_where", "meeting_food", "meeting_children", "meeting_ride", "meeting_coming",
    "meeting_who", "meeting_agenda", "meeting_agreed", "meeting_came", "meeting_ends", "meeting_language", "meeting_open_to",
    "meeting_host", "meeting_past", "went", "stayed",
    "several", "changed_number", "has_code", "wants_code", "another_person", "introducing", "asking", "everything", "nothing",
    "each", "each_day", "each_week", "lesson_words", "no_more_lessons", "did", "partly", "could_not",
    "lesson_hours", "none_of_these",
    "new_meeting", "announcement", "change_meeting", "cancel_meeting", "missing_list", "new_poll", "results", "confirming",
    "recording", "in_spanish", "in_quechua", "in_quechua_cusco", "in_quechua_ayacucho", "in_aymara", "in_nasa", "about_language",
    "correcting", "cancelling", "holding", "counting", "minuting", "field_work", "learning", "questioning", "module_words",
    "articles", "reading_wish", "regretting", "asks_my_data", "asks_price", "that_one", "here_this", "meeting_bring",
    "interjections", "where_were_we", "changing_answer",
)  # fmt: skip

_LONG_WORD_CHARS: Final = 6

Phrase = tuple[str, ...]


@lru_cache(maxsize=4096)
def tokens(text: str) -> Phrase:
    """The words of a text as they sound, digits apart from letters: `2da` is `2 da`."""
    separated: list[str] = []
    for word in fold(text).split():
        start = 0
        for i in range(1, len(word)):
            if word[i].isdigit() != word[i - 1].isdigit():
                separated.append(word[start:i])
                start = i
        separated.append(word[start:])
    return tuple(separated)


class Phrasebook:
    """Phrases, ready to be found among words. `alike` gives the single words, of all phrases there are, one slip from a word."""

    def __init__(self, phrases: Iterable[Phrase], alike: Callable[[str], AbstractSet[str]]) -> None:
        self._phrases = frozenset(phrases)
        self._alone = frozenset(phrase[0] for phrase in self._phrases if len(phrase) == 1)
        self._alike = alike
        lengths: dict[str, set[int]] = {}
        for phrase in self._phrases:
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        # Most words begin no phrase at all: one look says so.
        self._lengths = {first: tuple(sorted(known, reverse=True)) for first, known in lengths.items()}

    def at(self, said: Phrase, at: int) -> int:
        """How many words from there make one of the phrases: the longest; 0 for none. A long single word may have one slip."""
        word = said[at]
        for length in self._lengths.get(word, ()):
            if said[at : at + length] in self._phrases:
                return length
        return 1 if len(word) >= _LONG_WORD_CHARS and not self._alone.isdisjoint(self._alike(word)) else 0


class _Alike:
    """Single words that differ from a word by one letter at most. What was asked before is kept: a turn asks it of many books."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = {}
        for word in words:
            self._by_length.setdefault(len(word), []).append(word)
        self.of = lru_cache(maxsize=1024)(self._of)

    def _of(self, word: str) -> AbstractSet[str]:
        likely = [other for length in range(len(word) - 1, len(word) + 2) for other in self._by_length.get(length, ())]
        return frozenset(one[0] for one in process.extract(word, likely, scorer=OSA.distance, score_cutoff=1, limit=None))


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases by what they mean, folded, and the numbers that words stand for.

    `ordinary` are everyday words that sound much like a word for leaving; not folded, for some fold to the very same.
    `spoken` is what is said aloud for each key, for `yes` and for `no`, as it is written; `times` are days and hours.
    """

    phrases: Mapping[str, frozenset[Phrase]]
    numbers: Mapping[str, int]
    symbols: Mapping[str, str]
    ordinary: frozenset[str]
    spoken: Mapping[str, tuple[str, ...]]
    times: TimeWords
    _books: dict[tuple[str, ...], Phrasebook] = field(default_factory=dict, init=False, repr=False, compare=False)
    _cores: dict[str, Phrase] = field(default_factory=dict, init=False, repr=False, compare=False)
    _named: dict[tuple[str, ...], AbstractSet[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _alike: _Alike = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What looks for slips knows the single words of all phrases."""
        alone = sorted({phrase[0] for phrases in self.phrases.values() for phrase in phrases if len(phrase) == 1})
        object.__setattr__(self, "_alike", _Alike(alone))

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Words:
        """Read the mapping of `content/words.yml`.

        A list of phrases a key; `numbers` as {"1": [uno, primero, ...]}; `symbols` as {"👍": "si"}.

        Raises ContentError for a missing key or an entry that is no text.
        """
        from bot.dialogue.time_words import TimeWords  # noqa: PLC0415 - it folds with this module

        phrases = {key: frozenset(tokens(text) for text in _texts(data, key)) - {()} for key in KEYS}
        numbers: dict[str, int] = {}
        listed = data.get("numbers")
        if not isinstance(listed, Mapping):
            raise ContentError("words.yml", 0, "`numbers` is missing: give a list of words for each number")
        for number in listed:
            for text in _texts(listed, number):
                numbers[" ".join(tokens(text))] = int(number)
        symbols = data.get("symbols")
        if not isinstance(symbols, Mapping):
            raise ContentError("words.yml", 0, "`symbols` is missing: give the word for each picture that answers a question")
        ordinary = frozenset(plain(text) for text in _texts(data, "false_friends"))
        said = data.get("spoken")
        if not isinstance(said, Mapping):
            raise ContentError("words.yml", 0, "`spoken` is missing: give what is said aloud for each key, for yes and for no")
        spoken = {str(key): tuple(_texts(said, key)) for key in said}
        times = TimeWords.from_mapping(data.get("times"))
        pictures = {str(symbol): str(word) for symbol, word in symbols.items()}
        return cls(phrases, numbers, pictures, ordinary, spoken, times)

    def spelled(self, text: str) -> str:
        """A message of pictures alone, in words where they have one (a thumb up is a yes); any other text unchanged."""
        if tokens(text):
            return text
        found = dict.fromkeys(self.symbols[symbol] for symbol in self.symbols if symbol in text)
        return " ".join(found) or text

    def says(self, said: Phrase, key: str, *, around: Iterable[str] = ("courtesies",)) -> bool:
        """Whether words say this and nothing else, phrases of `around` (courtesies) aside."""
        wanted, ignored = self._book(key), self._book(*around)
        found = False
        at = 0
        while at < len(said):
            length = wanted.at(said, at)
            if length:
                found = True
            else:
                length = ignored.at(said, at)
            if not length:
                return False
            at += length
        return found

    def mentions(self, said: Phrase, key: str) -> bool:
        """Whether one of the phrases stands anywhere among the words."""
        book = self._book(key)
        return any(book.at(said, at) for at in range(len(said)))

    def without(self, said: Phrase, *keys: str) -> Phrase:
        """The words that are left when all phrases of these keys are taken out."""
        ignored = self._book(*keys)
        left: list[str] = []
        at = 0
        while at < len(said):
            length = ignored.at(said, at)
            if not length:
                left.append(said[at])
            at += length or 1
        return tuple(left)

    def core(self, title: str) -> Phrase:
        """What names something in a title of ours: it without courtesies and the like. Kept, for every turn asks for it."""
        core = self._cores.get(title)
        if core is None:
            said = tokens(title)
            core = self._cores[title] = self.without(said, "courtesies", "fillers", "learning") or said
        return core

    def cores(self, *titles: str) -> AbstractSet[str]:
        """The words that name something in any of these titles. Kept."""
        words = self._named.get(titles)
        if words is None:
            words = self._named[titles] = frozenset(word for title in titles for word in self.core(title))
        return words

    def _book(self, *keys: str) -> Phrasebook:
        """The phrases of these keys together; made once, for they are asked for in every turn."""
        book = self._books.get(keys)
        if book is None:
            listed = (phrase for key in keys for phrase in self.phrases[key])
            book = self._books[keys] = Phrasebook(listed, self._alike.of)
        return book

    def number(self, word: str) -> int | None:
        """The number that one folded word or figure stands for."""
        return int(word) if word.isdecimal() and len(word) <= _LONG_WORD_CHARS else self.numbers.get(word)


def _texts(data: Mapping[Any, Any], key: Any) -> Sequence[str]:
    listed = data.get(key)
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise ContentError("words.yml", 0, f"`{key}` must be a list of words in quotes")
    return listed

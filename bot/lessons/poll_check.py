"""What a good poll question keeps to (domain.md, sections C and E), measured. Pure: for content files and for the staff's own.

A finding names what is wrong by a code, with the figures that a page needs to say it in its own language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.domain.folding import fold, plain
from bot.domain.poll import MOST_PICKS, Poll, PollKind
from bot.lessons.measure import ease, sentences, septets, words

MAX_SEPTETS: Final = 160
MAX_WORDS: Final = 12
MAX_SENTENCES: Final = 2
MAX_LABEL_CHARS: Final = 24  # a WhatsApp list shows no more (channels.md)
MIN_OPTIONS: Final = 2
MAX_OPTIONS: Final = 5
MIN_EASE: Final = 55.0  # "normal" on the INFLESZ scale (domain.md, S52): one sentence alone is too short to measure closely
FEWEST_MEASURED: Final = 6

# Whoever is asked whether she herself did what is forbidden is asked to confess (domain.md, section C).
_DEEDS: Final = (
    r"mercurio|azogue|amalgama|quem\w+|refog\w+|cianuro|explosiv\w+|dinamita|soborn\w+|contraband\w+|rob\w+|ilegal\w*|menor\w*"
)
_HERSELF: Final = re.compile(
    r"\b(?:usted|vos|tu)\b.{0,40}\b(?:us|utiliz|quem|refog|compr|vend|mezcl|ech|bot|llev|trabaj|pag|tien|tuvo|hizo|hace|met)\w*"
)
_YOU_DID: Final = re.compile(
    r"(?:^|¿|[.,;:]\s*)\s*(?:(?:ayer|hoy|esta semana|este mes)\s*,?\s*¿?\s*)?"
    r"(?:ha |sigue |volvio a )?(?:uso|usa|usado|usando|utilizo|utiliza|quemo|quema|quemado|quemando|refogo|refoga|compro|compra"
    r"|vendio|vende|mezclo|mezcla|echo|echa|boto|bota|robo|pago|paga)\b"
)
_FORBIDDEN: Final = re.compile(rf"\b(?:{_DEEDS})\b")
_BLAMING: Final = re.compile(
    r"\b(?:por que no|culpa|culpable|no deberia|todavia (?:usa|quema)|sigue (?:usando|quemando)|confiesa|admite"
    r"|tiene usted|su familia|su espos[oa]|su marido|sus? vecin[oa]s?|en su casa)\b"
)
_ALWAYS_BLAMING: Final = re.compile(r"\b(?:por que no|culpa|culpable|no deberia|confiesa|admite)\b")
_WHO: Final = re.compile(r"\bquien(?:es)?\b.{0,30}\b(?:us|quem|refog|vend|compr|amenaz|extorsion|cobr|rob)\w*")
_NAMES: Final = re.compile(r"\b(?:como se llama|su nombre|su cedula|su dni|su telefono|donde vive)\b")
_AND: Final = re.compile(r"\s(?:y|e|o|u|ni|y/o)\s", re.IGNORECASE)
_WAYS_OUT: Final = re.compile(r"\b(?:no se|no digo|no contesto|prefiero no|no respondo|no opino)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where (`text`, `simpler`, `options`, `when`), a code, and its figures."""

    where: str
    code: str
    facts: dict[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        """In one line that says what to do, for whoever keeps the content."""
        return _ADVICE[self.code].format_map({name: str(value) for name, value in self.facts.items()})


_ADVICE: Final = {
    "letters": '"{text}" has a letter that SMS cannot carry: replace it, or give `sms`',
    "long": '"{text}" takes {n} letters by SMS with its options: shorten it to {most}',
    "wordy": '"{text}" has a sentence of {n} words: at most {most}, split it',
    "sentences": '"{text}" has {n} sentences: at most {most}',
    "hard": '"{text}" has a reading ease of {n}, {least} is needed: use shorter words',
    "double": '"{text}" asks two things at once ({joint}): ask one, and the other in a poll of its own',
    "accusing": '"{text}" asks somebody to confess or to accuse ({words}): ask about the place, not the person',
    "naming": '"{text}" asks for what would name somebody: leave it out',
    "no_question": '"{text}" is no question: write it between question marks',
    "repeats": "`simpler` repeats `text`: say it in other, easier words",
    "options": "there are {n} options: 2 to 5 are needed, a number has only its way out",
    "label": 'the option "{text}" has {n} letters: at most {most}',
    "twice": 'the option "{text}" comes twice: rename one',
    "no_way_out": 'the last option is "{text}": end with a way out (not known, or not said)',
    "many": "one answer may have {n} options: at most {most}, and fewer than there are",
    "bounds": "the number may be {least} to {most}: give two ends, the first below the second",
    "condition": "it is asked depending on itself: name another poll",
}


def findings(poll: Poll, *, measured: bool = True) -> Iterator[Finding]:
    """Everything that is wrong with a poll by itself; `measured`: its reading ease too, which takes a second the first time."""
    for where, wording in (("text", poll.wording), ("simpler", poll.simpler)):
        yield from _wording(where, wording.text, wording.sms or wording.text, poll, measured=measured)
    if plain(poll.wording.text) == plain(poll.simpler.text):
        yield Finding("simpler", "repeats")
    yield from _options(poll)
    if poll.when and poll.when.poll_id == poll.id:
        yield Finding("when", "condition")


def accusing(text: str) -> str:
    """The words by which a question asks for a confession or an accusation, '' where there are none."""
    asked = plain_marks(text)
    if not _FORBIDDEN.search(asked):
        blamed = _ALWAYS_BLAMING.search(asked) or _WHO.search(asked)
        return blamed[0].strip() if blamed else ""
    found = _HERSELF.search(asked) or _YOU_DID.search(asked) or _WHO.search(asked) or _BLAMING.search(asked)
    return found[0].strip(" ¿.,;:") if found else ""


def double(text: str) -> str:
    """What joins two questions in one, '' where there is but one."""
    if text.count("?") > 1:
        return "? ... ?"
    asked = text.partition("¿")[2].partition("?")[0] or text
    for joint in _AND.finditer(f" {asked} "):
        before, after = f" {asked} "[: joint.start()].split(), f" {asked} "[joint.end() :].split()
        # "mujer u hombre", "casco o guantes": two nouns are one question; two verbs are two.
        if _two_clauses(before, after):
            return joint[0].strip()
    return ""


def plain_marks(text: str) -> str:
    """Lower case without accents, question marks and commas kept."""
    return "".join(c if c in "¿?.,;: " else plain(c) or " " for c in text.casefold()).strip()


def _wording(where: str, text: str, sms: str, poll: Poll, *, measured: bool) -> Iterator[Finding]:
    begin = text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 - as many as a line shows well
    yield from _length(where, begin, sms, poll)
    said = sentences(text)
    longest = max(map(words, said), default=0)
    if longest > MAX_WORDS:
        yield Finding(where, "wordy", {"text": begin, "n": longest, "most": MAX_WORDS})
    if len(said) > MAX_SENTENCES:
        yield Finding(where, "sentences", {"text": begin, "n": len(said), "most": MAX_SENTENCES})
    if measured and words(text) >= FEWEST_MEASURED and ease(text) < MIN_EASE:
        yield Finding(where, "hard", {"text": begin, "n": round(ease(text)), "least": round(MIN_EASE)})
    yield from _meaning(where, text, begin)


def _length(where: str, begin: str, sms: str, poll: Poll) -> Iterator[Finding]:
    whole = "\n".join([sms, *(f"{number} {option.label}" for number, option in enumerate(poll.options, 1))])
    count = septets(whole)
    if count is None:
        yield Finding(where, "letters", {"text": begin})
    elif count > MAX_SEPTETS:
        yield Finding(where, "long", {"text": begin, "n": count, "most": MAX_SEPTETS})


def _meaning(where: str, text: str, begin: str) -> Iterator[Finding]:
    if "¿" not in text or "?" not in text:
        yield Finding(where, "no_question", {"text": begin})
    if joint := double(text):
        yield Finding(where, "double", {"text": begin, "joint": joint})
    if blame := accusing(text):
        yield Finding(where, "accusing", {"text": begin, "words": blame})
    if _NAMES.search(plain_marks(text)):
        yield Finding(where, "naming", {"text": begin})


def _options(poll: Poll) -> Iterator[Finding]:
    n = len(poll.options)
    if not (n == 1 if poll.kind is PollKind.NUMBER else MIN_OPTIONS <= n <= MAX_OPTIONS):
        yield Finding("options", "options", {"n": n})
    seen: set[str] = set()
    for option in poll.options:
        if len(option.label) > MAX_LABEL_CHARS:
            yield Finding("options", "label", {"text": option.label, "n": len(option.label), "most": MAX_LABEL_CHARS})
        if fold(option.label) in seen:
            yield Finding("options", "twice", {"text": option.label})
        seen.add(fold(option.label))
    if poll.options and not _WAYS_OUT.search(plain(poll.options[-1].label)):
        yield Finding("options", "no_way_out", {"text": poll.options[-1].label})
    if poll.kind is PollKind.SEVERAL and not 1 < poll.most <= min(MOST_PICKS, n - 1):
        yield Finding("options", "many", {"n": poll.most, "most": MOST_PICKS})
    if poll.kind is PollKind.NUMBER and not (poll.bounds and 0 <= poll.bounds.least < poll.bounds.most):
        facts: dict[str, str | int] = {"least": poll.bounds.least, "most": poll.bounds.most} if poll.bounds else {}
        yield Finding("options", "bounds", {"least": "?", "most": "?", **facts})


# Conjugated forms that polls of this field use; nouns that end like them are not among them.
_VERBS: Final = re.compile(
    r"^(?:us|trabaj|quem|vend|compr|va|fue|fueron|tien|tuv|hiz|hac|pag|recib|sab|pued|quier|gust|sient|sinti|particip|asist|"
    r"habl|dij|dic|cuent|cont|vi[oó]|vist|ha|hay|hub|est[aáuo]|es|son|era|se|le|les|lo|la|cambi|mejor|emperor|lleg|entr|sal|"
    r"lav|moj|guard|llev|escuch|respond|cree|pens|piens|parec|ayud|aprend|recuerd|necesit|falt|cobr|pes|mid|apag|prend|mezcl|ech|bot)\w*$"
)


def _is_verb(word: str) -> bool:
    bare = plain(word)
    return bool(bare) and bool(_VERBS.match(bare)) and len(bare) > 1


def _looks_like_verb(words_after: list[str]) -> bool:
    return bool(words_after) and _is_verb(words_after[0])


def _two_clauses(before: list[str], after: list[str]) -> bool:
    """Whether something is asked on either side: a verb before, and one that begins what comes after."""
    skipped = [word for word in after if plain(word) not in {"si", "no", "tambien", "ademas", "usted", "que", "como", "cuando"}]
    return any(map(_is_verb, before)) and _looks_like_verb(skipped[:1])

"""What goes back to the people who were asked: a few plain sentences to read or to hear, made of published results alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.domain.learning import Wording
from bot.domain.poll import PollKind
from bot.domain.results import OptionResult, Results
from bot.outreach.comparison import judged
from bot.outreach.phrasing import Phrasing

MOST_WORDS: Final = 110  # spoken in about 45 s
MOST_SHARES: Final = 4
_WAY_OUT_MATTERS: Final = 20.0  # per cent: fewer who would rather not say are not worth a sentence
_TENTH: Final = 10.0
_HARDLY: Final = 5.0
_NEARLY_ALL: Final = 95.0


def tell(results: Results, words: Phrasing) -> Wording:
    """The sentences, as read, as heard, and short for an SMS. Raises ValueError for a round that is still open."""
    if not results.closed:
        raise ValueError("a round that is open has nothing to tell yet")
    question = results.poll.wording
    said = list(_sentences(results, words))
    read = [words.say("told.intro"), words.say("told.asked", question=question.text), *said]
    heard = [words.say("told.intro"), words.say("told.asked", question=question.speech or question.text), *said]
    return Wording(" ".join(read), " ".join(heard), _sms(results, words))


def _sentences(results: Results, words: Phrasing) -> Iterator[str]:
    if results.n is None:
        yield words.say("told.too_few")
        yield words.say("told.thanks")
        return
    yield words.say("told.answered", n=results.n)
    if results.numbers:
        yield words.say("told.median", median=results.numbers.median)
    for option in _worth_telling(results):
        yield _share(option, words)
    if any(option.count is None for option in results.options):
        yield words.say("told.hidden")
    change = judged(results)
    if change is not None:
        yield words.say(f"told.{change.direction}", label=change.label)
    yield words.say("told.indicative")
    yield words.say("told.thanks")


def _worth_telling(results: Results) -> list[OptionResult]:
    """The options that are shown, the way out only where many took it; of a question of numbers none."""
    if results.poll.kind is PollKind.NUMBER:
        return []
    shown = [option for option in results.options if option.pct is not None]
    way_out = results.poll.way_out
    return [o for o in shown if o.id != way_out or (o.pct is not None and o.pct >= _WAY_OUT_MATTERS)][:MOST_SHARES]


def _tenths(pct: float) -> int:
    return int((pct + _TENTH / 2) // _TENTH)


def _share(option: OptionResult, words: Phrasing) -> str:
    """So many of ten; never the count."""
    pct = option.pct or 0.0
    if not option.count:
        return words.say("told.nobody", label=option.label)
    if pct == 100:  # noqa: PLR2004 - everybody
        return words.say("told.everybody", label=option.label)
    if pct < _HARDLY:
        return words.say("told.hardly", label=option.label)
    if pct >= _NEARLY_ALL:
        return words.say("told.nearly_all", label=option.label)
    tenths = _tenths(pct)
    return words.say("told.one" if tenths == 1 else "told.some", tenths=tenths, label=option.label)


def _sms(results: Results, words: Phrasing) -> str | None:
    """The like in one breath; None where the whole is short anyway."""
    shares = [words.say("told.sms_share", tenths=_tenths(o.pct or 0.0), label=o.label) for o in _worth_telling(results)]
    if results.n is None or not shares:
        return None
    change = judged(results)
    moved = words.say(f"told.sms_{change.direction}", label=change.label) if change else ""
    return words.say("told.sms", question=results.poll.wording.text, n=results.n, shares=", ".join(shares), change=moved)

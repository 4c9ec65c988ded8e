"""A quote as `batea broadcast quote` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the rooms are imported when the command runs
    from bot.outreach.quote import Quote


def quoted(quote: Quote) -> dict[str, Any]:
    """For machines. `position` counts characters of the text from 0; `templates` are of the `messages`."""
    return {
        "people": quote.people,
        "excluded": [{"why": why, "n": number} for why, number in quote.excluded.items()],
        "channels": [
            {
                "channel": one.channel.value,
                "people": one.people,
                "messages": one.messages,
                "segments": one.segments,
                "minutes": one.minutes,
                "templates": one.templates,
                "cost": one.cost.as_mapping(),
            }
            for one in quote.channels
        ],
        "culprit": {"char": quote.culprit.char, "position": quote.culprit.position} if quote.culprit else None,
        "duration_s": quote.duration_s,
        "prices_as_of": quote.used.as_of.isoformat(),
        "cost": quote.cost.as_mapping(),
        "prices_out_of_date": list(quote.used.out_of_date),
        "prices_estimated": list(quote.used.estimates),
    }


def told(quote: Quote) -> str:
    """For people."""
    lines = [f"{quote.people} people, {_money(quote.cost.as_mapping())}, {_span(quote.duration_s)}"]
    for one in quote.channels:
        parts = [f"{one.people} people", f"{one.messages} messages"]
        parts += [f"{one.segments} segments"] if one.segments else []
        parts += [f"{one.templates} templates outside the window"] if one.templates else []
        parts += [f"{one.minutes} minutes"] if one.minutes else []
        lines.append(f"{one.channel.value}\t{', '.join(parts)}\t{_money(one.cost.as_mapping())}")
    lines += [f"left out\t{number}\t{why}" for why, number in quote.excluded.items()]
    if quote.culprit:
        lines.append(
            f"character {quote.culprit.position + 1}, {quote.culprit.char!r}, has no letter in SMS: it is left out there"
        )
    lines.append(f"prices as of {quote.used.as_of.isoformat()}")
    if quote.used.out_of_date:
        lines.append(f"OUT OF DATE: {', '.join(quote.used.out_of_date)}: edit content/prices.yml")
    if quote.used.estimates:
        lines.append(f"only estimated: {', '.join(quote.used.estimates)}")
    return "\n".join(lines)


def _money(amounts: dict[str, float]) -> str:
    return " / ".join(f"{amount:,.2f} {currency}" for currency, amount in amounts.items())


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s"

"""The thread of a call in the addresses that Twilio posts its next step to. Twilio signs them, so nobody else can pull it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.domain.call import CallThread

SILENT: Final = "silent"

_ID: Final = re.compile(r"[0-9a-f]{1,32}", re.ASCII)
_OFFER: Final = re.compile(r"[\w:./@-]{1,64}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,12}", re.ASCII)


def query(thread: CallThread, *, silent: bool = False) -> str:
    """The query of the next step's address."""
    facts = {
        "call": thread.call_id,
        "step": str(thread.step or ""),
        "misses": str(thread.misses or ""),
        "began": str(thread.began_s or ""),
        "closed": "1" if thread.closed else "",
        "untold": "1" if thread.untold else "",
        "offer": " ".join(thread.offered),
        "question": thread.question,
        SILENT: "1" if silent else "",
    }
    return urlencode({name: value for name, value in facts.items() if value})


def thread_in(url: str) -> CallThread:
    """The thread that an address carries; what is no part of one is left out."""
    fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return CallThread(
        call_id=fields["call"] if _ID.fullmatch(fields.get("call", "")) else "",
        step=_number(fields.get("step", "")),
        misses=_number(fields.get("misses", "")),
        began_s=_number(fields.get("began", "")),
        closed=fields.get("closed") == "1",
        untold=fields.get("untold") == "1",
        offered=tuple(one for one in fields.get("offer", "").split() if _OFFER.fullmatch(one)),
        question=fields["question"] if _ID.fullmatch(fields.get("question", "")) else "",
    )


def silent(url: str) -> bool:
    """Whether this is what follows when no key was pressed."""
    return parse_qs(urlsplit(url).query).get(SILENT) == ["1"]


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0

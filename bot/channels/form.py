"""The form of an HTTP request, as Twilio posts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from bot.domain.errors import PayloadError
from bot.domain.ports import WebhookRequest

# Twilio's largest webhook has about 40 fields; ten media add 20.
MOST_FIELDS: Final = 500


class Form:
    """Named values, each perhaps several times. Unknown fields are kept, bad UTF-8 becomes U+FFFD."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        """The names, each once."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many different names there are."""
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """All values of a field: what twilio's RequestValidator asks a form for."""
        return self._values.get(name, [])

    def get(self, name: str) -> str:
        """The first value of a field without white space around it, '' where it is missing."""
        return self._values.get(name, [""])[0].strip()


def is_json(request: WebhookRequest) -> bool:
    """Whether the body says that it is JSON."""
    return request.headers.get("content-type", "").lower().startswith("application/json")


def read_form(request: WebhookRequest) -> Form:
    """Read a form, or a flat JSON object as if it were one. Raises PayloadError for what is neither."""
    return _read(request.body, is_json(request))


@lru_cache(maxsize=1)  # a request is read twice: to verify it, and to parse it
def _read(body: bytes, as_json: bool) -> Form:
    text = body.decode("utf-8", "replace")
    if not as_json:
        try:
            return Form(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
        except ValueError:
            raise PayloadError("the form has too many fields") from None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise PayloadError("the body is no JSON") from None
    if not isinstance(fields, dict):
        raise PayloadError("the JSON is no object")
    return Form([(name, str(value)) for name, value in fields.items() if isinstance(value, str | int | float)])

"""What Batea keeps at Twilio for WhatsApp, as `content/templates.yml` lists it: buttons, lists and the invitation.

Source: https://www.twilio.com/docs/content/twilio-quick-reply and .../twiliolist-picker (read November 2026).
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.errors import ContentError
from bot.domain.message import Choice, Reply

FILE: Final = "templates.yml"
INVITATION: Final = "invitation"
MOST_BUTTONS: Final = 3
MOST_LINES: Final = 10
MOST_BODY: Final = 1_024
MOST_BUTTON_TITLE: Final = 20
MOST_LINE_TITLE: Final = 24
MOST_DESCRIPTION: Final = 72
DESCRIBED: Final = "described"
_HASH_CHARS: Final = 10


class _Invitation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reply: str
    category: str = Field(pattern="^(UTILITY|MARKETING)$")


class _Message(BaseModel):
    """A text that WhatsApp approves beforehand, with slots such as `{place}`, and an example of what fills each."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MOST_BODY)
    category: str = Field(pattern="^(UTILITY|MARKETING)$")
    example: dict[str, Annotated[str, Field(min_length=1)]] = {}

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if set(self.slots) != set(self.example) or not all(slot.isidentifier() for slot in self.slots):
            raise ValueError(f"give an example of each slot, and of nothing else: {', '.join(self.slots) or 'there is none'}")
        if self.text.startswith("{") or self.text.endswith("}"):
            raise ValueError("WhatsApp takes no text that begins or ends with a slot")
        return self


class TemplateFile(BaseModel):
    """The file, validated. Raises pydantic's ValidationError."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field(pattern="^[a-z]{2}(_[A-Z]{2})?$")
    list_button: str = Field(min_length=1, max_length=MOST_BUTTON_TITLE)
    example_text: str = Field(min_length=1, max_length=MOST_BODY)
    example_option: str = Field(min_length=1, max_length=MOST_BUTTON_TITLE - 2)
    buttons: list[Annotated[int, Field(ge=1, le=MOST_BUTTONS)]]
    lists: list[Annotated[int, Field(ge=1, le=MOST_LINES)]]
    described: list[Annotated[int, Field(ge=1, le=MOST_LINES)]]
    invitation: _Invitation
    messages: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{1,40}$")], _Message] = {}


@dataclass(frozen=True, slots=True)
class ContentTemplate:
    """One Content resource. `key` is its name here, `name` the one it has at Twilio, which changes with what it holds.

    `category` is set where WhatsApp has to approve it.
    """

    key: str
    types: Mapping[str, Any]
    variables: Mapping[str, str]
    language: str
    category: str = ""

    @property
    def name(self) -> str:
        """The key and a hash of everything in it, in the letters that WhatsApp allows for a template."""
        held = json.dumps([self.types, self.variables, self.language, self.category], sort_keys=True, ensure_ascii=False)
        return f"batea_{self.key}_{hashlib.sha256(held.encode()).hexdigest()[:_HASH_CHARS]}"


def read_file(data: Any) -> TemplateFile:
    """Validate the file. Raises ContentError for the first thing that is wrong."""
    try:
        return TemplateFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(FILE, 0, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def templates(file: TemplateFile, invitation: Reply) -> tuple[ContentTemplate, ...]:
    """All resources, the invitation and the approved messages last."""
    return (
        *(_buttons(number, file) for number in file.buttons),
        *(_list(number, file) for number in file.lists),
        *(_described(number, file) for number in file.described),
        _invitation(file, invitation),
        *(_message(name, message, file) for name, message in file.messages.items()),
    )


def message_key(name: str) -> str:
    """The key of an approved message."""
    return f"message_{name}"


def key_for(choices: Sequence[Choice]) -> str:
    """Which resource offers these choices; '' where none can: labels too long, or nothing to choose."""
    longest = max((len(title(choice)) for choice in choices), default=0)
    if not 0 < longest <= MOST_DESCRIPTION:
        return ""
    if longest <= MOST_BUTTON_TITLE and len(choices) <= MOST_BUTTONS:
        return f"buttons_{len(choices)}"
    return f"{'list' if longest <= MOST_LINE_TITLE else DESCRIBED}_{len(choices)}"


def title(choice: Choice) -> str:
    """What stands on a button or line: the key too, since the voice note says keys."""
    return f"{choice.key} {choice.label}"


def fillings(body: str, choices: Sequence[Choice]) -> dict[str, str]:
    """The variables of the resource for one reply: what is said, then what is shown and returned of each choice."""
    described = key_for(choices).startswith(DESCRIBED)
    shown = [(c.key, c.id, c.label) if described else (title(c), c.id) for c in choices]
    return _numbered([body, *(part for parts in shown for part in parts)])


def in_letters(key: str, filled: Mapping[str, str]) -> str:
    """What `fillings` put into that resource, as a text with numbered lines: for when Twilio does not take the resource."""
    body, *parts = (filled[str(number)] for number in range(1, len(filled) + 1))
    if key.startswith(DESCRIBED):
        lines = [f"{parts[at]}. {parts[at + 2]}" for at in range(0, len(parts), 3)]
    else:
        lines = [parts[at].replace(" ", ". ", 1) for at in range(0, len(parts), 2)]
    return "\n\n".join((body, "\n".join(lines)))


def _numbered(values: Sequence[str]) -> dict[str, str]:
    return {str(number): value for number, value in enumerate(values, 1)}


def _slot(number: int) -> str:
    return f"{{{{{number}}}}}"


def _examples(number: int, file: TemplateFile) -> list[Choice]:
    return [Choice(str(n), f"option_{n}", file.example_option) for n in range(1, number + 1)]


def _buttons(number: int, file: TemplateFile) -> ContentTemplate:
    actions = [{"type": "QUICK_REPLY", "title": _slot(2 * n), "id": _slot(2 * n + 1)} for n in range(1, number + 1)]
    types = {"twilio/quick-reply": {"body": _slot(1), "actions": actions}}
    return ContentTemplate(f"buttons_{number}", types, fillings(file.example_text, _examples(number, file)), file.language)


def _list(number: int, file: TemplateFile) -> ContentTemplate:
    items = [{"item": _slot(2 * n), "id": _slot(2 * n + 1)} for n in range(1, number + 1)]
    values = [part for choice in _examples(number, file) for part in (title(choice), choice.id)]
    return _picker(f"list_{number}", items, values, file)


def _described(number: int, file: TemplateFile) -> ContentTemplate:
    places = range(2, 3 * number + 2, 3)
    items = [{"item": _slot(n), "id": _slot(n + 1), "description": _slot(n + 2)} for n in places]
    values = [part for choice in _examples(number, file) for part in (choice.key, choice.id, choice.label)]
    return _picker(f"{DESCRIBED}_{number}", items, values, file)


def _picker(key: str, items: list[dict[str, str]], values: Sequence[str], file: TemplateFile) -> ContentTemplate:
    types = {"twilio/list-picker": {"body": _slot(1), "button": file.list_button, "items": items}}
    return ContentTemplate(key, types, _numbered([file.example_text, *values]), file.language)


def _invitation(file: TemplateFile, reply: Reply) -> ContentTemplate:
    actions = [{"type": "QUICK_REPLY", "title": title(choice), "id": choice.id} for choice in reply.choices]
    types = {"twilio/quick-reply": {"body": reply.text, "actions": actions}}
    return ContentTemplate(INVITATION, types, {}, file.language, file.invitation.category)


def _message(name: str, message: _Message, file: TemplateFile) -> ContentTemplate:
    body = message.text
    for number, slot in enumerate(message.slots, 1):
        body = body.replace("{" + slot + "}", _slot(number))
    variables = _numbered([message.example[slot] for slot in message.slots])
    return ContentTemplate(message_key(name), {"twilio/text": {"body": body}}, variables, file.language, message.category)

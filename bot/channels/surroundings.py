"""What a channel is given besides the settings."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.ports import Notebook


class SilentNotebook:
    """A Notebook that forgets everything."""

    def event(self, name: str, **facts: Any) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Filled in by `wiring.py`.

    `listen_hint` is the line of `content/` that tells an SMS reader how to listen instead; `{number}` in it becomes the
    number to ring. `file_ids` remembers which files Telegram already holds (file name -> its file id); one
    that outlives the process saves uploads. `invitation_id` is the sentence of `content/` that WhatsApp's approved
    template says. `ways_back` are the lines for people whose SMS cannot reach us, by the channel that each names (`{number}`
    is our number there, `{name}` our name). `names` are names of ours that only a vendor knows, by channel.
    """

    listen_hint: str = ""
    invitation_id: str = ""
    ways_back: Mapping[str, str] = field(default_factory=dict)
    names: MutableMapping[str, str] = field(default_factory=dict)
    notebook: Notebook = field(default_factory=SilentNotebook)
    file_ids: MutableMapping[str, str] = field(default_factory=dict)

"""Published polls never change: the hash of each stands in `polls/published.yml`, and a changed text is a new version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.domain.errors import ContentError, UsageError
from bot.lessons.content import PUBLISHED, Content, read_content
from bot.lessons.poll_schema import PollEntry

_HEADER: Final = """# What each published poll says, as a hash. A poll that is here never changes: write a new version instead.
# Kept by `batea poll publish`.
"""
# Whether and where it may be asked is no part of what it says.
_NOT_SAID: Final = frozenset({"indicator", "enabled", "sensitive", "countries"})


def fingerprint(poll: PollEntry) -> str:
    """What stands for everything that a poll says and how it is answered: half a SHA-256, in hexadecimal digits."""
    said = poll.model_dump(mode="json", exclude=set(_NOT_SAID), exclude_none=True)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def published_problems(content: Content) -> Iterator[ContentError]:
    """Published polls that changed or are gone; enabled ones that were never published."""
    known: Mapping[str, str] = content.published.entry if content.published else {}
    for poll_id, source in content.polls.items():
        poll = source.entry
        if poll_id in known and known[poll_id] != fingerprint(poll):
            name, _, number = poll_id.rpartition("_v")
            text = f"{poll_id} is published and must not change: put its words back, and write {name}_v{int(number) + 1}"
            yield source.error(("text",), text)
        elif poll_id not in known and poll.enabled:
            yield source.error(("enabled",), f"{poll_id} is not published: run `batea poll publish {poll_id}`, or switch it off")
    for poll_id in known.keys() - content.polls.keys():
        if content.published:
            yield content.published.error((poll_id,), f"{poll_id} is published but its file is gone: put it back")


def publish(root: Path, poll_id: str) -> bool:
    """Write a poll's hash down; False where it is there already. Raises UsageError for one that changed, or is not there."""
    content = read_content(root)
    if poll_id not in content.polls:
        raise UsageError(f"there is no sound polls/{poll_id}.yml: see `batea content check`")
    known = dict(content.published.entry) if content.published else {}
    now = fingerprint(content.polls[poll_id].entry)
    if known.get(poll_id, now) != now:
        raise UsageError(f"{poll_id} is published and has changed since: put its words back, and write a new version")
    if poll_id in known:
        return False
    known[poll_id] = now
    lines = [f"{name}: {hashed}\n" for name, hashed in sorted(known.items())]
    (root / "polls" / PUBLISHED).write_text(_HEADER + "".join(lines), encoding="utf-8")
    return True

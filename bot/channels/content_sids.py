"""Which Content resource at Twilio is which: kept in the data folder, for one account.

Twilio itself is the truth: its list names every resource, so a lost file is made again by `batea channels sync`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "whatsapp-content.json"


class ContentSids:
    """Reads the file again whenever it was written anew, so that a running server sees a sync. Safe to use from threads."""

    def __init__(self, data_dir: Path, account_sid: str) -> None:
        self._file = data_dir / NAME
        self._account = account_sid
        self._known: tuple[int, Mapping[str, str]] = (0, {})

    def get(self, key: str) -> str:
        """The SID (HX...) of a template by its key, '' where it was not synced for this account."""
        return self._all().get(key, "")

    def key(self, sid: str) -> str:
        """The key of a template by its SID, '' where it was not synced for this account."""
        return next((key for key, known in self._all().items() if known == sid), "")

    def save(self, sids: Mapping[str, str]) -> None:
        """Write the file, whole or not at all. Raises OSError."""
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps({"account": self._account, "sids": dict(sids)}, indent=1) + "\n", "utf-8")
        unfinished.replace(self._file)

    def _all(self) -> Mapping[str, str]:
        try:
            written = self._file.stat().st_mtime_ns
        except OSError:
            return {}
        at, sids = self._known
        if at != written:
            sids = self._read()
            self._known = (written, sids)
        return sids

    def _read(self) -> Mapping[str, str]:
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            return dict(kept["sids"]) if kept["account"] == self._account else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

"""Signed addresses of voice notes and pictures: nobody can guess one, and each stops working after a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.domain.message import Clip, Drawing

LIVES_S: Final = 7 * 24 * 3600


class ClipLinks:
    """Makes and opens the tokens of `/media/<token>`. `roots` names the only folders that files are served from.

    The first of the `secrets` signs, each of them is believed: what a vendor has yet to fetch outlives a new one in front.
    """

    def __init__(self, secrets: Sequence[str], public_url: str, roots: Mapping[str, Path]) -> None:
        self._signer = URLSafeTimedSerializer(list(reversed(secrets)), salt="batea-media")  # it signs with the last
        self._public_url = public_url
        self._roots = {name: root.resolve() for name, root in roots.items()}

    def path(self, clip: Clip | Drawing) -> str:
        """The address without the host. Raises ValueError for a file outside the roots."""
        file = Path(clip.path).resolve()
        for name, root in self._roots.items():
            if file.is_relative_to(root):
                return f"/media/{self._signer.dumps([name, str(file.relative_to(root))])}"
        raise ValueError("a file outside the folders that are served")

    def url(self, clip: Clip | Drawing) -> str:
        """The public address, as a vendor fetches it."""
        return self._public_url + self.path(clip)

    def open(self, token: str) -> Path | None:
        """The file behind a token, None for a forged or old one."""
        try:
            name, relative = self._signer.loads(token, max_age=LIVES_S)
            root = self._roots[name]
            file = (root / relative).resolve()
        except (BadSignature, KeyError, TypeError, ValueError):
            return None
        return file if file.is_relative_to(root) else None

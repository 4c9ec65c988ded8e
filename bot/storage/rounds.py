"""The keys of poll rounds, kept outside the database and its backups.

While a round is open, an answer lies in the database as a locked ballot that only this key finds and opens. Deleting the key
after closing makes every trace of who said what unreadable for ever, in old backups and write-ahead logs too.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import StorageError
from bot.domain.poll import InPerson
from bot.storage.vault import Lookup

_NONCE_BYTES: Final = 12
NONCE_LETTERS: Final = 2 * _NONCE_BYTES
_BALLOT_BYTES: Final = 512  # every ballot is padded to a multiple, so that its length does not tell the option


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one person answered, with what it may be broken down by. `begun`: she has yet to say that this is all of it.

    Without options nothing was answered: it only stands where one would. `panel`: she agreed to be compared.
    """

    options: tuple[str, ...] = field(repr=False)
    day: date
    about: Mapping[str, str] = field(default_factory=dict, repr=False)
    begun: bool = False
    panel: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is an answer."""
        return bool(self.options) and not self.begun


class RoundKey:
    """What finds and opens the ballots of one round."""

    def __init__(self, key: bytes) -> None:
        self._links = Lookup(_derive(key, b"batea round link 1"))
        self._cipher = AESGCM(_derive(key, b"batea round ballot 1"))
        self._counting: dict[str, tuple[str, bool]] = {}

    def link(self, person_id: str) -> str:
        """The name of a person's ballot, which nobody can tell without this key."""
        return self._links.of("ballot", person_id)

    def lock(self, link: str, cast: Ballot) -> str:
        """A ballot that tells nothing, not even by its length."""
        plain = json.dumps([cast.options, cast.day.isoformat(), dict(cast.about), cast.begun, cast.panel]).encode()
        return self._locked(link, plain)

    def unlock(self, link: str, locked: str) -> Ballot:
        """A ballot, read. Raises StorageError where this is not its key."""
        plain = self._unlocked(link, locked)
        options, day, *rest = json.loads(plain)
        about, begun, panel = rest or ({}, False, False)  # an answer from before there was more
        return Ballot(tuple(options), date.fromisoformat(day), about, begun, panel)

    def name(self, list_id: str) -> str:
        """What stands for a list of answers taken in person: its own name may be a place, a day or, against advice, a person."""
        return self._links.of("list", list_id)

    def lock_list(self, taken: InPerson) -> str:
        """A list that tells nothing: of two people it would say what they answered."""
        facts = [taken.id, taken.people, dict(taken.counts), taken.territory]
        return self._locked(self.name(taken.id), json.dumps(facts).encode())

    def unlock_list(self, name: str, locked: str) -> InPerson:
        """A list, read. Raises StorageError where this is not its key."""
        return InPerson(*json.loads(self._unlocked(name, locked)))

    def known(self, link: str, nonce: str) -> bool | None:
        """Whether a ballot, locked with that nonce, was an answer when it was last counted; None: it was not, or is another."""
        nonce_then, counts = self._counting.get(link, ("", False))
        return counts if nonce_then == nonce else None

    def counts(self, link: str, locked: str) -> bool:
        """Whether a ballot is an answer. Remembered until it is locked anew, for pages that count them again and again."""
        counts = self.unlock(link, locked).counts
        self._counting[link] = locked[:NONCE_LETTERS], counts
        return counts

    def _locked(self, link: str, plain: bytes) -> str:
        padded = plain.ljust(-(-len(plain) // _BALLOT_BYTES) * _BALLOT_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return (nonce + self._cipher.encrypt(nonce, padded, link.encode())).hex()

    def _unlocked(self, link: str, locked: str) -> bytes:
        raw = bytes.fromhex(locked)
        try:
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], link.encode())
        except InvalidTag:
            raise StorageError("a poll round's key does not fit its answers: restore DATA_DIR/rounds") from None


class RoundKeys(Protocol):
    """Where the keys of rounds are."""

    def make(self, round_id: str) -> None:
        """Make a durable key for a new round; one that is there stays."""
        ...

    def get(self, round_id: str) -> RoundKey | None:
        """The key of a round, or None where it is gone."""
        ...

    def delete(self, round_id: str) -> None:
        """Destroy a key. One that is gone already is no error."""
        ...

    def round_ids(self) -> Sequence[str]:
        """The rounds whose key is there."""
        ...


class RoundKeyFiles:
    """Keys as files of one folder, `DATA_DIR/rounds`; with several machines it must be a shared one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, RoundKey] = {}

    def make(self, round_id: str) -> None:
        """Make a durable key for a new round; one that is there stays."""
        path = self._path(round_id)
        if path.exists():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(name, path)  # unlike a rename, this never overwrites a key that another process just made
            except FileExistsError:
                return
        finally:
            Path(name).unlink()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, round_id: str) -> RoundKey | None:
        """The key of a round, or None where it is gone."""
        path = self._path(round_id)
        if round_id in self._open and path.exists():
            return self._open[round_id]
        try:
            key = RoundKey(path.read_bytes())
        except FileNotFoundError:
            self._open.pop(round_id, None)
            return None
        self._open[round_id] = key
        return key

    def delete(self, round_id: str) -> None:
        """Destroy a key: overwritten, then unlinked. One that is gone already is no error."""
        self._open.pop(round_id, None)
        path = self._path(round_id)
        try:
            with path.open("r+b") as file:
                file.write(bytes(32))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        path.unlink(missing_ok=True)

    def round_ids(self) -> Sequence[str]:
        """The rounds whose key is there."""
        return sorted(unquote(path.stem) for path in self._folder.glob("*.key"))

    def _path(self, round_id: str) -> Path:
        return self._folder / f"{quote(round_id, safe='')}.key"


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)

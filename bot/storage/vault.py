"""The vault: everything that could tell who somebody is goes through here before it reaches the database."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import ConfigurationError, StorageError
from bot.domain.message import Address

_SHORTEST_SECRET_CHARS: Final = 16
_FERNET: Final = b"batea vault 1"
_GCM: Final = b"batea vault 2"
_MARK: Final = "2."  # no Fernet token begins like that: those begin with gAAAA
_NONCE_BYTES: Final = 12
_LOOKUPS: Final = 256


class Vault:
    """Encrypts with keys derived from `BATEA_SECRET_KEY`.

    `secret_key` may hold several secrets with commas between them: the first encrypts, all of them decrypt, so that a new
    secret is put in front of the old one until `batea keys rotate` has sealed everything anew. Raises ConfigurationError for none
    or a short one.

    Tokens are AES-256-GCM under random nonces, which one key may have some 2^32 times (NIST SP 800-38D, 8.3): a turn takes two
    or three. Fernet, which the first databases were made with, takes five times as long; its tokens are still opened.
    """

    def __init__(self, secret_key: str) -> None:
        secrets = secrets_in(secret_key)
        self._ciphers = [AESGCM(_derived(secret, _GCM)) for secret in secrets]
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret, _FERNET))) for secret in secrets])

    def seal(self, text: str) -> str:
        """The token that hides a text. It does not tell when it was made: a time would link what must stay apart."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._ciphers[0].encrypt(nonce, text.encode(), None)
        return _MARK + base64.b64encode(sealed).decode()

    def open(self, token: str) -> str:
        """The text in a token. Raises StorageError where no secret fits."""
        return self._opened(token)[0]

    def _opened(self, token: str) -> tuple[str, int]:
        """The text in a token, and which secret it is under: 0 for the first, as tokens are made today."""
        if not token.startswith(_MARK):
            return self._open_fernet(token), len(self._ciphers)
        try:
            sealed = base64.b64decode(token[len(_MARK) :], validate=True)
        except binascii.Error:
            raise _wrong_secret() from None
        for place, cipher in enumerate(self._ciphers):
            try:
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode(), place
            except (InvalidTag, ValueError):
                continue
        raise _wrong_secret()

    def _open_fernet(self, token: str) -> str:
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise _wrong_secret() from None

    def resealed(self, token: str) -> str | None:
        """The same text under the first secret, None where that is what it is under. Raises StorageError where no secret fits."""
        text, place = self._opened(token)
        return self.seal(text) if place else None


class Lookup:
    """Keyed hashes, by which a row is found without its address or vendor id standing in it.

    The key is random, belongs to the database and lies in it sealed by the vault: a new secret re-seals it, and every hash
    stays as it is.
    """

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")
        self.address = lru_cache(_LOOKUPS)(self._address)
        self.identity = lru_cache(_LOOKUPS)(self._identity)

    def of(self, kind: str, *parts: str) -> str:
        """The HMAC-SHA256 of some texts, as 64 hexadecimal digits; hashes of different kinds never meet."""
        hashed = self._keyed.copy()
        hashed.update("\x1f".join((kind, *parts)).encode())
        return hashed.hexdigest()

    def _address(self, address: Address) -> str:
        """The hash of one address on one channel."""
        return self.of("address", address.channel.value, address.value, str(address.simulated))

    def _identity(self, address: Address) -> str:
        """The hash of the person behind an address: the same for SMS, WhatsApp and calls of one number."""
        return self.of("identity", address.identity)


def secrets_in(secret_key: str) -> tuple[str, ...]:
    """The secrets of a setting, the one that encrypts first. Raises ConfigurationError for none or a short one."""
    secrets = tuple(dict.fromkeys(secret.strip() for secret in secret_key.split(",") if secret.strip()))
    if not secrets:
        raise ConfigurationError("BATEA_SECRET_KEY is empty: set it to a long random text, e.g. of `openssl rand -hex 32`")
    if any(len(secret) < _SHORTEST_SECRET_CHARS for secret in secrets):
        raise ConfigurationError(f"BATEA_SECRET_KEY is too short: every secret needs at least {_SHORTEST_SECRET_CHARS} letters")
    return secrets


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


def _wrong_secret() -> StorageError:
    return StorageError("BATEA_SECRET_KEY does not open this database: use the secret it was made with")

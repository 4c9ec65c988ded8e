"""The vault: everything that could tell who somebody is goes through here before it reaches the database."""

from __future__ import annotations

import base64
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import ConfigurationError, StorageError
from bot.domain.message import Address

_SHORTEST_SECRET_CHARS: Final = 16
_PURPOSE: Final = b"batea vault 1"


class Vault:
    """Encrypts with keys derived from `BATEA_SECRET_KEY`.

    `secret_key` may hold several secrets with commas between them: the first encrypts, all of them decrypt, so that a new
    secret is put in front of the old one until everything has been rotated. Raises ConfigurationError for none or a short one.
    """

    def __init__(self, secret_key: str) -> None:
        secrets = [secret.strip() for secret in secret_key.split(",") if secret.strip()]
        if not secrets:
            raise ConfigurationError("BATEA_SECRET_KEY is empty: set it to a long random text, e.g. of `openssl rand -hex 32`")
        if any(len(secret) < _SHORTEST_SECRET_CHARS for secret in secrets):
            raise ConfigurationError(
                f"BATEA_SECRET_KEY is too short: every secret needs at least {_SHORTEST_SECRET_CHARS} letters"
            )
        self._fernet = MultiFernet([_cipher(secret) for secret in secrets])

    def seal(self, text: str) -> str:
        """The token that hides a text. It does not tell when it was made: a time would link what must stay apart."""
        return self._fernet.encrypt_at_time(text.encode(), 0).decode()

    def open(self, token: str) -> str:
        """The text in a token. Raises StorageError where no secret fits."""
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise StorageError("BATEA_SECRET_KEY does not open this database: use the secret it was made with") from None

    def rotate(self, token: str) -> str:
        """The same text under the first secret. Raises StorageError where no secret fits."""
        return self.seal(self.open(token))


class Lookup:
    """Keyed hashes, by which a row is found without its address or vendor id standing in it.

    The key is random, belongs to the database and lies in it sealed by the vault: a new secret re-seals it, and every hash
    stays as it is.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, *parts: str) -> str:
        """The HMAC-SHA256 of some texts, as 64 hexadecimal digits; hashes of different kinds never meet."""
        return hmac.digest(self._key, "\x1f".join((kind, *parts)).encode(), "sha256").hex()

    def address(self, address: Address) -> str:
        """The hash of one address on one channel."""
        return self.of("address", address.channel.value, address.value, str(address.simulated))

    def identity(self, address: Address) -> str:
        """The hash of the person behind an address: the same for SMS, WhatsApp and calls of one number."""
        return self.of("identity", address.identity)


def _cipher(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))

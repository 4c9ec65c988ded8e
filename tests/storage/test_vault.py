"""What the vault seals and opens."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import StorageError
from bot.storage.vault import Vault

OLD, NEW = "the old secret is long enough", "the new secret is long enough"


def fernet_token(secret: str, text: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"batea vault 1").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key)).encrypt(text.encode()).decode()


def test_the_same_text_never_gives_the_same_token() -> None:
    vault = Vault(OLD)
    assert vault.seal("Tarazá") != vault.seal("Tarazá")
    assert vault.open(vault.seal("Tarazá")) == "Tarazá"


def test_tokens_of_the_first_databases_are_still_opened() -> None:
    assert Vault(OLD).open(fernet_token(OLD, "Tarazá")) == "Tarazá"


def test_a_new_secret_in_front_of_the_old_one_opens_and_rotates_its_tokens() -> None:
    both = Vault(f"{NEW},{OLD}")
    for token in (Vault(OLD).seal("Tarazá"), fernet_token(OLD, "Tarazá")):
        assert Vault(NEW).open(both.resealed(token) or "") == "Tarazá"


@pytest.mark.parametrize(
    "token",
    ["", "2.", "2.AAAA", "2.not base64", "gAAAAA", Vault(NEW).seal("x"), fernet_token(NEW, "x")],
    ids=["none", "mark", "short", "no base64", "old and short", "of another secret", "old, of another secret"],
)
def test_what_no_secret_opens_is_an_error_that_says_what_to_do(token: str) -> None:
    with pytest.raises(StorageError, match="BATEA_SECRET_KEY"):
        Vault(OLD).open(token)


def test_a_token_that_was_changed_does_not_open() -> None:
    token = Vault(OLD).seal("Tarazá")
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    with pytest.raises(StorageError):
        Vault(OLD).open(changed)

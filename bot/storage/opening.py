"""Opening the database."""

from __future__ import annotations

import base64
import secrets

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import StorageError
from bot.domain.store import Store
from bot.storage import schema
from bot.storage.database import make_engine, read_url
from bot.storage.group_commit import READERS
from bot.storage.postgresql import WRITERS, PostgresqlStore
from bot.storage.rounds import RoundKeys
from bot.storage.sqlite import SqliteStore
from bot.storage.tables import insert, lookup_key
from bot.storage.vault import Lookup, Vault


def open_store(database_url: str, vault: Vault, round_keys: RoundKeys) -> Store:
    """The store behind an address: `sqlite:///FILE` or `postgresql://...`.

    Raises ConfigurationError for an address of another kind, StorageError where the database cannot be reached, has not been
    upgraded, or was made with another secret.
    """
    url = read_url(database_url)
    found = schema.current(database_url)
    if found != schema.HEAD:
        raise StorageError(
            f"the database is at revision {found or 'none'}, this Batea needs {schema.HEAD}: run `batea db upgrade`"
        )
    engine = make_engine(url, connections=WRITERS + READERS)
    try:
        lookup = _lookup(engine, vault)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StorageError(f"the database cannot be used: {type(error).__name__}") from error
    except BaseException:
        engine.dispose()
        raise
    if engine.dialect.name == "sqlite":
        return SqliteStore(engine, vault, lookup, round_keys)
    return PostgresqlStore(engine, vault, lookup, round_keys, WRITERS)


def _lookup(engine: Engine, vault: Vault) -> Lookup:
    """The lookup key of this database, made by whoever opens it first. Proves on the way that the secret fits."""
    read = select(lookup_key.c.sealed)
    with engine.begin() as connection:
        sealed = connection.execute(read).scalar()
        if sealed is None:
            fresh = vault.seal(base64.b64encode(secrets.token_bytes(32)).decode())
            connection.execute(insert(engine.dialect.name, lookup_key).on_conflict_do_nothing(), {"id": 1, "sealed": fresh})
            sealed = connection.execute(read).scalar_one()
    return Lookup(base64.b64decode(vault.open(sealed)))

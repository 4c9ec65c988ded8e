from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.domain.errors import ConfigurationError, StorageError
from bot.storage import schema
from bot.storage.database import make_engine, read_url
from bot.storage.opening import open_store
from bot.storage.rounds import RoundKeyFiles
from bot.storage.tables import METADATA
from bot.storage.vault import Vault

SECRET = "a secret of the tests and long enough"


def _tables(url: str) -> set[str]:
    engine = make_engine(read_url(url))
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return names


def test_upgrade_makes_exactly_the_tables_of_the_code(empty_database_url: str) -> None:
    schema.upgrade(empty_database_url)
    engine = make_engine(read_url(empty_database_url))
    with engine.connect() as connection:
        left_out = "fk_message_person_id" if connection.dialect.name == "postgresql" else None  # see bot.storage.ownership
        opts = {"compare_type": True, "include_object": lambda _, name, *rest: name != left_out}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, METADATA)
    engine.dispose()
    assert differences == []


def test_upgrade_twice_and_back_to_nothing(empty_database_url: str) -> None:
    assert schema.current(empty_database_url) is None
    schema.upgrade(empty_database_url)
    schema.upgrade(empty_database_url)
    assert schema.current(empty_database_url) == schema.HEAD
    schema.downgrade(empty_database_url, "base")
    assert schema.current(empty_database_url) is None
    assert _tables(empty_database_url) == {"alembic_version"}
    schema.upgrade(empty_database_url)
    assert _tables(empty_database_url) == {"alembic_version", *METADATA.tables}


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(Path(schema.__file__).parent / "migrations")).get_heads() == [schema.HEAD]


def test_unknown_revision_is_a_storage_error(database_url: str) -> None:
    with pytest.raises(StorageError, match="cannot be migrated"):
        schema.downgrade(database_url, "9999")
    assert schema.current(database_url) == schema.HEAD


def test_an_empty_database_is_not_opened(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="batea db upgrade"):
        open_store(empty_database_url, Vault(SECRET), RoundKeyFiles(tmp_path))


def test_another_secret_is_noticed_at_once(database_url: str, tmp_path: Path) -> None:
    open_store(database_url, Vault(SECRET), RoundKeyFiles(tmp_path)).close()
    with pytest.raises(StorageError, match="BATEA_SECRET_KEY"):
        open_store(database_url, Vault("another secret of some length"), RoundKeyFiles(tmp_path))
    open_store(database_url, Vault(f"another secret of some length,{SECRET}"), RoundKeyFiles(tmp_path)).close()


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://localhost/batea"])
def test_an_address_that_cannot_be_a_database_is_a_configuration_error(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="BATEA_DATABASE_URL"):
        open_store(url, Vault(SECRET), RoundKeyFiles(tmp_path))


def test_an_unreachable_server_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be reached"):
        open_store("postgresql://batea@127.0.0.1:1/batea", Vault(SECRET), RoundKeyFiles(tmp_path))


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "batea.db").write_text("a shopping list, and a long one at that" * 200)
    with pytest.raises(StorageError, match="cannot be reached"):
        open_store(f"sqlite:///{tmp_path / 'batea.db'}", Vault(SECRET), RoundKeyFiles(tmp_path))


def test_a_new_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    schema.upgrade(f"sqlite:///{tmp_path / 'new' / 'batea.db'}")
    assert (tmp_path / "new" / "batea.db").stat().st_mode & 0o077 == 0


_OLD_ROWS = """
    INSERT INTO person (id, created_at, language, slow, last_seen_at, state_sealed)
        VALUES ('p1', '2026-11-01 10:00:00', 'es', false, '2026-11-20 10:00:00', 'x');
    INSERT INTO identity (identity_hash, person_id) VALUES ('i1', 'p1');
    INSERT INTO address (address_hash, person_id, channel, simulated, value_sealed) VALUES ('a1', 'p1', 'sms', false, 'x');
    INSERT INTO address (address_hash, channel, simulated, opted_out_at) VALUES ('a2', 'sms', false, '2026-11-02 10:00:00')
"""


def test_everybody_known_before_lines_keeps_her_number_both_ways(empty_database_url: str) -> None:
    schema.upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "0003")
    engine = make_engine(read_url(empty_database_url))
    with engine.begin() as connection:
        for statement in _OLD_ROWS.split(";"):
            connection.exec_driver_sql(statement)
    schema.upgrade(empty_database_url)
    with engine.connect() as connection:
        lines = connection.exec_driver_sql("SELECT id, person_id, shared FROM line").all()
        found = connection.exec_driver_sql("SELECT line_id FROM identity").all()
        addresses = connection.exec_driver_sql("SELECT address_hash, line_id FROM address ORDER BY address_hash").all()
    assert [tuple(row) for row in lines] == [("p1", "p1", False)]
    assert [tuple(row) for row in found] == [("p1",)]
    assert [tuple(row) for row in addresses] == [("a1", "p1"), ("a2", None)]
    schema.downgrade(empty_database_url, "0003")
    with engine.connect() as connection:
        back = connection.exec_driver_sql("SELECT identity_hash, person_id FROM identity").all()
        addresses = connection.exec_driver_sql("SELECT address_hash, person_id FROM address ORDER BY address_hash").all()
    engine.dispose()
    assert [tuple(row) for row in back] == [("i1", "p1")]
    assert [tuple(row) for row in addresses] == [("a1", "p1"), ("a2", None)]

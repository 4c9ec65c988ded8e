"""The shape of the database over time: Alembic's revisions, which the package carries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import StorageError
from bot.storage.database import make_engine, read_url

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0023"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(database_url: str) -> None:
    """Bring a database, new or old, to the newest revision. Raises StorageError."""
    from alembic import command  # noqa: PLC0415 - a serving process never needs it

    _run(database_url, lambda config: command.upgrade(config, "head"))


def downgrade(database_url: str, revision: str) -> None:
    """Take a database back to a revision, `base` for nothing at all. Raises StorageError."""
    from alembic import command  # noqa: PLC0415 - likewise

    _run(database_url, lambda config: command.downgrade(config, revision))


def current(database_url: str) -> str | None:
    """The revision a database is at, None for an empty one. Raises StorageError where it cannot be reached."""
    url = read_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be reached ({type(error).__name__}): check BATEA_DATABASE_URL") from error
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The revision that an open database is at."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(database_url: str, step: Callable[[Config], None]) -> None:
    from alembic.config import Config  # noqa: PLC0415 - likewise
    from alembic.util import CommandError  # noqa: PLC0415 - likewise

    engine = make_engine(read_url(database_url))
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            step(config)
    except CommandError as error:
        raise StorageError(f"the database cannot be migrated: {error}") from error
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be migrated: {type(error).__name__}") from error
    finally:
        engine.dispose()

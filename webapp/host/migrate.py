"""The database's schema follows the code's migrations; a database from a newer version is left alone.

Alembic is imported where it is used: all processes know this module, few of them look at the schema.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from webapp.config import ROOT
from webapp.host.addresses import hidden
from webapp.host.failure import HostError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_FOLDER = ROOT / "migrations"
_LOCK = 7_391_205
"""Of PostgreSQL's advisory locks: one process migrates, others wait."""


def _script(folder: Path) -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory(str(folder))


def newest_revision(folder: Path = _FOLDER) -> str:
    """The revision that the code was written for."""
    return _script(folder).get_current_head() or ""


def is_known(revision: str, folder: Path = _FOLDER) -> bool:
    """Whether the code has the migration ``revision``."""
    return any(step.revision == revision for step in _script(folder).walk_revisions())


def current_revision(connection: Connection) -> str | None:
    """The revision of the database; None for an empty one."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    return MigrationContext.configure(connection).get_current_revision()


def migrate(url: str, folder: Path = _FOLDER) -> None:
    """Bring the database up to the code's schema.

    Raises:
        HostError: it does not answer, or its schema is newer than the code.
    """
    engine = create_engine(url, connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
            connection.commit()
            _refuse_newer(connection, folder)
            _upgrade(connection, folder)
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise HostError(
            f"无法连接数据库 {hidden(url)}：{reason}", "cannot reach the database of DATABASE_URL"
        ) from error
    finally:
        engine.dispose()


def _refuse_newer(connection: Connection, folder: Path) -> None:
    found = current_revision(connection)
    connection.commit()
    if found is not None and not is_known(found, folder):
        raise HostError(
            f"数据库结构（{found}）比本程序新，请使用更新版本的程序",
            f"the database schema ({found}) is newer than this program ({newest_revision(folder)}): update the program",
        )


def _upgrade(connection: Connection, folder: Path) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()

"""One database address, in the three shapes that SQLAlchemy, psycopg and PostgreSQL's own programs want."""

import os

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from webapp.host.failure import HostError

_VARIABLES = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "options": "PGOPTIONS", "host": "PGHOST"}


def sqlalchemy_url(address: str) -> str:
    """``address`` as SQLAlchemy wants it, always through psycopg.

    Raises:
        HostError: it is not the address of a PostgreSQL database.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise HostError(
            "DATABASE_URL 不是 PostgreSQL 数据库地址，应形如 postgresql://用户:口令@主机/数据库",
            "DATABASE_URL is not the address of a PostgreSQL database: postgresql://user:password@host/database",
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(address: str) -> str:
    """``address`` as libpq (psycopg, Procrastinate) wants it."""
    text = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    place, mark, query = text.partition("?")
    return place + mark + query.replace("+", "%20")  # libpq reads a plus sign as itself


def libpq_environment(address: str) -> dict[str, str]:
    """The environment for pg_dump and its like: nothing of it, the password least, shows in a process list."""
    url = make_url(address)
    parts: dict[str, object] = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    parts |= {variable: url.query[name] for name, variable in _VARIABLES.items() if name in url.query}
    return os.environ | {name: str(value) for name, value in parts.items() if value}


def hidden(address: str) -> str:
    """``address`` for people: without its password."""
    return make_url(address).render_as_string(hide_password=True)


def socket_url(folder: str, user: str, database: str) -> str:
    """The address of ``database`` behind the unix socket in ``folder``."""
    return URL.create("postgresql+psycopg", user, database=database, query={"host": folder}).render_as_string()

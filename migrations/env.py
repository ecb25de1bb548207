"""Alembic environment: migrations know the database, never the application."""

from alembic import context
from sqlalchemy import DateTime, create_engine, text
from sqlalchemy.types import TypeDecorator

config = context.config


def run() -> None:
    """Apply migrations on the connection given by the caller, or on ``sqlalchemy.url``."""
    given = config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    engine = create_engine(config.get_main_option("sqlalchemy.url"))
    with engine.connect() as connection:
        _migrate(connection)
        connection.commit()


def _render(kind, item, _autogenerate):
    """Write the plain column type of our own types, so that a migration imports no application code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return "sa.DateTime(timezone=True)" if isinstance(item.impl, DateTime) else False
    return False


def _migrate(connection) -> None:
    connection.execute(text("SET lock_timeout = '10s'"))
    context.configure(
        connection=connection,
        target_metadata=config.attributes.get("metadata"),
        transaction_per_migration=True,
        render_item=_render,
        include_object=lambda _object, name, kind, *_rest: not (kind == "table" and name.startswith("procrastinate_")),
    )
    with context.begin_transaction():
        context.run_migrations()


run()

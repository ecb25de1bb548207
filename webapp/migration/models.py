"""Migrations of running cases to another version, and what became of each case in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

WORKING = ("checking", "running", "undoing")
"""What a worker has something to do for."""


class CaseMigration(Model):
    """A migration (迁移) of chosen cases from one version of a process to another.

    ``checking`` → ``ready`` → ``running`` (⇄ ``suspended``) → ``done`` or ``cancelled``; from there it may be checked
    again for what was left behind, or be taken back (``undoing`` → ``undone``).
    """

    __tablename__ = "case_migrations"
    __table_args__ = (
        CheckConstraint(
            "status in ('checking', 'ready', 'running', 'suspended', 'cancelled', 'done', 'undoing', 'undone')",
            name="status",
        ),
        Index("ix_case_migrations_process", "process", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str]
    from_version_id: Mapped[int] = mapped_column(ForeignKey("process_versions.id"))
    to_version_id: Mapped[int] = mapped_column(ForeignKey("process_versions.id"))
    mapping: Mapped[dict[str, Any]]
    """Element of the old version → element of the new one, for what does not keep its id."""
    selection: Mapped[dict[str, Any]]
    """How the cases were chosen, for people to read."""
    status: Mapped[str] = mapped_column(default="checking")
    reason: Mapped[str | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class MigrationItem(Model):
    """One case of a migration; ``before`` is what taking it back restores."""

    __tablename__ = "case_migration_items"
    __table_args__ = (
        CheckConstraint("verdict in ('unchecked', 'safe', 'mapping', 'impossible')", name="verdict"),
        CheckConstraint("status in ('waiting', 'moved', 'refused', 'kept', 'undone')", name="status"),
        Index("ix_case_migration_items_state", "migration_id", "status", "verdict", "instance_id"),
        Index("ix_case_migration_items_instance", "instance_id", "moved_at", postgresql_where="moved_at IS NOT NULL"),
    )

    migration_id: Mapped[int] = mapped_column(ForeignKey("case_migrations.id", ondelete="CASCADE"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    verdict: Mapped[str] = mapped_column(default="unchecked")
    status: Mapped[str] = mapped_column(default="waiting")
    """``refused``: it could not be moved when its turn came; ``kept``: it was moved and could not be taken back."""
    steps: Mapped[str] = mapped_column(default="")
    """Where it stood when it was examined, in words."""
    findings: Mapped[list[Any]]
    """What was found: kind (``mapping``, ``impossible`` or ``note``), code, element, message."""
    moved_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    version_after: Mapped[int | None] = mapped_column(BigInteger)
    """Of the instance once it was moved; it is the same while nothing has been done since."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

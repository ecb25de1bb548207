"""What the engine's state means to people: instances, what they wait for, what happened, what went wrong.

The engine decides what is next; these tables hold who, when and what was decided.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

MACHINE = "系统"
"""Who did what no person did."""


class Instance(Model):
    """A process instance (办件). ``state`` is the engine's text and belongs to the engine alone."""

    __tablename__ = "instances"
    __table_args__ = (
        CheckConstraint("status in ('running', 'suspended', 'completed', 'withdrawn', 'cancelled')", name="status"),
        CheckConstraint("(status in ('running', 'suspended')) = (ended_at IS NULL)", name="ended"),
        Index("ix_instances_region", "region_path", "id", postgresql_ops={"region_path": "text_pattern_ops"}),
        Index("ix_instances_batch", "batch_id", "id"),
        Index("ix_instances_subject", "subject_id", "id"),
        Index("ix_instances_version", "process_version_id", "ended_at", "id"),
        Index(
            "uq_instances_running",
            "process",
            "subject_id",
            "batch_id",
            "honour_code",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    process_version_id: Mapped[int] = mapped_column(ForeignKey("process_versions.id"))
    process: Mapped[str]
    status: Mapped[str] = mapped_column(default="running")
    outcome: Mapped[str | None]
    outcome_name: Mapped[str | None]
    title: Mapped[str]
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """The unit that the matter is about."""
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    honour_code: Mapped[str | None] = mapped_column(ForeignKey("honours.code"))
    region_path: Mapped[str]
    """Path of the region it belongs to when it was started: whose subtree sees it."""
    state: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    """The engine's main data after the last step, for pages that only read."""
    way: Mapped[dict[str, Any]]
    """Element or flow id → how many times it was passed; bounded by the diagram."""
    waits: Mapped[list[Any]]
    """What it waits for beside people; mirrored row by row in ``waits``."""
    version: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Wait(Model):
    """A timer or message that an instance waits for."""

    __tablename__ = "waits"
    __table_args__ = (
        CheckConstraint("kind in ('timer', 'message')", name="kind"),
        Index("ix_waits_due", "due_at", postgresql_where="kind = 'timer'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), index=True)
    kind: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    due_at: Mapped[datetime | None]


class Message(Model):
    """A message for an instance; kept until the instance wants it."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("status in ('kept', 'delivered', 'void')", name="status"),
        Index("ix_messages_kept", "instance_id", "id", postgresql_where="status = 'kept'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="kept")
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class HistoryEntry(Model):
    """One line of the timeline. ``machine`` acts are the system's and say so."""

    __tablename__ = "history_entries"
    __table_args__ = (Index("ix_history_entries_instance", "instance_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    machine: Mapped[bool] = mapped_column(default=False)
    element: Mapped[str | None]
    task_id: Mapped[UUID | None]
    act: Mapped[str]
    comment: Mapped[str | None]


class Submission(Model):
    """What a person, or the system at the end of its time, answered at a step; one row per task. Never changed."""

    __tablename__ = "submissions"
    __table_args__ = (
        Index("ix_submissions_instance", "instance_id", "id"),
        UniqueConstraint("task_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID]
    element: Mapped[str]
    round: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """``None``: the machine decided."""
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    outcome: Mapped[str | None]
    answers: Mapped[dict[str, Any]]


class Incident(Model):
    """A failure after somebody's decision. ``pending`` is what a retry replays."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("status in ('open', 'resolved')", name="status"),
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="resolved"),
        Index("ix_incidents_open", "instance_id", postgresql_where="status = 'open'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    kind: Mapped[str]
    """``engine`` (state is stored with the failed task), ``replay`` (state of before is kept), ``nobody``."""
    element: Mapped[str | None]
    error_type: Mapped[str]
    message: Mapped[str]
    trace: Mapped[str | None]
    pending: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(default="open")
    at: Mapped[datetime]
    retries: Mapped[int] = mapped_column(default=0)
    next_retry_at: Mapped[datetime | None] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

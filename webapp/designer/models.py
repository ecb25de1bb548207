"""Working copies of process definitions, what people say about their elements, and publications that wait."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class ProcessDraft(Model):
    """The one working copy of a process. ``revision`` counts every change; whoever saves names the one they saw."""

    __tablename__ = "process_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    base_version: Mapped[int | None]
    """The version that it started from; none for a new process."""
    bpmn: Mapped[str]
    forms: Mapped[dict[str, Any]]
    """Form key → form-js document."""
    tables: Mapped[dict[str, Any]]
    """Decision id → DMN text."""
    cases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Key → test case (:mod:`webapp.trials`)."""
    case_results: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    """How they went at the last time: ``revision``, ``at``, ``results``, ``coverage``, ``svg``."""
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who is editing; everybody else only looks until they take over."""
    editing_since: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """The editor's last sign of life."""


class DraftComment(Model):
    """What somebody says about an element of a draft."""

    __tablename__ = "draft_comments"
    __table_args__ = (Index("ix_draft_comments_draft", "draft_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("process_drafts.id", ondelete="CASCADE"))
    element: Mapped[str]
    text: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Publication(Model):
    """What was handed in for publishing: frozen and checked; in force at once, or approved and at its time."""

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'scheduled', 'published', 'refused', 'failed')", name="status"),
        CheckConstraint("(status = 'published') = (version_id IS NOT NULL)", name="published"),
        Index("ix_publications_open", "process", postgresql_where="status in ('waiting', 'scheduled')", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str]
    bpmn: Mapped[str]
    forms: Mapped[dict[str, Any]]
    tables: Mapped[dict[str, Any]]
    cases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str]
    status: Mapped[str]
    requested_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When it takes effect; none: as soon as it may."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    remark: Mapped[str | None]
    """Why it was refused, or why it failed."""
    version_id: Mapped[int | None] = mapped_column(ForeignKey("process_versions.id"))


class DesignSettings(Model):
    """What the office has set; one row."""

    __tablename__ = "design_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    second_person: Mapped[bool]
    """Whether somebody else must approve what is published."""

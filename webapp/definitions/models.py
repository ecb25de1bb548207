"""Published process definitions: immutable versions of a diagram with its forms and decision tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class ProcessVersion(Model):
    """One immutable version; ``digest`` covers diagram, forms and tables together."""

    __tablename__ = "process_versions"
    __table_args__ = (
        UniqueConstraint("process", "version"),
        Index("uq_process_versions_current", "process", unique=True, postgresql_where="is_current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    digest: Mapped[str]
    bpmn: Mapped[str]
    forms: Mapped[dict[str, Any]]
    """Form key → form-js document."""
    tables: Mapped[dict[str, Any]]
    """Decision id → DMN text."""
    cases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Key → test case (:mod:`webapp.trials`); no part of ``digest``: it changes nothing about how the version runs."""
    is_current: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime]

"""Imports made in the browser: the file as uploaded, how far the work is, and its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from webapp.database import Model


class ImportRun(Model):
    """One uploaded file on its way: checked (a dry run), then imported as a whole, or given up.

    The file is removed as soon as it is no longer needed.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("kind in ('units', 'regions', 'users', 'quotas')", name="kind"),
        CheckConstraint("status in ('checking', 'checked', 'importing', 'done', 'failed')", name="status"),
        CheckConstraint("(content IS NULL) = (status in ('done', 'failed'))", name="content"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes | None] = deferred(mapped_column(BYTEA))
    status: Mapped[str] = mapped_column(default="checking")
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB))
    failure: Mapped[str | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

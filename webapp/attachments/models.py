"""Attachments: rows about files whose bytes lie under ``var/attachments`` by digest."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Attachment(Model):
    """One uploaded file. ``instance_id`` is empty until a submission or draft uses it."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_sha256", "sha256"), Index("ix_attachments_instance", "instance_id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"))
    submitted: Mapped[bool] = mapped_column(default=False)
    """Part of a submission: from then on never removed."""

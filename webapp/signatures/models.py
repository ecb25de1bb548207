"""Signatures: at most one per decision; never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Signature(Model):
    """Who signed which decision, with the digests of the picture and of everything that was decided."""

    __tablename__ = "signatures"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"))
    picture_sha256: Mapped[str]
    decision_sha256: Mapped[str]
    at: Mapped[datetime]

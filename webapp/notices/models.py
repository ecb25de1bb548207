"""Documents that decide about many cases together: public notice, decision, report list; and objections."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Document(Model):
    """One notice, decision or report. Cases signed on one day with the same number and text share it."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("batch_id", "office_id", "kind", "number", "issued_on", "digest"),
        CheckConstraint("kind in ('notice', 'decision', 'report')", name="kind"),
        CheckConstraint("(kind = 'notice') = (ends_at IS NOT NULL)", name="ends"),
        Index("ix_documents_public", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    digest: Mapped[str]
    issued_on: Mapped[date]
    ends_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class DocumentCase(Model):
    """A case in a document."""

    __tablename__ = "document_cases"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True, index=True)


class Objection(Model):
    """An objection (异议) from the public. The objector is known to the deciding office alone."""

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("status in ('open', 'dismissed', 'upheld')", name="status"),
        CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), index=True)
    name: Mapped[str]
    contact: Mapped[str]
    text: Mapped[str]
    address: Mapped[str | None]
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="open")
    answer: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

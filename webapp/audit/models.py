"""The audit log: rows that nobody may change, later sealed into one hash chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class AuditEntry(Model):
    """One state change or one refused attempt. UPDATE and DELETE are refused by a trigger."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_instance", "instance_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    """Real time."""
    business_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    on_behalf_of: Mapped[int | None]
    machine: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None]
    act: Mapped[str]
    refused: Mapped[bool] = mapped_column(default=False)
    instance_id: Mapped[int | None]
    subject: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class AuditSeal(Model):
    """The place of one entry in the chain: ``hash`` covers the entry and the hash before it."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    hash: Mapped[str]
    sealed_at: Mapped[datetime]

"""Who stands in for whom, and what was handed over when somebody left."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from webapp.clock import SHANGHAI
from webapp.database import Model


class Deputy(Model):
    """A person names who stands in for them (代理) from–to, for chosen processes or (empty) for all."""

    __tablename__ = "deputies"
    __table_args__ = (
        CheckConstraint("principal_id <> deputy_id", name="another"),
        CheckConstraint("from_at < until_at", name="period"),
        Index("ix_deputies_current", "until_at", postgresql_where="ended_at IS NULL"),
        Index("ix_deputies_principal", "principal_id"),
        Index("ix_deputies_deputy", "deputy_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    processes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    reason: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Ended before its time, or over and cleared away."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    @property
    def last_day(self) -> date:
        """The last day of the period as it was named."""
        return (self.until_at.astimezone(SHANGHAI) - timedelta(seconds=1)).date()


class DeputyRight(Model):
    """Who stands in for whom right now, chains followed to their ends; ``process`` is ``*`` for all."""

    __tablename__ = "deputy_rights"
    __table_args__ = (Index("ix_deputy_rights_deputy", "deputy_id"),)

    principal_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    process: Mapped[str] = mapped_column(primary_key=True)
    until_at: Mapped[datetime]
    """From then on nothing done by this right counts, whether or not anybody has cleared it away."""


class HandOver(Model):
    """Everything of a person was handed over (交接); ``items`` is the list before with what became of each."""

    __tablename__ = "hand_overs"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    items: Mapped[list[Any]]

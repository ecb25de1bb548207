"""Who stands in for whom, and what was handed over when somebody left."""

from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
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
    """Everything of a person who leaves goes to others (交接); ``successors`` names them where not all goes to one."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        CheckConstraint("status in ('running', 'done')", name="status"),
        CheckConstraint("(status = 'done') = (finished_at IS NOT NULL)", name="finished"),
        Index("ix_hand_overs_running", "from_id", unique=True, postgresql_where="status = 'running'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    successors: Mapped[dict[str, int]] = mapped_column(JSONB)
    """Process → its successor, where that is somebody else than ``to_id``."""
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    gives_roles: Mapped[bool]
    """Whether ``to_id`` got the roles as well."""
    disables: Mapped[bool]
    """Whether the account is closed at the end."""
    status: Mapped[str] = mapped_column(default="running")
    finished_at: Mapped[datetime | None]

    def successor_for(self, process: str | None) -> int:
        """Who takes over what belongs to a process."""
        return self.successors.get(process or "", self.to_id)


class HandOverItem(Model):
    """One thing that the person had before, and what became of it."""

    __tablename__ = "hand_over_items"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'handed', 'leader', 'left', 'ended', 'failed')", name="status"),
        UniqueConstraint("hand_over_id", "kind", "subject"),
        Index("ix_hand_over_items_waiting", "hand_over_id", "id", postgresql_where="status = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hand_over_id: Mapped[int] = mapped_column(ForeignKey("hand_overs.id"))
    kind: Mapped[str]
    """``task``, ``request``, ``deputy``, ``superior``, ``filter`` or ``role``."""
    subject: Mapped[str]
    """Number of the thing; for people see ``title``."""
    process: Mapped[str | None]
    title: Mapped[str]
    before: Mapped[str]
    """How the person had it: a code of ``webapp.absence.inventory.HOW``."""
    status: Mapped[str] = mapped_column(default="waiting")
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str | None]
    """Why it did not go to the successor."""

"""The calendar as tables, its settings, and the times in which the clock of a case stood still."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class CalendarYear(Model):
    """A year whose holidays are published."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    published_at: Mapped[datetime]
    """When it was taken into this installation."""
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class CalendarDay(Model):
    """A statutory holiday, or a Saturday or Sunday on which people work (调休)."""

    __tablename__ = "calendar_days"
    __table_args__ = (CheckConstraint("kind in ('holiday', 'working')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]


class CalendarClosure(Model):
    """A day or half day on which the offices of a region, and of all below it, are closed."""

    __tablename__ = "calendar_closures"
    __table_args__ = (
        CheckConstraint("part in ('all', 'am', 'pm')", name="part"),
        UniqueConstraint("region_code", "day", "part"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    day: Mapped[date] = mapped_column(index=True)
    part: Mapped[str]
    reason: Mapped[str]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class DeadlineSettings(Model):
    """The single row of settings; ``version`` grows with every change of calendar or settings."""

    __tablename__ = "deadline_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint(
            "morning_from < morning_until AND morning_until <= afternoon_from AND afternoon_from < afternoon_until",
            name="hours",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    rest_day_end_moves: Mapped[bool]
    before_includes_day: Mapped[bool]
    morning_from: Mapped[time]
    morning_until: Mapped[time]
    afternoon_from: Mapped[time]
    afternoon_until: Mapped[time]


class DeadlineSpan(Model):
    """A time in which the clock of a case, or of one of its tasks, ran or stood still, and why."""

    __tablename__ = "deadline_spans"
    __table_args__ = (
        CheckConstraint("kind in ('running', 'paused')", name="kind"),
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="order"),
        Index("ix_deadline_spans_instance", "instance_id", "id"),
        Index("uq_deadline_spans_open", "instance_id", unique=True, postgresql_where="until_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID | None]
    kind: Mapped[str]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    reason: Mapped[str]

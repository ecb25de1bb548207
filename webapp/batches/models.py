"""A batch (批次): what a city opens so that units can declare."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Batch(Model):
    """The settings under which declarations of one round are made and decided."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", name="window"),
        CheckConstraint("sampling_ratio between 0 and 1", name="ratio"),
        CheckConstraint("notice_days between 1 and 60", name="notice_days"),
        CheckConstraint("status in ('open', 'closed')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    """The city that opened it."""
    document_number: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    term: Mapped[str]
    """The 届 that its awards belong to, as it will be printed."""
    notice_days: Mapped[int]
    """Working days of the public notice."""
    consultation_days: Mapped[int] = mapped_column(default=10)
    pass_mark: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    sampling_ratio: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    draw_seed: Mapped[str]
    before_includes_day: Mapped[bool] = mapped_column(default=True)
    """Whether “X日前” includes X in the dates of this batch and of its cases."""
    phase_ends: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Phase → the day at whose end it is over, where the batch sets one; see :data:`webapp.batches.rules.PHASES`."""
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """The office that acts where a conflict of interest leaves nobody."""
    allotment_id: Mapped[int | None] = mapped_column(ForeignKey("quota_plans.id", use_alter=True))
    """The plan of the office above that the batch stays within, beside its own."""
    status: Mapped[str] = mapped_column(default="open")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class BatchHonour(Model):
    """An honour that may be declared for in a batch."""

    __tablename__ = "batch_honours"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    honour_code: Mapped[str] = mapped_column(ForeignKey("honours.code"), primary_key=True)


class BatchDepartment(Model):
    """A department that is consulted on every case of a batch."""

    __tablename__ = "batch_departments"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)


class BatchIndicator(Model):
    """One indicator of the assessment with its full score."""

    __tablename__ = "batch_indicators"
    __table_args__ = (CheckConstraint("max_score > 0", name="max_score"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    max_score: Mapped[Decimal] = mapped_column(Numeric(6, 2))

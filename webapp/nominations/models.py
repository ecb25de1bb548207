"""A call of a city, the list of each county that it asks, and the nominees 培育对象 on these lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

LIVE = ("submitted", "waitlisted", "approved")
"""The states of a nominee who stands on a list."""


class NominationCall(Model):
    """What a city asks of its counties: whom, how many each, by when, and by which document."""

    __tablename__ = "nomination_calls"
    __table_args__ = (
        CheckConstraint("minimum between 0 and maximum", name="numbers"),
        CheckConstraint("status in ('open', 'closed', 'approved', 'reported', 'cancelled')", name="status"),
        CheckConstraint("(status = 'reported') <= (reported_at IS NOT NULL)", name="reported"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"), unique=True)
    title: Mapped[str]
    document_number: Mapped[str]
    paragraph: Mapped[str]
    """Where in the document the rule stands; every refusal cites both."""
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    """The city that opened it."""
    minimum: Mapped[int]
    maximum: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    honour_codes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    due_on: Mapped[date]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("quota_plans.id"))
    """The plan that its nominees count against."""
    status: Mapped[str] = mapped_column(default="open")
    report_number: Mapped[str | None]
    """The 发文字号 of the list to the province."""
    reported_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class NominationList(Model):
    """What one county owes to a call, and how it stands."""

    __tablename__ = "nomination_lists"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'submitted', 'returned', 'accepted', 'missing')", name="status"),
        CheckConstraint("late_days >= 0", name="late_days"),
    )

    call_id: Mapped[int] = mapped_column(ForeignKey("nomination_calls.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    status: Mapped[str] = mapped_column(default="waiting")
    submitted_at: Mapped[datetime | None]
    """The first submission; corrections do not make a list late."""
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    late_days: Mapped[int] = mapped_column(default=0)
    explanation: Mapped[str | None]
    """Why there are fewer than the call asks for."""


class Nominee(Model):
    """A unit that a county nominates in a call; ``status`` ``approved`` makes it ready for pairing."""

    __tablename__ = "nominees"
    __table_args__ = (
        CheckConstraint(
            "status in ('submitted', 'waitlisted', 'approved', 'rejected', 'withdrawn')",
            name="status",
        ),
        CheckConstraint("(status in ('approved', 'rejected')) = (decided_at IS NOT NULL)", name="decided"),
        Index(
            "uq_nominees_live",
            "call_id",
            "organisation_id",
            unique=True,
            postgresql_where="status IN ('submitted', 'waitlisted', 'approved')",
        ),
        Index("ix_nominees_list", "call_id", "county_code"),
        Index("ix_nominees_approved", "county_code", "id", postgresql_where="status = 'approved'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("nomination_calls.id"))
    county_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    honour_code: Mapped[str] = mapped_column(ForeignKey("honours.code"))
    """What it is to be brought up to."""
    kind: Mapped[str]
    """A key of ``webapp.nominations.rules.KINDS``."""
    position: Mapped[int]
    """Its place on the county's list."""
    rank: Mapped[int | None]
    """Its place on the city's list."""
    status: Mapped[str] = mapped_column(default="submitted")
    flags: Mapped[list[Any]]
    """What the city should look at: ``{code, message}``."""
    facts: Mapped[dict[str, Any]]
    """What the county wrote about it: sector, staff, contact, reason."""
    submitted_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

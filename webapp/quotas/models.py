"""A plan with its places by honour, region and line; who holds a place; transfers between regions."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class QuotaPlan(Model):
    """What an office allots for a period: a target 指标 (watched) or a cap 名额 (kept).

    ``printed`` holds the totals that the document prints; where they differ from the sums, the plan counts for
    nothing until a person has acknowledged the difference. Nothing is corrected.
    """

    __tablename__ = "quota_plans"
    __table_args__ = (
        CheckConstraint("kind in ('target', 'cap')", name="kind"),
        CheckConstraint("over_cap in ('block', 'waitlist')", name="over_cap"),
        CheckConstraint("administrative_percent between 0 and 100", name="administrative_percent"),
        CheckConstraint("grassroots_percent between 0 and 100", name="grassroots_percent"),
        CheckConstraint("(acknowledged_by IS NULL) = (acknowledged_at IS NULL)", name="acknowledged"),
        Index(
            "uq_quota_plans_printed",
            "region_code",
            "kind",
            "period",
            "title",
            unique=True,
            postgresql_where="batch_id IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    period: Mapped[str]
    """As printed, e.g. 2021—2023年度."""
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    """The office's region that allots."""
    over_cap: Mapped[str] = mapped_column(default="waitlist")
    """What becomes of a case beyond the cap: refused, or 候补."""
    administrative_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    """At most so much of a region's places goes to administrative bodies (S4 豫文明办〔2021〕5号 二（五）)."""
    grassroots_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    """At least so much of a region's places is kept for the grassroots (the same paragraph)."""
    document_number: Mapped[str | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"), unique=True)
    """The batch that the plan belongs to."""
    printed: Mapped[dict[str, Any]]
    """Honour → total as printed."""
    differs: Mapped[bool] = mapped_column(default=False)
    """Whether a printed total is not the sum."""
    source: Mapped[str | None]
    """The file that it was read from."""
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_at: Mapped[datetime | None]
    acknowledgement: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]

    @property
    def is_in_force(self) -> bool:
        """Whether the plan counts: its printed totals agree, or somebody has acknowledged that they do not."""
        return not self.differs or self.acknowledged_at is not None


class Quota(Model):
    """Places for one honour, in one region or (``region_code`` empty) in the whole plan, of one line or of all.

    ``reserved`` and ``used`` are moved by single UPDATE statements, so that two cases can never take the same
    last place.
    """

    __tablename__ = "quotas"
    __table_args__ = (
        Index(
            "uq_quotas",
            "plan_id",
            "honour_code",
            "region_code",
            "line",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "planned >= 0 and reserved >= 0 and used >= 0 and (not is_cap or reserved + used <= planned)",
            name="never_oversold",
        ),
        CheckConstraint("line in ('', 'non_public', 'community', 'administrative', 'above_grassroots')", name="line"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("quota_plans.id"))
    honour_code: Mapped[str] = mapped_column(ForeignKey("honours.code"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    line: Mapped[str] = mapped_column(default="")
    is_cap: Mapped[bool] = mapped_column(default=True)
    """The kind of the plan, beside the numbers so that the database itself refuses to oversell."""
    planned: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0)
    used: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """The place of its row in the printed table."""
    printed_name: Mapped[str | None]
    """The region as the table prints it."""


class QuotaClaim(Model):
    """The place that a case holds for a unit: reserved, used, or released."""

    __tablename__ = "quota_claims"
    __table_args__ = (CheckConstraint("status in ('reserved', 'used', 'released')", name="status"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    quota_id: Mapped[int] = mapped_column(ForeignKey("quotas.id"), primary_key=True, index=True)
    status: Mapped[str]


class QuotaTransfer(Model):
    """Places moved from one region to another: asked for, then approved or refused by the province."""

    __tablename__ = "quota_transfers"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("from_id <> to_id", name="distinct"),
        CheckConstraint("status in ('proposed', 'approved', 'refused')", name="status"),
        CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("quota_plans.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("quotas.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("quotas.id"))
    number: Mapped[int]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(default="proposed")
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

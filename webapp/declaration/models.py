"""What the declaration process records beside answers: the reserved place and the draw."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class QuotaClaim(Model):
    """The place that a case holds: reserved, used by an award, or released."""

    __tablename__ = "quota_claims"
    __table_args__ = (CheckConstraint("status in ('reserved', 'used', 'released')", name="status"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    quota_id: Mapped[int] = mapped_column(ForeignKey("batch_quotas.id"), primary_key=True)
    status: Mapped[str]


class Draw(Model):
    """The recorded spot-check draw of a case: drawn when ``value < ratio``. Never repeated."""

    __tablename__ = "draws"

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    seed: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric(12, 10))
    ratio: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    drawn: Mapped[bool]
    at: Mapped[datetime]

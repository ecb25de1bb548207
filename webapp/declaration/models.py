"""What the declaration process records beside answers: the draw."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Draw(Model):
    """The recorded spot-check draw of a case: drawn when ``value < ratio``. Never repeated."""

    __tablename__ = "draws"

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    seed: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric(12, 10))
    ratio: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    drawn: Mapped[bool]
    at: Mapped[datetime]

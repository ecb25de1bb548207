"""One row per (job, scheduled time): what makes any number of schedulers do each thing once."""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Tick(Model):
    """A periodic job was due at ``scheduled_at``; ``job_id`` is null when one was waiting already."""

    __tablename__ = "ticks"
    __table_args__ = (UniqueConstraint("job", "scheduled_at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    job: Mapped[str]
    scheduled_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    job_id: Mapped[int | None] = mapped_column(BigInteger)

"""The calendar feed of a person, and how often it was read lately."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class CalendarFeed(Model):
    """The one feed of a person; its address is signed over ``nonce``, so the table holds no secret."""

    __tablename__ = "calendar_feeds"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    nonce: Mapped[str]
    created_at: Mapped[datetime]
    hour: Mapped[datetime | None]
    """The hour of real time in which ``reads`` are counted."""
    reads: Mapped[int] = mapped_column(default=0)

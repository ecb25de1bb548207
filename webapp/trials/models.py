"""Dry runs: what a designer did so far at a process, and how it looks; one for each designer and process."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Trial(Model):
    """A dry run. It is replayed from ``steps`` each time, so the draft may change meanwhile."""

    __tablename__ = "trials"
    __table_args__ = (UniqueConstraint("user_id", "process"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    process: Mapped[str]
    version: Mapped[int | None]
    """The version that is tried; none: the draft as it is now."""
    begins_at: Mapped[datetime]
    steps: Mapped[list[Any]]
    seen: Mapped[dict[str, Any]]
    """The last look: records of the steps and where it stands, as :mod:`webapp.trials.requests` gave them."""
    seen_revision: Mapped[int | None]
    """The revision of the draft that ``seen`` came from."""
    case_key: Mapped[str | None]
    """The test case that it was opened from."""
    touched_at: Mapped[datetime]

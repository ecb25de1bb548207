"""What people keep about their lists: filters under a name, and how they like to work."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class SavedFilter(Model):
    """A list under a name; everybody of an office sees what is shared with it, only its owner changes it."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The office that it is shared with; nobody where it is private."""
    state: Mapped[dict[str, Any]]
    """The arguments of the list's address."""
    created_at: Mapped[datetime]


class InboxHabit(Model):
    """How a person likes to work; whoever has no row works as usual."""

    __tablename__ = "inbox_habits"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    opens_next: Mapped[bool] = mapped_column(default=True)
    """Whether the next task opens after a decision."""
    uses_keys: Mapped[bool] = mapped_column(default=True)
    """Whether single keys act (WCAG 2.2, 2.1.4: they can be switched off)."""
    start_filter_id: Mapped[int | None] = mapped_column(ForeignKey("saved_filters.id", ondelete="SET NULL"))
    """The list that opens first."""

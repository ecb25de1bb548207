"""Figures of a version, computed over all its cases from time to time: one row each, read as it stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class HeatSummary(Model):
    """How often the elements and flows of a version were passed, by how many cases, and how long its steps took."""

    __tablename__ = "heat_summaries"

    version_id: Mapped[int] = mapped_column(ForeignKey("process_versions.id"), primary_key=True)
    computed_at: Mapped[datetime]
    """Real time."""
    milliseconds: Mapped[int]
    """How long computing took: what takes long is computed less often."""
    cases: Mapped[int]
    running: Mapped[int]
    ways: Mapped[dict[str, Any]]
    """Element or flow → times passed and cases."""
    steps: Mapped[dict[str, Any]]
    """Step of people → done, open, and the seconds from opening to deciding: mean, half, nine of ten, longest open."""

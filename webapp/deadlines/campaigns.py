"""The dates of a batch that deadlines refer to; read by themselves, or by the statement that reads a case anyway."""

from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from webapp.deadlines.rules import Campaign
from webapp.statements import Statement

CAMPAIGN: Final = "b.before_includes_day, b.closes_on, b.phase_ends"
"""Columns of ``batches b`` for :func:`campaign_of`."""
_BATCH = Statement(f"SELECT {CAMPAIGN} FROM batches b WHERE b.id = :batch")  # noqa: S608 (only constants)


def find_campaign(session: Session, batch_id: int | None) -> Campaign | None:
    """The dates of a batch, and how it reads “X日前”."""
    if batch_id is None:
        return None
    (batch,) = _BATCH.execute(session, {"batch": batch_id})
    return campaign_of(batch)


def campaign_of(row: Any) -> Campaign:
    """The same from a row that has the columns."""
    ends = {phase: date.fromisoformat(text) for phase, text in row.phase_ends.items()}
    return Campaign(row.before_includes_day, {"declaration": row.closes_on} | ends)

"""What the steps of a case say by mail at once: to whoever has to correct, and to the administrators."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.mail.operations import enqueue_for_administrators, enqueue_for_candidates

_LONGEST_COMMENT = 500
_SAME_INCIDENT = timedelta(hours=1)


def tell_returned(
    session: Session,
    instance_id: int,
    task_ids: Sequence[UUID],
    *,
    by: str | None,
    step: str,
    comment: str | None,
    reasons: int,
) -> None:
    """Tell those who may do the tasks that a return has opened; one statement.

    Args:
        reasons: how many places need correction.
    """
    facts = {"by": by, "step": step, "comment": (comment or "")[:_LONGEST_COMMENT], "reasons": reasons}
    enqueue_for_candidates(session, "returned", task_ids, facts, instance_id=instance_id)


def tell_incident(
    session: Session, instance_id: int, *, incident: int, kind: str, element: str | None, message: str
) -> None:
    """Tell the administrators of a failure; of many like it within an hour only the first."""
    facts = {"incident": incident, "message": message[:_LONGEST_COMMENT]}
    topic = f"incident:{kind}:{element or ''}"
    enqueue_for_administrators(
        session, "incident", facts, instance_id=instance_id, topic=topic, again_after=_SAME_INCIDENT
    )

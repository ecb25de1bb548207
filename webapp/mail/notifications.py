"""What other areas tell people: that something came back, that somebody waits, that something failed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.mail.operations import Recipients, enqueue

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
    enqueue(session, "returned", Recipients(tasks=task_ids), facts, instance_id=instance_id)


def tell_nudged(session: Session, task_ids: Sequence[UUID], *, by: str, words: str = "") -> list[int]:
    """Ask whoever has the tasks to hurry: in the bell at once, by mail with the next digest; one statement.

    Args:
        by: who asks, e.g. "某市文明办 王某".
        words: what they say.

    Returns:
        The numbers of the messages; none where nobody can do the tasks any more.
    """
    return enqueue(session, "nudge", Recipients(tasks=task_ids), {"by": by, "words": words[:_LONGEST_COMMENT]})


def tell_incident(
    session: Session, instance_id: int, *, incident: int, kind: str, element: str | None, message: str
) -> None:
    """Tell the administrators of a failure; of many like it within an hour only the first."""
    facts = {"incident": incident, "message": message[:_LONGEST_COMMENT]}
    topic = f"incident:{kind}:{element or ''}"
    to = Recipients(administrators=True)
    enqueue(session, "incident", to, facts, instance_id=instance_id, topic=topic, again_after=_SAME_INCIDENT)

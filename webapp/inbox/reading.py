"""Who has seen which task."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.tasks.models import TaskCandidate


def note_opened(session: Session, actor: Actor, now: datetime, task_id: UUID) -> None:
    """Note that a person has opened a task of theirs; the first time counts."""
    session.execute(
        update(TaskCandidate)
        .where(
            TaskCandidate.task_id == task_id, TaskCandidate.user_id == actor.user_id, TaskCandidate.read_at.is_(None)
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )

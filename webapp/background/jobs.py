"""Housekeeping of the queue itself: finished jobs and old ticks go."""

from sqlalchemy import text

from webapp.background.registry import periodic
from webapp.database import transaction

_FINISHED = text(
    "DELETE FROM procrastinate_jobs j WHERE j.status IN ('succeeded', 'cancelled', 'aborted', 'failed') AND NOT EXISTS "
    "(SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id "
    "AND e.at > now() - CASE WHEN j.status = 'failed' THEN interval '30 days' ELSE interval '1 day' END)"
)
_TICKS = text("DELETE FROM ticks WHERE created_at < now() - interval '30 days'")


@periodic("background.housekeeping", cron="20 4 * * *")
def forget_finished_work() -> None:
    """Delete done jobs after a day, failed ones and ticks after thirty: an administrator may still ask."""
    with transaction() as session:
        session.execute(_FINISHED)
        session.execute(_TICKS)

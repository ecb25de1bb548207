"""What keeps background work alive: signs of life, and taking over the jobs of workers that died."""

from sqlalchemy import text
from sqlalchemy.orm import Session

STALLED_SECONDS = 20
_MOST_ATTEMPTS = 5
_ORPHANS = text(
    "SELECT j.id, j.attempts FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
    "WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :seconds)) "
    "FOR UPDATE OF j SKIP LOCKED"
)
_AGAIN = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")
_GIVE_UP = text("SELECT procrastinate_finish_job_v1(:id, 'failed', false)")
_FORGET_WORKERS = text("SELECT procrastinate_prune_stalled_workers_v1(:seconds)")


def take_over(session: Session, *, seconds: float = STALLED_SECONDS) -> int:
    """Queue the jobs of workers silent for ``seconds`` again; return how many. One that kills workers is given up."""
    orphans = session.execute(_ORPHANS, {"seconds": seconds}).all()
    for number, attempts in orphans:
        session.execute(_AGAIN if attempts < _MOST_ATTEMPTS else _GIVE_UP, {"id": number})
    session.execute(_FORGET_WORKERS, {"seconds": seconds})
    return len(orphans)

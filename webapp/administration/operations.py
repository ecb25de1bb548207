"""What an administrator does by hand to background work; each act is recorded."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.administration.queries import find_job
from webapp.audit.operations import record
from webapp.problems import Conflict, NotFound

_AGAIN = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")


def retry_job(session: Session, actor: Actor, job_id: int) -> None:
    """Queue a failed background job again.

    Raises:
        NotFound: there is no such job (any more).
        Conflict: it has not failed.
    """
    job = find_job(session, job_id)
    if job is None:
        raise NotFound("没有这个后台任务，可能已按保留期限清理。")
    if job.status != "failed":
        raise Conflict("这个后台任务没有失败，不需要重试。请刷新列表。")
    session.execute(_AGAIN, {"id": job_id})
    record(
        session, actor, "job.retry", subject=f"job:{job_id}", before={"job": job.task_name, "attempts": job.attempts}
    )

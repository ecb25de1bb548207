"""Read incidents, process versions and background jobs for those who keep the installation: all of it, no region."""

from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.definitions.models import ProcessVersion
from webapp.instances.models import Incident, Instance
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound

KINDS = {
    "engine": "环节执行失败",
    "replay": "后续步骤无法进入",
    "nobody": "无人可办",
    "deadline": "期限无法计算",
    "overdue": "到期处理没有完成",
}
JOB_STATUSES = {"todo": "排队", "doing": "执行中", "failed": "失败", "succeeded": "完成"}


def list_incidents(session: Session, filters: dict[str, str], page: int, per_page: int) -> Page:
    """One page of incidents: open ones oldest first, resolved ones newest first.

    Args:
        filters: ``status``, ``kind``, ``number`` (of the instance); each optional.
    """
    status = "resolved" if filters.get("status") == "resolved" else "open"
    query = _incidents().where(Incident.status == status)
    if filters.get("kind") in KINDS:
        query = query.where(Incident.kind == filters["kind"])
    if number := filters.get("number", "").strip():
        query = query.where(Instance.number == number)
    order = Incident.id if status == "open" else Incident.resolved_at.desc()
    return fetch_page(session, query.order_by(order, Incident.id), page, per_page)


def get_incident(session: Session, incident_id: int) -> Any:
    """An incident with its instance, process version and who resolved it.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(_incidents().where(Incident.id == incident_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _incidents() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(Incident, Instance, ProcessVersion.name.label("process_name"), User.name.label("resolver"))
        .join(Instance, Instance.id == Incident.instance_id)
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .outerjoin(User, User.id == Incident.resolved_by)
    )
    return query


def list_versions(session: Session) -> list[Any]:
    """Every version of every process, newest first, with who published it and how many instances run on it."""
    running = (
        select(Instance.process_version_id.label("id"), func.count().label("running"))
        .where(Instance.ended_at.is_(None))
        .group_by(Instance.process_version_id)
        .subquery()
    )
    query = (
        select(
            ProcessVersion.id,
            ProcessVersion.process,
            ProcessVersion.version,
            ProcessVersion.name,
            ProcessVersion.digest,
            ProcessVersion.is_current,
            ProcessVersion.reason,
            ProcessVersion.published_at,
            User.name.label("publisher"),
            func.coalesce(running.c.running, 0).label("running"),
        )
        .outerjoin(User, User.id == ProcessVersion.published_by)
        .outerjoin(running, running.c.id == ProcessVersion.id)
        .order_by(ProcessVersion.process, ProcessVersion.version.desc())
    )
    return list(session.execute(query))


_JOBS = """
    SELECT j.id, j.task_name, j.status::text AS status, j.args, j.attempts, j.scheduled_at,
        (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) AS at
    FROM procrastinate_jobs j
"""
_JOB_PAGE = text(
    _JOBS
    + """
    WHERE (CAST(:status AS text) IS NULL OR j.status::text = :status)
      AND (CAST(:job AS text) IS NULL OR j.task_name = :job)
      AND (CAST(:before AS bigint) IS NULL OR j.id < :before)
    ORDER BY j.id DESC LIMIT :most
"""
)
_JOB = text(_JOBS + " WHERE j.id = :id FOR UPDATE")
_JOB_NAMES = text("SELECT DISTINCT task_name FROM procrastinate_jobs ORDER BY task_name")


def list_jobs(session: Session, status: str | None, job: str | None, before: int | None, most: int) -> list[Any]:
    """Background jobs, newest first, with the instant of their last event.

    Args:
        before: only jobs with smaller numbers, for the next page.
    """
    given = {"status": status, "job": job, "before": before, "most": most}
    return list(session.execute(_JOB_PAGE, given))


def find_job(session: Session, job_id: int) -> Any:
    """A job, locked, or ``None``."""
    return session.execute(_JOB, {"id": job_id}).one_or_none()


def list_job_names(session: Session) -> list[str]:
    """The names of the jobs that the queue holds."""
    return list(session.scalars(_JOB_NAMES))

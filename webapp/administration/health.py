"""How the installation is: what is alive, what waits, what failed. Counts stop where they stop to matter."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.orm import Session

from webapp import clock
from webapp.audit.models import AuditEntry, AuditSeal
from webapp.host.heartbeats import BACKGROUND, STALE_SECONDS, list_ages
from webapp.host.models import Backup
from webapp.instances.models import Incident, Instance, Wait
from webapp.mail.models import MailMessage

CAP = 1000
_BACKUP_AGE = timedelta(days=2)
_LATE_TIMER = timedelta(minutes=1)
_LATE_MAIL = timedelta(minutes=10)
_LATE_SEAL = timedelta(minutes=2)
_FAILED = text("""
    SELECT count(*) FROM (
        SELECT FROM procrastinate_jobs j WHERE j.status = 'failed' AND EXISTS (
            SELECT FROM procrastinate_events e
            WHERE e.job_id = j.id AND e.type = 'failed' AND e.at > now() - interval '2 days'
        ) LIMIT :cap
    ) failed
""")


@dataclass(frozen=True)
class Health:
    """The state of the installation at one moment."""

    ages: dict[str, float]
    """Seconds since the last sign of life by process."""
    backup: Backup | None
    incidents: int
    outbox: int
    late_mails: int
    failed_mails: int
    late_timers: int
    failed_jobs: int
    unsealed: int
    is_old_backup: bool

    @property
    def silent(self) -> list[str]:
        """The background processes that give no sign of life."""
        return [name for name in BACKGROUND if self.ages.get(name, float("inf")) >= STALE_SECONDS]

    @property
    def is_well(self) -> bool:
        late = self.late_timers or self.late_mails or self.failed_mails or self.failed_jobs or self.unsealed
        return not (self.silent or self.is_old_backup or self.incidents or late)


def examine(session: Session, now: datetime) -> Health:
    """Look at everything; ``now`` is business time."""
    backup = session.scalars(select(Backup).order_by(Backup.taken_at.desc()).limit(1)).one_or_none()
    unsent = select(MailMessage.id).where(MailMessage.status.in_(("queued", "sending")))
    late = select(Wait.id).join(Instance, Instance.id == Wait.instance_id).where(Instance.status == "running")
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    newest = select(func.coalesce(func.max(AuditSeal.entry_id), 0)).scalar_subquery()
    unsealed = select(AuditEntry.id).where(
        AuditEntry.id > newest - CAP, AuditEntry.at < clock.real_now() - _LATE_SEAL, ~sealed
    )
    return Health(
        ages=list_ages(session),
        backup=backup,
        incidents=capped(session, select(Incident.id).where(Incident.status == "open")),
        outbox=capped(session, unsent),
        late_mails=capped(session, unsent.where(MailMessage.due_at < clock.real_now() - _LATE_MAIL)),
        failed_mails=capped(session, select(MailMessage.id).where(MailMessage.status == "failed")),
        late_timers=capped(session, late.where(Wait.kind == "timer", Wait.due_at < now - _LATE_TIMER)),
        failed_jobs=session.execute(_FAILED, {"cap": CAP}).scalar_one(),
        unsealed=capped(session, unsealed),
        is_old_backup=backup is None or clock.real_now() - backup.taken_at > _BACKUP_AGE,
    )


def capped(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    """How many rows a query has, counted up to :data:`CAP`."""
    return session.scalar(select(func.count()).select_from(query.limit(CAP).subquery())) or 0

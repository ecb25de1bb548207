"""Read the audit log: newest first, from one entry to the next page without counting."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import User
from webapp.audit.models import AuditEntry, AuditSeal
from webapp.clock import SHANGHAI
from webapp.instances.models import Instance
from webapp.registry.models import Organisation

_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True)
class AuditFilter:
    """What a reader looks for; days are those of real time in Shanghai, both included."""

    actor: str = ""
    act: str = ""
    number: str = ""
    first: date | None = None
    last: date | None = None
    refused: bool = False


def list_entries(session: Session, wanted: AuditFilter, before: int | None, most: int) -> list[Any]:
    """Entries, newest first.

    Args:
        before: only entries with smaller numbers, for the next page.
    """
    query = _matching(wanted)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(session.execute(query.order_by(AuditEntry.id.desc()).limit(most)))


_Absent = aliased(User)


def _matching(wanted: AuditFilter) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            AuditEntry,
            User.username,
            User.name,
            _Absent.name.label("on_behalf_of"),
            Organisation.name.label("organisation"),
            Instance.number,
            AuditSeal.position,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(_Absent, _Absent.id == AuditEntry.on_behalf_of)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Instance, Instance.id == AuditEntry.instance_id)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    )
    if wanted.actor:
        actor = select(User.id).where(User.username == wanted.actor.lower()).scalar_subquery()
        query = query.where(AuditEntry.actor_id == actor)
    if wanted.act:
        query = query.where(AuditEntry.act.like(f"{wanted.act.translate(_LIKE)}%"))
    if wanted.number:
        instance = select(Instance.id).where(Instance.number == wanted.number).scalar_subquery()
        query = query.where(AuditEntry.instance_id == instance)
    if wanted.first:
        query = query.where(AuditEntry.at >= _midnight(wanted.first))
    if wanted.last:
        query = query.where(AuditEntry.at < _midnight(wanted.last) + timedelta(days=1))
    if wanted.refused:
        query = query.where(AuditEntry.refused)
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def subject_names(session: Session, entries: list[AuditEntry]) -> dict[str, str]:
    """Subject → username, for the entries that are about an account."""
    subjects = {entry.subject for entry in entries if entry.subject and entry.subject.startswith("user:")}
    numbers = {subject: subject.removeprefix("user:") for subject in subjects}
    wanted = {subject: int(number) for subject, number in numbers.items() if number.isdecimal()}
    if not wanted:
        return {}
    users = select(User.id, User.name, User.username).where(User.id.in_(wanted.values()))
    known = {row.id: f"{row.name}（{row.username}）" for row in session.execute(users)}
    return {subject: known[id_] for subject, id_ in wanted.items() if id_ in known}


def sealing_state(session: Session) -> tuple[int, datetime | None]:
    """How long the chain is, and when it last grew."""
    query = select(AuditSeal.position, AuditSeal.sealed_at).order_by(AuditSeal.position.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return (0, None) if row is None else (row.position, row.sealed_at)


def list_acts(session: Session) -> list[str]:
    """The acts that the log knows, for the filter's suggestions; from its newest entries."""
    newest = select(AuditEntry.act).order_by(AuditEntry.id.desc()).limit(5000).subquery()
    return list(session.scalars(select(newest.c.act).distinct().order_by(newest.c.act)))

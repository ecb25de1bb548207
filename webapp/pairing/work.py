"""What one pair has done as far as a person may read it, and the handbook that tells pairs how to work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.instances.models import Instance
from webapp.pairing.models import (
    Evaluation,
    Handbook,
    Log,
    Milestone,
    Pairing,
    Recognition,
    Reminder,
    Signature,
    Visit,
)
from webapp.pairing.rules import missing_months
from webapp.registry.models import Region


@dataclass(frozen=True)
class Work:
    """What one pair has done, ready to be shown."""

    signatures: Mapping[str, Any]
    milestones: Sequence[Milestone]
    logs: Sequence[Any]
    missing: Sequence[date]
    visits: Sequence[Any]
    evaluations: Sequence[Any]
    recognitions: Sequence[Recognition]
    reminders: Sequence[Reminder]
    instance: Any


_MOST_LOGS = 60


def read_work(session: Session, actor: Actor, pairing: Pairing, today: date) -> Work:
    """Everything about one pair that the actor may read; units see announced visits, and no findings."""
    signatures = session.execute(
        select(Signature, User.name).join(User, User.id == Signature.signed_by).where(_of(Signature, pairing))
    )
    logs = session.execute(
        select(Log, User.name.label("by"))
        .outerjoin(User, User.id == Log.written_by)
        .where(_of(Log, pairing))
        .order_by(Log.month.desc(), Log.id.desc())
        .limit(_MOST_LOGS)
    ).all()
    visits = (
        select(Visit, User.name.label("by")).outerjoin(User, User.id == Visit.visited_by).where(_of(Visit, pairing))
    )
    if not actor.is_office:
        visits = visits.where(Visit.is_announced)
    evaluations = (
        select(Evaluation, User.name.label("by"))
        .join(User, User.id == Evaluation.evaluated_by)
        .where(_of(Evaluation, pairing))
        .order_by(Evaluation.id)
    )
    milestones = select(Milestone).where(_of(Milestone, pairing)).order_by(Milestone.year, Milestone.position)
    recognitions = select(Recognition).where(_of(Recognition, pairing)).order_by(Recognition.id)
    return Work(
        signatures={row.Signature.side: row for row in signatures},
        milestones=list(session.scalars(milestones)),
        logs=logs,
        missing=_missing(session, pairing, today),
        visits=list(session.execute(visits.order_by(Visit.id.desc()))),
        evaluations=list(session.execute(evaluations)),
        recognitions=list(session.scalars(recognitions)) if actor.is_office else [],
        reminders=list(session.scalars(select(Reminder).where(_of(Reminder, pairing)).order_by(Reminder.told_at))),
        instance=session.execute(
            select(Instance.id, Instance.number, Instance.status).where(Instance.id == pairing.instance_id)
        ).one_or_none(),
    )


def _of(model: Any, pairing: Pairing) -> ColumnElement[bool]:
    return model.pairing_id == pairing.id  # type: ignore[no-any-return]


def _missing(session: Session, pairing: Pairing, today: date) -> list[date]:
    """Months that are over without anything said by a person."""
    if pairing.active_since is None:
        return []
    said = (_of(Log, pairing), Log.is_closing, Log.written_by.is_not(None))
    closed = frozenset(session.scalars(select(Log.month).where(*said)))
    until = min(today, pairing.ended_at.date()) if pairing.ended_at else today
    return missing_months(pairing.active_since, closed, until)


def find_handbook(session: Session, region_path: str) -> Any:
    """The handbook of the nearest city or province on the line, if one was written."""
    codes = region_path.split("/")
    query = (
        select(Handbook, Region.name.label("region"))
        .join(Region, Region.code == Handbook.region_code)
        .where(Handbook.region_code.in_(codes))
        .order_by(func.length(Region.path).desc())
        .limit(1)
    )
    return session.execute(query).one_or_none()

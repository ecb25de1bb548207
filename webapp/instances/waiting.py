"""What cases wait for, in the words of a list: what people have to do, else the moment at which they go on."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from webapp.deadlines.calendar import day_of
from webapp.definitions.library import get_published
from webapp.instances.models import Instance, Wait
from webapp.tasks.models import Task


def waiting_names(session: Session, instance_ids: Sequence[int]) -> dict[int, str]:
    """What each of some instances waits for; two statements at most for a page of a list."""
    named = _open_tasks(session, instance_ids)
    return named | _next_timers(session, [key for key in instance_ids if key not in named])


def _open_tasks(session: Session, instance_ids: Sequence[int]) -> dict[int, str]:
    query = (
        select(Task.instance_id, func.string_agg(Task.name.distinct(), "、"))
        .where(Task.instance_id.in_(instance_ids), Task.status.in_(("open", "suspended")))
        .group_by(Task.instance_id)
    )
    return {instance_id: names for instance_id, names in session.execute(query)} if instance_ids else {}


def _next_timers(session: Session, instance_ids: Sequence[int]) -> dict[int, str]:
    query = (
        select(Wait.instance_id, Wait.element, Wait.due_at, Instance.process_version_id)
        .join(Instance, Instance.id == Wait.instance_id)
        .where(Wait.instance_id.in_(instance_ids), Wait.kind == "timer", Instance.ended_at.is_(None))
        .ext(distinct_on(Wait.instance_id))
        .order_by(Wait.instance_id, Wait.due_at)
    )
    return {
        instance_id: _("%(name)s（至 %(day)s）", name=get_published(session, version).name_of(element), day=day_of(due))
        for instance_id, element, due, version in (session.execute(query) if instance_ids else ())
        if due is not None
    }

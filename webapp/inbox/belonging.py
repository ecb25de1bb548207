"""Which tasks belong to a view of a person: their ids alone, in no order.

The person and the moment may be parameters of the statement, so that what every page asks is made once.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from webapp.acts.models import ENTRUSTED, CarbonCopy, Snooze
from webapp.instances.models import Instance
from webapp.problems import InputError, Invalid
from webapp.tasks.models import Task, TaskCandidate

Query = Select[*tuple[Any, ...]]
IS_OPEN = Task.status == literal("open", literal_execute=True)
"""Written out: a plan that is kept for any value cannot use the indexes of open tasks alone."""


def of_view(view: str, person: Any, now: Any) -> Query:
    """The ids of the tasks of a view.

    Args:
        person: the id of whose view it is, or a parameter for it, as ``now`` may be.

    Raises:
        Invalid: an unknown view.
    """
    if view not in _VIEWS:
        raise Invalid([InputError("view", "unknown", f"view 只能是 {'、'.join(_VIEWS)} 之一。")])
    return _VIEWS[view](person, now)


def copies_of(person: Any) -> Select[UUID]:
    return select(CarbonCopy.task_id).where(CarbonCopy.user_id == person)


def _offered(person: Any) -> Query:
    is_own = and_(TaskCandidate.user_id == person, TaskCandidate.is_open, IS_OPEN)
    return select(Task.id).join(TaskCandidate, TaskCandidate.task_id == Task.id).where(is_own)


def _doable(person: Any) -> Query:
    """What is offered and nobody else has taken."""
    return _offered(person).where(or_(_IS_FREE, Task.claimed_by == person))


def _put_off(person: Any, now: Any) -> ColumnElement[bool]:
    return and_(Snooze.task_id == Task.id, Snooze.user_id == person, Snooze.until > now)


def _wanted(person: Any, now: Any) -> ColumnElement[bool]:
    return ~exists().where(_put_off(person, now))


_IS_FREE = Task.claimed_by.is_(None)
_IS_ENTRUSTED = or_(TaskCandidate.reason.in_(ENTRUSTED), TaskCandidate.on_behalf_of.is_not(None))
_VIEWS: Mapping[str, Callable[[Any, Any], Query]] = {
    "inbox": lambda person, now: _doable(person).where(_wanted(person, now)),
    "available": lambda person, now: _offered(person).where(_IS_FREE, _wanted(person, now)),
    "mine": lambda person, now: select(Task.id).where(IS_OPEN, Task.claimed_by == person, _wanted(person, now)),
    "delegated": lambda person, now: _doable(person).where(_IS_ENTRUSTED, _wanted(person, now)),
    "snoozed": lambda person, now: _doable(person).join(Snooze, _put_off(person, now)),
    "cc": lambda person, _now: select(Task.id).where(Task.id.in_(copies_of(person))),
    "done": lambda person, _now: select(Task.id).where(Task.closed_by == person),
    "started": lambda person, _now: (
        select(Task.id).join(Instance, Instance.id == Task.instance_id).where(IS_OPEN, Instance.started_by == person)
    ),
}

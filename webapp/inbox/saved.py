"""Lists under a name: kept for oneself or shared with everybody of one's office; one of them may open first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.audit.operations import record
from webapp.inbox.models import InboxHabit, SavedFilter
from webapp.inbox.rules import ListState
from webapp.problems import Conflict, Forbidden, NotFound, invalid

MOST = 30
"""Filters of one person: more are no help, and each is counted on every page."""
_LONGEST_NAME = 30


@dataclass(frozen=True)
class Saved:
    """A saved filter as a person sees it."""

    id: int
    name: str
    state: ListState
    is_shared: bool
    is_own: bool
    owner: str
    is_start: bool

    def as_json(self, count: int | None = None, cap: int = 0) -> dict[str, Any]:
        """As the API shows it."""
        shown = {"id": self.id, "name": self.name, "state": self.state.arguments, "shared": self.is_shared}
        shown |= {"owner": self.owner, "own": self.is_own, "start": self.is_start}
        return shown if count is None else shown | {"count": min(count, cap), "count_capped": count > cap}


def list_saved(session: Session, actor: Actor) -> tuple[list[Saved], InboxHabit | None]:
    """The filters that a person may use, own ones first, and how the person likes to work; one statement."""
    is_habit = InboxHabit.user_id == actor.user_id
    usable = or_(SavedFilter.owner_id == actor.user_id, SavedFilter.organisation_id == actor.organisation_id)
    me = select(User.id).where(User.id == actor.user_id).subquery()
    owner = select(User.id, User.name).subquery()
    query = (
        select(InboxHabit, SavedFilter, owner.c.name)
        .select_from(me)
        .outerjoin(InboxHabit, is_habit)
        .outerjoin(SavedFilter, usable)
        .outerjoin(owner, owner.c.id == SavedFilter.owner_id)
        .order_by(SavedFilter.owner_id != actor.user_id, SavedFilter.id)
        .limit(2 * MOST)
    )
    rows = session.execute(query).all()
    habit: InboxHabit | None = rows[0][0] if rows else None
    return [_saved(actor, habit, found, name) for _habit, found, name in rows if found is not None], habit


def _saved(actor: Actor, habit: InboxHabit | None, found: SavedFilter, owner: str) -> Saved:
    return Saved(
        id=found.id,
        name=found.name,
        state=ListState.read(found.state),
        is_shared=found.organisation_id is not None,
        is_own=found.owner_id == actor.user_id,
        owner=owner,
        is_start=habit is not None and habit.start_filter_id == found.id,
    )


def save_filter(
    session: Session, actor: Actor, now: datetime, name: str, state: ListState, *, shared: bool, start: bool = False
) -> SavedFilter:
    """Keep a list under a name; the same name again replaces what the person kept under it.

    Raises:
        Invalid: no name, or a long one.
        Conflict: the person has too many already.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise invalid("name", "name", f"请填写 {_LONGEST_NAME} 字以内的名称。")
    own = select(func.count()).where(SavedFilter.owner_id == actor.user_id, SavedFilter.name != name)
    if (session.scalar(own) or 0) >= MOST:
        raise Conflict(f"最多保存 {MOST} 个筛选。请先删除不用的，再保存。")
    values = {
        "organisation_id": actor.organisation_id if shared else None,
        "state": state.changed().arguments,
        "created_at": now,
    }
    row = upsert(SavedFilter).values(owner_id=actor.user_id, name=name, **values)
    query = row.on_conflict_do_update(index_elements=["owner_id", "name"], set_=values).returning(SavedFilter)
    found = session.scalars(query, execution_options={"populate_existing": True}).one()
    record(session, actor, "filter.save", subject=f"filter:{found.id}", after={"name": name, "shared": shared})
    if start:
        set_habit(session, actor, start_filter_id=found.id)
    return found


def delete_filter(session: Session, actor: Actor, filter_id: int) -> None:
    """Forget a filter.

    Raises:
        NotFound: there is none that the actor may use.
        Forbidden: it is somebody else's.
    """
    found = _usable(session, actor, filter_id)
    if found.owner_id != actor.user_id:
        raise Forbidden("这是同事共享的筛选，只有建立的人可以删除。")
    record(session, actor, "filter.delete", subject=f"filter:{found.id}", before={"name": found.name})
    session.delete(found)
    session.flush()


def start_with(session: Session, actor: Actor, filter_id: int | None) -> None:
    """Let a filter open first; ``None`` for the plain list.

    Raises:
        NotFound: there is none that the actor may use.
    """
    if filter_id is not None:
        _usable(session, actor, filter_id)
    set_habit(session, actor, start_filter_id=filter_id)


def set_habit(session: Session, actor: Actor, **values: Any) -> None:
    """Keep how a person likes to work (columns of :class:`InboxHabit`)."""
    row = upsert(InboxHabit).values(user_id=actor.user_id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=values))
    record(session, actor, "inbox.habit", after=values)


def opens_next(session: Session, actor: Actor) -> bool:
    """Whether the next task opens by itself after a decision."""
    return session.scalar(select(InboxHabit.opens_next).where(InboxHabit.user_id == actor.user_id)) is not False


def find_start(session: Session, actor: Actor) -> ListState | None:
    """The list that opens first, if the person chose one that is still to be had."""
    query = (
        select(SavedFilter.state)
        .join(InboxHabit, InboxHabit.start_filter_id == SavedFilter.id)
        .where(InboxHabit.user_id == actor.user_id)
        .where(or_(SavedFilter.owner_id == actor.user_id, SavedFilter.organisation_id == actor.organisation_id))
    )
    found = session.scalar(query)
    return None if found is None else ListState.read(found)


def _usable(session: Session, actor: Actor, filter_id: int) -> SavedFilter:
    query = select(SavedFilter).where(
        and_(
            SavedFilter.id == filter_id,
            or_(SavedFilter.owner_id == actor.user_id, SavedFilter.organisation_id == actor.organisation_id),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found

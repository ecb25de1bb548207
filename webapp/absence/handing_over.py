"""交接: everything of a person who leaves goes to successors; a worker does it thing by thing, each in one transaction.

Nothing is lost: what a successor may not have goes to the leader, what nobody may have stays listed as such, and the
account is closed only after everything has been looked at. A worker that died goes on where it was.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.absence import inventory
from webapp.absence.models import Deputy, HandOver, HandOverItem
from webapp.absence.notifications import tell_ended, tell_succession
from webapp.absence.operations import Wish, appoint, looks_after, may_stand_in, refresh
from webapp.absence.succession import Succession, hand_request, hand_task
from webapp.access import Actor
from webapp.accounts.management import disable_user, give_roles
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.acts.holding import words_of
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.database import transaction
from webapp.inbox.models import SavedFilter
from webapp.instances.queries import list_processes
from webapp.instances.running import LOST
from webapp.problems import Conflict, Forbidden, NotFound, Problem, invalid

log = logging.getLogger(__name__)
JOB = "absence.hand_over"
_BATCH = 100
_LEADS = frozenset({"city_leader", "unit_leader"})


@dataclass(frozen=True)
class Plan:
    """What is arranged: who takes over, for some processes somebody else."""

    to: int
    successors: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    gives_roles: bool = False
    disables: bool = True


def get_leaver(session: Session, actor: Actor, user_id: int) -> Actor:
    """The person whose things the actor may hand over: whose account they look after, or who works under them.

    Raises:
        NotFound: there is none, or they are out of reach.
        Forbidden: it is the actor's own account.
    """
    leaver = get_actor(session, user_id)
    if leaver.user_id == actor.user_id:
        raise Forbidden("不能为自己办理交接，请由负责人或管理员办理。")
    is_led = leads(actor) and leaver.organisation_id == actor.organisation_id
    if not (is_led or looks_after(session, actor, leaver)):
        raise NotFound
    return leaver


def leads(actor: Actor) -> bool:
    """Whether somebody leads the people of their organisation."""
    return bool(actor.roles & _LEADS)


def start_hand_over(session: Session, actor: Actor, now: datetime, leaver_id: int, plan: Plan) -> HandOver:
    """Write down what a person has and let a worker hand it over.

    Raises:
        NotFound, Forbidden: as :func:`get_leaver`; the actor may not close the account, or not give the roles.
        Invalid: a successor may not be one.
        Conflict: it is being done already.
    """
    leaver = get_leaver(session, actor, leaver_id)
    _check_processes(session, plan)
    for path, person in (("to", plan.to), *((f"process-{name}", to) for name, to in plan.successors.items())):
        _check_successor(session, leaver, path, person)
    if plan.disables and not looks_after(session, actor, leaver):
        raise invalid("disables", "not_managed", "这个账号不由您管理，不能停用；请去掉勾选，另请管理员停用。")
    row = HandOver(
        from_id=leaver_id,
        to_id=plan.to,
        successors=dict(plan.successors),
        by=actor.user_id,
        at=now,
        reason=words_of(plan.reason, path="reason"),
        gives_roles=plan.gives_roles,
        disables=plan.disables,
    )
    _add(session, row)
    inventory.write_down(session, row, now)
    if plan.gives_roles:
        give_roles(session, actor, plan.to, leaver.roles)
    after = {"to": plan.to, "successors": row.successors, "roles": plan.gives_roles, "disables": plan.disables}
    record(session, actor, "hand_over", subject=f"user:{leaver_id}", after=after | {"hand_over": row.id})
    defer(session, JOB, {"number": row.id}, lock=f"{JOB}:{row.id}")
    return row


def _check_processes(session: Session, plan: Plan) -> None:
    known = {process for process, _name in list_processes(session)}
    if unknown := sorted(plan.successors.keys() - known):
        raise invalid("successors", "unknown", f"没有流程“{unknown[0]}”，请核对流程的编号。")


def _check_successor(session: Session, leaver: Actor, path: str, user_id: int) -> None:
    try:
        successor = get_actor(session, user_id)
    except NotFound:
        raise invalid(path, "unknown", "没有找到接手的人，请重新选择。") from None
    is_closed = session.scalar(select(User.disabled_at).where(User.id == user_id)) is not None
    if user_id == leaver.user_id or is_closed or not may_stand_in(leaver, successor):
        raise invalid(path, "not_possible", "接手的人须为本单位（文明办也可以是上级文明办）的在用账号，且不是本人。")


def _add(session: Session, row: HandOver) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("这个人的交接正在进行，请等它完成。") from None


def run_hand_over(number: int) -> None:
    """Hand over what waits, thing by thing, then close; called by a worker, any number of times."""
    with transaction() as session:
        row = session.get_one(HandOver, number)
        if row.status == "done":
            return
        _hand_rest(session, _given(session, row), clock.now())
    while True:
        _hand_waiting(number)
        with transaction() as session:
            row = session.get_one(HandOver, number, with_for_update=True)
            if row.status == "done":
                return
            if inventory.write_tasks(session, row) == 0:  # nothing has come to the person meanwhile
                _finish(session, _given(session, row), clock.now())
                return


def _given(session: Session, row: HandOver) -> Succession:
    return Succession(row, get_actor(session, row.from_id), get_actor(session, row.by))


def _hand_waiting(number: int) -> None:
    waiting = (HandOverItem.hand_over_id == number, HandOverItem.status == "waiting")
    while True:
        with transaction() as session:
            query = select(HandOverItem.id).where(*waiting).order_by(HandOverItem.id).limit(_BATCH)
            ids = list(session.scalars(query))
        if not ids:
            return
        for item in ids:
            _hand_one(number, item)


_HAND: dict[str, Callable[[Session, Succession, datetime, HandOverItem], None]] = {
    "task": hand_task,
    "request": hand_request,
}


def _hand_one(number: int, item_id: int) -> None:
    try:
        with transaction() as session:
            item = session.get_one(HandOverItem, item_id, with_for_update=True)
            if item.status == "waiting":
                given = _given(session, session.get_one(HandOver, number))
                _HAND[item.kind](session, given, clock.now(), item)
    except LOST:
        raise
    except Exception as error:
        log.exception("item %s of hand-over %s", item_id, number)
        words = error.detail if isinstance(error, Problem) else _("系统遇到意外情况，请由管理员核对。")
        with transaction() as session:
            failed = update(HandOverItem).where(HandOverItem.id == item_id)
            session.execute(failed.values(status="failed", words=words))


def _hand_rest(session: Session, given: Succession, now: datetime) -> None:
    """What is not a task, in one transaction: deputies first, so that what they had in hand is the leaver's again."""
    query = select(HandOverItem).where(
        HandOverItem.hand_over_id == given.row.id,
        HandOverItem.status == "waiting",
        HandOverItem.kind.not_in(tuple(_HAND)),
    )
    for item in session.scalars(query.order_by(HandOverItem.id)).all():
        _REST[item.kind](session, given, now, item)
    session.flush()
    refresh(session, now)


def _hand_deputy(session: Session, given: Succession, now: datetime, item: HandOverItem) -> None:
    row = session.get_one(Deputy, int(item.subject))
    item.status = "ended"
    if row.ended_at is not None or row.until_at <= now:
        return
    row.ended_at, row.ended_by = now, given.actor.user_id
    session.flush()
    record(session, given.actor, "deputy.end", subject=f"user:{row.principal_id}", before={"deputy": row.deputy_id})
    absent = get_actor(session, row.principal_id)
    if row.principal_id == given.leaver.user_id:
        return
    wish = Wish(given.row.to_id, max(row.from_at, now), row.until_at, row.processes, row.reason)
    try:
        with session.begin_nested():
            appoint(session, given.actor, now, absent, wish)
    except Problem as problem:
        item.words = problem.detail
        tell_ended(session, given.actor, row, absent.name)
    else:
        item.status, item.to_id = "handed", given.row.to_id


def _hand_superior(session: Session, given: Succession, _now: datetime, item: HandOverItem) -> None:
    """The successor leads whoever the leaver led, unless that is themselves or the successor sits elsewhere."""
    person, to = int(item.subject), given.row.to_id
    successor = get_actor(session, to)
    fits = person != to and successor.organisation_id == given.leaver.organisation_id
    session.execute(update(User).where(User.id == person).values(leader_id=to if fits else None))
    item.status, item.to_id = ("handed", to) if fits else ("ended", None)
    item.words = None if fits else _("改为其单位的负责人")


def _hand_filter(session: Session, given: Succession, _now: datetime, item: HandOverItem) -> None:
    row, to = session.get_one(SavedFilter, int(item.subject)), given.row.to_id
    taken = select(SavedFilter.id).where(SavedFilter.owner_id == to, SavedFilter.name == row.name)
    if session.scalar(taken) is not None:
        row.name = f"{row.name[:20]}（{given.leaver.name[:8]}）"
    row.owner_id = to
    session.flush()
    item.status, item.to_id = "handed", to


def _hand_role(_session: Session, given: Succession, _now: datetime, item: HandOverItem) -> None:
    given_away = given.row.gives_roles
    item.status, item.to_id = ("handed", given.row.to_id) if given_away else ("left", None)
    item.words = None if given_away else _("没有要求授予接手的人")


_REST: dict[str, Callable[[Session, Succession, datetime, HandOverItem], None]] = {
    "deputy": _hand_deputy,
    "superior": _hand_superior,
    "filter": _hand_filter,
    "role": _hand_role,
}


def _finish(session: Session, given: Succession, now: datetime) -> None:
    row = given.row
    is_open = session.scalar(select(User.id).where(User.id == row.from_id, User.disabled_at.is_(None))) is not None
    if row.disables and is_open:
        disable_user(session, given.actor, row.from_id)
    row.status, row.finished_at = "done", now
    session.flush()
    counts = count_results(session, row.id)
    record(
        session, given.actor, "hand_over.finish", subject=f"user:{row.from_id}", after={"hand_over": row.id} | counts
    )
    tell_succession(session, given.actor, row, given.leaver.name)


def count_results(session: Session, number: int) -> dict[str, int]:
    """How many things became what."""
    query = select(HandOverItem.status, func.count()).where(HandOverItem.hand_over_id == number)
    rows: Any = session.execute(query.group_by(HandOverItem.status))
    return {status: count for status, count in rows}

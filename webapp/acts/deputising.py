"""代理: who stands in for whom from–to, for chosen processes; chains are followed, circles refused.

A deputy belongs to the same organisation or to an office above it, so that nobody's work leaves their line. What is
in force now is worked out when deputies change and every minute, by business time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, lies_in
from webapp.accounts.management import get_post
from webapp.accounts.management_rules import may_manage
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.acts.holding import words_of
from webapp.acts.models import Deputy, DeputyRight
from webapp.acts.people import person_id
from webapp.acts.rules import Named, circle_through, stand_ins
from webapp.acts.standing_in import represent_people
from webapp.audit.operations import record
from webapp.definitions.models import ProcessVersion
from webapp.problems import Conflict, Forbidden, NotFound, invalid

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('deputies'))")
_LONGEST = 366


def name_deputy(
    session: Session,
    actor: Actor,
    now: datetime,
    principal: Any,
    to: Any,
    from_at: datetime,
    until_at: datetime,
    processes: Sequence[str] = (),
    reason: str | None = None,
) -> Deputy:
    """Name who stands in for somebody.

    Args:
        principal: who is away; ``None`` for the actor.
        until_at: the end of the last day.
        processes: for these alone; none means all.

    Raises:
        NotFound, Forbidden: the actor may not name deputies for that person.
        Invalid: the period, the processes or the deputy do not fit; the message says why.
    """
    session.execute(_ONE_AT_A_TIME)
    absent = actor if principal in {None, "", actor.user_id} else get_actor(session, person_id(session, principal))
    _refuse_others(session, actor, absent)
    deputy = _find_deputy(session, absent, person_id(session, to))
    _check_period(now, from_at, until_at)
    chosen = _known_processes(session, processes)
    why = words_of(reason)
    _refuse_circles(session, Named(absent.user_id, deputy.user_id, frozenset(chosen)), from_at, until_at)
    row = Deputy(
        principal_id=absent.user_id,
        deputy_id=deputy.user_id,
        from_at=from_at,
        until_at=until_at,
        processes=chosen,
        reason=why,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, actor, "deputy.name", subject=f"user:{absent.user_id}", after=_facts(row))
    refresh(session, now)
    return row


def _refuse_others(session: Session, actor: Actor, absent: Actor) -> None:
    """A person for themselves, and whoever looks after their account."""
    if absent.user_id == actor.user_id:
        return
    post = get_post(session, absent.organisation_id)
    if not may_manage(actor, absent.user_id, absent.roles, post):
        raise Forbidden("只能为自己指定代理人；为他人指定，须由管理其账号的人员办理。")


def _find_deputy(session: Session, absent: Actor, user_id: int) -> Actor:
    try:
        deputy = get_actor(session, user_id)
    except NotFound:
        raise invalid("to", "unknown", "没有找到这名代理人，请重新选择。") from None
    if deputy.user_id == absent.user_id:
        raise invalid("to", "self", "代理人不能是本人，请选择其他人。")
    if session.scalar(select(User.disabled_at).where(User.id == user_id)) is not None:
        raise invalid("to", "disabled", f"{deputy.name}的账号已停用，请选择其他人。")
    is_above = deputy.is_office and lies_in(absent.region_path, deputy.region_path)
    if deputy.organisation_id != absent.organisation_id and not is_above:
        words = f"{deputy.name}（{deputy.organisation_name}）不属于{absent.organisation_name}，也不在其上级文明办。"
        raise invalid("to", "other_organisation", f"{words}代理人须为本单位或上级文明办的人员。")
    return deputy


def _check_period(now: datetime, from_at: datetime, until_at: datetime) -> None:
    if until_at <= from_at:
        raise invalid("until", "order", "结束日期须不早于开始日期。")
    if until_at <= now:
        raise invalid("until", "past", "代理期间已经过去，请填写今天以后的日期。")
    if (until_at - from_at).days > _LONGEST:
        raise invalid("until", "too_long", "代理期间不能超过一年。")


def _known_processes(session: Session, processes: Sequence[str]) -> list[str]:
    known = set(session.scalars(select(ProcessVersion.process).where(ProcessVersion.is_current)))
    chosen = sorted(set(processes))
    if unknown := [process for process in chosen if process not in known]:
        raise invalid("processes", "unknown", f"没有名为“{unknown[0]}”的流程。")
    return chosen


def _refuse_circles(session: Session, new: Named, from_at: datetime, until_at: datetime) -> None:
    query = select(Deputy).where(Deputy.ended_at.is_(None), Deputy.from_at < until_at, Deputy.until_at > from_at)
    rows = list(session.scalars(query))
    if any((r.principal_id, r.deputy_id) == (new.principal, new.deputy) and _same(r, new) for r in rows):
        raise Conflict("同一时段已指定这名代理人，不必重复指定。")
    circle = circle_through([_named(row) for row in rows], new)
    if circle is not None:
        names = dict(session.execute(select(User.id, User.name).where(User.id.in_(circle))).tuples().all())
        way = "→".join(names[user] for user in [*circle, circle[0]])
        raise invalid("to", "circle", f"代理关系形成循环（{way}），任务会没有人办理。请选择其他代理人。")


def _same(row: Deputy, new: Named) -> bool:
    return not row.processes or (bool(new.processes) and new.processes <= set(row.processes))


def _named(row: Deputy) -> Named:
    return Named(row.principal_id, row.deputy_id, frozenset(row.processes))


def end_deputy(session: Session, actor: Actor, now: datetime, deputy_id: int) -> None:
    """End a deputy before the time; what they have not decided is the absent person's again.

    Raises:
        NotFound: there is none that the actor may end.
    """
    session.execute(_ONE_AT_A_TIME)
    row = session.get(Deputy, deputy_id, populate_existing=True)
    if row is None:
        raise NotFound
    if actor.user_id not in {row.principal_id, row.created_by}:
        absent = get_actor(session, row.principal_id)
        post = get_post(session, absent.organisation_id)
        if not may_manage(actor, row.principal_id, absent.roles, post):
            raise NotFound
    if row.ended_at is not None:
        raise Conflict("这项代理已经结束。")
    row.ended_at, row.ended_by = now, actor.user_id
    session.flush()
    record(session, actor, "deputy.end", subject=f"user:{row.principal_id}", before=_facts(row))
    refresh(session, now)


def _facts(row: Deputy) -> dict[str, Any]:
    return {
        "deputy": row.deputy_id,
        "from": row.from_at.isoformat(),
        "until": row.until_at.isoformat(),
        "processes": list(row.processes),
    }


def refresh(session: Session, now: datetime) -> bool:
    """Bring into force what holds by business time; returns whether anything changed."""
    session.execute(_ONE_AT_A_TIME)
    over = update(Deputy).where(Deputy.ended_at.is_(None), Deputy.until_at <= now).values(ended_at=Deputy.until_at)
    session.execute(over, execution_options={"synchronize_session": False})
    in_force = select(Deputy).where(Deputy.ended_at.is_(None), Deputy.from_at <= now)
    rows = list(session.scalars(in_force, execution_options={"populate_existing": True}))
    wanted = stand_ins(_named(row) for row in rows)
    columns = (DeputyRight.principal_id, DeputyRight.deputy_id, DeputyRight.process)
    known = {(row[0], row[1], row[2]) for row in session.execute(select(*columns))}
    if wanted == known:
        return False
    for principal, deputy, process in known - wanted:
        gone = delete(DeputyRight).where(DeputyRight.principal_id == principal, DeputyRight.deputy_id == deputy)
        session.execute(gone.where(DeputyRight.process == process))
    new = [{"principal_id": p, "deputy_id": d, "process": process} for p, d, process in wanted - known]
    if new:
        session.execute(insert(DeputyRight), new)
    represent_people(session, sorted({principal for principal, _deputy, _process in wanted ^ known}))
    return True


_Absent, _Standing = aliased(User), aliased(User)


def deputies_of(session: Session, actor: Actor, now: datetime) -> list[Any]:
    """The deputies that concern a person and are not over: whom they named, and for whom they stand in."""
    query = (
        select(Deputy, _Absent.name.label("principal"), _Standing.name.label("deputy"))
        .join(_Absent, _Absent.id == Deputy.principal_id)
        .join(_Standing, _Standing.id == Deputy.deputy_id)
        .where(Deputy.ended_at.is_(None), Deputy.until_at > now)
        .where(
            (Deputy.principal_id == actor.user_id)
            | (Deputy.deputy_id == actor.user_id)
            | (Deputy.created_by == actor.user_id)
        )
        .order_by(Deputy.from_at, Deputy.id)
    )
    return list(session.execute(query))

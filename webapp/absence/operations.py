"""代理: name who stands in for somebody from–to, end it early, and bring into force what holds by business time.

A deputy acts with the post of the absent person and needs no role of their own, but belongs to the same organisation;
for people of an office also to an office above. Nobody who reviews a unit stands in for its people ★.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from webapp.absence.models import Deputy, DeputyRight
from webapp.absence.notifications import tell_ended, tell_named
from webapp.absence.rules import Named, circle_through, stand_ins
from webapp.absence.standing_in import represent_people
from webapp.access import Actor, lies_in
from webapp.accounts.management import get_post
from webapp.accounts.management_rules import may_manage, reaches
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.acts.holding import words_of
from webapp.acts.people import person_id
from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.definitions.models import ProcessVersion
from webapp.problems import Conflict, Forbidden, NotFound, invalid

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('deputies'))")
LONGEST = 366
_LAST_YEAR = 9998


@dataclass(frozen=True)
class Wish:
    """What is asked for: who stands in, from when until when, for which processes (none: all)."""

    to: Any
    from_at: datetime
    until_at: datetime
    """The end of the last day."""
    processes: Sequence[str] = ()
    reason: str | None = None


def span_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of one day, and the end of another, in Shanghai.

    Raises:
        Invalid: a day that no calendar has.
    """
    if last.year > _LAST_YEAR:
        raise invalid("until", "too_long", "代理期间不能超过一年。")
    return datetime.combine(first, time(), SHANGHAI), datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


def name_deputy(session: Session, actor: Actor, now: datetime, principal: Any, wish: Wish) -> Deputy:
    """Name who stands in for somebody.

    Args:
        principal: who is away; ``None`` for the actor.

    Raises:
        NotFound, Forbidden: the actor may not name deputies for that person.
        Invalid: the period, the processes or the deputy do not fit; the message says why.
        Conflict: it is so already.
    """
    session.execute(_ONE_AT_A_TIME)
    row = appoint(session, actor, now, whose(session, actor, principal), wish)
    refresh(session, now)
    return row


def appoint(session: Session, actor: Actor, now: datetime, absent: Actor, wish: Wish) -> Deputy:
    """The same for an absent person whom the caller has checked; it comes into force with the next :func:`refresh`."""
    deputy = _find_deputy(session, absent, person_id(session, wish.to))
    _check_period(now, wish.from_at, wish.until_at)
    row = Deputy(
        principal_id=absent.user_id,
        deputy_id=deputy.user_id,
        from_at=wish.from_at,
        until_at=wish.until_at,
        processes=_known_processes(session, wish.processes),
        reason=words_of(wish.reason, path="reason"),
        created_by=actor.user_id,
        created_at=now,
    )
    _refuse_circles(session, _named(row))
    session.add(row)
    session.flush()
    record(session, actor, "deputy.name", subject=f"user:{absent.user_id}", after=_facts(row))
    tell_named(session, actor, row, absent.name, deputy.name)
    return row


def whose(session: Session, actor: Actor, principal: Any) -> Actor:
    """The person for whom deputies are named: the actor, or somebody whose account the actor looks after.

    Raises:
        NotFound, Forbidden: the actor may not.
        Invalid: there is no such person.
    """
    if principal in {None, "", actor.user_id}:
        return actor
    absent = get_actor(session, person_id(session, principal, path="principal"))
    if absent.user_id != actor.user_id and not looks_after(session, actor, absent):
        is_near = absent.organisation_id == actor.organisation_id
        if not (is_near or reaches(actor, get_post(session, absent.organisation_id))):
            raise NotFound
        raise Forbidden("只能为自己指定代理人；为他人指定，须由管理其账号的人员办理。")
    return absent


def looks_after(session: Session, actor: Actor, absent: Actor) -> bool:
    """Whether the actor looks after somebody's account."""
    return may_manage(actor, absent.user_id, absent.roles, get_post(session, absent.organisation_id))


def _find_deputy(session: Session, absent: Actor, user_id: int) -> Actor:
    try:
        deputy = get_actor(session, user_id)
    except NotFound:
        raise invalid("to", "unknown", "没有找到这名代理人，请重新选择。") from None
    if deputy.user_id == absent.user_id:
        raise invalid("to", "self", "代理人不能是本人，请选择其他人。")
    if not may_stand_in(absent, deputy):
        above = "，也不在其上级文明办" if absent.is_office else ""
        words = f"所选人员不属于{absent.organisation_name}{above}。"
        rule = "代理人须为本单位或上级文明办的人员。" if absent.is_office else "代理人须为本单位的人员。"
        raise invalid("to", "other_organisation", words + rule)
    if session.scalar(select(User.disabled_at).where(User.id == user_id)) is not None:
        raise invalid("to", "disabled", f"{deputy.name}的账号已停用，请选择其他人。")
    return deputy


def may_stand_in(absent: Actor, deputy: Actor) -> bool:
    """Whether somebody's organisation lets them stand in for a person."""
    if deputy.organisation_id == absent.organisation_id:
        return True
    return absent.is_office and deputy.is_office and lies_in(absent.region_path, deputy.region_path)


def _check_period(now: datetime, from_at: datetime, until_at: datetime) -> None:
    if until_at <= from_at:
        raise invalid("until", "order", "结束日期须不早于开始日期。")
    if until_at <= now:
        raise invalid("until", "past", "代理期间已经过去，请填写今天以后的日期。")
    if (until_at - from_at).days > LONGEST:
        raise invalid("until", "too_long", "代理期间不能超过一年。")


def _known_processes(session: Session, processes: Sequence[str]) -> list[str]:
    known = set(session.scalars(select(ProcessVersion.process).where(ProcessVersion.is_current)))
    chosen = sorted(set(processes))
    if unknown := [process for process in chosen if process not in known]:
        raise invalid("processes", "unknown", f"没有名为“{unknown[0]}”的流程。")
    return chosen


def _refuse_circles(session: Session, new: Named) -> None:
    query = select(Deputy).where(
        Deputy.ended_at.is_(None), Deputy.from_at < new.until_at, Deputy.until_at > new.from_at
    )
    named = [_named(row) for row in session.scalars(query)]
    if any(_says_the_same(link, new) for link in named):
        raise Conflict("同一时段已指定这名代理人，不必重复指定。需要改动的，请先结束原来的代理。")
    circle = circle_through(named, new)
    if circle is not None:
        names = {id_: name for id_, name in session.execute(select(User.id, User.name).where(User.id.in_(circle)))}
        way = "→".join(names[user] for user in [*circle, circle[0]])
        raise invalid("to", "circle", f"代理关系形成循环（{way}），任务会没有人办理。请选择其他代理人或错开时间。")


def _says_the_same(link: Named, new: Named) -> bool:
    if (link.principal, link.deputy) != (new.principal, new.deputy):
        return False
    return not link.processes or (bool(new.processes) and new.processes <= link.processes)


def _named(row: Deputy) -> Named:
    return Named(row.principal_id, row.deputy_id, frozenset(row.processes), row.from_at, row.until_at)


def end_deputy(session: Session, actor: Actor, now: datetime, deputy_id: int) -> Deputy:
    """End a deputy before the time; what they have not decided is the absent person's again.

    Raises:
        NotFound: there is none that the actor may end.
        Conflict: it is over.
    """
    session.execute(_ONE_AT_A_TIME)
    row = session.get(Deputy, deputy_id, populate_existing=True)
    if row is None:
        raise NotFound
    absent = get_actor(session, row.principal_id)
    if actor.user_id not in {row.principal_id, row.created_by} and not looks_after(session, actor, absent):
        raise NotFound
    if row.ended_at is not None or row.until_at <= now:
        raise Conflict("这项代理已经结束。")
    row.ended_at, row.ended_by = now, actor.user_id
    session.flush()
    record(session, actor, "deputy.end", subject=f"user:{row.principal_id}", before=_facts(row))
    tell_ended(session, actor, row, absent.name)
    refresh(session, now)
    return row


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
    columns = (DeputyRight.principal_id, DeputyRight.deputy_id, DeputyRight.process, DeputyRight.until_at)
    known = {(row[0], row[1], row[2]): row[3] for row in session.execute(select(*columns))}
    changed = wanted.items() ^ known.items()
    if not changed:
        return False
    for (principal, deputy, process), _until in known.items() - wanted.items():
        gone = delete(DeputyRight).where(DeputyRight.principal_id == principal, DeputyRight.deputy_id == deputy)
        session.execute(gone.where(DeputyRight.process == process))
    new = [
        {"principal_id": p, "deputy_id": d, "process": process, "until_at": until}
        for (p, d, process), until in wanted.items() - known.items()
    ]
    if new:
        session.execute(insert(DeputyRight), new)
    represent_people(session, sorted({principal for (principal, _deputy, _process), _until in changed}))
    return True

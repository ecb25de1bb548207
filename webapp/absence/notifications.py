"""What people are told about absence: that they stand in or do not any more, that they took over from somebody."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.absence.models import Deputy, HandOver
from webapp.access import Actor
from webapp.clock import SHANGHAI
from webapp.definitions.models import ProcessVersion
from webapp.mail.operations import Recipients, enqueue


def tell_named(session: Session, actor: Actor, row: Deputy, absent: str, deputy: str) -> None:
    """Tell the deputy, and the absent person where somebody else named them."""
    names = select(ProcessVersion.name).where(ProcessVersion.is_current, ProcessVersion.process.in_(row.processes))
    who = {"absent": absent, "deputy": deputy, "deputy_id": row.deputy_id, "by": actor.name}
    what = {"processes": "、".join(session.scalars(names)), "reason": row.reason}
    _tell(session, actor, row, {"act": "named", **who, **what, **_span(row)})


def tell_ended(session: Session, actor: Actor, row: Deputy, absent: str) -> None:
    """Tell both that it is over before its time, except for whoever ended it."""
    _tell(session, actor, row, {"act": "ended", "absent": absent, "by": actor.name, **_span(row)})


def _tell(session: Session, actor: Actor, row: Deputy, facts: dict[str, Any]) -> None:
    people = [user for user in (row.deputy_id, row.principal_id) if user != actor.user_id]
    enqueue(session, "deputy", Recipients(people=people), facts)


def _span(row: Deputy) -> dict[str, str]:
    return {
        "from": row.from_at.astimezone(SHANGHAI).date().isoformat(),
        "until": row.last_day.isoformat(),
    }


_PRINCIPALS = text("SELECT DISTINCT principal_id FROM deputy_rights WHERE deputy_id = :deputy")


def tell_disabled(session: Session, user_id: int, name: str) -> None:
    """Tell those for whom somebody stands in now that the deputy's account is closed."""
    people = list(session.scalars(_PRINCIPALS, {"deputy": user_id}))
    if people:
        enqueue(session, "deputy", Recipients(people=people), {"act": "disabled", "deputy": name})


_TAKEN = text("""
    SELECT h.to_id, u.name, count(*) AS number, count(*) FILTER (WHERE h.status = 'leader') AS as_leader
    FROM hand_over_items h JOIN users u ON u.id = h.to_id
    WHERE h.hand_over_id = :number AND h.kind IN ('task', 'request') GROUP BY h.to_id, u.name ORDER BY h.to_id
""")


def tell_succession(session: Session, actor: Actor, row: HandOver, leaver: str) -> None:
    """Tell each who took something over how much it is, in one message each, and a leaver whose account stays open."""
    taken = session.execute(_TAKEN, {"number": row.id}).all()
    for one in taken:
        facts = {"leaver": leaver, "by": actor.name, "number": one.number, "as_leader": one.as_leader}
        enqueue(session, "succession", Recipients(people=[one.to_id]), facts | {"reason": row.reason})
    if taken and not row.disables:
        facts = {"leaver": leaver, "by": actor.name, "reason": row.reason, "to": "、".join(one.name for one in taken)}
        facts |= {"number": sum(one.number for one in taken), "as_leader": sum(one.as_leader for one in taken)}
        enqueue(session, "succession", Recipients(people=[row.from_id]), facts)

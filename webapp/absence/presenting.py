"""A hand-over (交接) as data: what a person has before it, what was arranged, and what became of each thing."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.absence import inventory, queries
from webapp.absence.handing_over import count_results
from webapp.access import Actor
from webapp.instances.queries import iso


def belongings_json(session: Session, leaver: Actor, now: datetime, page: int, per_page: int) -> dict[str, Any]:
    """What somebody has now: a page of the tasks, and everything else."""
    counts = inventory.count_tasks(session, leaver.user_id)
    return {
        "from": leaver.username,
        "items": [_thing(row) for row in inventory.list_tasks(session, leaver.user_id, page, per_page)],
        "total": sum(counts.values()),
        "page": page,
        "per_page": per_page,
        "others": [_thing(row) for row in inventory.list_others(session, leaver.user_id, now)],
        "processes": [
            {"process": row.process, "name": row.name, "tasks": row.number}
            for row in inventory.list_processes(session, leaver.user_id)
        ],
    }


def _thing(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("kind", "subject", "process", "title", "before")}


def hand_over_json(session: Session, number: int, page: int, per_page: int, status: str = "") -> dict[str, Any]:
    """A hand-over with a page of its things; what went to the leader or nowhere comes first.

    Raises:
        NotFound: there is none.
    """
    row = queries.get_hand_over(session, number).HandOver
    found = queries.list_items(session, number, status, page, per_page)
    return {
        "id": row.id,
        "from": row.from_id,
        "to": row.to_id,
        "successors": row.successors,
        "reason": row.reason,
        "gives_roles": row.gives_roles,
        "disables": row.disables,
        "status": row.status,
        "at": iso(row.at),
        "finished_at": iso(row.finished_at),
        "counts": count_results(session, number),
        **found.as_json(lambda one: _thing(one.HandOverItem) | _result(one.HandOverItem)),
    }


def _result(item: Any) -> dict[str, Any]:
    return {"status": item.status, "to": item.to_id, "reason": item.words}

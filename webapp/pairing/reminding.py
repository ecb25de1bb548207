"""Months that nobody logged: both sides are told once a month is over, their counties ten days later; each once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, cast, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.clock import SHANGHAI
from webapp.mail.operations import Recipients, enqueue
from webapp.pairing.models import Log, Pairing, Reminder
from webapp.pairing.rules import add_months, end_of_month, first_of_month
from webapp.registry.models import Organisation

GRACE = timedelta(days=10)
"""How long both sides have after the first word before their counties hear of it (★ office setting)."""
_YEAR = 11
"""Months before the last one that are still chased."""
_ACTING: tuple[str, ...] = ("unit_clerk", "unit_leader", "county_reviewer", "city_reviewer", "city_leader")
_OFFICES: tuple[str, ...] = ("county_reviewer", "city_reviewer")


def remind_missing_months(session: Session, now: datetime) -> int:
    """Tell whoever is to be told of the months that are missing now; returns how many pairs that were.

    Each month is told of once at each stage; several that are due together, after the machine was off or the clock of a
    training was advanced, come in one message.
    """
    today = now.astimezone(SHANGHAI).date()
    last = add_months(first_of_month(today), -1)
    told = _tell(session, now, last, "both")
    return told + _tell(session, now, last if today > end_of_month(last) + GRACE else add_months(last, -1), "county")


def _tell(session: Session, now: datetime, last: date, stage: str) -> int:
    silent = _silent_pairs(session, last, stage)
    if not silent:
        return 0
    rows = [{"pairing_id": p.id, "month": month, "stage": stage, "told_at": now} for p in silent for month in p.months]
    added = insert(Reminder).values(rows).on_conflict_do_nothing().returning(Reminder.pairing_id, Reminder.month)
    fresh: dict[int, list[date]] = {}
    for row in session.execute(added):
        fresh.setdefault(row.pairing_id, []).append(row.month)
    for pairing in silent:
        if pairing.id in fresh:
            to = Recipients(people=_people(session, pairing, stage))
            months = "、".join(f"{month:%Y年%m月}" for month in sorted(fresh[pairing.id]))
            facts = {"pairing": pairing.id, "month": months, "stage": stage}
            enqueue(session, "missing_month", to, facts, instance_id=pairing.instance_id)
    return len(fresh)


def _silent_pairs(session: Session, last: date, stage: str) -> Sequence[Any]:
    """Active pairs with their months up to ``last`` that no person closed and nobody was told of at this stage.

    What lies more than a year back stands on the page of the pair and is chased no more.
    """
    passed = select(cast(func.generate_series(add_months(last, -_YEAR), last, text("interval '1 month'")), Date))
    month = passed.subquery("passed").c[0]
    said = exists().where(Log.pairing_id == Pairing.id, Log.month == month, Log.is_closing, Log.written_by.is_not(None))
    told = exists().where(Reminder.pairing_id == Pairing.id, Reminder.month == month, Reminder.stage == stage)
    is_due = month >= func.date_trunc("month", Pairing.active_since)
    query = (
        select(Pairing.id, Pairing.instance_id, Pairing.helper_id, Pairing.helped_id)
        .add_columns(Pairing.helper_path, Pairing.helped_path, func.array_agg(month).label("months"))
        .where(Pairing.status == "active", is_due, ~said, ~told)
        .group_by(Pairing.id)
        .order_by(Pairing.id)
        .limit(500)
    )
    return session.execute(query).all()


def _people(session: Session, pairing: Any, stage: str) -> list[int]:
    if stage == "both":
        where = User.organisation_id.in_((pairing.helper_id, pairing.helped_id))
        roles = _ACTING
    else:
        codes = {path.split("/")[-1] for path in (pairing.helper_path, pairing.helped_path)}
        offices = select(Organisation.id).where(Organisation.kind == "office", Organisation.region_code.in_(codes))
        where, roles = User.organisation_id.in_(offices), _OFFICES
    query = select(User.id).where(where, User.roles.overlap(list(roles)), User.disabled_at.is_(None))
    return list(session.scalars(query.order_by(User.id)))

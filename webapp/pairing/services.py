"""The machine acts of P8: put a plan into force, open and close months, end a pair. Each may run again without harm."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from webapp.clock import SHANGHAI
from webapp.instances.models import Submission
from webapp.instances.processes import Case
from webapp.pairing.models import Log, Milestone, Pairing, Programme
from webapp.pairing.rules import YEAR_MONTHS, add_months, end_of_month, evaluation_after, next_month
from webapp.pairing.steps import month_to_log

_MISSED = "逾期未报（系统记录）"


def adopt_plan(case: Case, pairing: int) -> int:
    """Put the plan that both sides agreed on into force; the pair is at work from the first one on.

    Returns:
        Which year of the pair it is for.
    """
    session, pair = case.session, case.session.get_one(Pairing, pairing)
    query = select(Submission.answers).where(
        Submission.instance_id == case.instance_id, Submission.element == "make_plan"
    )
    plan = session.scalars(query.order_by(Submission.id.desc()).limit(1)).one()
    year = _closed_months(case, pairing) // YEAR_MONTHS + 1
    session.execute(delete(Milestone).where(Milestone.pairing_id == pairing, Milestone.year == year))
    session.execute(insert(Milestone), [_milestone(pairing, year, n, m) for n, m in enumerate(plan["milestones"], 1)])
    pair.status, pair.target_honour = "active", plan["target_honour"]
    pair.active_since = pair.active_since or case.now.astimezone(SHANGHAI).date()
    months = session.get_one(Programme, pair.programme_id).target_months[pair.target_honour]
    pair.target_on = add_months(pair.active_since, int(months))
    counts = select(func.count(), func.count(Milestone.done_on)).where(Milestone.pairing_id == pairing)
    pair.milestones, pair.milestones_done = session.execute(counts).one()
    session.flush()
    case.note("adopt_plan", f"第 {year} 年度计划启用，目标日期 {pair.target_on:%Y-%m-%d}。")
    return year


def _milestone(pairing: int, year: int, position: int, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "pairing_id": pairing,
        "year": year,
        "position": position,
        "title": given["title"],
        "due_on": datetime.fromisoformat(given["due_on"]).date(),
        "responsible": given.get("responsible"),
    }


def _closed_months(case: Case, pairing: int) -> int:
    query = select(func.count()).where(Log.pairing_id == pairing, Log.is_closing)
    return case.session.scalar(query) or 0


def open_month(case: Case, pairing: int) -> str:
    """The last day of the month to log next: until then its log is due."""
    return end_of_month(month_to_log(case, case.session.get_one(Pairing, pairing))).isoformat()


def set_lapse(case: Case, pairing: int) -> str:
    """When a month without a log counts as missed: with the end of the month after."""
    month = month_to_log(case, case.session.get_one(Pairing, pairing))
    last = datetime.combine(end_of_month(next_month(month)), time.max, SHANGHAI)
    return (last - timedelta(microseconds=last.microsecond)).isoformat()


def mark_missing(case: Case, pairing: int) -> str:
    """Write down that a month was not logged; returns the month."""
    pair = case.session.get_one(Pairing, pairing)
    month = month_to_log(case, pair)
    said = select(func.count()).where(Log.pairing_id == pairing, Log.month == month)
    reason = None if case.session.scalar(said) else _MISSED
    row: dict[str, Any] = {
        "entries": [],
        "photos": [],
        "nothing_reason": reason,
        "is_closing": True,
        "written_by": None,
        "written_at": case.now,
    }
    case.session.execute(insert(Log).values(pairing_id=pairing, month=month, **row))
    words = "没有记录，记为缺报" if reason else "没有办结，按已有记录办结"
    case.note("mark_missing", f"{month:%Y年%m月}{words}。")
    return month.isoformat()


def close_month(case: Case, pairing: int) -> str:
    """Which evaluation is due now that a month is closed: ``midterm``, ``year`` or none."""
    return evaluation_after(_closed_months(case, pairing))


def close_pairing(case: Case, pairing: int, outcome: str) -> bool:
    """End a pair with its outcome, so that both sides are free again."""
    pair = case.session.get_one(Pairing, pairing)
    if pair.status != "ended":
        pair.status, pair.outcome, pair.ended_at = "ended", outcome or "ended", case.now
        case.session.flush()
    return True

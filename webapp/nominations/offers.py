"""What the forms of the process offer and start with: choices of a call, one row per nominee, a county's last list."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from webapp.instances.models import Submission
from webapp.instances.processes import Case, Json
from webapp.nominations.models import NominationCall, Nominee
from webapp.nominations.queries import list_of_call
from webapp.nominations.rules import KINDS, words_for
from webapp.registry.models import Honour
from webapp.tasks.models import Task

LISTED_IN = ("submit_nominations", "correct_nominations")


def call_of(case: Case) -> NominationCall:
    """The call that the case is about."""
    return case.session.get_one(NominationCall, case.data["call_id"])


def call_honours(case: Case) -> Sequence[Mapping[str, Any]]:
    """The honours that a call brings up to."""
    query = select(Honour.code, Honour.name).where(Honour.code.in_(call_of(case).honour_codes)).order_by(Honour.rank)
    return [{"value": code, "label": name} for code, name in case.session.execute(query)]


def county_nominees(case: Case) -> Sequence[Mapping[str, Any]]:
    """One row per nominee of the county at hand, with everything that the city looks at."""
    county = case.item.get("county")
    return [_row(row) for row in _readable(case) if row.Nominee.county_code == county]


def call_nominees(case: Case) -> Sequence[Mapping[str, Any]]:
    """One row per nominee of the whole call, county by county."""
    rows = _readable(case)
    return [_row(row, merged=row.Nominee.rank or place) for place, row in enumerate(rows, start=1)]


def _readable(case: Case) -> Sequence[Any]:
    """The lists of the call; a county reads its own alone."""
    rows, actor = list_of_call(case.session, case.data["call_id"]), case.actor
    if actor is None or actor.region_level != "county":
        return rows
    return [row for row in rows if row.Nominee.county_code == actor.region_code]


def ranked_nominees(case: Case) -> Sequence[Mapping[str, Any]]:
    """The nominees that the city would take, in its order."""
    rows = [row for row in _readable(case) if row.Nominee.rank is not None]
    return [_row(row, merged=row.Nominee.rank) for row in sorted(rows, key=lambda row: row.Nominee.rank)]


def _row(row: Any, *, merged: int | None = None) -> dict[str, Any]:
    """A nominee with the place on its county's list, or that on the merged one with the county beside it."""
    nominee: Nominee = row.Nominee
    number = merged or nominee.position
    parts = [row.county] if merged else []
    parts += [KINDS[nominee.kind], f"培育目标：{row.honour}"]
    parts += [nominee.facts["sector"]] if nominee.facts.get("sector") else []
    parts += ["候补"] if nominee.status == "waitlisted" else []
    said = f"。提醒：{words_for(nominee.flags)}" if nominee.flags else ""
    reason = f"。理由：{nominee.facts['reason']}" if nominee.facts.get("reason") and not merged else ""
    return {"key": f"n{nominee.id}", "label": f"{number}. {row.unit}（{'，'.join(parts)}）{reason}{said}"}


def last_list(case: Case) -> Json:
    """What the county at hand submitted last, to be corrected."""
    query = (
        select(Submission.answers)
        .join(Task, Task.id == Submission.task_id)
        .where(
            Submission.instance_id == case.instance_id,
            Submission.element.in_(LISTED_IN),
            Task.item["county"].astext == case.item.get("county"),
        )
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return case.session.scalars(query).first() or {}

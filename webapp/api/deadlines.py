"""The calendar explained, and more time for a task."""

from datetime import date, datetime
from typing import Any

from flask import request

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import body, instance_id_of, task_id_of, text_of, version_of
from webapp.api.tasks import get_task
from webapp.api.views import blueprint
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.deadlines.calendar import end_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.extending import extend
from webapp.deadlines.ledger import read_clock
from webapp.deadlines.queries import explain_period
from webapp.deadlines.rules import severity
from webapp.definitions.library import get_published
from webapp.instances.progress import tasks_of
from webapp.instances.queries import get_visible, iso
from webapp.instances.scope import visible
from webapp.paging import page_numbers
from webapp.problems import InputError, Invalid, invalid
from webapp.registry.models import Region
from webapp.reminders import laggards
from webapp.reminders.preview import preview

_EARLIEST, _LATEST = 1900, 2200
"""Years that a period may start in; far beyond what anybody declares, and inside what dates can hold."""


@blueprint.get("/calendar/due")
@access("account.own")
def get_due() -> dict[str, Any]:
    """When a period ends, and why each day counts or does not."""
    start, region, calendar = _moment("start", request.args.get("start", "")), _region(), calendar_in_force()
    working, days = request.args.get("working_days"), request.args.get("calendar_days")
    if (working is None) == (days is None):
        raise invalid("working_days", "one_of", "请给出 working_days 或 calendar_days 中的一个。")
    if working is not None:
        return explain_period(calendar, start, region, working_days=_days("working_days", working))
    return explain_period(calendar, start, region, calendar_days=_days("calendar_days", days or ""))


@blueprint.get("/deadlines/preview")
@access("deadlines.preview")
def preview_deadlines() -> dict[str, Any]:
    """What would be reminded of, escalated or fired up to a moment, without doing it."""
    text = request.args.get("until", "")
    moment = _moment("until", text)
    until = end_of(moment.date()) if len(text) == 10 else moment
    return {"items": preview(db.session(), clock.now(), until, visible(current_actor()))}


@blueprint.get("/laggards")
@access("laggards.read")
def list_laggards() -> dict[str, Any]:
    """Late tasks by county and process, the worst first."""
    rows = laggards.list_bodies(db.session(), current_actor(), clock.now())
    return {"items": [dict(row._mapping) | {"oldest_due_at": iso(row.oldest_due_at)} for row in rows]}


@blueprint.get("/laggards/tasks")
@access("laggards.read")
def list_late_tasks() -> dict[str, Any]:
    """Late tasks one by one, longest due first."""
    page, per_page = page_numbers(request.args)
    wanted = laggards.LateFilter.read(request.args)
    now = clock.now()
    found = laggards.list_late(db.session(), current_actor(), now, wanted, page, per_page)
    return found.as_json(lambda row: _late(row, now))


def _late(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "element": row.element,
        "process": row.process,
        "instance": row.instance_id,
        "number": row.number,
        "unit": row.unit,
        "region": row.region_name,
        "organisation": row.organisation,
        "holder": row.holder,
        "due_at": iso(row.due_at),
        "severity": severity(row.due_at, now),
        "days_late": -calendar_in_force().working_days_left(row.due_at, now, row.due_region),
    }


@blueprint.post("/tasks/<task_id>/extend")
@access("tasks.extend")
def extend_task(task_id: str) -> dict[str, Any]:
    """Give a task more time."""
    data = body("until", "working_days", "reason", "version")
    until = text_of(data, "until", required=False)
    extend(
        db.session(),
        current_actor(),
        clock.now(),
        task_id_of(task_id),
        version_of(data),
        text_of(data, "reason"),
        until=_until(until) if until else None,
        working_days=_number(data.get("working_days")),
    )
    return get_task(task_id)


@blueprint.get("/instances/<instance_id>/clock")
@access("instances.read")
def get_clock(instance_id: str) -> dict[str, Any]:
    """How the time of an instance ran: what counted, what stood still and why."""
    session = db.session()
    instance = get_visible(session, current_actor(), instance_id_of(instance_id))
    published = get_published(session, instance.process_version_id)
    found = read_clock(session, clock.now(), published, instance, tasks_of(session, instance.id))
    return {
        "limit": found.limit,
        "running": found.running,
        "paused": found.paused,
        "due_at": iso(found.due_at),
        "provisional": found.is_provisional,
        "spans": [
            {
                "kind": span.kind,
                "from": iso(span.since),
                "until": None if span.is_open else iso(span.until),
                "reason": span.reason,
                "working_days": span.working_days,
            }
            for span in found.spans
        ],
    }


def _until(text: str) -> datetime:
    moment = _moment("until", text)
    return end_of(moment.date()) if len(text) == 10 else moment


def _number(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise invalid("working_days", "type", "working_days 须为整数。")


def _region() -> str | None:
    code = request.args.get("region")
    if code and db.session().get(Region, code[:20]) is None:
        raise invalid("region", "unknown", "没有这个地区代码，请核对。")
    return code or None


def _moment(name: str, text: str) -> datetime:
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), SHANGHAI)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(name, "date", f"{name} 须为日期（2021-04-25）或带时区的时刻。") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    if not _EARLIEST <= aware.year <= _LATEST:
        raise invalid(name, "range", f"{name} 须在 {_EARLIEST} 年到 {_LATEST} 年之间。")
    return aware


def _days(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6) or not 0 <= int(text) <= 3660:
        raise Invalid([InputError(name, "range", f"{name} 须为 0 到 3660 的整数。")])
    return int(text)

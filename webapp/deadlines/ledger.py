"""Read the clock of a case for the people on both sides of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.models import DeadlineSpan
from webapp.deadlines.spans import Elapsed, Stop, TimedTask, elapsed
from webapp.definitions.library import Published
from webapp.instances.models import Instance


def read_clock(
    session: Session, now: datetime, published: Published, instance: Instance, tasks: Sequence[TimedTask]
) -> Elapsed:
    """How the time of a case ran, one statement.

    Args:
        tasks: every task that the case ever had.
    """
    query = select(DeadlineSpan).where(DeadlineSpan.instance_id == instance.id, DeadlineSpan.kind == "paused")
    stops = [Stop(row.from_at, row.until_at, row.reason) for row in session.scalars(query.order_by(DeadlineSpan.id))]
    region = instance.region_path.rpartition("/")[2] or None
    clock = published.clock
    return elapsed(
        calendar_in_force(),
        region,
        instance.started_at,
        instance.ended_at,
        now,
        tasks,
        stops,
        clock.pauses,
        clock.working_days,
    )

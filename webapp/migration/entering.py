"""The world as it was when an open activity was entered: from there timers are reckoned that a migration adds."""

from collections.abc import Mapping
from datetime import UTC, datetime

from webapp import clock
from webapp.instances.running import functions_at
from workflows import Context
from workflows.borders import AsOf


def entered(opened: Mapping[str, datetime], *, now: datetime, region: str | None) -> AsOf:
    """Of each activity: by the row of its task, else by the machine's stamp, moved as the business clock is by now.

    Args:
        opened: id of a task → when it was opened.
        region: whose calendar counts working days.
    """

    def as_of(task_id: str, stamp: float) -> Context:
        stamped = datetime.fromtimestamp(stamp, UTC) + (now - clock.real_now())
        at = min(opened.get(task_id, stamped), now)
        return Context(at, functions=functions_at(at, region))

    return as_of

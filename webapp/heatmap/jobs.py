"""Figures that take long are computed by workers: when a page asks, and every half hour where cases are going on."""

from datetime import timedelta

from sqlalchemy import select

from webapp import clock
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.heatmap.models import HeatSummary
from webapp.heatmap.operations import REFRESH, compute
from webapp.instances.models import Instance

_OLD = timedelta(minutes=25)


@task(REFRESH, attempts=1)
def compute_one(version_id: int) -> None:
    """Compute the figures of a version."""
    with transaction() as session:
        compute(session, clock.now(), version_id)


@periodic("heatmap.refresh", every=timedelta(minutes=30))
def compute_all() -> None:
    """Keep the figures of the versions on which cases run so young that the first look at them shows something."""
    with transaction() as session:
        running = set(
            session.scalars(select(Instance.process_version_id).where(Instance.ended_at.is_(None)).distinct())
        )
        young = select(HeatSummary.version_id).where(HeatSummary.computed_at > clock.real_now() - _OLD)
        due = sorted(running - set(session.scalars(young)))
    for version_id in due:
        compute_one(version_id)

"""Housekeeping of dry runs."""

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.trials.operations import sweep


@periodic("trials.sweep", cron="20 3 * * *")
def forget_old_trials() -> None:
    """Remove dry runs that were left behind."""
    with transaction() as session:
        sweep(session, clock.real_now())

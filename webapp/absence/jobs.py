"""Deputies come into force and end by business time."""

from datetime import timedelta

from webapp import clock
from webapp.absence.operations import refresh
from webapp.background.registry import periodic
from webapp.database import transaction


@periodic("absence.deputies", every=timedelta(seconds=5))
def refresh_deputies() -> None:
    """Bring deputies into force, and end those whose time is over."""
    with transaction() as session:
        refresh(session, clock.now())

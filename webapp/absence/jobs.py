"""Deputies come into force and end by business time; what somebody had goes to others when they leave."""

from datetime import timedelta

from webapp import clock
from webapp.absence.handing_over import JOB, run_hand_over
from webapp.absence.operations import refresh
from webapp.absence.standing_in import represent_missed
from webapp.background.registry import periodic, task
from webapp.database import transaction


@periodic("absence.deputies", every=timedelta(seconds=5))
def refresh_deputies() -> None:
    """Bring deputies into force, and end those whose time is over."""
    with transaction() as session:
        refresh(session, clock.now())


@periodic("absence.missed", every=timedelta(minutes=1))
def give_missed() -> None:
    """Give deputies what came at the very moment at which they were named."""
    with transaction() as session:
        represent_missed(session)


@task(JOB)
def hand_over(number: int) -> None:
    """Hand over everything of a person who leaves."""
    run_hand_over(number)

"""Deputies come into force and end by business time; states that nobody may take back any more are cleared away."""

from datetime import timedelta

from sqlalchemy import text

from webapp import clock
from webapp.acts.deputising import refresh
from webapp.background.registry import periodic
from webapp.database import transaction

_FORGET = text("""
    DELETE FROM kept_states k USING instances i
    WHERE i.id = k.instance_id AND i.ended_at < CAST(:now AS timestamptz) - interval '30 days'
""")


@periodic("acts.deputies", every=timedelta(seconds=30))
def refresh_deputies() -> None:
    """Bring deputies into force, and end those whose time is over."""
    with transaction() as session:
        refresh(session, clock.now())


@periodic("acts.kept_states", cron="40 4 * * *")
def forget_states() -> None:
    """Clear away the states of cases that ended a month ago."""
    with transaction() as session:
        session.execute(_FORGET, {"now": clock.now()})

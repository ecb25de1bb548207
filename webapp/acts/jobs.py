"""States that nobody may take back any more are cleared away."""

from sqlalchemy import text

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction

_FORGET = text("""
    DELETE FROM kept_states k USING instances i
    WHERE i.id = k.instance_id AND i.ended_at < CAST(:now AS timestamptz) - interval '30 days'
""")


@periodic("acts.kept_states", cron="40 4 * * *")
def forget_states() -> None:
    """Clear away the states of cases that ended a month ago."""
    with transaction() as session:
        session.execute(_FORGET, {"now": clock.now()})

"""Housekeeping of sessions and failed logins."""

from webapp.accounts.operations import sweep_sessions
from webapp.background.registry import periodic
from webapp.database import transaction


@periodic("accounts.sessions", cron="35 * * * *")
def forget_ended_sessions() -> None:
    """Remove sessions, tokens, counted failures and marks of changes that no longer matter."""
    with transaction() as session:
        sweep_sessions(session)

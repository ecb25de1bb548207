"""Housekeeping of uploaded files."""

from flask import current_app

from webapp import clock
from webapp.attachments.operations import sweep_orphans
from webapp.background.registry import periodic
from webapp.database import transaction


@periodic("attachments.orphans", cron="50 2 * * *")
def remove_orphans() -> None:
    """Remove uploads that nobody used and files that nothing names."""
    with transaction() as session:
        sweep_orphans(session, current_app.extensions["settings"], clock.now())

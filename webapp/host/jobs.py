"""The daily backup."""

from flask import current_app

from webapp.background.registry import periodic
from webapp.clock import SHANGHAI, real_now
from webapp.database import db
from webapp.host.backup import create_daily_backup


@periodic("host.backup", cron="10 3 * * *")
def back_up() -> None:
    """Save the installation; a night without power is made up at the next start."""
    url = db.engine.url.render_as_string(hide_password=False)
    create_daily_backup(current_app.extensions["settings"], url, real_now().astimezone(SHANGHAI))

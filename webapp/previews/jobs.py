"""Housekeeping of drawn pages and pictures."""

from flask import current_app

from webapp.background.registry import periodic
from webapp.previews.operations import sweep


@periodic("previews.sweep", cron="40 2 * * *")
def remove_old_previews() -> None:
    """Remove what was drawn some time ago; it can be drawn again."""
    sweep(current_app.extensions["settings"])

"""Sealing, often enough that every entry is sealed within a minute, and once a day thoroughly."""

from datetime import timedelta

from flask import current_app

from webapp import clock
from webapp.audit.anchors import note_anchor
from webapp.audit.sealing import BATCH, newest_seal, seal
from webapp.background.registry import periodic
from webapp.database import transaction


@periodic("audit.seal", every=timedelta(seconds=20))
def seal_entries() -> None:
    """Seal what has been written since the last time."""
    _seal_all(thorough=False)


@periodic("audit.seal_thoroughly", cron="40 2 * * *")
def seal_late_entries() -> None:
    """Seal also what committed very late."""
    _seal_all(thorough=True)


def _seal_all(*, thorough: bool) -> None:
    """Seal in batches, then note outside the database how far the chain has come."""
    sealed, number = 0, BATCH
    while number == BATCH:
        with transaction() as session:
            number = seal(session, thorough=thorough)
            position, head = newest_seal(session)
        sealed += number
    if sealed:
        note_anchor(current_app.extensions["settings"], position, head, clock.real_now())

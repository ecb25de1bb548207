"""Publications that were scheduled take effect within half a minute of their time."""

from datetime import timedelta

from sqlalchemy import select

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.designer.models import Publication
from webapp.designer.publishing import put_in_force_what_is_due


@periodic("designer.publications", every=timedelta(seconds=30))
def publish_what_is_due() -> None:
    """Put scheduled publications in force, each in a transaction of its own."""
    now = clock.now()
    with transaction() as session:
        due = session.scalars(
            select(Publication.id).where(Publication.status == "scheduled", Publication.due_at <= now)
        ).all()
    for publication_id in due:
        with transaction() as session:
            put_in_force_what_is_due(session, now, publication_id)

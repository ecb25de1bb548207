"""The versions that a case was on before: what was answered then is shown as it was asked then."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.definitions.library import Published, get_published
from webapp.migration.models import CaseMigration, MigrationItem


@dataclass(frozen=True)
class Versions:
    """The versions of one case over time."""

    now: Published
    before: tuple[tuple[datetime, Published], ...] = ()
    """Until when, and which; oldest first."""

    def at(self, moment: datetime) -> Published:
        """The version that the case was on at a moment."""
        return next((published for until, published in self.before if moment < until), self.now)


def versions_of(session: Session, instance_id: int, now: Published) -> Versions:
    """The versions of a case; its names in all of them are known from then on."""
    query = (
        select(
            MigrationItem.moved_at,
            MigrationItem.undone_at,
            CaseMigration.from_version_id.label("old"),
            CaseMigration.to_version_id.label("new"),
        )
        .join(CaseMigration, CaseMigration.id == MigrationItem.migration_id)
        .where(MigrationItem.instance_id == instance_id, MigrationItem.moved_at.is_not(None))
        .order_by(MigrationItem.moved_at)
    )
    found: list[tuple[datetime, Published]] = []
    for row in session.execute(query):
        found.append((row.moved_at, get_published(session, row.old)))
        if row.undone_at is not None:
            found.append((row.undone_at, get_published(session, row.new)))
    return Versions(now, tuple(sorted(found, key=lambda pair: pair[0])))

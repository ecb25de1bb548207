"""Index what came in without its entry, e.g. with a backup of an older version."""

from datetime import timedelta

from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.search.operations import index_missing


@periodic("search.index", every=timedelta(minutes=10))
def index_cases() -> None:
    """Give each case that has none an entry, some at a time."""
    found = 1
    while found:
        with transaction() as session:
            found = index_missing(session)

"""From any older state, an empty one included, to a database that this version of the program can work on."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from webapp import create_app
from webapp.accounts.bootstrap import ensure_administrator
from webapp.config import Settings
from webapp.database import db, transaction
from webapp.deadlines.operations import ensure_calendar
from webapp.definitions.operations import ensure_shipped
from webapp.demo import demo_accounts, ensure_demo, protect_demo
from webapp.host.migrate import migrate
from webapp.mail.settings import get_settings
from webapp.registry.reference import ensure_reference


@dataclass(frozen=True)
class Prepared:
    """Who can log in to a freshly prepared installation: demo accounts, or the one administrator just made."""

    accounts: tuple[dict[str, Any], ...]
    administrator_password: str | None
    sends_mail: bool = True
    kept_aside: tuple[str, ...] = ()
    """The processes of which this release brought another version, while one designed here stays in force."""


def prepare(settings: Settings, url: str) -> Prepared:
    """Migrate the database and seed what an installation needs: the demonstration, or a first administrator.

    Raises:
        HostError: the database does not answer, or is newer than the code.
    """
    migrate(url)
    app = create_app(settings, url)
    with app.app_context():
        with transaction() as session:
            prepared = replace(_seed(session, settings), sends_mail=bool(get_settings(session).host))
            ensure_calendar(session)
            fresh = ensure_shipped(session)
            aside = tuple(f"{row.name} v{row.version}" for row in fresh if not row.is_current)
            prepared = replace(prepared, kept_aside=aside)
        db.engine.dispose()
    return prepared


def _seed(session: Session, settings: Settings) -> Prepared:
    if settings.demo:
        ensure_demo(session, settings)
        session.flush()
        return Prepared(tuple(demo_accounts(session, settings)), None)
    ensure_reference(session)
    protect_demo(session, settings)
    return Prepared((), ensure_administrator(session))

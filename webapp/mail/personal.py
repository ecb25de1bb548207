"""What people do with their own notices: read them, say when they want mail."""

from datetime import datetime, time

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.mail.models import MailMessage, MailPreference
from webapp.problems import invalid

EARLIEST, LATEST = time(6, 0), time(20, 0)


def mark_read(session: Session, actor: Actor, now: datetime, up_to: int) -> None:
    """Note that a person has read their notices up to the one with that number."""
    session.execute(
        update(MailMessage)
        .where(MailMessage.user_id == actor.user_id, MailMessage.id <= up_to, MailMessage.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def set_preference(
    session: Session, actor: Actor, *, digest_at: time, wants_immediate: bool, wants_digest: bool, rests: bool
) -> None:
    """Keep what a person wants.

    Raises:
        Invalid: a time of day at which no digest is sent.
    """
    if not EARLIEST <= digest_at <= LATEST:
        raise invalid("digest_at", "range", "汇总时间应在 06:00 到 20:00 之间。")
    values = {"wants_immediate": wants_immediate, "wants_digest": wants_digest, "rests": rests}
    row = upsert(MailPreference).values(user_id=actor.user_id, digest_at=digest_at, **values)
    session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=values | {"digest_at": digest_at}))
    record(session, actor, "mail.preference", after=values | {"digest_at": f"{digest_at:%H:%M}"})

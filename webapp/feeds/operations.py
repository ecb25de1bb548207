"""Make, renew and remove one's own calendar feed; count how often it is read."""

import secrets
from datetime import datetime

from sqlalchemy import CursorResult, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.feeds.models import CalendarFeed
from webapp.feeds.rules import PER_HOUR
from webapp.problems import Throttled

_COUNT = text("""
    UPDATE calendar_feeds SET reads = CASE WHEN hour = date_trunc('hour', CAST(:now AS timestamptz)) THEN reads + 1
        ELSE 1 END, hour = date_trunc('hour', CAST(:now AS timestamptz))
    WHERE user_id = :user RETURNING reads
""")


def renew_feed(session: Session, actor: Actor, now: datetime) -> None:
    """Give a person a feed under a new address; the old one, if any, leads nowhere any more."""
    fresh = {"nonce": secrets.token_urlsafe(18), "created_at": now, "hour": None, "reads": 0}
    row = insert(CalendarFeed).values(user_id=actor.user_id, **fresh)
    session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=fresh))
    record(session, actor, "feed.renew", subject=f"user:{actor.user_id}")


def remove_feed(session: Session, actor: Actor) -> None:
    """Take the feed away: its address leads nowhere any more."""
    gone = session.execute(delete(CalendarFeed).where(CalendarFeed.user_id == actor.user_id))
    if isinstance(gone, CursorResult) and gone.rowcount:
        record(session, actor, "feed.remove", subject=f"user:{actor.user_id}")


def count_read(session: Session, user_id: int, real_now: datetime) -> None:
    """Count that a feed is read.

    Raises:
        Throttled: it was read too often within this hour.
    """
    if (session.scalar(_COUNT, {"user": user_id, "now": real_now}) or 0) > PER_HOUR:
        raise Throttled("日历订阅读取过于频繁，请一小时后再试。")

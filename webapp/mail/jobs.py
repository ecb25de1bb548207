"""What workers do about mail: send what is due, look after what was left lying, build the day's digests, forget."""

from datetime import timedelta

from sqlalchemy import text

from webapp import clock
from webapp.background.deferral import defer
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.mail.digests import build_digests
from webapp.mail.operations import SEND
from webapp.mail.sending import has_due, send_due

_WAITS = text("SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)")
_FORGET = text("""
    DELETE FROM mail_messages WHERE (kind = 'digest' AND created_at < :digests)
        OR (status IN ('sent', 'void', 'held', 'failed', 'digest', 'bounced') AND created_at < :all)
""")


@task(SEND, attempts=1)
def send() -> None:
    """Send what is due, many at a time; what a failure leaves lying is found by :func:`sweep`."""
    if send_due():
        sweep()


@periodic("mail.sweep", every=timedelta(seconds=15))
def sweep() -> None:
    """Let a worker send what is due again, what the rate limit put off, and what a dead worker left behind."""
    if not has_due():
        return
    with transaction() as session:
        if not session.scalar(_WAITS, {"lock": SEND}):
            defer(session, SEND, {}, lock=SEND)


@periodic("mail.digests", every=timedelta(minutes=1))
def digests() -> None:
    """Build the digests whose time of the day has come by the business clock."""
    build_digests(clock.now())


@periodic("mail.housekeeping", cron="40 4 * * *")
def forget() -> None:
    """Delete digests after sixty days and everything else that is settled after two years."""
    now = clock.now()
    with transaction() as session:
        session.execute(_FORGET, {"digests": now - timedelta(days=60), "all": now - timedelta(days=730)})

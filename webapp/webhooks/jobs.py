"""What workers do about webhooks: deliver what is due, look after what was left lying, forget."""

from datetime import timedelta

from sqlalchemy import text

from webapp import clock
from webapp.background.deferral import defer
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.mail.operations import POST
from webapp.webhooks.delivering import deliver_due, has_due

_WAITS = text("SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)")
_FORGET = text("DELETE FROM webhook_deliveries WHERE status <> 'queued' AND created_at < :before")


@task(POST, attempts=1)
def deliver() -> None:
    """Deliver what is due; what a failure leaves lying is found by :func:`sweep`."""
    if deliver_due():
        sweep()


@periodic("webhooks.sweep", every=timedelta(seconds=15))
def sweep() -> None:
    """Let a worker deliver what is due again."""
    if not has_due():
        return
    with transaction() as session:
        if not session.scalar(_WAITS, {"lock": POST}):
            defer(session, POST, {}, lock=POST)


@periodic("webhooks.housekeeping", cron="45 4 * * *")
def forget() -> None:
    """Delete deliveries that are settled after sixty days."""
    with transaction() as session:
        session.execute(_FORGET, {"before": clock.now() - timedelta(days=60)})

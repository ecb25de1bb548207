"""How many objections one address may raise, counted without writing down whose address it is."""

import hashlib
import hmac
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.audit.models import AuditEntry
from webapp.problems import Throttled

PER_HOUR = 30


def veiled(address: str) -> str:
    """What the audit log keeps of an objector's address: the same for the same, and back to nobody."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return "anonymous:" + hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:16]


def refuse_too_many(session: Session, address: str) -> None:
    """Raise ``Throttled`` when an address has raised too many objections within an hour of real time."""
    since = clock.real_now() - timedelta(hours=1)
    query = select(func.count()).where(
        AuditEntry.act == "objection.raise", AuditEntry.address == veiled(address), AuditEntry.at > since
    )
    if (session.scalar(query) or 0) >= PER_HOUR:
        raise Throttled("您提交的异议过于频繁，请一小时后再试。")

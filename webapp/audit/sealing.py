"""Seal the audit log into one hash chain, after the fact: writers never wait for each other.

An entry joins the chain when a sealing run first sees it committed; the place in the chain counts, not the
number, because transactions commit out of order.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.audit.models import AuditEntry, AuditSeal

GENESIS = "0" * 64
"""What stands before the first seal."""
BATCH = 5_000
_LATE = 100_000
"""How many entries may have been written since one that is still to come; the daily run looks at all."""
COLUMNS = tuple(AuditEntry.__table__.columns)
_LOCK = func.hashtext("wenming.audit.sealing")


def seal(session: Session, *, thorough: bool = False) -> int:
    """Seal what is committed and not sealed yet, in the order of its numbers; returns how many.

    At most :data:`BATCH` at a time; another run that is under way does it instead.

    Args:
        thorough: also look among entries that are far older than the newest seal.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    position, head = newest_seal(session)
    at, rows = clock.real_now(), []
    for entry in session.execute(_unsealed(session, thorough=thorough)).mappings():
        position, head = position + 1, link(head, entry)
        rows.append({"position": position, "entry_id": entry["id"], "hash": head, "sealed_at": at})
    if rows:
        session.execute(insert(AuditSeal), rows)
    return len(rows)


def newest_seal(session: Session) -> tuple[int, str]:
    """Position and hash of the end of the chain."""
    query = select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return (0, GENESIS) if row is None else (row.position, row.hash)


def _unsealed(session: Session, *, thorough: bool) -> Any:
    query = select(*COLUMNS).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    query = query.where(AuditSeal.entry_id.is_(None)).order_by(AuditEntry.id).limit(BATCH)
    if thorough:
        return query
    newest = session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    return query.where(AuditEntry.id > newest - _LATE)


def link(before: str, entry: Mapping[Any, Any]) -> str:
    """The hash that covers an entry and, through ``before``, all that stand before it."""
    return hashlib.sha256(f"{before}\n{canonical(entry)}".encode()).hexdigest()


def canonical(entry: Mapping[Any, Any]) -> str:
    """One text per entry: JSON with sorted keys, instants in UTC, every column."""
    return json.dumps(dict(_plain(entry.items())), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(items: Iterable[tuple[Any, Any]]) -> Iterable[tuple[str, Any]]:
    for name, value in items:
        yield str(name), value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value

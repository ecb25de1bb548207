"""Walk the whole chain and say where it breaks, and what is not sealed yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.audit.anchors import Anchor
from webapp.audit.models import AuditEntry, AuditSeal
from webapp.audit.sealing import COLUMNS, GENESIS, link

_CHUNK = 2_000
MOST_BREAKS = 100
_MOST_OF_A_GAP = 10
WORDS = {
    "changed": "记录或其封条被改动",
    "missing_entry": "记录被删除",
    "missing_seal": "封条被删除",
    "truncated": "链尾被截断，或者数据库恢复到了更早的状态",
    "replaced": "链与当时的存证不一致",
}


@dataclass(frozen=True)
class Break:
    """The chain does not hold at ``position``."""

    position: int
    entry_id: int | None
    kind: str

    def as_json(self) -> dict[str, Any]:
        return {"position": self.position, "entry": self.entry_id, "kind": self.kind, "message": WORDS[self.kind]}


@dataclass
class Verification:
    """What was found: the breaks, how many are sealed, and what still waits to be."""

    sealed: int = 0
    head: str = GENESIS
    breaks: list[Break] = field(default_factory=list)
    unsealed: int = 0
    oldest_unsealed: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return not self.breaks

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.is_whole,
            "sealed": self.sealed,
            "head": self.head,
            "breaks": [found.as_json() for found in self.breaks],
            "unsealed": self.unsealed,
            "oldest_unsealed": self.oldest_unsealed.isoformat() if self.oldest_unsealed else None,
        }


def verify(session: Session, anchors: Sequence[Anchor] = ()) -> Verification:
    """Check every seal and every sealed entry; each break is told once, the chain is followed on behind it.

    Args:
        anchors: notes from outside the database of how far the chain had come.
    """
    result, wanted = Verification(), {anchor.position: anchor.hash for anchor in anchors}
    position = 0
    for row in _seals(session):
        number, found = row["position"], row["hash"]
        gap = range(position + 1, min(number, position + 1 + _MOST_OF_A_GAP))
        result.breaks += [Break(missing, None, "missing_seal") for missing in gap]
        kind = _fault(row, result.head, wanted.get(number), is_next=number == position + 1)
        if kind:
            result.breaks.append(Break(number, row["entry_id"], kind))
        result.sealed, position, result.head = result.sealed + 1, number, found
        if len(result.breaks) >= MOST_BREAKS:
            break
    else:
        if max(wanted, default=0) > position:
            result.breaks.append(Break(position + 1, None, "truncated"))
    result.unsealed, result.oldest_unsealed = _waiting(session)
    return result


def _fault(row: Mapping[str, Any], before: str, noted: str | None, *, is_next: bool) -> str | None:
    if row["id"] is None:
        return "missing_entry"
    entry = {column.name: row[column.name] for column in COLUMNS}
    if is_next and link(before, entry) != row["hash"]:  # behind a gap, what it was linked to is gone
        return "changed"
    return "replaced" if noted not in {None, row["hash"]} else None


def _seals(session: Session) -> Iterator[Mapping[str, Any]]:
    """Every seal with its entry, by position, read in chunks."""
    after = 0
    while True:
        query = (
            select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.hash, *COLUMNS)
            .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
            .where(AuditSeal.position > after)
            .order_by(AuditSeal.position)
            .limit(_CHUNK)
        )
        rows = session.execute(query).mappings().all()
        yield from rows  # type: ignore[misc]
        if len(rows) < _CHUNK:
            return
        after = rows[-1]["position"]


def _waiting(session: Session) -> tuple[int, datetime | None]:
    query = (
        select(func.count(), func.min(AuditEntry.at))
        .select_from(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None))
    )
    number, oldest = session.execute(query).one()
    return number, oldest

"""Places taken, consumed and given back, the rows of a plan always locked in the order of their ids.

So nobody waits in a ring, and two submitters at once never get the same last place: the second one waits for the
first one's commit and then reads rows that have no room.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.orm import Session

from webapp.quotas.models import Quota, QuotaClaim, QuotaPlan
from webapp.quotas.rules import choose_rows, traits_of
from webapp.registry.models import Organisation


def find_places(
    session: Session, plans: ColumnElement[bool], honour: str, regions: Sequence[str], organisation_id: int
) -> list[int]:
    """The rows in which a unit would take a place, of plans that are in force; one statement.

    Args:
        plans: SQL: which plans.
        regions: codes of the regions that the unit belongs to; rows without region cover the whole plan.
    """
    in_force = or_(~QuotaPlan.differs, QuotaPlan.acknowledged_at.is_not(None))
    unit = (Organisation.name, Organisation.unit_kind, Organisation.ownership)
    query = (
        select(Quota.id, Quota.plan_id, Quota.region_code, Quota.line, *unit)
        .join(QuotaPlan, QuotaPlan.id == Quota.plan_id)
        .join(Organisation, Organisation.id == organisation_id)
        .where(plans, in_force, Quota.honour_code == honour)
        .where(or_(Quota.region_code.is_(None), Quota.region_code.in_(regions)))
    )
    rows = session.execute(query).all()
    return choose_rows(rows, traits_of(rows[0].name, rows[0].unit_kind, rows[0].ownership)) if rows else []


def has_claim(session: Session, instance_id: int, organisation_id: int) -> bool:
    """Whether the case holds a place for the unit already."""
    query = select(QuotaClaim.quota_id).where(
        QuotaClaim.instance_id == instance_id,
        QuotaClaim.organisation_id == organisation_id,
        QuotaClaim.status != "released",
    )
    return session.scalars(query.limit(1)).first() is not None


@dataclass(frozen=True)
class Full:
    """A row without a place left, and what its plan does with those who come then."""

    quota_id: int
    over_cap: str

    @property
    def blocks(self) -> bool:
        return self.over_cap == "block"


@dataclass(frozen=True)
class Taking:
    """What became of the wish for places: taken unless a cap is ``full``; targets are only ``exceeded``."""

    full: Sequence[Full] = ()
    exceeded: Sequence[int] = ()


def take(session: Session, instance_id: int, organisation_id: int, quotas: Sequence[int]) -> Taking:
    """Take a place in every row, or in none where a cap among them is full."""
    if not quotas:
        return Taking()
    rows = session.execute(_lock(quotas)).all()
    full = [Full(row.id, row.over_cap) for row in rows if row.is_cap and row.is_full]
    if full:
        return Taking(full)
    session.execute(_TAKE, {"quotas": list(quotas), "instance": instance_id, "organisation": organisation_id})
    return Taking(exceeded=[row.id for row in rows if row.is_full])


def _lock(quotas: Sequence[int]) -> Any:
    is_full = (Quota.reserved + Quota.used >= Quota.planned).label("is_full")
    query = select(Quota.id, Quota.is_cap, QuotaPlan.over_cap, is_full).join(QuotaPlan, QuotaPlan.id == Quota.plan_id)
    return query.where(Quota.id.in_(quotas)).order_by(Quota.id).with_for_update(of=Quota)


_TAKE = text("""
    WITH claimed AS (
        INSERT INTO quota_claims (instance_id, organisation_id, quota_id, status)
        SELECT :instance, :organisation, quota, 'reserved' FROM unnest(CAST(:quotas AS integer[])) AS quota
        ON CONFLICT (instance_id, organisation_id, quota_id) DO UPDATE SET status = 'reserved'
    ) UPDATE quotas SET reserved = reserved + 1 WHERE id = ANY(CAST(:quotas AS integer[]))
""")


def release(session: Session, instance_id: int, organisations: Sequence[int] | None = None) -> bool:
    """Give back the places that a case has reserved (for some units alone); returns whether it had any."""
    return _settle(session, instance_id, organisations, "released")


def consume(session: Session, instance_id: int, organisations: Sequence[int] | None = None) -> bool:
    """Turn the reserved places of a case into used ones; returns whether it had any."""
    return _settle(session, instance_id, organisations, "used")


def _settle(session: Session, instance_id: int, organisations: Sequence[int] | None, status: str) -> bool:
    mine = update(QuotaClaim).where(QuotaClaim.instance_id == instance_id, QuotaClaim.status == "reserved")
    if organisations is not None:
        mine = mine.where(QuotaClaim.organisation_id.in_(organisations))
    held = mine.values(status=status).returning(QuotaClaim.quota_id).execution_options(synchronize_session=False)
    counts = Counter(session.execute(held).scalars())
    for quota in sorted(counts):  # in the order in which places are taken: nobody waits in a ring
        change = {"reserved": Quota.reserved - counts[quota]}
        if status == "used":
            change["used"] = Quota.used + counts[quota]
        moved = update(Quota).where(Quota.id == quota).values(change)
        session.execute(moved.execution_options(synchronize_session=False))
    return bool(counts)

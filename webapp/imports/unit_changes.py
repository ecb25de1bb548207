"""Carry out a plan for units, in few statements however many rows."""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.imports.units import NewAward, UnitPlan
from webapp.registry.models import Award, Organisation, Predecessor

_COLUMNS = (
    "name",
    "kind",
    "region_code",
    "waiting_code",
    "printed_region",
    "city_direct",
    "uscc",
    "unit_kind",
    "sector",
    "ownership",
)


def apply_units(session: Session, plan: UnitPlan, source: str) -> dict[str, list[int]]:
    """Add and complete what the plan says.

    Args:
        source: where the facts come from, kept with every new row.

    Returns:
        The organisations that were added and completed, for the audit log.
    """
    _add_bodies(session, plan, source)
    if plan.updates:
        session.execute(update(Organisation), [{"id": id_} | values for id_, values in sorted(plan.updates.items())])
    if plan.awards:
        session.execute(insert(Award), [_award_row(award, source) for award in plan.awards])
    if plan.proposals:
        at = clock.real_now()
        rows = [
            {
                "organisation_id": proposal.body.id,
                "predecessor_id": proposal.earlier.id,
                "reason": proposal.reason,
                "proposed_at": at,
            }
            for proposal in plan.proposals
        ]
        session.execute(insert(Predecessor), rows)
    return {"added": [body.id for body in plan.added if body.id], "completed": sorted(plan.updates)}


def _add_bodies(session: Session, plan: UnitPlan, source: str) -> None:
    at = clock.real_now()
    rows = [
        {name: getattr(body, name) for name in _COLUMNS} | {"source": source, "created_at": at} for body in plan.added
    ]
    if not rows:
        return
    ids = session.scalars(insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), rows)
    for body, id_ in zip(plan.added, ids, strict=True):
        body.id = id_


def _award_row(award: NewAward, source: str) -> dict[str, object]:
    return {
        "organisation_id": award.body.id,
        "honour_code": award.honour,
        "term": award.term,
        "granted_name": award.granted_name,
        "source": source,
    }

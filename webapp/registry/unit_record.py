"""One unit with everything that is public about it: names, predecessors, awards, and its cases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor
from webapp.instances.models import Instance
from webapp.problems import NotFound
from webapp.registry.models import Award, Honour, Organisation, OrganisationName, Predecessor, Region
from webapp.registry.queries import get_organisation

_Other = aliased(Organisation)


def get_unit(session: Session, actor: Actor, unit_id: int) -> dict[str, Any]:
    """Everything public about a unit that the actor may see, as plain JSON.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    unit = get_organisation(session, actor, unit_id)
    if unit.kind != "unit":
        raise NotFound
    region = session.get(Region, unit.region_code) if unit.region_code else None
    return {
        "id": unit.id,
        "name": unit.name,
        "uscc": unit.uscc,
        "region": unit.region_code,
        "region_name": region.name if region else None,
        "waiting": unit.region_code is None,
        "waiting_region": unit.waiting_code,
        "printed_region": unit.printed_region,
        "city_direct": unit.city_direct,
        "kind": unit.unit_kind,
        "sector": unit.sector,
        "ownership": unit.ownership,
        "status": unit.status,
        "source": unit.source,
        "names": _names(session, unit_id),
        "predecessors": _relatives(session, unit_id, earlier=True),
        "successors": _relatives(session, unit_id, earlier=False),
        "awards": _awards(session, unit_id),
    }


def _names(session: Session, unit_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(OrganisationName)
        .where(OrganisationName.organisation_id == unit_id)
        .order_by(OrganisationName.until.desc().nulls_last(), OrganisationName.id.desc())
    )
    return [
        {"name": row.name, "since": _day(row.since), "until": _day(row.until), "source": row.source} for row in rows
    ]


def _relatives(session: Session, unit_id: int, *, earlier: bool) -> list[dict[str, Any]]:
    mine, other = Predecessor.organisation_id, Predecessor.predecessor_id
    if not earlier:
        mine, other = other, mine
    rows = session.execute(
        select(Predecessor.id, _Other.id, _Other.name, Predecessor.status, Predecessor.reason)
        .join(_Other, _Other.id == other)
        .where(mine == unit_id)
        .order_by(Predecessor.id)
    )
    return [
        {"id": id_, "unit": {"id": other_id, "name": name}, "status": status, "reason": reason}
        for id_, other_id, name, status, reason in rows
    ]


def _awards(session: Session, unit_id: int) -> list[dict[str, Any]]:
    """Awards of the unit and, marked as theirs, of its confirmed predecessors."""
    inherited = select(Predecessor.predecessor_id).where(
        Predecessor.organisation_id == unit_id, Predecessor.status == "confirmed"
    )
    rows = session.execute(
        select(Award, Honour.name, Organisation.name)
        .join(Honour, Honour.code == Award.honour_code)
        .join(Organisation, Organisation.id == Award.organisation_id)
        .where(or_(Award.organisation_id == unit_id, Award.organisation_id.in_(inherited)))
        .order_by(Honour.rank.desc(), Award.term.desc(), Award.id)
    )
    return [
        {
            "honour": award.honour_code,
            "honour_name": honour,
            "term": award.term,
            "granted_name": award.granted_name,
            "status": award.status,
            "document_number": award.document_number,
            "granted_on": _day(award.granted_on),
            "source": award.source,
            "instance": award.instance_id,
            "from_predecessor": holder if award.organisation_id != unit_id else None,
        }
        for award, honour, holder in rows
    ]


def _day(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def list_cases(session: Session, unit_id: int, limit: int = 50) -> Sequence[Any]:
    """The newest cases about a unit; the caller has checked that the unit may be seen."""
    return session.execute(
        select(
            Instance.id,
            Instance.number,
            Instance.title,
            Instance.status,
            Instance.outcome,
            Instance.outcome_name,
            Instance.started_at,
            Honour.name.label("honour"),
        )
        .outerjoin(Honour, Honour.code == Instance.honour_code)
        .where(Instance.subject_id == unit_id)
        .order_by(Instance.id.desc())
        .limit(limit)
    ).all()

"""What the registry says, each person seeing their own subtree: offices their units, everybody else their own body."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, in_subtree
from webapp.accounts.management_rules import is_above_all
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Award, Honour, Organisation, OrganisationName, Predecessor, Region

Waiting = aliased(Region)
_Other = aliased(Organisation)


@dataclass(frozen=True)
class UnitFilter:
    """What a list of units is narrowed to."""

    q: str = ""
    region: str = ""
    honour: str = ""
    waiting: bool = False


def visible(actor: Actor) -> ColumnElement[bool]:
    """SQL: the organisation may be seen; needs the joins of :func:`with_regions`."""
    if is_above_all(actor):
        return true()
    if not actor.sees_subtree:
        return Organisation.id == actor.organisation_id
    placed = and_(Organisation.region_code.is_not(None), in_subtree(Region.path, actor.region_path))
    unplaced = and_(Organisation.region_code.is_(None), in_subtree(Waiting.path, actor.region_path))
    return or_(placed, unplaced)


def with_regions(query: Select[*tuple[Any, ...]]) -> Select[Any]:
    """Join the jurisdiction and, for what has none, the region in which it waits."""
    return query.outerjoin(Region, Region.code == Organisation.region_code).outerjoin(
        Waiting, Waiting.code == Organisation.waiting_code
    )


def list_units(
    session: Session,
    actor: Actor,
    q: str,
    region: str,
    page: int,
    per_page: int,
    *,
    honour: str = "",
    waiting: bool = False,
) -> Page:
    """Units by region and name; ``q`` is part of a present or former name, or of the USCC."""
    wanted = UnitFilter(q.strip(), region.strip(), honour.strip(), waiting)
    found = fetch_page(session, _units(session, actor, wanted), page, per_page)
    return Page(_with_honours(session, found.items), found.total, found.page, found.per_page, found.is_capped)


def export_units(session: Session, actor: Actor, wanted: UnitFilter, limit: int) -> list[dict[str, Any]]:
    """The same list without pages, for a file."""
    return _with_honours(session, session.execute(_units(session, actor, wanted).limit(limit)).all())


def _units(session: Session, actor: Actor, wanted: UnitFilter) -> Select[*tuple[Any, ...]]:
    query = with_regions(
        select(
            Organisation.id,
            Organisation.name,
            Organisation.uscc,
            Organisation.region_code,
            Region.name.label("region_name"),
            Organisation.printed_region,
            Organisation.city_direct,
            Organisation.unit_kind,
            Organisation.sector,
            Organisation.ownership,
            Organisation.status,
        )
    ).where(Organisation.kind == "unit", visible(actor), *_conditions(session, wanted))
    return query.order_by(Region.path.nulls_last(), Organisation.name, Organisation.id)


def _conditions(session: Session, wanted: UnitFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        named = select(OrganisationName.organisation_id).where(
            OrganisationName.name.icontains(wanted.q, autoescape=True)
        )
        found.append(
            or_(
                Organisation.name.icontains(wanted.q, autoescape=True),
                Organisation.uscc.icontains(wanted.q, autoescape=True),
                Organisation.id.in_(named),
            )
        )
    if wanted.region:
        path = session.scalar(select(Region.path).where(Region.code == wanted.region))
        found.append(in_subtree(Region.path, path) if path else false())
    if wanted.honour:
        holders = select(Award.organisation_id).where(Award.honour_code == wanted.honour, Award.status == "valid")
        found.append(Organisation.id.in_(holders))
    if wanted.waiting:
        found.append(Organisation.region_code.is_(None))
    return found


def _with_honours(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    held: dict[int, list[dict[str, str]]] = {}
    awards = session.execute(
        select(Award.organisation_id, Award.honour_code, Honour.name, Award.term)
        .join(Honour, Honour.code == Award.honour_code)
        .where(Award.organisation_id.in_([row.id for row in rows]), Award.status == "valid")
        .order_by(Honour.rank.desc(), Award.term.desc())
    )
    for unit, code, name, term in awards:
        held.setdefault(unit, []).append({"honour": code, "name": name, "term": term})
    return [
        {
            "id": row.id,
            "name": row.name,
            "uscc": row.uscc,
            "region": row.region_code,
            "region_name": row.region_name,
            "printed_region": row.printed_region,
            "city_direct": row.city_direct,
            "kind": row.unit_kind,
            "sector": row.sector,
            "ownership": row.ownership,
            "status": row.status,
            "honours": held.get(row.id, []),
        }
        for row in rows
    ]


def get_organisation(session: Session, actor: Actor, organisation_id: int, *, lock: bool = False) -> Organisation:
    """An organisation that the actor may see.

    Raises:
        NotFound: there is none, or it is out of sight.
    """
    query = with_regions(select(Organisation)).where(Organisation.id == organisation_id, visible(actor))
    found: Organisation | None = session.scalar(query.with_for_update(of=Organisation) if lock else query)
    if found is None:
        raise NotFound
    return found


def list_regions(session: Session, actor: Actor, near: str | None = None) -> list[tuple[str, str, str]]:
    """Code, name and level of the regions in the actor's subtree in tree order.

    Args:
        near: a region; those above all are offered counties of its city only, not all of the country.
    """
    query = select(Region.code, Region.name, Region.level).order_by(Region.path)
    if is_above_all(actor):
        path = session.scalar(select(Region.path).where(Region.code == near)) or ""
        city = "/".join(path.split("/")[:2])
        query = query.where(or_(Region.level != "county", in_subtree(Region.path, city)))
    else:
        query = query.where(in_subtree(Region.path, actor.region_path))
    return [(code, name, level) for code, name, level in session.execute(query)]


def list_honours(session: Session) -> list[tuple[str, str]]:
    """Code and name of the honours, the highest first."""
    rows = session.execute(select(Honour.code, Honour.name).order_by(Honour.rank.desc()))
    return [(code, name) for code, name in rows]


def list_proposals(session: Session, actor: Actor, limit: int = 50) -> Sequence[Any]:
    """Predecessors that wait for a person's word, of the units that the actor may see."""
    query = with_regions(
        select(
            Predecessor.id,
            Organisation.id.label("unit_id"),
            Organisation.name.label("unit"),
            _Other.id.label("earlier_id"),
            _Other.name.label("earlier"),
            Predecessor.reason,
        )
        .join(Organisation, Organisation.id == Predecessor.organisation_id)
        .join(_Other, _Other.id == Predecessor.predecessor_id)
    )
    return session.execute(
        query.where(Predecessor.status == "proposed", visible(actor)).order_by(Predecessor.id).limit(limit)
    ).all()


def count_waiting(session: Session, actor: Actor) -> int:
    """How many units wait to be placed (at most 1000 are counted)."""
    query = with_regions(select(Organisation.id)).where(
        Organisation.kind == "unit", Organisation.region_code.is_(None), visible(actor)
    )
    return len(session.scalars(query.limit(1000)).all())

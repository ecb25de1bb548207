"""What the registry already knows, read once per import, and how far the person who imports may reach."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Executable, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from webapp.access import Actor, in_subtree
from webapp.registry.models import Award, Honour, Organisation, Predecessor, Region
from webapp.registry.places import Place, Places


@dataclass(frozen=True)
class Reach:
    """What an import may touch.

    ``root`` is the path of the importer's region; ``None`` (command line, or an administrator above all
    regions) means everything. Only those may add offices and departments.
    """

    root: str | None
    home: str | None
    """The region in which an organisation waits when the file does not say where it lies."""
    may_add_offices: bool
    actor: Actor | None


def reach_of(actor: Actor | None) -> Reach:
    """The reach of a person, or of the command line (``None``)."""
    if actor is None:
        return Reach(None, None, True, None)
    is_administrator = "administrator" in actor.roles
    root = None if is_administrator and actor.region_code is None else actor.region_path
    return Reach(root, actor.region_code, is_administrator, actor)


def within(path: InstrumentedAttribute[str], reach: Reach) -> ColumnElement[bool]:
    """SQL: the region path lies in the reach."""
    return true() if reach.root is None else in_subtree(path, reach.root)


@dataclass
class Body:
    """An organisation, known (``id``) or to be added."""

    id: int | None
    name: str
    kind: str = "unit"
    region_code: str | None = None
    waiting_code: str | None = None
    printed_region: str | None = None
    city_direct: bool = False
    uscc: str | None = None
    unit_kind: str | None = None
    sector: str | None = None
    ownership: str | None = None
    awards: set[tuple[str, str]] = field(default_factory=set)
    """Honour and term of what it holds already."""
    row: int | None = None
    """The row that adds it."""


@dataclass
class Known:
    """Facts for an import of units."""

    places: Places
    honours: dict[str, str]
    """Code → name."""
    bodies: list[Body]
    foreign_codes: set[str]
    """USCCs that belong to organisations out of reach."""
    pairs: set[tuple[int, int]]
    """Organisation and predecessor of every statement made so far."""


_BODY = (
    Organisation.id,
    Organisation.name,
    Organisation.kind,
    Organisation.region_code,
    Organisation.waiting_code,
    Organisation.printed_region,
    Organisation.city_direct,
    Organisation.uscc,
    Organisation.unit_kind,
    Organisation.sector,
    Organisation.ownership,
)


def load_places(session: Session, reach: Reach) -> Places:
    """All regions; those in reach can be found by name."""
    rows = session.execute(select(Region.code, Region.name, Region.level, Region.path))
    return Places((Place(*row) for row in rows), reach.root)


def load_known(session: Session, reach: Reach, codes: set[str]) -> Known:
    """Read what an import of units is compared with.

    Args:
        codes: the USCCs of the file, to be looked up beyond the reach as well.
    """
    bodies = {row.id: Body(**row._mapping) for row in session.execute(_reachable(reach))}
    for unit, honour, term in session.execute(select(Award.organisation_id, Award.honour_code, Award.term)):
        if unit in bodies:
            bodies[unit].awards.add((honour, term))
    taken = session.execute(select(Organisation.id, Organisation.uscc).where(Organisation.uscc.in_(codes)))
    return Known(
        places=load_places(session, reach),
        honours={code: name for code, name in session.execute(select(Honour.code, Honour.name))},
        bodies=list(bodies.values()),
        foreign_codes={str(uscc) for id_, uscc in taken if id_ not in bodies},
        pairs={
            (unit, earlier)
            for unit, earlier in session.execute(select(Predecessor.organisation_id, Predecessor.predecessor_id))
        },
    )


def _reachable(reach: Reach) -> Executable:
    waiting = aliased(Region)
    return (
        select(*_BODY)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(waiting, waiting.code == Organisation.waiting_code)
        .where(
            or_(
                and_(Organisation.region_code.is_not(None), within(Region.path, reach)),
                and_(Organisation.region_code.is_(None), within(waiting.path, reach)),
            )
        )
        .order_by(Organisation.id)
    )

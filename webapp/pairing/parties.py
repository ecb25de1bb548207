"""Organisations as pairing sees them: who may help in a programme, who is helped, who is busy."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.access import in_subtree
from webapp.accounts.models import User
from webapp.pairing.models import HelpedUnit, Pairing, Programme
from webapp.pairing.rules import Kind, Party
from webapp.registry.models import Award, Honour, Organisation, Region

LIVE = ("confirmed", "active")


def get_party(session: Session, organisation_id: int) -> Party | None:
    """One organisation; ``None`` where there is none."""
    found = list_parties(session, Organisation.id == organisation_id)
    return found[0] if found else None


def get_parties(session: Session, ids: Sequence[int]) -> dict[int, Party]:
    """Several by id; those that there are not are left out."""
    return {party.id: party for party in list_parties(session, Organisation.id.in_(ids))} if ids else {}


def list_parties(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Party]:
    """Organisations by region and name, with what counts about them, in one statement."""
    query = _parties().where(*conditions).order_by(Region.path, Organisation.name, Organisation.id).limit(limit)
    return [_party(row) for row in session.execute(query)]


def _parties() -> Select[*tuple[Any, ...]]:
    valid = (Award.organisation_id == Organisation.id, Award.status == "valid")
    honours = select(func.array_agg(Award.honour_code.distinct())).where(*valid).scalar_subquery()
    terms = select(func.count(Award.term.distinct())).where(*valid).scalar_subquery()
    mine = Pairing.helper_id == Organisation.id
    before = select(func.count()).where(mine, Pairing.outcome == "target_reached").scalar_subquery()
    load = select(func.count()).where(mine, Pairing.status.in_(LIVE)).scalar_subquery()
    return select(
        Organisation.id,
        Organisation.name,
        Organisation.kind,
        Organisation.sector,
        Organisation.ownership,
        Organisation.unit_kind,
        Organisation.status,
        Region.path,
        Region.level,
        honours.label("honours"),
        terms.label("terms"),
        before.label("helped_before"),
        load.label("load"),
    ).outerjoin(Region, Region.code == Organisation.region_code)


def _party(row: Any) -> Party:
    return Party(
        id=row.id,
        name=row.name,
        kind=row.kind,
        region_path=row.path or "",
        region_level=row.level or "",
        sector=row.sector,
        ownership=row.ownership,
        unit_kind=row.unit_kind,
        honours=frozenset(row.honours or ()),
        is_active=row.status == "active",
        terms=row.terms,
        helped_before=row.helped_before,
        load=row.load,
    )


def may_help(kind: Kind) -> ColumnElement[bool]:
    """SQL: what :func:`webapp.pairing.rules.refuse_helper` says of one organisation, for all."""
    holds = exists().where(
        Award.organisation_id == Organisation.id,
        Award.status == "valid",
        Award.honour_code.in_(sorted(kind.helper_honours)),
    )
    unit = and_(Organisation.kind == "unit", holds)
    office = and_(Organisation.kind == "office", Region.level.in_(("city", "county")))
    return and_(Organisation.status == "active", or_(unit, office) if kind.offices_help else unit)


def is_free(kind: str) -> ColumnElement[bool]:
    """SQL: the organisation helps in no pair of this kind now."""
    return ~exists().where(Pairing.helper_id == Organisation.id, Pairing.kind == kind, Pairing.status.in_(LIVE))


def list_free_helpers(
    session: Session,
    kind: Kind,
    region_path: str,
    *,
    without: Iterable[int] = (),
    limit: int | None = None,
    with_people: bool = False,
) -> list[Party]:
    """Who owes a pair of this kind and has none, within a region's subtree."""
    taken = list(without)
    people = exists().where(User.organisation_id == Organisation.id, User.disabled_at.is_(None))
    conditions = [may_help(kind), is_free(kind.code), in_subtree(Region.path, region_path)]
    if taken:
        conditions.append(Organisation.id.not_in(taken))
    if with_people:
        conditions.append(people)
    return list_parties(session, *conditions, limit=limit)


def count_free_helpers(session: Session, kind: Kind, region_path: str) -> int:
    """How many of them there are."""
    query = (
        select(func.count())
        .select_from(Organisation)
        .join(Region, Region.code == Organisation.region_code)
        .where(may_help(kind), is_free(kind.code), in_subtree(Region.path, region_path))
    )
    return session.scalar(query) or 0


def list_waiting_units(session: Session, programme: Programme, *, without: Iterable[int] = ()) -> list[Party]:
    """The units of a programme that nobody helps yet."""
    named = select(HelpedUnit.organisation_id).where(HelpedUnit.programme_id == programme.id)
    helped = exists().where(
        Pairing.helped_id == Organisation.id, Pairing.kind == programme.kind, Pairing.status.in_(LIVE)
    )
    conditions = [Organisation.id.in_(named), ~helped, Organisation.status == "active", Region.path.is_not(None)]
    taken = list(without)
    if taken:
        conditions.append(Organisation.id.not_in(taken))
    return list_parties(session, *conditions)


def targets_of(session: Session, programme_id: int) -> Mapping[int, str]:
    """Unit of a programme → code of the honour that it is helped towards."""
    query = select(HelpedUnit.organisation_id, HelpedUnit.target_honour).where(HelpedUnit.programme_id == programme_id)
    return dict(session.execute(query).all())


def ranks(session: Session) -> Mapping[str, int]:
    """Code of an honour → its standing."""
    return dict(session.execute(select(Honour.code, Honour.rank)).all())


def honour_names(session: Session) -> Mapping[str, str]:
    """Code of an honour → its name, lowest first."""
    return dict(session.execute(select(Honour.code, Honour.name).order_by(Honour.rank)).all())


def refused_before(session: Session, programme_id: int) -> Mapping[tuple[int, int], str]:
    """Pairs of a programme that did not work out: (helper, helped) → why they are not proposed again."""
    query = select(Pairing.helper_id, Pairing.helped_id, Pairing.outcome).where(
        Pairing.programme_id == programme_id, Pairing.outcome.in_(("declined", "rematched"))
    )
    words = {"declined": "这两家此前没有签成协议。", "rematched": "这两家此前结对后已改为重新匹配。"}
    return {(row.helper_id, row.helped_id): words[row.outcome] for row in session.execute(query)}


def live_pairs(session: Session, kind: str, organisations: Sequence[int]) -> list[Any]:
    """The live pairs of one kind in which any of the organisations stands on the same side."""
    helper, helped = organisations
    query = select(Pairing).where(
        Pairing.kind == kind,
        Pairing.status.in_(LIVE),
        or_(Pairing.helper_id == helper, Pairing.helped_id == helped),
    )
    return list(session.scalars(query.order_by(Pairing.id)))

"""Read programmes: which a person may see, their units, matchings and the list of what was confirmed."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree
from webapp.paging import Page, fetch_page
from webapp.pairing import parties
from webapp.pairing.models import (
    HelpedUnit,
    MatchingRun,
    Pairing,
    Programme,
)
from webapp.pairing.queries import Helper, rows
from webapp.problems import InputError, Invalid, NotFound
from webapp.registry.models import Honour, Organisation, Region


def list_programmes(session: Session, actor: Actor) -> list[Any]:
    """The programmes of the actor's line and subtree, newest first, with their numbers."""
    named = select(func.count()).where(HelpedUnit.programme_id == Programme.id).scalar_subquery()
    mine = Pairing.programme_id == Programme.id
    proposed = select(func.count()).where(mine, Pairing.status == "proposed").scalar_subquery()
    live = select(func.count()).where(mine, Pairing.status.in_(parties.LIVE)).scalar_subquery()
    query = (
        select(
            Programme, Region.name.label("region"), named.label("named"), proposed.label("proposed"), live.label("live")
        )
        .join(Region, Region.code == Programme.region_code)
        .where(or_(Region.code.in_(actor.region_path.split("/")), in_subtree(Region.path, actor.region_path)))
        .order_by(Programme.id.desc())
        .limit(200)
    )
    return list(session.execute(query))


def get_programme(session: Session, actor: Actor, programme_id: int) -> Programme:
    """A programme that the actor may see; else raises ``NotFound``."""
    query = (
        select(Programme)
        .join(Region, Region.code == Programme.region_code)
        .where(Programme.id == programme_id)
        .where(or_(Region.code.in_(actor.region_path.split("/")), in_subtree(Region.path, actor.region_path)))
    )
    found = session.scalar(query)
    if found is None or not actor.sees_subtree:
        raise NotFound
    return found


def last_matching(session: Session, programme_id: int) -> MatchingRun | None:
    """The newest computation of a programme."""
    query = select(MatchingRun).where(MatchingRun.programme_id == programme_id).order_by(MatchingRun.id.desc()).limit(1)
    return session.scalar(query)


def get_matching(session: Session, actor: Actor, run_id: int) -> MatchingRun:
    """A computation of a programme that the actor may see; else raises ``NotFound``."""
    run = session.get(MatchingRun, run_id)
    if run is None:
        raise NotFound
    get_programme(session, actor, run.programme_id)
    return run


def list_named(session: Session, programme_id: int) -> list[Any]:
    """The units of a programme with their targets, and who helps them now."""
    return list(session.execute(_named(programme_id)))


def page_named(session: Session, programme_id: int, page: int, per_page: int) -> Page:
    """One page of the same."""
    return fetch_page(session, _named(programme_id), page, per_page)


def list_waiting(session: Session, programme_id: int, limit: int) -> list[Any]:
    """The first of them whom nobody helps."""
    named = _named(programme_id)
    return list(session.execute(named.where(named.selected_columns.helper.is_(None)).limit(limit)))


def _named(programme_id: int) -> Select[*tuple[Any, ...]]:
    live = (
        select(Helper.name)
        .join(Pairing, Pairing.helper_id == Helper.id)
        .where(
            Pairing.helped_id == HelpedUnit.organisation_id,
            Pairing.programme_id == HelpedUnit.programme_id,
            Pairing.status.in_(parties.LIVE),
        )
        .order_by(Pairing.id)
        .limit(1)
        .correlate(HelpedUnit)
        .scalar_subquery()
    )
    return (
        select(
            HelpedUnit,
            Organisation.name,
            Organisation.sector,
            Region.name.label("region"),
            Honour.name.label("target"),
            live.label("helper"),
        )
        .join(Organisation, Organisation.id == HelpedUnit.organisation_id)
        .join(Honour, Honour.code == HelpedUnit.target_honour)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(HelpedUnit.programme_id == programme_id)
        .order_by(Region.path, Organisation.name)
    )


def list_confirmed(session: Session, programme_id: int, today: date) -> list[Any]:
    """The confirmed pairs of a programme, by region: the list for the province."""
    query = (
        rows(today)
        .where(Pairing.programme_id == programme_id, Pairing.status.in_(parties.LIVE))
        .order_by(Pairing.helped_path, Pairing.id)
    )
    return list(session.execute(query))


def find_unit(session: Session, actor: Actor, words: str) -> int:
    """The one unit of the actor's region that is meant by its whole name or its credit code.

    Raises:
        Invalid: none or several are.
    """
    wanted = words.strip()
    query = (
        select(Organisation.id)
        .join(Region, Region.code == Organisation.region_code)
        .where(Organisation.kind == "unit", in_subtree(Region.path, actor.region_path))
        .where(or_(Organisation.name == wanted, Organisation.uscc == wanted))
        .limit(2)
    )
    found = list(session.scalars(query)) if wanted else []
    if len(found) != 1:
        text = (
            "请填写单位全称或统一社会信用代码。"
            if not wanted
            else f"本地区没有（或不止一个）名为“{wanted[:60]}”的单位。"
        )
        raise Invalid([InputError("unit", "unknown", text)])
    return found[0]

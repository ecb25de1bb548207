"""Read calls, lists and nominees: what a person may see, how far the counties are, who was approved."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree
from webapp.accounts.models import User
from webapp.nominations.models import LIVE, NominationCall, NominationList, Nominee
from webapp.nominations.rules import late_days
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Honour, Organisation, Region


def list_approved_nominees(session: Session, region_path: str, call_id: int | None = None) -> Sequence[Any]:
    """The approved nominees of a region's subtree, newest call first, then by the city's ranking.

    Args:
        region_path: path of a city, county or province; nominees of all counties below it.
        call_id: only those of one call.

    Returns:
        Rows with ``nominee_id``, ``unit_id``, ``unit``, ``uscc``, ``sector``, ``county_code``, ``county``,
        ``region_path`` (of the county), ``kind``, ``honour_code``, ``rank``, ``call_id`` and ``decided_at``.
    """
    query = (
        select(
            Nominee.id.label("nominee_id"),
            Nominee.organisation_id.label("unit_id"),
            Organisation.name.label("unit"),
            Organisation.uscc,
            Organisation.sector,
            Nominee.county_code,
            Region.name.label("county"),
            Region.path.label("region_path"),
            Nominee.kind,
            Nominee.honour_code,
            Nominee.rank,
            Nominee.call_id,
            Nominee.decided_at,
        )
        .join(Organisation, Organisation.id == Nominee.organisation_id)
        .join(Region, Region.code == Nominee.county_code)
        .join(NominationCall, NominationCall.id == Nominee.call_id)
        .where(Nominee.status == "approved", in_subtree(Region.path, region_path))
        .order_by(Nominee.call_id.desc(), Nominee.rank.nulls_last(), Nominee.id)
    )
    return session.execute(query if call_id is None else query.where(Nominee.call_id == call_id)).all()


def list_of_call(session: Session, call_id: int) -> Sequence[Any]:
    """The nominees on a call's lists, by county and as the county ranked them.

    Returns:
        Rows with ``Nominee``, ``unit``, ``uscc``, ``county`` and ``honour``.
    """
    return session.execute(_nominee_query().where(Nominee.call_id == call_id, Nominee.status.in_(LIVE))).all()


def _nominee_query() -> Any:
    return (
        select(
            Nominee,
            Organisation.name.label("unit"),
            Organisation.uscc,
            Region.name.label("county"),
            Honour.name.label("honour"),
        )
        .join(Organisation, Organisation.id == Nominee.organisation_id)
        .join(Region, Region.code == Nominee.county_code)
        .join(Honour, Honour.code == Nominee.honour_code)
        .order_by(Nominee.county_code, Nominee.position, Nominee.id)
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Offices see the calls of their subtree and, being asked by them, those of the city above; nobody else any."""
    above = NominationCall.region_code.in_(actor.region_path.split("/"))
    return or_(above, in_subtree(Region.path, actor.region_path))


def list_calls(session: Session, actor: Actor, page: int, per_page: int) -> Page:
    """One page of the calls that an office may see, newest first, with how far the counties are."""
    lists = NominationList.call_id == NominationCall.id
    counts = [
        select(func.count()).where(lists, *conditions).correlate(NominationCall).scalar_subquery().label(name)
        for name, conditions in {
            "counties": (),
            "submitted": (NominationList.submitted_at.is_not(None),),
            "late": (NominationList.late_days > 0,),
        }.items()
    ]
    live = (Nominee.call_id == NominationCall.id, Nominee.status.in_(LIVE))
    nominees = select(func.count()).where(*live).correlate(NominationCall).scalar_subquery().label("nominees")
    query = (
        select(NominationCall, Region.name.label("region"), *counts, nominees)
        .join(Region, Region.code == NominationCall.region_code)
        .where(_visible(actor))
        .order_by(NominationCall.id.desc())
    )
    return fetch_page(session, query, page, per_page)


def get_visible(session: Session, actor: Actor, call_id: int) -> NominationCall:
    """The call, if the actor's office may see it.

    Raises:
        NotFound: there is none, or it lies outside the actor's scope.
    """
    query = select(NominationCall).join(Region, Region.code == NominationCall.region_code)
    call = session.scalar(query.where(NominationCall.id == call_id, _visible(actor))) if actor.sees_subtree else None
    if call is None:
        raise NotFound
    return call


def _own_counties(actor: Actor, path: Any) -> ColumnElement[bool]:
    return in_subtree(path, actor.region_path)


def board(session: Session, actor: Actor, call_id: int) -> Sequence[Any]:
    """How each county of the actor's subtree stands in a call: ``NominationList``, ``county``, numbers, ``by``."""
    mine = (Nominee.call_id == NominationList.call_id, Nominee.county_code == NominationList.county_code)
    flagged = case((func.jsonb_array_length(Nominee.flags) > 0, 1))
    numbers = {
        "number": func.count().filter(Nominee.status.in_(LIVE)),
        "approved": func.count().filter(Nominee.status == "approved"),
        "waitlisted": func.count().filter(Nominee.status == "waitlisted"),
        "flagged": func.count(flagged).filter(Nominee.status.in_(LIVE)),
    }
    counts = [
        select(number).where(*mine).correlate(NominationList).scalar_subquery().label(name)
        for name, number in numbers.items()
    ]
    query = (
        select(NominationList, Region.name.label("county"), User.name.label("by"), *counts)
        .join(Region, Region.code == NominationList.county_code)
        .outerjoin(User, User.id == NominationList.submitted_by)
        .where(NominationList.call_id == call_id, _own_counties(actor, Region.path))
        .order_by(Region.code)
    )
    return session.execute(query).all()


def ranking(session: Session, actor: Actor, call_id: int) -> Sequence[Any]:
    """The nominees of the actor's subtree, as :func:`list_of_call`, by the city's ranking, refused ones last."""
    return session.execute(_ranked(call_id).where(_own_counties(actor, Region.path))).all()


def whole_ranking(session: Session, call_id: int) -> Sequence[Any]:
    """The same for the command line, which sees all."""
    return session.execute(_ranked(call_id)).all()


def _ranked(call_id: int) -> Any:
    order = (Nominee.rank.nulls_last(), Nominee.county_code, Nominee.position, Nominee.id)
    query = _nominee_query().where(Nominee.call_id == call_id, Nominee.status != "withdrawn")
    return query.order_by(None).order_by(*order)


def honour_names(session: Session, codes: Sequence[str]) -> list[str]:
    """The names of some honours, lowest first."""
    return list(session.scalars(select(Honour.name).where(Honour.code.in_(codes)).order_by(Honour.rank)))


def days_late(call: NominationCall, today: date) -> int:
    """How many days the date of an open call is past; 0 before, and where the collection is over."""
    return late_days(call.due_on, today) if call.status == "open" else 0

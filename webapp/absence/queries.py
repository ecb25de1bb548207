"""Read who stands in for whom, whom one may choose, and what was handed over from somebody who left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, true
from sqlalchemy.orm import Session, aliased

from webapp.absence.models import Deputy, HandOver, HandOverItem
from webapp.access import Actor, in_subtree
from webapp.accounts.management_rules import is_above_all
from webapp.accounts.models import User
from webapp.definitions.models import ProcessVersion
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Organisation, Region

MOST_CHOICES = 300
MOST_EARLIER = 20
_Absent, _Standing, _Ender = aliased(User), aliased(User), aliased(User)


def _deputies() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Deputy,
            _Absent.name.label("principal"),
            _Standing.name.label("deputy"),
            Organisation.name.label("organisation"),
            _Ender.name.label("ender"),
        )
        .join(_Absent, _Absent.id == Deputy.principal_id)
        .join(_Standing, _Standing.id == Deputy.deputy_id)
        .join(Organisation, Organisation.id == _Absent.organisation_id)
        .outerjoin(_Ender, _Ender.id == Deputy.ended_by)
    )


def deputies_of(session: Session, actor: Actor, now: datetime) -> list[Any]:
    """The deputies that concern a person and are not over: whom they named, and for whom they stand in."""
    mine = or_(Deputy.principal_id == actor.user_id, Deputy.deputy_id == actor.user_id)
    query = _current(_deputies(), now).where(or_(mine, Deputy.created_by == actor.user_id))
    return list(session.execute(query.order_by(Deputy.from_at, Deputy.id)))


def _current(query: Select[*tuple[Any, ...]], now: datetime) -> Select[*tuple[Any, ...]]:
    return query.where(Deputy.ended_at.is_(None), Deputy.until_at > now)


def named_by(session: Session, user_id: int, now: datetime) -> list[Any]:
    """Who stands in for a person now or later."""
    query = _current(_deputies(), now).where(Deputy.principal_id == user_id)
    return list(session.execute(query.order_by(Deputy.from_at, Deputy.id)))


def entrusted_to(session: Session, user_id: int, now: datetime) -> list[Any]:
    """For whom a person stands in now or later."""
    query = _current(_deputies(), now).where(Deputy.deputy_id == user_id)
    return list(session.execute(query.order_by(Deputy.from_at, Deputy.id)))


def past_of(session: Session, user_id: int, now: datetime, page: int, per_page: int) -> Page:
    """What is over of a person's deputies and of those for whom they stood in, newest first."""
    is_over = or_(Deputy.ended_at.is_not(None), Deputy.until_at <= now)
    concerns = or_(Deputy.principal_id == user_id, Deputy.deputy_id == user_id)
    query = _deputies().where(is_over, concerns).order_by(Deputy.until_at.desc(), Deputy.id.desc())
    return fetch_page(session, query, page, per_page)


def all_current(session: Session, actor: Actor, now: datetime, words: str, page: int, per_page: int) -> Page:
    """Who is away now or soon among the people of the actor's subtree."""
    reach = true() if is_above_all(actor) else in_subtree(Region.path, actor.region_path)
    query = _current(_deputies(), now).outerjoin(Region, Region.code == Organisation.region_code).where(reach)
    if words:
        columns = (_Absent.name, _Standing.name, Organisation.name)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return fetch_page(session, query.order_by(Deputy.from_at, Deputy.id), page, per_page)


def possible_deputies(session: Session, absent: Actor) -> Sequence[Any]:
    """The people who may stand in for somebody, those of the same organisation and then of like roles first."""
    query = (
        select(User.id, User.name, User.roles, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(User.disabled_at.is_(None), User.id != absent.user_id)
    )
    is_own = User.organisation_id == absent.organisation_id
    if absent.is_office and absent.region_path:
        above = (Organisation.kind == "office") & Region.code.in_(absent.region_path.split("/"))
        query = query.where(or_(is_own, above))
    else:
        query = query.where(is_own)
    order = (is_own.desc(), Region.path.desc().nulls_last(), User.roles.overlap(sorted(absent.roles)).desc(), User.name)
    return session.execute(query.order_by(*order, User.id).limit(MOST_CHOICES)).all()


def list_processes(session: Session) -> list[tuple[str, str]]:
    """The processes that a deputy can be named for."""
    query = select(ProcessVersion.process, ProcessVersion.name).where(ProcessVersion.is_current)
    return [(process, name) for process, name in session.execute(query.order_by(ProcessVersion.name))]


def list_colleagues(session: Session, actor: Actor) -> Sequence[Any]:
    """The other people of the actor's organisation."""
    query = select(User.id, User.name, User.username, User.roles, User.disabled_at).where(
        User.organisation_id == actor.organisation_id, User.id != actor.user_id
    )
    return session.execute(query.order_by(User.disabled_at.nulls_first(), User.name).limit(MOST_CHOICES)).all()


_Leaver, _Successor, _Arranger = aliased(User), aliased(User), aliased(User)


def _hand_overs() -> Select[*tuple[Any, ...]]:
    return (
        select(
            HandOver,
            _Leaver.name.label("leaver"),
            _Successor.name.label("successor"),
            _Arranger.name.label("arranger"),
            _Leaver.disabled_at,
        )
        .join(_Leaver, _Leaver.id == HandOver.from_id)
        .join(_Successor, _Successor.id == HandOver.to_id)
        .join(_Arranger, _Arranger.id == HandOver.by)
    )


def get_hand_over(session: Session, number: int) -> Any:
    """One hand-over with the names of its people.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(_hand_overs().where(HandOver.id == number)).one_or_none()
    if row is None:
        raise NotFound
    return row


def hand_overs_of(session: Session, user_id: int) -> list[Any]:
    """What was handed over from a person, newest first."""
    query = _hand_overs().where(HandOver.from_id == user_id).order_by(HandOver.id.desc()).limit(MOST_EARLIER)
    return list(session.execute(query))


def list_items(session: Session, number: int, status: str, page: int, per_page: int) -> Page:
    """The things of a hand-over with what became of them; what went to the leader or nowhere first."""
    query = (
        select(HandOverItem, User.name.label("to"))
        .outerjoin(User, User.id == HandOverItem.to_id)
        .where(HandOverItem.hand_over_id == number)
    )
    if status:
        query = query.where(HandOverItem.status == status)
    special = HandOverItem.status.in_(("leader", "failed"))
    return fetch_page(session, query.order_by(special.desc(), HandOverItem.id), page, per_page)

"""Who is whose superior: read and set, within the subtree of whoever looks after an organisation."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, in_subtree
from webapp.accounts.management_rules import is_above_all
from webapp.accounts.models import User
from webapp.audit.operations import record
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound, invalid
from webapp.registry.models import Organisation, Region

MOST_PEOPLE = 200
_LEADERS = ("unit_leader", "city_leader")


def _organisations(actor: Actor) -> Select[*tuple[Any, ...]]:
    above = aliased(Organisation)
    reach = true() if is_above_all(actor) else in_subtree(Region.path, actor.region_path)
    return (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.superior_id,
            Region.name.label("region_name"),
            Region.path.label("region_path"),
            above.name.label("superior"),
        )
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(above, above.id == Organisation.superior_id)
        .where(Organisation.status == "active", reach)
    )


def list_organisations(session: Session, actor: Actor, words: str, page: int, per_page: int) -> Page:
    """Offices and departments of the subtree, then whatever is found by name, with the superior that is set."""
    query = _organisations(actor)
    if words:
        query = query.where(Organisation.name.icontains(words, autoescape=True))
    else:
        query = query.where(or_(Organisation.kind != "unit", Organisation.superior_id.is_not(None)))
    return fetch_page(session, query.order_by(Region.path, Organisation.kind.desc(), Organisation.id), page, per_page)


def get_organisation(session: Session, actor: Actor, organisation_id: int) -> Any:
    """One organisation of the subtree.

    Raises:
        NotFound: it does not exist or lies outside.
    """
    row = session.execute(_organisations(actor).where(Organisation.id == organisation_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_people(session: Session, organisation_id: int) -> Sequence[Any]:
    """The people of an organisation with the leader that is set for each."""
    query = select(User.id, User.name, User.roles, User.leader_id).where(
        User.organisation_id == organisation_id, User.disabled_at.is_(None)
    )
    return session.execute(query.order_by(User.id).limit(MOST_PEOPLE)).all()


def possible_superiors(session: Session, organisation: Any) -> list[tuple[str, str]]:
    """Offices and departments of the places that an organisation lies in, the nearest first."""
    line = (organisation.region_path or "").split("/")
    query = (
        select(Organisation.id, Organisation.name)
        .join(Region, Region.code == Organisation.region_code)
        .where(Organisation.kind != "unit", Organisation.status == "active", Region.code.in_(line))
        .where(Organisation.id != organisation.id)
        .order_by(Region.path.desc(), Organisation.kind.desc(), Organisation.id)
    )
    return [(str(id_), name) for id_, name in session.execute(query)]


def possible_leaders(session: Session, organisation: Any) -> list[tuple[str, str]]:
    """The people of the organisation, and the leaders of the places that it lies in."""
    line = (organisation.region_path or "").split("/")
    of_line = Region.code.in_(line) & (Organisation.kind == "office") & User.roles.overlap(list(_LEADERS))
    query = (
        select(User.id, User.name, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(User.disabled_at.is_(None), or_(User.organisation_id == organisation.id, of_line))
        .order_by(Region.path.desc(), User.id)
        .limit(MOST_PEOPLE * 2)
    )
    return [(str(row.id), f"{row.name}（{row.organisation}）") for row in session.execute(query)]


def set_superiors(
    session: Session, actor: Actor, organisation_id: int, superior: int | None, leaders: Mapping[int, int | None]
) -> None:
    """Set the superior of an organisation and the leaders of its people.

    Args:
        superior: ``None``: the office above, by the tree of regions.
        leaders: person → their leader; ``None``: the leaders of the organisation.

    Raises:
        NotFound: the organisation lies outside the actor's subtree.
        Invalid: it would be its own superior, or what is chosen is not on offer.
    """
    row = get_organisation(session, actor, organisation_id)
    if superior is not None and str(superior) not in dict(possible_superiors(session, row)):
        raise invalid("superior", "unknown", "上级单位只能是本地或上级的文明办、部门，请重新选择。")
    if superior is not None and organisation_id in _chain(session, superior):
        raise invalid("superior", "cycle", "所选单位的上级又是本单位，会形成循环，请重新选择。")
    offered = dict(possible_leaders(session, row))
    there = {person.id: person for person in list_people(session, row.id)}
    changed = {user: leader for user, leader in leaders.items() if there[user].leader_id != leader}
    for user, leader in changed.items():
        if leader is not None and (str(leader) not in offered or leader == user):
            raise invalid("leader", "unknown", f"{there[user].name}的负责人不在可选范围内，请重新选择。")
        session.execute(update(User).where(User.id == user).values(leader_id=leader))
    session.execute(update(Organisation).where(Organisation.id == organisation_id).values(superior_id=superior))
    before = {"superior": row.superior_id, "leaders": {str(user): there[user].leader_id for user in changed}}
    after = {"superior": superior, "leaders": {str(user): leader for user, leader in changed.items()}}
    subject = f"organisation:{organisation_id}"
    record(session, actor, "organisation.superior", subject=subject, before=before, after=after)


def _chain(session: Session, organisation_id: int) -> set[int]:
    """An organisation and everything that is set above it."""
    found: set[int] = set()
    next_: int | None = organisation_id
    while next_ is not None and next_ not in found:
        found.add(next_)
        next_ = session.scalar(select(Organisation.superior_id).where(Organisation.id == next_))
    return found

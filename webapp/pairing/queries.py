"""Read pairs: which a person may see, lists that are narrowed, one pair with its names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, in_subtree
from webapp.paging import Page, fetch_page
from webapp.pairing import parties
from webapp.pairing.models import (
    Pairing,
    Programme,
)
from webapp.pairing.rules import KINDS
from webapp.problems import InputError, Invalid, NotFound
from webapp.registry.models import Honour, Organisation, Region

STATUSES = ("proposed", "confirmed", "active", "ended", "dropped")


STATUS_WORDS = {
    "proposed": "建议",
    "confirmed": "待签协议和计划",
    "active": "实施中",
    "ended": "已结束",
    "dropped": "已取消",
}


OUTCOME_WORDS = {
    "target_reached": "达到目标",
    "rematched": "重新匹配",
    "ended": "结束",
    "declined": "未签协议",
}


Helper, Helped = aliased(Organisation, name="helper"), aliased(Organisation, name="helped")


def visible(actor: Actor) -> ColumnElement[bool]:
    """SQL: the pair may be seen: by both sides once it is confirmed, by offices where a side lies in their subtree."""
    mine = or_(Pairing.helper_id == actor.organisation_id, Pairing.helped_id == actor.organisation_id)
    confirmed = Pairing.status.in_(("confirmed", "active", "ended"))
    if actor.sees_subtree:
        inside = or_(
            in_subtree(Pairing.helped_path, actor.region_path), in_subtree(Pairing.helper_path, actor.region_path)
        )
        return or_(inside, mine & confirmed)
    return mine & confirmed


def silence(today: date) -> ColumnElement[Any]:
    """SQL: for how many days a pair has logged nothing."""
    return cast(literal(today), Date) - func.coalesce(Pairing.last_log_on, Pairing.active_since)


def is_silent(today: date) -> ColumnElement[bool]:
    """SQL: an active pair that has been silent for longer than its programme wants; needs the programme joined."""
    return (Pairing.status == "active") & (silence(today) > Programme.silent_days)


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; empty means all."""

    status: str = ""
    kind: str = ""
    programme: int | None = None
    region: str = ""
    q: str = ""
    silent: bool = False


def filter_of(arguments: Mapping[str, str]) -> Filter:
    """The filter of a request.

    Raises:
        Invalid: a value that there is not.
    """
    status, kind = arguments.get("status", ""), arguments.get("kind", "")
    errors = []
    if status and status not in (*STATUSES, "live"):
        errors.append(InputError("status", "unknown", f"没有状态“{status[:20]}”。"))
    if kind and kind not in KINDS:
        errors.append(InputError("kind", "unknown", f"没有结对种类“{kind[:20]}”。"))
    programme = arguments.get("programme", "")
    if programme and not (programme.isascii() and programme.isdecimal() and len(programme) < 10):
        errors.append(InputError("programme", "unknown", "方案编号应为数字。"))
    if errors:
        raise Invalid(errors)
    return Filter(
        status,
        kind,
        int(programme) if programme else None,
        arguments.get("region", "").strip(),
        arguments.get("q", "").strip(),
        arguments.get("silent", "") in {"1", "true", "on"},
    )


def list_pairings(session: Session, actor: Actor, wanted: Filter, today: date, page: int, per_page: int) -> Page:
    """One page of the pairs that the actor may see: the longest silent first where silence is asked for."""
    query = select(Pairing.id).join(Programme, Programme.id == Pairing.programme_id)
    if wanted.q:
        query = query.join(Helper, Helper.id == Pairing.helper_id).join(Helped, Helped.id == Pairing.helped_id)
    query = query.where(visible(actor), *_conditions(session, wanted, today)).order_by(*_order(wanted, today))
    found = fetch_page(session, query, page, per_page)  # names are looked up for one page, not for all that are sorted
    ids = [row.id for row in found.items]
    named = {row.Pairing.id: row for row in session.execute(rows(today).where(Pairing.id.in_(ids)))}
    return replace(found, items=[named[key] for key in ids])


def _order(wanted: Filter, today: date) -> list[Any]:
    return [*([silence(today).desc().nulls_last()] if wanted.silent else []), Pairing.id.desc()]


def pairing_query(session: Session, actor: Actor, wanted: Filter, today: date) -> Select[*tuple[Any, ...]]:
    """The same list as a query."""
    query = rows(today).where(visible(actor), *_conditions(session, wanted, today))
    return query.order_by(*_order(wanted, today))


def rows(today: date) -> Select[*tuple[Any, ...]]:
    """Pairs with the names that lists show."""
    return (
        select(
            Pairing,
            Helper.name.label("helper"),
            Helped.name.label("helped"),
            Region.name.label("region"),
            Honour.name.label("target"),
            Programme.title.label("programme"),
            Programme.silent_days,
            silence(today).label("silent_for"),
        )
        .join(Programme, Programme.id == Pairing.programme_id)
        .join(Helper, Helper.id == Pairing.helper_id)
        .join(Helped, Helped.id == Pairing.helped_id)
        .join(Honour, Honour.code == Pairing.target_honour)
        .outerjoin(Region, Region.code == Helped.region_code)
    )


def _conditions(session: Session, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status == "live":
        found.append(Pairing.status.in_(parties.LIVE))
    elif wanted.status:
        found.append(Pairing.status == wanted.status)
    else:
        found.append(Pairing.status != "dropped")
    if wanted.kind:
        found.append(Pairing.kind == wanted.kind)
    if wanted.programme is not None:
        found.append(Pairing.programme_id == wanted.programme)
    if wanted.region:
        path = session.scalar(select(Region.path).where(Region.code == wanted.region)) or ""
        found.append(in_subtree(Pairing.helped_path, path))
    if wanted.q:
        like = (Helper.name.icontains(wanted.q, autoescape=True), Helped.name.icontains(wanted.q, autoescape=True))
        found.append(or_(*like))
    if wanted.silent:
        found.append(is_silent(today))
    return found


def get_row(session: Session, actor: Actor, pairing_id: int, today: date) -> Any:
    """One pair with its names, if the actor may see it; else raises ``NotFound``."""
    row = session.execute(rows(today).where(Pairing.id == pairing_id, visible(actor))).one_or_none()
    if row is None:
        raise NotFound
    return row

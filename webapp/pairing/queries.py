"""Read pairing: what a person may see, programmes with their proposals, boards of counties and cities, one pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor, in_subtree
from webapp.accounts.models import User
from webapp.instances.models import Instance
from webapp.paging import Page, fetch_page
from webapp.pairing import parties
from webapp.pairing.models import (
    Evaluation,
    Handbook,
    HelpedUnit,
    Log,
    MatchingRun,
    Milestone,
    Pairing,
    Programme,
    Recognition,
    Reminder,
    Signature,
    Visit,
)
from webapp.pairing.rules import KINDS, missing_months
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


@dataclass(frozen=True)
class Board:
    """How the pairs of a region stand: per place below it, and altogether."""

    places: list[Any]
    totals: Mapping[str, int]
    without_partner: Mapping[str, int]
    """Kind of pairing → how many who owe a pair have none."""


_COUNTS = ("confirmed", "active", "silent", "overdue", "ended", "reached", "milestones", "milestones_done")


def board(session: Session, path: str, today: date, kind: str = "") -> Board:
    """The board of a region that lies within the actor's reach: two statements and one per kind.

    Args:
        path: path of the region.
    """
    own = path.split("/")
    below = func.split_part(Pairing.helped_path, "/", len(own) + 1)
    place = func.coalesce(func.nullif(below, ""), own[-1])
    live = Pairing.status.in_(parties.LIVE)
    counts = (
        select(
            place.label("code"),
            func.count().filter(Pairing.status == "confirmed").label("confirmed"),
            func.count().filter(Pairing.status == "active").label("active"),
            func.count().filter(is_silent(today)).label("silent"),
            func.count().filter((Pairing.status == "active") & (Pairing.target_on < today)).label("overdue"),
            func.count().filter(Pairing.status == "ended").label("ended"),
            func.count().filter(Pairing.outcome == "target_reached").label("reached"),
            func.coalesce(func.sum(Pairing.milestones).filter(live), 0).label("milestones"),
            func.coalesce(func.sum(Pairing.milestones_done).filter(live), 0).label("milestones_done"),
        )
        .join(Programme, Programme.id == Pairing.programme_id)
        .where(Pairing.status.in_(("confirmed", "active", "ended")), in_subtree(Pairing.helped_path, path))
        .group_by("code")
    )
    found = (counts.where(Pairing.kind == kind) if kind else counts).subquery()
    query = select(found, Region.name).outerjoin(Region, Region.code == found.c.code).order_by(found.c.code)
    places = list(session.execute(query))
    kinds = [KINDS[kind]] if kind else list(KINDS.values())
    free = {k.code: parties.count_free_helpers(session, k, path) for k in kinds if k.offices_help}
    totals = {name: sum(int(getattr(row, name)) for row in places) for name in _COUNTS}
    return Board(places, totals, free)


def region_in_reach(session: Session, actor: Actor, code: str) -> Region:
    """A region within the actor's subtree; their own where none is named."""
    wanted = code or actor.region_code or ""
    region = session.scalar(select(Region).where(Region.code == wanted, in_subtree(Region.path, actor.region_path)))
    if region is None:
        raise NotFound("没有这个地区，或它不在您的管辖范围内。")
    return region


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
    query = (
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
    return list(session.execute(query))


def list_confirmed(session: Session, programme_id: int, today: date) -> list[Any]:
    """The confirmed pairs of a programme, by region: the list for the province."""
    query = (
        rows(today)
        .where(Pairing.programme_id == programme_id, Pairing.status.in_(parties.LIVE))
        .order_by(Pairing.helped_path, Pairing.id)
    )
    return list(session.execute(query))


@dataclass(frozen=True)
class Work:
    """What one pair has done, ready to be shown."""

    signatures: Mapping[str, Any]
    milestones: Sequence[Milestone]
    logs: Sequence[Any]
    missing: Sequence[date]
    visits: Sequence[Any]
    evaluations: Sequence[Any]
    recognitions: Sequence[Recognition]
    reminders: Sequence[Reminder]
    instance: Any


_MOST_LOGS = 60


def read_work(session: Session, actor: Actor, pairing: Pairing, today: date) -> Work:
    """Everything about one pair that the actor may read; units see announced visits, and no findings."""
    signatures = session.execute(
        select(Signature, User.name).join(User, User.id == Signature.signed_by).where(_of(Signature, pairing))
    )
    logs = session.execute(
        select(Log, User.name.label("by"))
        .outerjoin(User, User.id == Log.written_by)
        .where(_of(Log, pairing))
        .order_by(Log.month.desc(), Log.id.desc())
        .limit(_MOST_LOGS)
    ).all()
    visits = (
        select(Visit, User.name.label("by")).outerjoin(User, User.id == Visit.visited_by).where(_of(Visit, pairing))
    )
    if not actor.is_office:
        visits = visits.where(Visit.is_announced)
    evaluations = (
        select(Evaluation, User.name.label("by"))
        .join(User, User.id == Evaluation.evaluated_by)
        .where(_of(Evaluation, pairing))
        .order_by(Evaluation.id)
    )
    milestones = select(Milestone).where(_of(Milestone, pairing)).order_by(Milestone.year, Milestone.position)
    recognitions = select(Recognition).where(_of(Recognition, pairing)).order_by(Recognition.id)
    return Work(
        signatures={row.Signature.side: row for row in signatures},
        milestones=list(session.scalars(milestones)),
        logs=logs,
        missing=_missing(session, pairing, today),
        visits=list(session.execute(visits.order_by(Visit.id.desc()))),
        evaluations=list(session.execute(evaluations)),
        recognitions=list(session.scalars(recognitions)) if actor.is_office else [],
        reminders=list(session.scalars(select(Reminder).where(_of(Reminder, pairing)).order_by(Reminder.told_at))),
        instance=session.execute(
            select(Instance.id, Instance.number, Instance.status).where(Instance.id == pairing.instance_id)
        ).one_or_none(),
    )


def _of(model: Any, pairing: Pairing) -> ColumnElement[bool]:
    return model.pairing_id == pairing.id  # type: ignore[no-any-return]


def _missing(session: Session, pairing: Pairing, today: date) -> list[date]:
    """Months that are over without anything said by a person."""
    if pairing.active_since is None:
        return []
    said = (_of(Log, pairing), Log.is_closing, Log.written_by.is_not(None))
    closed = frozenset(session.scalars(select(Log.month).where(*said)))
    until = min(today, pairing.ended_at.date()) if pairing.ended_at else today
    return missing_months(pairing.active_since, closed, until)


def find_handbook(session: Session, region_path: str) -> Any:
    """The handbook of the nearest city or province on the line, if one was written."""
    codes = region_path.split("/")
    query = (
        select(Handbook, Region.name.label("region"))
        .join(Region, Region.code == Handbook.region_code)
        .where(Handbook.region_code.in_(codes))
        .order_by(func.length(Region.path).desc())
        .limit(1)
    )
    return session.execute(query).one_or_none()


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

"""Place, rename and complete organisations, and decide on predecessors; every change keeps what was before."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forms.habits import check_uscc
from webapp import clock
from webapp.access import Actor, lies_in
from webapp.accounts.management_rules import is_above_all
from webapp.audit.operations import record
from webapp.problems import Conflict, InputError, Invalid, NotFound
from webapp.registry.models import Organisation, OrganisationName, Predecessor, Region
from webapp.registry.queries import get_organisation
from webapp.search.operations import index_again


@dataclass(frozen=True)
class Facts:
    """What is said about a unit beside its name and its place."""

    uscc: str | None
    unit_kind: str | None
    sector: str | None
    ownership: str | None


def place_unit(session: Session, actor: Actor, unit_id: int, region_code: str) -> None:
    """Give a unit the jurisdiction that a person chose; a unit placed at a city is city-direct.

    Cases that run keep the region under which they were started.

    Raises:
        NotFound: the unit or the region is out of sight.
    """
    unit = get_organisation(session, actor, unit_id, lock=True)
    region = session.get(Region, region_code)
    if region is None or not _reaches(actor, region):
        raise NotFound("没有找到这个地区，或者不在您的管辖范围内。")
    before = {"region": unit.region_code, "city_direct": unit.city_direct}
    after = {"region": region.code, "city_direct": region.level == "city"}
    if before == after:
        return
    unit.region_code, unit.waiting_code = region.code, None
    unit.city_direct = region.level == "city"
    session.flush()
    record(session, actor, "unit.place", subject=f"organisation:{unit.id}", before=before, after=after)


def _reaches(actor: Actor, region: Region) -> bool:
    return is_above_all(actor) or (actor.sees_subtree and lies_in(region.path, actor.region_path))


def rename_unit(
    session: Session, actor: Actor, unit_id: int, name: str, *, since: date | None, source: str | None
) -> None:
    """Give a unit its new name; the name so far goes into its history. Awards keep the name they were given to.

    Raises:
        Invalid: no name, too long, or the present one.
    """
    unit = get_organisation(session, actor, unit_id, lock=True)
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Invalid([InputError("name", "name", "请填写 200 字以内的单位名称。")])
    if name == unit.name:
        raise Invalid([InputError("name", "same", "新名称与现在的名称相同。")])
    earlier = OrganisationName(
        organisation_id=unit.id, name=unit.name, since=_known_since(session, unit.id), until=since, source=source
    )
    session.add(earlier)
    before = {"name": unit.name}
    unit.name = name
    session.flush()
    index_again(session, unit.id)
    after = {"name": name, "since": since.isoformat() if since else None, "source": source}
    record(session, actor, "unit.rename", subject=f"organisation:{unit.id}", before=before, after=after)


def _known_since(session: Session, unit_id: int) -> date | None:
    """The day on which the present name began: when the one before it ended."""
    return session.scalar(
        select(OrganisationName.until)
        .where(OrganisationName.organisation_id == unit_id)
        .order_by(OrganisationName.id.desc())
        .limit(1)
    )


def add_earlier_name(
    session: Session, actor: Actor, unit_id: int, name: str, *, until: date | None, source: str | None
) -> None:
    """Note a name that a unit bore in the past, so that it is found under it.

    Raises:
        Invalid: no name, or one that is known.
    """
    unit = get_organisation(session, actor, unit_id, lock=True)
    name = name.strip()
    known = set(session.scalars(select(OrganisationName.name).where(OrganisationName.organisation_id == unit_id)))
    if not name or len(name) > 200 or not name.isprintable():
        raise Invalid([InputError("name", "name", "请填写 200 字以内的单位名称。")])
    if name == unit.name or name in known:
        raise Invalid([InputError("name", "known", "这个名称已经登记。")])
    session.add(OrganisationName(organisation_id=unit.id, name=name, since=None, until=until, source=source))
    session.flush()
    record(session, actor, "unit.add_name", subject=f"organisation:{unit.id}", after={"name": name})


def change_facts(session: Session, actor: Actor, unit_id: int, facts: Facts) -> list[str]:
    """Change a unit's code, kind, sector and ownership.

    Returns:
        What somebody should look at (Chinese): a wrong check digit warns, it does not block.

    Raises:
        Invalid: the code is impossible or belongs to another body.
    """
    unit = get_organisation(session, actor, unit_id, lock=True)
    warnings: list[str] = []
    uscc = _checked_code(session, unit, facts.uscc, warnings)
    before = _as_json(unit)
    unit.uscc, unit.unit_kind, unit.sector, unit.ownership = uscc, facts.unit_kind, facts.sector, facts.ownership
    after = _as_json(unit)
    if after != before:
        session.flush()
        record(session, actor, "unit.change", subject=f"organisation:{unit.id}", before=before, after=after)
    return warnings


def _checked_code(session: Session, unit: Organisation, text: str | None, warnings: list[str]) -> str | None:
    if not text:
        return None
    label = "统一社会信用代码"
    checked = check_uscc(text)
    if checked.problem is not None:
        raise Invalid([InputError("uscc", checked.problem.code, checked.problem.text(label))])
    taken = select(Organisation.id).where(Organisation.uscc == checked.value, Organisation.id != unit.id)
    if session.scalar(taken) is not None:
        raise Invalid([InputError("uscc", "taken", "这个代码已登记给另一个单位，请核对。")])
    if checked.doubt is not None:
        warnings.append(checked.doubt.text(label))
    return checked.value


def _as_json(unit: Organisation) -> dict[str, Any]:
    return {
        "uscc": unit.uscc,
        "unit_kind": unit.unit_kind,
        "sector": unit.sector,
        "ownership": unit.ownership,
    }


def decide_predecessor(session: Session, actor: Actor, predecessor_id: int, *, is_one: bool) -> int:
    """Confirm or reject that one body continues another; awards stay under the name they were given to.

    Returns:
        The unit that continues the other.

    Raises:
        NotFound: out of sight. Conflict: somebody has decided already.
    """
    statement = session.get(Predecessor, predecessor_id, with_for_update=True)
    if statement is None:
        raise NotFound
    get_organisation(session, actor, statement.organisation_id)
    if statement.status != "proposed":
        words = {"confirmed": "确认为前身", "rejected": "否定"}[statement.status]
        raise Conflict(f"这一项已被{words}，没有改动。")
    statement.status = "confirmed" if is_one else "rejected"
    statement.decided_by, statement.decided_at = actor.user_id, clock.now()
    session.flush()
    if is_one:
        _dissolve(session, statement.predecessor_id)
    record(session, actor, f"predecessor.{statement.status}", subject=f"predecessor:{statement.id}")
    return statement.organisation_id


def _dissolve(session: Session, organisation_id: int) -> None:
    """A body that another continues declares no more under its own name."""
    session.execute(
        update(Organisation)
        .where(Organisation.id == organisation_id, Organisation.kind == "unit")
        .values(status="dissolved")
    )

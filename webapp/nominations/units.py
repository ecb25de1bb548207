"""What is known of nominated units: the registry's entry by code or full name, honours, other lists, helpers.

A constant number of statements however long a list is. Units that nobody has registered yet are registered by
their nomination, with the call's document as their source.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.audit.operations import record
from webapp.nominations.models import LIVE, NominationCall, Nominee
from webapp.nominations.rules import KINDS, NON_PUBLIC, Held, Known, plain_name
from webapp.pairing.models import Pairing
from webapp.problems import InputError, Invalid
from webapp.registry.models import Award, Honour, Organisation, Region


def find_known(
    session: Session, call: NominationCall, county: Region, rows: Sequence[Mapping[str, Any]]
) -> list[Known | None]:
    """By row the registered unit that it means, or ``None`` where there is none yet.

    Raises:
        Invalid: several units of the city bear the name.
    """
    found = _entries(session, county, rows)
    matched = [_match(found, county, row, number) for number, row in enumerate(rows)]
    ids = [entry.id for entry in matched if entry is not None]
    held, live, helpers = _honours(session, ids), _nominated(session, call, ids), _helpers(session, ids)
    return [None if entry is None else _known(entry, county, call, held, live, helpers) for entry in matched]


def _entries(session: Session, county: Region, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    codes = [row["uscc"] for row in rows if row.get("uscc")]
    names = [plain_name(row["name"]) for row in rows]
    city = county.path.rpartition("/")[0]
    bare = func.translate(Organisation.name, "() \u3000\t", "（）")
    within = or_(Region.path == city, Region.path.startswith(f"{city}/"), Organisation.region_code.is_(None))
    query = (
        select(
            Organisation.id,
            Organisation.name,
            bare.label("bare"),
            Organisation.kind,
            Organisation.uscc,
            Organisation.status,
            Organisation.unit_kind,
            Organisation.ownership,
            Organisation.region_code,
            Region.name.label("region"),
        )
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(or_(Organisation.uscc.in_(codes), (Organisation.name.in_(_spellings(rows)) | bare.in_(names)) & within))
        .order_by(Organisation.id)
    )
    return session.execute(query).all()


def _spellings(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [row["name"].strip() for row in rows]


def _match(entries: Sequence[Any], county: Region, row: Mapping[str, Any], number: int) -> Any:
    by_code = [entry for entry in entries if row.get("uscc") and entry.uscc == row["uscc"]]
    if by_code:
        return by_code[0]
    named = [entry for entry in entries if entry.bare == plain_name(row["name"])]
    near = [entry for entry in named if entry.region_code == county.code] or named
    if len(near) > 1:
        text = f"登记的单位中有 {len(near)} 个叫“{row['name']}”，请填写统一社会信用代码，以便对应。"
        raise Invalid([InputError(f"nominees.{number}.uscc", "ambiguous", text)])
    return near[0] if near else None


def _known(
    entry: Any,
    county: Region,
    call: NominationCall,
    held: Mapping[int, list[Held]],
    live: Mapping[int, list[Any]],
    helpers: Mapping[int, str],
) -> Known:
    others = live.get(entry.id, [])
    here = [one.county for one in others if one.call_id == call.id and one.county_code != county.code]
    before = [one.title for one in others if one.call_id != call.id and one.status == "approved"]
    is_here = entry.region_code in {county.code, None}
    return Known(
        organisation_id=entry.id,
        name=entry.name,
        uscc=entry.uscc,
        is_unit=entry.kind == "unit",
        is_dissolved=entry.status == "dissolved",
        unit_kind=entry.unit_kind,
        ownership=entry.ownership,
        jurisdiction=None if is_here else entry.region,
        held=held.get(entry.id, []),
        elsewhere=here[0] if here else None,
        earlier=before[0] if before else None,
        helper=helpers.get(entry.id),
    )


def _honours(session: Session, ids: Sequence[int]) -> dict[int, list[Held]]:
    query = (
        select(Award.organisation_id, Award.term, Award.document_number, Award.source, Honour.name, Honour.rank)
        .join(Honour, Honour.code == Award.honour_code)
        .where(Award.organisation_id.in_(ids), Award.status == "valid")
    )
    found: dict[int, list[Held]] = {}
    for row in session.execute(query):
        held = Held(row.name, row.rank, row.term, row.document_number or row.source)
        found.setdefault(row.organisation_id, []).append(held)
    return found


def _nominated(session: Session, call: NominationCall, ids: Sequence[int]) -> dict[int, list[Any]]:
    query = (
        select(
            Nominee.organisation_id,
            Nominee.call_id,
            Nominee.county_code,
            Nominee.status,
            NominationCall.title,
            Region.name.label("county"),
        )
        .join(NominationCall, NominationCall.id == Nominee.call_id)
        .join(Region, Region.code == Nominee.county_code)
        .where(Nominee.organisation_id.in_(ids), Nominee.status.in_(LIVE))
        .where(or_(Nominee.call_id == call.id, Nominee.status == "approved"))
        .order_by(Nominee.id.desc())
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.organisation_id, []).append(row)
    return found


def _helpers(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Unit → the helper that it is paired with, now or by a confirmed pairing."""
    query = (
        select(Pairing.helped_id, Organisation.name)
        .join(Organisation, Organisation.id == Pairing.helper_id)
        .where(Pairing.helped_id.in_(ids), Pairing.status.in_(("confirmed", "active")))
    )
    return {helped: name for helped, name in session.execute(query)}


def register(
    session: Session, actor: Actor | None, call: NominationCall, county: Region, row: Mapping[str, Any]
) -> int:
    """Register a unit that a county nominates and nobody has registered; returns it."""
    values = {
        "name": row["name"].strip(),
        "kind": "unit",
        "region_code": county.code,
        "city_direct": False,
        "uscc": row.get("uscc") or None,
        "unit_kind": KINDS[row["kind"]],
        "sector": row.get("sector") or None,
        "ownership": "非公" if row["kind"] in NON_PUBLIC else None,
        "status": "active",
        "source": f"{call.document_number} {county.name}推荐"[:300],
        "created_at": clock.real_now(),
    }
    unit: int = session.execute(insert(Organisation).values(values).returning(Organisation.id)).scalar_one()
    after = {name: values[name] for name in ("name", "uscc", "region_code", "unit_kind", "ownership", "source")}
    record(session, actor, "unit.create", subject=f"organisation:{unit}", after=after)
    return unit

"""One unit typed in by hand: a file of one row, so that the same rules hold and the same findings are said."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.imports.headers import Record, Table
from webapp.imports.known import load_known, reach_of
from webapp.imports.operations import LOCK
from webapp.imports.unit_changes import apply_units
from webapp.imports.units import plan_units
from webapp.problems import InputError, Invalid
from webapp.registry.models import Organisation

_SOURCE = "手工登记"


def add_unit(session: Session, actor: Actor, values: Mapping[str, str]) -> tuple[int, list[str]]:
    """Register a unit.

    Args:
        values: fields as in an import file of units.

    Returns:
        The unit and what somebody should look at (Chinese).

    Raises:
        Invalid: a value cannot be right, or the unit is registered already.
    """
    session.execute(LOCK)
    reach = reach_of(actor)
    table = Table(frozenset(values), [Record(1, values)], None, [])
    plan = plan_units(table, load_known(session, reach, {values.get("uscc", "").strip().upper()}), reach)
    (item,) = plan.report.items
    if item.is_refused:
        raise Invalid([InputError(reason.field, reason.code, reason.message) for reason in item.reasons])
    if not plan.added:
        raise Invalid([InputError("name", "known", "这个单位已经登记，请在列表中查找。")])
    (unit_id,) = apply_units(session, plan, _SOURCE)["added"]
    after = dict(values) | {
        "region": session.scalar(select(Organisation.region_code).where(Organisation.id == unit_id))
    }
    record(session, actor, "unit.create", subject=f"organisation:{unit_id}", after=after)
    return unit_id, [reason.message for reason in item.reasons]

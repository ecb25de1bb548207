"""Import a file: read, plan, and — unless it is a dry run or a row is refused — carry out the whole plan."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.imports.headers import Table, read_table
from webapp.imports.known import Reach, load_known, load_places, reach_of
from webapp.imports.quota_tables import read_quota_table
from webapp.imports.quotas import carry_out, plan_quotas
from webapp.imports.reading import Sheet, read_sheet
from webapp.imports.regions import apply_regions, plan_regions
from webapp.imports.report import Progress, Report, nobody_waits
from webapp.imports.unit_changes import apply_units
from webapp.imports.units import plan_units
from webapp.imports.user_changes import apply_users, load_people
from webapp.imports.users import plan_users
from webapp.quotas.operations import honour_names
from webapp.registry.places import squeeze

KINDS = {"units": "单位", "regions": "地区", "users": "账号", "quotas": "名额和指标"}
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('wenming.imports'))")
"""Two imports at once could each find a unit missing and add it."""


@dataclass(frozen=True)
class Upload:
    """A file to import, and how far its new accounts are supplied with passwords."""

    kind: str
    name: str
    content: bytes
    with_passwords: bool = False
    done: Progress = nobody_waits
    quota_kind: str | None = None
    """``target`` or ``cap`` where the file's own words are not to decide."""
    period: str | None = None


def check_file(session: Session, actor: Actor | None, upload: Upload) -> Report:
    """The dry run: what importing the file would do; changes nothing.

    Raises:
        UnreadableFileError: the file as a whole cannot be read.
    """
    return _import(session, actor, upload, dry=True)


def import_file(session: Session, actor: Actor | None, upload: Upload) -> Report:
    """Import a file as a whole, or nothing of it when a row is refused (``report.applied`` says which).

    Args:
        actor: who imports; ``None`` for the command line, which may reach everything.

    Raises:
        UnreadableFileError: the file as a whole cannot be read.
    """
    session.execute(LOCK)
    return _import(session, actor, upload, dry=False)


def _import(session: Session, actor: Actor | None, upload: Upload, *, dry: bool) -> Report:
    sheet = read_sheet(upload.content)
    if upload.kind == "quotas":
        report, changes = _import_quotas(session, actor, sheet, upload, dry)
    else:
        report, changes = _BY_KIND[upload.kind](session, actor, read_table(upload.kind, sheet), upload, dry)
    if changes is not None:
        report.applied = True
        if report.changes:
            _record(session, actor, upload, report, changes)
    return report


Outcome = tuple[Report, dict[str, list[int]] | dict[str, list[str | None]] | None]


def _record(session: Session, actor: Actor | None, upload: Upload, report: Report, changes: object) -> None:
    after = {
        "file": upload.name,
        "sha256": hashlib.sha256(upload.content).hexdigest(),
        "rows": len(report.items),
        "changes": changes,
    }
    record(session, actor, f"import.{upload.kind}", subject=f"file:{upload.name}"[:300], after=after)


def _import_units(session: Session, actor: Actor | None, table: Table, upload: Upload, dry: bool) -> Outcome:
    reach = reach_of(actor)
    codes = {squeeze(record.get("uscc")).upper() for record in table.records}
    plan = plan_units(table, load_known(session, reach, codes), reach, upload.done)
    if dry or not plan.report.is_clean:
        return plan.report, None
    return plan.report, apply_units(session, plan, f"导入：{upload.name}"[:300])


def _import_regions(session: Session, actor: Actor | None, table: Table, upload: Upload, dry: bool) -> Outcome:
    reach = reach_of(actor)
    plan = plan_regions(table, load_places(session, reach), reach, upload.done)
    if dry or not plan.report.is_clean:
        return plan.report, None
    return plan.report, apply_regions(session, plan)


def _import_users(session: Session, actor: Actor | None, table: Table, upload: Upload, dry: bool) -> Outcome:
    reach: Reach = reach_of(actor)
    plan = plan_users(table, load_people(session, table, reach), reach, upload.done)
    if dry or not plan.report.is_clean:
        return plan.report, None
    passwords, done = upload.with_passwords, upload.done
    return plan.report, apply_users(session, plan, actor, with_passwords=passwords, done=done)


def _import_quotas(session: Session, actor: Actor | None, sheet: Sheet, upload: Upload, dry: bool) -> Outcome:
    reach, table = reach_of(actor), read_quota_table(sheet, upload.name)
    table.kind, table.period = upload.quota_kind or table.kind, upload.period or table.period
    planning = plan_quotas(table, load_places(session, reach), reach, honour_names(session))
    changes = carry_out(session, actor, planning, f"导入：{upload.name}"[:300], dry=dry)
    return planning.report, changes


_BY_KIND: dict[str, Callable[[Session, Actor | None, Table, Upload, bool], Outcome]] = {
    "units": _import_units,
    "regions": _import_regions,
    "users": _import_users,
}

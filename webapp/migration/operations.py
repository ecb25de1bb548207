"""The verbs of a migration: propose, map, start, suspend, resume, cancel, look again, take back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.definitions.library import Published, get_published
from webapp.definitions.models import ProcessVersion
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.migration.checking import check_some
from webapp.migration.models import CaseMigration, MigrationItem
from webapp.migration.passages import passage_of
from webapp.migration.rules import STATUSES
from webapp.migration.selecting import choose, take_in
from webapp.problems import Conflict, Forbidden, InputError, Invalid, NotFound, invalid
from workflows import MappingError, plan_route

AT_ONCE = 300
"""So many cases are examined within the request; a worker examines the others."""
MOST_REASON = 500
CHECK, RUN, BACK = "migration.check", "migration.run", "migration.back"


def propose(
    session: Session,
    actor: Actor,
    now: datetime,
    process: str,
    versions: tuple[int, int],
    selection: Mapping[str, Any],
    mapping: Mapping[str, str] | None = None,
) -> CaseMigration:
    """Choose cases of a version and examine whether they can go on in another one.

    Args:
        versions: the numbers of the old and of the new version.
        selection: as :func:`webapp.migration.selecting.choose` takes it.

    Raises:
        NotFound: there is no such version.
        Invalid: the versions are one and the same, nothing is chosen, or the mapping cannot be followed.
    """
    old, new = (_version(session, process, number) for number in versions)
    if old.id == new.id:
        raise invalid("to_version", "same", _("目标版本与原版本相同，请另选一个版本。"))
    given = dict(mapping or {})
    _refuse_bad(old, new, given)
    migration = CaseMigration(
        process=process,
        from_version_id=old.id,
        to_version_id=new.id,
        mapping=given,
        selection={key: value for key, value in selection.items() if value},
        status="checking",
        created_by=actor.user_id,
        created_at=now,
    )
    chosen = choose(session, actor, old, selection)
    session.add(migration)
    session.flush()
    count = take_in(session, migration.id, chosen)
    if not count:
        raise invalid(
            "", "nothing", _("没有符合条件的办件：这个版本上没有这样的在办办件。请放宽条件，或换一个原版本。")
        )
    _look(session, now, migration)
    _note(session, actor, migration, "migration.propose", {"cases": count, "mapping": given})
    return migration


def _version(session: Session, process: str, number: int) -> Published:
    query = select(ProcessVersion.id).where(ProcessVersion.process == process, ProcessVersion.version == number)
    version_id = session.scalar(query)
    if version_id is None:
        raise NotFound(_("没有这个流程或版本。"))
    return get_published(session, version_id)


def _refuse_bad(old: Published, new: Published, mapping: Mapping[str, str]) -> None:
    try:
        plan_route(old.definition, new.definition, mapping)
    except MappingError as error:
        raise Invalid([InputError("mapping", "impossible", words) for words in error.problems]) from error


def _look(session: Session, now: datetime, migration: CaseMigration) -> None:
    """Examine what is unexamined: a few cases at once, many by a worker."""
    migration.status = "checking"
    session.flush()
    if check_some(session, now, passage_of(session, migration), AT_ONCE) < AT_ONCE:
        migration.status = "ready"
        session.flush()
    else:
        _defer(session, CHECK, migration.id)


def _defer(session: Session, job: str, migration_id: int) -> None:
    defer(session, job, {"migration_id": migration_id}, lock=f"migration-{migration_id}")


def _note(
    session: Session, actor: Actor, migration: CaseMigration, act: str, after: dict[str, Any] | None = None
) -> None:
    record(
        session, actor, act, subject=f"migration:{migration.id}", after={"process": migration.process, **(after or {})}
    )


def hold(session: Session, migration_id: int, *allowed: str) -> CaseMigration:
    """Lock a migration that is in one of the allowed states.

    Raises:
        NotFound: there is none.
        Conflict: it is in another state by now.
    """
    query = select(CaseMigration).where(CaseMigration.id == migration_id).with_for_update()
    migration = session.scalar(query, execution_options={"populate_existing": True})
    if migration is None:
        raise NotFound
    if migration.status not in allowed:
        state = _(STATUSES[migration.status])
        raise Conflict(_("这次迁移现在是“%(state)s”，不能进行这项操作。请刷新后再看。", state=state))
    return migration


def _refuse_beyond(session: Session, actor: Actor, migration_id: int) -> None:
    """Nobody moves cases that they may not see, whoever chose them."""
    beyond = (
        select(MigrationItem.instance_id)
        .join(Instance, Instance.id == MigrationItem.instance_id)
        .where(MigrationItem.migration_id == migration_id, ~scope.visible(actor))
    )
    if session.scalar(beyond.limit(1)) is not None:
        raise Forbidden(_("这次迁移包含您管辖范围以外的办件，请由建立它的人办理。"))


def map_steps(
    session: Session, actor: Actor, now: datetime, migration_id: int, mapping: Mapping[str, str]
) -> CaseMigration:
    """Say which steps of the new version those that are gone correspond to, and examine the cases again.

    Raises:
        NotFound, Conflict: as for :func:`hold`.
        Invalid: the mapping cannot be followed.
    """
    migration = hold(session, migration_id, "ready", "done", "cancelled")
    old, new = (get_published(session, key) for key in (migration.from_version_id, migration.to_version_id))
    given = {key: value for key, value in mapping.items() if value}
    _refuse_bad(old, new, given)
    if migration.status != "ready" and given != migration.mapping and _has_moved(session, migration_id):
        raise Conflict(_("已有办件按原来的对应关系迁移，不能再改。其余办件请另建一次迁移。"))
    migration.mapping = given
    _forget_findings(session, migration_id)
    _look(session, now, migration)
    _note(session, actor, migration, "migration.map", {"mapping": given})
    return migration


def _has_moved(session: Session, migration_id: int) -> bool:
    query = select(MigrationItem.instance_id).where(MigrationItem.migration_id == migration_id)
    return session.scalar(query.where(MigrationItem.status.in_(("moved", "kept"))).limit(1)) is not None


def _forget_findings(session: Session, migration_id: int) -> None:
    left = update(MigrationItem).where(
        MigrationItem.migration_id == migration_id, MigrationItem.status.in_(("waiting", "refused"))
    )
    session.execute(left.values(verdict="unchecked", status="waiting"))


def look_again(session: Session, actor: Actor, now: datetime, migration_id: int) -> CaseMigration:
    """Examine again whatever was not moved; raises as :func:`hold`."""
    migration = hold(session, migration_id, "ready", "done", "cancelled")
    _forget_findings(session, migration_id)
    _look(session, now, migration)
    _note(session, actor, migration, "migration.check")
    return migration


def start(session: Session, actor: Actor, now: datetime, migration_id: int, reason: str) -> CaseMigration:
    """Let a worker move every case that can be.

    Raises:
        NotFound, Conflict: as for :func:`hold`.
        Forbidden: some of the cases lie beyond what the actor may see.
        Invalid: no reason, or no case can be moved.
    """
    migration = hold(session, migration_id, "ready")
    _refuse_beyond(session, actor, migration_id)
    words = reason.strip()
    if not words or len(words) > MOST_REASON:
        raise invalid(
            "reason", "length", _("请写明迁移的原因，1 到 %(most)s 个字；办件的办理过程里会写明。", most=MOST_REASON)
        )
    safe = select(MigrationItem.instance_id).where(
        MigrationItem.migration_id == migration_id, MigrationItem.status == "waiting", MigrationItem.verdict == "safe"
    )
    if session.scalar(safe.limit(1)) is None:
        raise invalid("", "nothing", _("没有可以迁移的办件。请先指明对应环节，或等办件走到可以迁移的环节再检查一次。"))
    migration.status, migration.reason = "running", words
    migration.started_by, migration.started_at, migration.ended_at = actor.user_id, now, None
    session.flush()
    _defer(session, RUN, migration_id)
    _note(session, actor, migration, "migration.start", {"reason": words})
    return migration


def suspend(session: Session, actor: Actor, migration_id: int) -> CaseMigration:
    """Stop after the case at hand; raises as :func:`hold`."""
    return _switch(session, actor, migration_id, ("running",), "suspended", "migration.suspend")


def resume(session: Session, actor: Actor, migration_id: int) -> CaseMigration:
    """Go on; raises as :func:`hold`."""
    migration = _switch(session, actor, migration_id, ("suspended",), "running", "migration.resume")
    _defer(session, RUN, migration_id)
    return migration


def cancel(session: Session, actor: Actor, now: datetime, migration_id: int) -> CaseMigration:
    """Move no further case; what was moved stays moved. Raises as :func:`hold`."""
    allowed = ("checking", "ready", "running", "suspended")
    migration = _switch(session, actor, migration_id, allowed, "cancelled", "migration.cancel")
    migration.ended_at = now
    session.flush()
    return migration


def undo(session: Session, actor: Actor, migration_id: int) -> CaseMigration:
    """Let a worker put back every case on which nothing was done since.

    Raises:
        NotFound, Conflict: as for :func:`hold`; or nothing was moved.
    """
    migration = _switch(session, actor, migration_id, ("done", "cancelled"), "undoing", "migration.undo")
    _refuse_beyond(session, actor, migration_id)
    if not _has_moved(session, migration_id):
        raise Conflict(_("这次迁移没有已迁移的办件，无需迁回。"))
    moved = update(MigrationItem).where(MigrationItem.migration_id == migration_id, MigrationItem.status == "kept")
    session.execute(moved.values(status="moved"))
    _defer(session, BACK, migration_id)
    return migration


def _switch(
    session: Session, actor: Actor, migration_id: int, allowed: tuple[str, ...], status: str, act: str
) -> CaseMigration:
    migration = hold(session, migration_id, *allowed)
    migration.status = status
    if act == "migration.undo":
        migration.started_by = actor.user_id
    session.flush()
    _note(session, actor, migration, act)
    return migration

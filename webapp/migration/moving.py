"""Move one case to the other version, under its lock: nothing runs, opens or closes; and take that back.

Open tasks keep their ids, drafts, claims and due dates. Only where the new version says so are people looked for anew,
and only a step that is new gets a deadline of its own; timers that are new at a border count from the opening of the
step. A case that would be left with nobody stays where it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.deadlines.circumstances import Opened, read_circumstances
from webapp.instances.models import Incident
from webapp.instances.recording import waits_of, write_history
from webapp.instances.running import STATUS_WORDS, Run, lock_instance, make_run
from webapp.migration.entering import entered
from webapp.migration.passages import Passage
from webapp.migration.rules import (
    Finding,
    as_findings,
    notes_on,
    refusal,
    renamed_way,
    takes_new_deadline,
    takes_new_people,
)
from webapp.problems import NotFound
from webapp.statements import Statement
from webapp.tasks import candidates
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.placing import Place, place_task
from workflows import CannotMigrateError, StateError, Step, list_open, migrate
from workflows.migration import keeps_branch


class StaysError(Exception):
    """A case that stays where it is; ``findings`` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("；".join(finding["message"] for finding in findings))
        self.findings = list(findings)


_OPEN_TASKS = Statement("""
    SELECT t.id, t.element, t.opened_at, r.parked FROM (SELECT set_config('synchronous_commit', 'off', true)) unhurried
    LEFT JOIN tasks t ON t.instance_id = :instance AND t.status IN ('open', 'suspended')
    LEFT JOIN task_returns r ON r.id = t.return_id ORDER BY t.opened_at, t.id
""")
"""Does not wait for the disk: what a crash of the machine undoes is still to be moved afterwards, and is moved then."""
_MOVE = Statement(
    """
    WITH disarmed AS (DELETE FROM waits WHERE :waits_changed AND instance_id = :instance
    ), armed AS (
        INSERT INTO waits (instance_id, kind, element, name, due_at)
        SELECT :instance, w.kind, w.element, w.name, w.due_at
        FROM jsonb_to_recordset(:waits) AS w(kind text, element text, name text, due_at timestamptz)
        WHERE :waits_changed
    ), told AS (
        INSERT INTO history_entries (instance_id, at, actor_id, machine, act, comment)
        VALUES (:instance, :now, :actor, false, 'migrate', :comment)
    ), noted AS (
        UPDATE case_migration_items m SET status = 'moved', verdict = 'safe', findings = :findings, moved_at = :now,
            undone_at = NULL, version_after = :version,
            before = jsonb_build_object('state', i.state, 'way', i.way, 'waits', i.waits, 'tasks', :tasks)
        FROM instances i WHERE i.id = :instance AND m.instance_id = i.id AND m.migration_id = :migration
    ) UPDATE instances SET process_version_id = :to, state = :state, way = :way, waits = :waits, version = :version
    WHERE id = :instance
""",
    json=["waits", "findings", "tasks", "way"],
)


def move_case(session: Session, actor: Actor, now: datetime, passage: Passage, instance_id: int) -> None:
    """Let one case go on in the new version.

    Raises:
        StaysError: it cannot as it stands now, or it is not what was chosen any more; nothing has changed then.
    """
    run = _hold(session, actor, now, instance_id, passage.old.id)
    tasks = [row for row in _OPEN_TASKS.execute(session, {"instance": instance_id}) if row.id is not None]
    step = _moved(run, passage, tasks)
    findings = as_findings(step.notes)
    findings += notes_on(passage.old, passage.new, passage.route, [task.element for task in tasks])
    before = dict(state=run.instance.state, waits=run.instance.waits)
    set_committed_value(run.instance, "process_version_id", passage.new.id)
    moved = make_run(session, actor, now, run.instance)
    touched = _refit(moved, step, passage, tasks)
    waits = waits_of(step)
    values = {
        "instance": instance_id,
        "migration": passage.migration_id,
        "to": passage.new.id,
        "state": step.state,
        "way": renamed_way(run.instance.way, passage.route.mapping),
        "waits": waits,
        "waits_changed": waits != before["waits"],
        "version": run.instance.version + 1,
        "now": now,
        "actor": actor.user_id,
        "comment": f"v{passage.old.version} → v{passage.new.version}。{passage.reason}",
        "findings": findings,
        "tasks": touched,
    }
    _MOVE.execute(session, values)
    _audit(run, passage, "instance.migrate", passage.old.version, passage.new.version)


def _hold(session: Session, actor: Actor, now: datetime, instance_id: int, version_id: int) -> Run:
    try:
        run = lock_instance(session, actor, now, instance_id)
    except NotFound:
        raise StaysError([refusal("gone", "办件已不存在。")]) from None
    if run.instance.process_version_id != version_id:
        raise StaysError([refusal("other_version", f"办件现在用的是 v{run.published.version}，不是原来选定的版本。")])
    if run.instance.status not in {"running", "suspended"}:
        raise StaysError([refusal("ended", f"办件{STATUS_WORDS[run.instance.status]}，不需要迁移。")])
    return run


def _moved(run: Run, passage: Passage, tasks: Sequence[Any]) -> Step:
    if not all(keeps_branch(passage.route, task.parked) for task in tasks if task.parked is not None):
        raise StaysError([PARKED])
    try:
        as_of = entered({str(task.id): task.opened_at for task in tasks}, now=run.now, region=run.region)
        return migrate(passage.route, run.instance.state or "", run.context(), as_of)
    except CannotMigrateError as error:
        raise StaysError(as_findings(error.obstacles)) from error
    except StateError as error:
        raise StaysError([refusal("state", f"办件的流程状态无法读取：{error}")]) from error


PARKED = refusal("parked", "办件退回补正后要原样送回，等待送回的部分在新版本中有变化。请等送回之后再迁移。")


def _refit(run: Run, step: Step, passage: Passage, tasks: Sequence[Any]) -> list[dict[str, Any]]:
    """Bring the rows of open tasks to the new version where it says otherwise; returns what they were before."""
    touched = []
    seen: dict[str, dict[str, Any]] | None = None
    for row in tasks:
        target = passage.route.element(row.element)
        people = takes_new_people(passage.old, passage.new, row.element, target)
        deadline = takes_new_deadline(passage.old, passage.new, row.element, target)
        if target == row.element and not people:
            continue
        if seen is None:
            opened = list_open(passage.new.definition, step.state, run.context())
            seen = {task.id: task.data for task in opened}
        task = run.session.get_one(Task, row.id, populate_existing=True)
        touched.append({name: _plain(getattr(task, name)) for name in _KEPT} | {"id": str(task.id)})
        _rename(run, task, target)
        if people or deadline:
            place = _place(run, task, target, seen.get(str(row.id), {}), deadline=deadline)
            touched[-1]["due_after"] = _plain(_give(run, task, target, place, people=people, deadline=deadline))
    for old, new in passage.route.mapping.items():
        failed = update(Incident).where(Incident.instance_id == run.instance.id, Incident.element == old)
        run.session.execute(failed.where(Incident.status == "open").values(element=new))
    return touched


_KEPT = (
    "element",
    "name",
    "assigned_roles",
    "assigned_region",
    "assigned_organisation_id",
    "assigned_user_id",
    "excluded_organisation_id",
    "excluded_elements",
    "due_at",
    "due_provisional",
    "due_rule",
    "next_notice_at",
    "acts_at",
)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _rename(run: Run, task: Task, target: str) -> None:
    values = {"element": target, "name": run.published.name_of(target)}
    run.session.execute(update(Task).where(Task.id == task.id).values(values))


def _place(run: Run, task: Task, target: str, data: dict[str, Any], *, deadline: bool) -> Place:
    wanted = [Opened(str(task.id), target, task.item)]
    given = read_circumstances(run.session, run.instance, run.published, wanted)[str(task.id)]
    since = run.now if deadline else task.opened_at
    place = place_task(run.published, target, since, run.instance.data | task.item | data, run.region, given)
    fault = place.rule_fault or (place.deadline_fault if deadline else None)
    if fault:
        name = run.published.name_of(target)
        raise StaysError([refusal("rule", f"“{name}”在新版本中的办理人或期限无法计算：{fault}")])
    return place


_PEOPLE = text("""
    UPDATE tasks SET assigned_roles = :roles, assigned_region = CAST(:region AS text), assigned_user_id = :person,
        assigned_organisation_id = COALESCE(CAST(:organisation AS integer), (
            SELECT id FROM organisations WHERE kind = 'office' AND region_code = CAST(:region AS text))),
        excluded_organisation_id = :excluded, excluded_elements = :elements
    WHERE id = :task
""")


def _give(run: Run, task: Task, target: str, place: Place, *, people: bool, deadline: bool) -> datetime | None:
    """Write down whose the step is now, and by when if it is a new one; returns when it is due."""
    if deadline:
        run.session.execute(update(Task).where(Task.id == task.id).values(place.due_columns))
        candidates_due = update(TaskCandidate).where(TaskCandidate.task_id == task.id)
        run.session.execute(candidates_due.values(due_at=place.due_columns["due_at"]))
    if people:
        rule = run.published.assignments[target]
        values = {
            "task": task.id,
            "roles": list(rule.roles),
            "region": place.region,
            "person": place.person,
            "organisation": place.organisation,
            "excluded": run.instance.subject_id if rule.exclude_unit else None,
            "elements": list(rule.exclude_elements),
        }
        run.session.execute(_PEOPLE, values)
        _find_people(run, task, target, rule.persons)
    return place.due_columns["due_at"] if deadline else task.due_at


def _find_people(run: Run, task: Task, target: str, persons: int) -> None:
    """The candidates of a step by its new rule; a suspended case finds them when it is resumed."""
    if run.instance.status == "running" and not candidates.follow_rule(run.session, task.id, persons):
        name = run.published.name_of(target)
        words = f"按新版本的规则，“{name}”没有足够的可办理人员。请先补充人员或角色。"
        raise StaysError([refusal("nobody", words)])


def _audit(run: Run, passage: Passage, act: str, before: int, after: int) -> None:
    record(
        run.session,
        run.actor,
        act,
        instance_id=run.instance.id,
        subject=f"migration:{passage.migration_id}",
        before={"version": before},
        after={"version": after},
    )


_BEFORE = Statement("""
    SELECT version_after, before FROM case_migration_items
    WHERE migration_id = :migration AND instance_id = :instance AND status IN ('moved', 'kept')
""")
_BACK = Statement(
    """
    WITH disarmed AS (DELETE FROM waits WHERE instance_id = :instance
    ), armed AS (
        INSERT INTO waits (instance_id, kind, element, name, due_at)
        SELECT :instance, w.kind, w.element, w.name, w.due_at
        FROM jsonb_to_recordset(:waits) AS w(kind text, element text, name text, due_at timestamptz)
    ), noted AS (
        UPDATE case_migration_items SET status = 'undone', undone_at = :now, before = NULL, findings = '[]'
        WHERE instance_id = :instance AND migration_id = :migration
    ), renamed AS (
        UPDATE tasks t SET element = k.element, name = k.name, assigned_roles = k.assigned_roles,
            assigned_region = k.assigned_region, assigned_organisation_id = k.assigned_organisation_id,
            assigned_user_id = k.assigned_user_id, excluded_organisation_id = k.excluded_organisation_id,
            excluded_elements = k.excluded_elements,
            due_at = CASE WHEN t.due_at = k.due_after THEN k.due_at ELSE t.due_at END,
            due_provisional = CASE WHEN t.due_at = k.due_after THEN k.due_provisional ELSE t.due_provisional END,
            due_rule = CASE WHEN t.due_at = k.due_after THEN k.due_rule ELSE t.due_rule END,
            next_notice_at = CASE WHEN t.due_at = k.due_after THEN k.next_notice_at ELSE t.next_notice_at END,
            acts_at = CASE WHEN t.due_at = k.due_after THEN k.acts_at ELSE t.acts_at END
        FROM jsonb_to_recordset(:tasks) AS k(id uuid, element text, name text, assigned_roles text[],
            assigned_region text, assigned_organisation_id integer, assigned_user_id integer,
            excluded_organisation_id integer, excluded_elements text[], due_at timestamptz, due_provisional boolean,
            due_rule jsonb, next_notice_at timestamptz, acts_at timestamptz, due_after timestamptz)
        WHERE t.id = k.id
    ) UPDATE instances SET process_version_id = :to, state = :state, way = :way, waits = :waits, version = version + 1
    WHERE id = :instance
""",
    json=["waits", "tasks", "way"],
)


def take_back(session: Session, actor: Actor, now: datetime, passage: Passage, instance_id: int) -> None:
    """Put a case back into the version that it came from, exactly as it was, while nothing was done since.

    Raises:
        StaysError: somebody or the system has acted on it since.
    """
    run = _hold(session, actor, now, instance_id, passage.new.id)
    rows = _BEFORE.execute(session, {"migration": passage.migration_id, "instance": instance_id})
    if not rows or rows[0].version_after != run.instance.version:
        raise StaysError([refusal("acted", "迁移之后已有新的办理，不能再迁回原版本。")])
    before = rows[0].before
    told = f"v{passage.new.version} → v{passage.old.version}，迁移之后还没有新的办理。"
    write_history(run, [{"act": "migrate_back", "actor_id": actor.user_id, "comment": told}])
    values = {"instance": instance_id, "migration": passage.migration_id, "to": passage.old.id, "now": now}
    _BACK.execute(session, values | {name: before[name] for name in ("state", "way", "waits", "tasks")})
    _find_former_people(run, before["tasks"])
    _audit(run, passage, "instance.migrate_back", passage.new.version, passage.old.version)


def _find_former_people(run: Run, tasks: Sequence[dict[str, Any]]) -> None:
    given = [UUID(task["id"]) for task in tasks if "due_after" in task]
    if given and run.instance.status == "running":
        candidates.refill(run.session, given)

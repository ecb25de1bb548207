"""Write down what one step of the engine did: tasks, candidates, waits, the way, the timeline, incidents.

Every decision passes here: statements are texts that are made once, and rows of one kind go in one statement.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from webapp.audit.operations import JSON, WRITTEN
from webapp.instances.closing import CANCELLED, DECIDED, LET_GO, Decision, decided, refuse_unless_decided
from webapp.instances.incidents import ENGINE, Failure, open_incident
from webapp.instances.models import Instance
from webapp.instances.running import Run
from webapp.statements import Statement
from webapp.tasks.candidates import OPENED, opened
from webapp.tasks.opening import Opening, plan_openings, serve_tasks
from workflows import Incident as EngineIncident
from workflows import Step

MACHINE_ACTS = {
    "serviceTask": "service",
    "businessRuleTask": "decision_table",
    "endEvent": "end",
    "intermediateCatchEvent": "event",
    "boundaryEvent": "event",
}


def record_step(
    run: Run,
    step: Step,
    person: Mapping[str, Any] | None = None,
    decision: Decision | None = None,
    keep: UUID | None = None,
    audit: Mapping[str, Any] | None = None,
) -> None:
    """Store the state after a step and everything that people see of it.

    Args:
        person: the timeline line of the person whose act caused the step; comes before the machine's lines.
        decision: the decision that caused the step, unless it was written down earlier and is only replayed now.
        keep: the task whose actor may take the step back (``webapp.acts.recalling``); that of ``decision`` by itself.
        audit: the entry of the audit log (``webapp.audit.operations.entry``) to write along.

    Raises:
        Conflict: the task of the decision was taken by somebody else meanwhile.
    """
    openings = plan_openings(run, step.opened)
    if decision:
        person, keep = decision.line(run.actor_id), decision.task.id
    lines = _lines(run, step, person)
    served = _store(run, step, decision, _told(run, lines) | {"acted": keep}, audit, openings)
    serve_tasks(run, openings, served)
    for incident in step.incidents:
        report_failed(run, ENGINE, incident, {"task": incident.task_id})


_TELL = """
    INSERT INTO history_entries (instance_id, at, actor_id, on_behalf_of, machine, element, task_id, act, comment)
    SELECT :instance, :now, l.actor_id, CASE WHEN l.actor_id = :actor THEN CAST(:on_behalf_of AS integer) END,
        COALESCE(l.machine, false), l.element, l.task_id, l.act, l.comment
    FROM jsonb_to_recordset(:lines)
        AS l(actor_id integer, machine boolean, element text, task_id uuid, act text, comment text)
"""
_HISTORY = Statement(_TELL, json=["lines"])

_STORE = f"""
    disarmed AS (DELETE FROM waits WHERE :waits_changed AND instance_id = :instance
    ), armed AS (
        INSERT INTO waits (instance_id, kind, element, name, due_at)
        SELECT :instance, w.kind, w.element, w.name, w.due_at
        FROM jsonb_to_recordset(:waits) AS w(kind text, element text, name text, due_at timestamptz)
        WHERE :waits_changed
    ), told AS ({_TELL}
    ), kept AS (
        INSERT INTO kept_states (instance_id, task_id, actor_id, at, version, state, data, way, waits)
        SELECT id, CAST(:acted AS uuid), :actor, :now, version, state, data, way, waits FROM instances
        WHERE id = :instance AND CAST(:acted AS uuid) IS NOT NULL AND CAST(:actor AS integer) IS NOT NULL
        ON CONFLICT (instance_id) DO UPDATE SET task_id = excluded.task_id, actor_id = excluded.actor_id,
            at = excluded.at, version = excluded.version, state = excluded.state, data = excluded.data,
            way = excluded.way, waits = excluded.waits
    ), stored AS (
        UPDATE instances SET state = :state, data = :data, way = :way, waits = :waits, version = :version,
            status = :status, outcome = :outcome, outcome_name = :outcome_name, ended_at = :ended_at
        WHERE id = :instance
    )
"""  # noqa: S608 (only constants of this module)


_CLOSED = {
    (True, False): "closed AS (TABLE decided)",
    (False, True): "closed AS (TABLE cancelled)",
    (True, True): "closed AS (TABLE decided UNION ALL TABLE cancelled)",
}
"""By whether a task is decided, and whether others are cancelled."""


@cache
def _step_statement(decides: bool, cancels: bool, is_audited: bool, opens: bool) -> Statement:
    """All that a step writes, as one statement: says how many tasks were decided, and who may do those that open."""
    parts, json = [_STORE], ["data", "way", "waits", "lines"]
    parts += [DECIDED] * decides + [CANCELLED] * cancels
    if decides or cancels:
        parts += [_CLOSED[decides, cancels], LET_GO]
    parts += [f"audited AS ({WRITTEN})"] * is_audited + [OPENED] * opens
    json += ["answers"] * decides + [*JSON] * is_audited + ["tasks"] * opens
    count = "(SELECT count(*) FROM decided)" if decides else "1"
    found = ", served.* FROM (SELECT) AS always LEFT JOIN served ON true" if opens else ""
    return Statement(f"WITH {', '.join(parts)} SELECT {count} AS decided_tasks{found}", json=json)


def _store(
    run: Run,
    step: Step,
    decision: Decision | None,
    told: dict[str, Any],
    audit: Mapping[str, Any] | None,
    openings: Sequence[Opening],
) -> list[Any]:
    cancelled = [UUID(task.id) for task in step.closed if task.how != "completed"]
    new = _values_after(run, step)
    values = _UNDECIDED | told | new | {"waits_changed": new["waits"] != run.instance.waits}
    values |= {"cancelled": cancelled, "ended": step.end is not None}
    values |= (decided(run, decision) if decision else {}) | dict(audit or {})
    values |= opened(run.instance, [opening.row for opening in openings])
    cancels = bool(cancelled) or (step.end is not None and decision is None)  # an end lets everything go
    statement = _step_statement(decision is not None, cancels, audit is not None, bool(openings))
    rows = statement.execute(run.session, values)
    refuse_unless_decided(rows[0].decided_tasks)
    for name, value in new.items():  # the object agrees with the row without a second UPDATE
        set_committed_value(run.instance, name, value)
    return rows


_UNDECIDED = {"element": None, "decided": None}
"""What the opened tasks ask of a decision where none is written along."""


def _values_after(run: Run, step: Step) -> dict[str, Any]:
    """What the row of the instance holds after a step."""
    instance = run.instance
    values: dict[str, Any] = {
        "state": None if step.end else step.state,
        "data": step.data,
        "way": _way_after(instance, step),
        "waits": waits_of(step),
        "version": instance.version + 1,
        "status": status_after(instance, step),
        "outcome": None,
        "outcome_name": None,
        "ended_at": None,
    }
    if step.end:
        values |= {
            "outcome": step.end.value or step.end.element,
            "outcome_name": step.end.name or run.published.name_of(step.end.element),
            "ended_at": run.now,
        }
    return values


def status_after(instance: Instance, step: Step) -> str:
    """The status of an instance once a step is stored."""
    return (step.end.status or "completed") if step.end else instance.status


def _told(run: Run, lines: list[dict[str, Any]]) -> dict[str, Any]:
    who = {"actor": run.actor_id, "on_behalf_of": run.on_behalf_of}
    return {"instance": run.instance.id, "now": run.now, "lines": lines} | who


def waits_of(step: Step) -> list[dict[str, Any]]:
    """What the instance waits for beside people, as stored JSON."""
    timers = [
        {"kind": "timer", "element": t.element, "name": t.element, "due_at": t.due.isoformat()} for t in step.timers
    ]
    messages = [{"kind": "message", "element": m.element, "name": m.name, "due_at": None} for m in step.messages]
    return [] if step.end else timers + messages


def _way_after(instance: Instance, step: Step) -> dict[str, int]:
    return dict(Counter(instance.way) + Counter(passed.element for passed in step.way))


def _lines(run: Run, step: Step, person: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The lines of the timeline: the person's, then the machine's in the order in which they happened."""
    rows = [dict(person)] if person else []
    notes = list(run.case.notes)
    run.case.notes.clear()
    for passed in step.way:
        act = MACHINE_ACTS.get(passed.kind)
        if act:
            said = next((note for note in notes if note[0] == passed.element), None)
            if said:
                notes.remove(said)
            comment = said[1] if said else None
            rows.append({"element": passed.element, "act": act, "comment": comment, "machine": True})
    rows += [{"element": element, "act": "service", "comment": note, "machine": True} for element, note in notes]
    return rows


def write_history(run: Run, lines: list[dict[str, Any]]) -> None:
    """Add lines to the timeline, in order, by one statement.

    Args:
        lines: ``act``, and of ``actor_id``, ``machine``, ``element``, ``task_id`` and ``comment`` what there is.
    """
    if lines:
        _HISTORY.execute(run.session, _told(run, lines))


def report_failed(run: Run, kind: str, cause: EngineIncident, pending: dict[str, Any]) -> None:
    """Record a failure of the engine's for the administrator; a known one is brought up to date."""
    failure = Failure(kind, cause.element, cause.error_type, cause.message, cause.trace, pending)
    open_incident(run.session, run.now, run.instance.id, failure)

"""退回: send a case back to a step that it passed, with a look before at who has to act again.

Either everything is run again from there, or the case comes straight back to whoever returned it, and what others
did meanwhile stays as it is. What services did is not undone; the preview says so.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.acts.asking import drop_decision
from webapp.acts.holding import hold, look, note, words_of
from webapp.acts.models import TaskReturn
from webapp.instances.operations import deliver_kept
from webapp.instances.recording import record_step
from webapp.instances.running import HeldTask, Run, attempted
from webapp.mail.notifications import tell_returned
from webapp.problems import Conflict, Invalid, invalid
from webapp.tasks.doable import refuse_unless_doable
from webapp.tasks.models import Task
from workflows import CannotMoveError, ReturnPlace, Step, TaskNotOpenError, place_for, places_behind, send_back

PREVIOUS, DECLARANT = "previous", "declarant"


@dataclass(frozen=True)
class Again:
    """A step that has to be done again, and who did it last."""

    element: str
    name: str
    who: str


@dataclass(frozen=True)
class Preview:
    """What a return would mean."""

    place: ReturnPlace
    name: str
    again: list[Again]
    cancelled: list[Again] = field(default_factory=list)
    """Open work of others that ends with it."""
    places: list[dict[str, str]] = field(default_factory=list)
    """Everywhere it could go instead."""
    lasting: list[str] = field(default_factory=list)
    """What the system did since and is not undone."""
    known_as: list[str] = field(default_factory=list)
    """``previous`` or ``declarant``, where it is that place."""


def choices(run: Run, task: Task) -> list[ReturnPlace]:
    """Where a task can be returned to, nearest first."""
    return places_behind(run.published.definition, task.element, run.instance.way)


def preview(session: Session, actor: Actor, now: datetime, task_id: UUID, to_element: str) -> Preview:
    """Who would have to act again after a return.

    Raises:
        NotFound, Forbidden, Conflict: as for completing the task.
        Invalid: it cannot go back there.
    """
    run, held = _looked_at(session, actor, now, task_id)
    found = _previewed(run, held, _place(run, held, to_element))
    name_of = run.published.name_of
    places = [{"element": one.element, "name": name_of(one.element)} for one in choices(run, held.task)]
    return replace(found, places=places)


def previews(session: Session, actor: Actor, now: datetime, task_id: UUID) -> list[Preview]:
    """The same for every place, nearest first; what cannot be entered now is left out.

    Raises:
        NotFound, Forbidden, Conflict: as for completing the task.
    """
    run, held = _looked_at(session, actor, now, task_id)
    near = {name: _found(run, held, name) for name in (PREVIOUS, DECLARANT)}
    found = []
    for place in choices(run, held.task):
        try:
            one = _previewed(run, held, place)
        except Conflict:
            continue
        found.append(replace(one, known_as=[name for name, element in near.items() if element == place.element]))
    return found


def _looked_at(session: Session, actor: Actor, now: datetime, task_id: UUID) -> tuple[Run, HeldTask]:
    run, held = look(session, actor, now, task_id)
    refuse_unless_doable(run, held, None)
    return run, held


def _found(run: Run, held: HeldTask, target: str) -> str | None:
    try:
        return _place(run, held, target).element
    except Invalid:
        return None


def _previewed(run: Run, held: HeldTask, place: ReturnPlace) -> Preview:
    """Try a return and undo it."""
    with run.session.begin_nested() as attempt:
        step, _parked = _sent(run, held, place)
        attempt.rollback()
    run.case.notes.clear()
    name_of = run.published.name_of
    return Preview(
        place=place,
        name=name_of(place.element),
        again=_last_actors(run, place),
        cancelled=_holders(run, {task.id for task in step.closed} - {str(held.task.id)}),
        lasting=_lasting(run, place),
    )


def _place(run: Run, held: HeldTask, target: str) -> ReturnPlace:
    definition, element, way = run.published.definition, held.task.element, run.instance.way
    try:
        if target == PREVIOUS:
            return _previous(run, held)
        if target == DECLARANT:
            target = _declarants_step(run, held)
        return place_for(definition, element, target, way)
    except CannotMoveError as error:
        raise invalid("to_element", "not_passed", str(error)) from error


def _previous(run: Run, held: HeldTask) -> ReturnPlace:
    """The place that was done last."""
    places = {place.element: place for place in choices(run, held.task)}
    done = select(Task.element).where(Task.instance_id == run.instance.id, Task.status == "done")
    for element in run.session.scalars(done.order_by(Task.closed_at.desc())):
        for outer in run.published.definition.catalogue.around(element):
            if outer.id in places:
                return places[outer.id]
    raise invalid("to_element", "nothing_before", "这是第一个环节，之前没有可以退回的环节。")


def _declarants_step(run: Run, held: HeldTask) -> str:
    """The step at which the unit (or whoever started it) acted last before this one."""
    places = {place.element for place in choices(run, held.task)}
    query = (
        select(Task.element, Task.assigned_organisation_id, Task.closed_by)
        .where(Task.instance_id == run.instance.id, Task.status == "done", Task.element.in_(places))
        .order_by(Task.closed_at.desc())
    )
    for row in run.session.execute(query):
        is_units = run.instance.subject_id is not None and row.assigned_organisation_id == run.instance.subject_id
        if is_units or row.closed_by == run.instance.started_by:
            return str(row.element)
    raise invalid("to_element", "no_declarant", "申报人在这之前没有办理过可以退回的环节，请选择其他环节。")


def _sent(run: Run, held: HeldTask, place: ReturnPlace) -> tuple[Step, dict[str, object]]:
    parked: dict[str, object] = {}

    def act() -> Step:
        definition, state = run.published.definition, run.instance.state or ""
        step, aside = send_back(definition, state, str(held.task.id), place, run.context())
        parked.update(aside)
        return step

    try:
        step = attempted(run, act)
    except TaskNotOpenError as error:
        raise Conflict("这项任务已不在待办状态，请刷新。") from error
    if step.failed_entering:
        raise Conflict(f"不能退回到“{run.published.name_of(place.element)}”：{step.failed_entering.message}")
    return step, parked


_LAST = text("""
    SELECT DISTINCT ON (t.element) t.element,
        concat_ws(' ', CASE WHEN o.id = CAST(:subject AS integer) THEN '申报单位' ELSE o.name END, u.name) AS who
    FROM tasks t
    LEFT JOIN users u ON u.id = COALESCE(t.closed_by, t.claimed_by)
    LEFT JOIN organisations o ON o.id = COALESCE(u.organisation_id, t.assigned_organisation_id)
    WHERE t.instance_id = :instance AND t.element = ANY(:elements) ORDER BY t.element, t.opened_at DESC
""")
_HOLDERS = text("""
    SELECT t.element, t.name, concat_ws(' ', o.name, u.name) AS who FROM tasks t
    LEFT JOIN users u ON u.id = t.claimed_by
    LEFT JOIN organisations o ON o.id = COALESCE(u.organisation_id, t.assigned_organisation_id)
    WHERE t.id = ANY(CAST(:tasks AS uuid[])) ORDER BY t.opened_at, t.id
""")


def _last_actors(run: Run, place: ReturnPlace) -> list[Again]:
    """Who did the steps last that have to be done again; the one that is asked first comes first."""
    elements = sorted(place.again, key=lambda element: element != place.asked)
    values = {"instance": run.instance.id, "elements": elements, "subject": run.instance.subject_id}
    who = {row.element: row.who for row in run.session.execute(_LAST, values)}
    return [Again(element, run.published.name_of(element), who.get(element, "")) for element in elements]


def _holders(run: Run, tasks: set[str]) -> list[Again]:
    rows = run.session.execute(_HOLDERS, {"tasks": sorted(tasks)}).all() if tasks else []
    return [Again(row.element, row.name, row.who) for row in rows]


def _lasting(run: Run, place: ReturnPlace) -> list[str]:
    """Services between the place and here that have acted."""
    catalogue = run.published.definition.catalogue
    steps = set(place.again)
    between = [e for e in catalogue.elements.values() if e.type == "serviceTask" and e.id in run.instance.way]
    return [e.name or e.id for e in between if steps and _leads_from(catalogue, place.element, e.id)]


def _leads_from(catalogue: object, start: str, end: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        for key in catalogue.targets(todo.pop()):  # type: ignore[attr-defined]
            if key == end:
                return True
            if key not in seen:
                seen.add(key)
                todo.append(key)
    return False


def return_task(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: UUID,
    version: int,
    to_element: str,
    reason: str | None,
    *,
    comes_back: bool = False,
) -> ReturnPlace:
    """Send a case back.

    Args:
        to_element: the id of a step, or ``previous``, or ``declarant``.
        comes_back: the case comes straight back to the actor when the correction is done.

    Raises:
        NotFound, Forbidden, Conflict: as for completing the task.
        Invalid: no reason, or it cannot go back there.
    """
    run, held = hold(session, actor, now, task_id, version)
    why = words_of(reason, required="请填写退回理由，对方会看到。")
    place = _place(run, held, to_element)
    if comes_back and not place.comes_back:
        words = f"“{run.published.name_of(place.element)}”是会签或一组环节，退回后须从那里起重新办理，不能直接送回。"
        raise invalid("resume", "not_possible", words)
    step, parked = _sent(run, held, place)
    drop_decision(run, held.task)
    row = _row(run, held.task, place, why, parked if comes_back else None)
    record_step(run, step, _line(run, held.task, place, why, comes_back), keep=task_id)
    _close(run, held.task, step, place, row if comes_back else None)
    note(run, held.task, "return", {"to_element": place.element, "comes_back": comes_back, "reason": why})
    _tell(run, held.task, step, why)
    deliver_kept(run)
    return place


def _tell(run: Run, task: Task, step: Step, why: str) -> None:
    assert run.actor is not None  # noqa: S101 (a person returns)
    opened = [UUID(one.id) for one in step.opened]
    if opened:
        by, name = run.actor.organisation_name, task.name
        tell_returned(run.session, run.instance.id, opened, by=by, step=name, comment=why, reasons=0)


def _row(run: Run, task: Task, place: ReturnPlace, why: str, parked: dict[str, object] | None) -> TaskReturn:
    row = TaskReturn(
        instance_id=run.instance.id,
        task_id=task.id,
        element=task.element,
        to_element=place.element,
        returned_by=run.actor_id,
        on_behalf_of=run.on_behalf_of,
        at=run.now,
        reason=why,
        parked=parked,
    )
    run.session.add(row)
    run.session.flush()
    return row


def _line(run: Run, task: Task, place: ReturnPlace, why: str, comes_back: bool) -> dict[str, object]:
    rule = run.published.assignments.get(place.element)
    is_units = rule is not None and not rule.exclude_unit
    how = "，改好后直接送回" if comes_back else ""
    comment = f"退回到“{run.published.name_of(place.element)}”{how}。理由：{why}"
    act = "return_to_unit" if is_units else "return_to_step"
    return {
        "act": act,
        "actor_id": run.actor_id,
        "element": task.element,
        "task_id": str(task.id),
        "comment": comment,
    }


def _close(run: Run, task: Task, step: Step, place: ReturnPlace, row: TaskReturn | None) -> None:
    """The returned task is done by whoever returned it; the correction knows where it leads."""
    mine = update(Task).where(Task.id == task.id, Task.status == "cancelled")
    run.session.execute(mine.values(status="done", closed_by=run.actor_id, claimed_by=run.actor_id))
    there = [UUID(opened.id) for opened in step.opened if opened.element == place.element]
    if row is not None and len(there) == 1:
        run.session.execute(update(Task).where(Task.id == there[0]).values(return_id=row.id))


def returned_by(session: Session, task: Task) -> TaskReturn | None:
    """The newest return that led to a task's step, while it is open."""
    query = select(TaskReturn).where(
        TaskReturn.instance_id == task.instance_id,
        TaskReturn.to_element == task.element,
        TaskReturn.at >= task.opened_at,
    )
    return session.scalars(query.order_by(TaskReturn.id.desc()).limit(1)).one_or_none()

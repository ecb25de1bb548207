"""Ticked rows on their way to one decision: first what may be decided and why not, then the answers, then results."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from forms import FieldError
from forms.compile import CompiledForm, compile_form
from webapp.access import Actor
from webapp.clock import SHANGHAI
from webapp.definitions.library import get_published
from webapp.instances.models import Instance
from webapp.instances.running import case_of
from webapp.problems import invalid
from webapp.tasks.answers import form_for
from webapp.tasks.bulk import MOST, RowResult, complete_many, too_many
from webapp.tasks.eligibility import Checked, check_rows
from webapp.tasks.models import Task

Rows = list[tuple[UUID, int]]
_AT_ONCE = 10
_SECONDS = 20.0
"""How long one request goes on before it shows what it has come to."""


@dataclass(frozen=True)
class Choice:
    """The ticked rows by what can be done with them now."""

    eligible: list[Checked]
    """All of one step."""
    later: list[Checked]
    """Those of other steps: they could be decided together as well, afterwards."""
    refused: list[Checked]
    form: CompiledForm | None = None
    step: str = ""
    allowed: str = ""
    """Which outcomes may be given together, in words, where not all may."""
    errors: list[FieldError] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def ticked_rows(fields: MultiDict[str, str]) -> Rows:
    """What a list's form sent: each row once, as ``id:version``; what is no row is left out.

    Raises:
        Invalid: more rows than one page of a list can show; none is left out without a word.
    """
    found: dict[UUID, int] = {}
    ticked = fields.getlist("task")
    if len(ticked) > MOST:
        raise invalid("task", "many", too_many(len(ticked)))
    for text in ticked:
        name, _colon, version = text.partition(":")
        try:
            task = UUID(name)
        except ValueError:
            continue
        if version.isascii() and version.isdecimal() and len(version) < 10:
            found.setdefault(task, int(version))
    return list(found.items())


def choose(session: Session, actor: Actor, now: datetime, rows: Rows) -> Choice:
    """Sort ticked rows; the step with the most comes first."""
    checked = [_by_case(one) for one in check_rows(session, actor, rows)]
    good = [one for one in checked if one.reason is None]
    steps = [one.step for one in good]
    first = max(steps, key=steps.count) if steps else None
    eligible = [one for one in good if one.step == first]
    later = [one for one in good if one.step != first]
    choice = Choice(eligible, later, [one for one in checked if one.reason is not None])
    if not eligible:
        return choice
    published, element = eligible[0].published, eligible[0].row.element
    assert published is not None  # noqa: S101 (it is eligible)
    allowed = published.bulk_elements[element]
    words = "、".join(published.outcome_label(element, outcome) for outcome in sorted(allowed)) if allowed else ""
    form = form_together(session, actor, now, eligible[0].id)
    return replace(choice, form=form, step=eligible[0].row.name, allowed=words)


def _by_case(one: Checked) -> Checked:
    """Files belong to single cases: a step that wants one is not decided from this page."""
    form = one.published.form_of(one.row.element) if one.published and one.reason is None else None
    if form is None or form.required_file is None:
        return one
    return replace(one, reason=f"需要逐件上传附件“{form.required_file}”。")


def form_together(session: Session, actor: Actor, now: datetime, task_id: UUID) -> CompiledForm | None:
    """The form of a task's step, without file pickers: files belong to single cases."""
    task = session.get_one(Task, task_id)
    instance = session.get_one(Instance, task.instance_id)
    published = get_published(session, instance.process_version_id)
    form = form_for(case_of(session, actor, now, instance, task), published, instance.process, task.element)
    return _without_files(form) if form else None


def _without_files(form: CompiledForm) -> CompiledForm:
    components = [c for c in form.document["components"] if c["type"] != "filepicker"]
    if len(components) == len(form.document["components"]):
        return form
    return compile_form({**form.document, "components": components})


def read_answers(choice: Choice, fields: MultiDict[str, str], now: datetime) -> Choice:
    """The choice with what was typed, and what is wrong with it."""
    if choice.form is None:
        return choice
    data = choice.form.from_html(fields)
    if choice.form.is_row_action(fields):
        return replace(choice, data=data, errors=[FieldError("", "row", "")])
    checked = choice.form.validate(data, today=now.astimezone(SHANGHAI).date())
    return replace(choice, data=data, errors=[*checked.errors, *_not_together(choice, checked.answers)])


def _not_together(choice: Choice, answers: dict[str, Any]) -> list[FieldError]:
    one, name = choice.eligible[0], choice.form.outcome_field if choice.form else None
    outcome = answers.get(name) if name else None
    reason = one.published.refuses_together(one.row.element, str(outcome)) if one.published and outcome else None
    return [FieldError(name or "", "not_bulk", reason)] if reason else []


def decide(actor: Actor, now: datetime, rows: Rows, data: dict[str, Any]) -> tuple[list[RowResult], Rows]:
    """Decide rows with the same answers until the time of one request is over; returns what is left."""
    until, results = time.monotonic() + _SECONDS, list[RowResult]()
    while rows and time.monotonic() < until:
        results += complete_many(actor, now, rows[:_AT_ONCE], data)
        rows = rows[_AT_ONCE:]
    return results, rows


def names_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Title and number of the cases of some tasks."""
    query = select(Task.id, Task.name, Instance.title, Instance.number).join(Instance, Instance.id == Task.instance_id)
    return {row.id: row for row in session.execute(query.where(Task.id.in_(ids)))}

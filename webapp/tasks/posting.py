"""What a browser posted at a task: its files are kept first, so that nothing that follows can lose them.

A file that cannot be kept is an error at its field; everything else that was typed or uploaded stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from forms import FieldError
from forms.compile import CompiledForm
from forms.posting import is_row_action
from webapp.access import Actor
from webapp.acts.opinions import opinion_form
from webapp.attachments.operations import store_upload
from webapp.config import Settings
from webapp.definitions.library import Published, get_published
from webapp.instances.models import Instance
from webapp.instances.running import case_of
from webapp.problems import NotFound, Problem
from webapp.statements import Statement
from webapp.tasks.answers import form_for
from webapp.tasks.models import Task

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


@dataclass
class Posted:
    """The answers as nested data, ready to be checked."""

    data: dict[str, Any]
    errors: list[FieldError] = field(default_factory=list)
    is_row_action: bool = False
    """A button that adds or removes a row: the form is shown again, nothing is decided."""


def is_plain(fields: Fields, files: Files) -> bool:
    """Whether nothing need be kept or shown before a post is decided: no file came along, no row comes or goes."""
    return not is_row_action(fields) and not any(file.filename for __, file in files.items(multi=True))


def reader_of(fields: Fields) -> Callable[[CompiledForm], dict[str, Any]]:
    """What reads a plain post once the form of its step is known."""
    return lambda form: form.from_html(fields)


def read_post(
    session: Session, settings: Settings, actor: Actor, now: datetime, task_id: UUID, fields: Fields, files: Files
) -> Posted:
    """Read a posted form and keep its files.

    Raises:
        NotFound: there is no such task.
    """
    steps = _STEP.execute(session, {"task": task_id})
    if not steps:
        raise NotFound
    step = steps[0]
    published = get_published(session, step.process_version_id)
    form = opinion_form() if step.request_id is not None else published.form_of(step.element)
    if form is None:
        return Posted({})
    if form.needs:
        form = _resolved(session, actor, now, published, task_id) or form
    posted = Posted({}, is_row_action=is_row_action(fields))
    uploaded = _keep_files(session, settings, actor, form, files, posted.errors)
    posted.data = form.from_html(fields, uploaded)
    return posted


_STEP = Statement("""
    SELECT t.element, t.request_id, i.process_version_id
    FROM tasks t JOIN instances i ON i.id = t.instance_id WHERE t.id = :task
""")


def _resolved(
    session: Session, actor: Actor, now: datetime, published: Published, task_id: UUID
) -> CompiledForm | None:
    """The form with the rows and choices of its case, whose names the browser posted."""
    task = session.get_one(Task, task_id)
    instance = session.get_one(Instance, task.instance_id)
    case = case_of(session, actor, now, instance, task)
    return form_for(case, published, instance.process, task.element)


def _keep_files(
    session: Session, settings: Settings, actor: Actor, form: CompiledForm, files: Files, errors: list[FieldError]
) -> dict[str, list[str | int]]:
    """Keep every file of the form's inputs; committed at once, whatever becomes of the answers."""
    uploaded: dict[str, list[str | int]] = {}
    for name, file in _chosen(form, files):
        try:
            row = store_upload(session, settings, actor, file.filename or "", file.stream)
        except Problem as problem:
            errors.append(FieldError(name, "file", problem.detail))
        else:
            uploaded.setdefault(name, []).append(row.id)
    if uploaded:
        session.commit()
    return uploaded


def _chosen(form: CompiledForm, files: Files) -> Iterator[tuple[str, FileStorage]]:
    for name in files:
        if form.takes_files(name):
            yield from ((name, file) for file in files.getlist(name) if file.filename)

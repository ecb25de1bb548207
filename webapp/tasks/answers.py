"""The answers of a person at a step: the form resolved for the case, its attachments looked up, everything checked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from forms.compile import CompiledForm, Validated
from forms.fields import UploadInfo
from webapp.access import Actor
from webapp.acts.opinions import opinion_form
from webapp.attachments.models import Attachment
from webapp.attachments.queries import usable
from webapp.clock import SHANGHAI
from webapp.definitions.library import Published
from webapp.instances.processes import Case, Json, rules_of
from webapp.instances.running import Run
from webapp.problems import InputError, Invalid
from webapp.tasks.models import Task

COMMENT_KEYS = ("opinion", "reject_reason", "reason", "answer", "comment")


Given = Json | Callable[[CompiledForm], Json]
"""Answers as nested data; what a browser posted is read once the form of the step is known."""


def read(given: Given, form: CompiledForm) -> Json:
    """The answers as nested data."""
    return given(form) if callable(given) else given


@dataclass(frozen=True)
class Answers:
    """Checked answers of one step."""

    form: CompiledForm | None
    values: Json
    outcome: str | None
    comment: str | None

    @property
    def outcome_name(self) -> str:
        """What the chosen outcome is called."""
        choices = self.form.outcomes if self.form else ()
        return next((choice.label for choice in choices if str(choice.value) == self.outcome), "")


def form_for(case: Case, published: Published, process: str, element: str) -> CompiledForm | None:
    """The form of a step with its choices and repeated rows filled in for this case."""
    form = published.form_of(element)
    if form is None:
        return None
    rules = rules_of(process)
    needs = form.needs
    choices = {name: list(rules.choices[name](case)) for name in needs & rules.choices.keys()}
    repeats = {name: list(rules.repeats[name](case)) for name in needs & rules.repeats.keys()}
    return form.resolve(choices, repeats) if choices or repeats else form


def form_of_task(case: Case, published: Published, process: str, task: Task) -> CompiledForm | None:
    """The form of an open task: that of its step, or of an opinion where somebody is only asked about it."""
    if task.request_id is not None and task.status in {"open", "suspended"}:
        return opinion_form()
    return form_for(case, published, process, task.element)


def start_form_for(session: Session, actor: Actor, now: datetime, published: Published) -> CompiledForm | None:
    """The start form of a process with the choices that the actor has."""
    form = published.start_form
    if form is None:
        return None
    offers = rules_of(published.process).start_choices
    return form.resolve(
        {name: list(offers[name](session, actor, now)) for name in form.choice_names if name in offers}, {}
    )


def validated_start(session: Session, actor: Actor, now: datetime, published: Published, data: Json) -> Json:
    """The checked answers to a start form; raises ``Invalid``."""
    form = start_form_for(session, actor, now, published)
    if form is None:
        return _without_form(data).values
    return _accept(form, form.validate(data, today=now.astimezone(SHANGHAI).date())).values


def validated_answers(run: Run, task: Task, given: Given) -> Answers:
    """The checked answers to a task's form, their attachments bound to the instance; raises ``Invalid``."""
    form = form_for(run.case, run.published, run.instance.process, task.element)
    if form is None:
        return _without_form({} if callable(given) else given)
    data = read(given, form)
    files = _attachments(run, form, data)
    answers = _accept(form, form.validate(data, uploads=_uploads(files), today=run.now.astimezone(SHANGHAI).date()))
    _bind(run, form, answers.values, files, submitted=True)
    return answers


def draft_answers(run: Run, task: Task, data: Json) -> Json:
    """What may be kept of an unfinished form; only keys that the form does not have are refused."""
    form = form_of_task(run.case, run.published, run.instance.process, task)
    if form is None:
        return _without_form(data).values
    files = _attachments(run, form, data)
    checked = form.validate(data, uploads=_uploads(files), partial=True, today=run.now.astimezone(SHANGHAI).date())
    unknown = [InputError(e.path, e.code, str(e.message)) for e in checked.errors if e.code == "unknown_field"]
    if unknown:
        raise Invalid(unknown)
    _bind(run, form, checked.answers, files, submitted=False)
    return checked.answers


def _without_form(data: Json) -> Answers:
    if data:
        errors = [InputError(key, "unknown_field", f"这一步没有表单，不接受“{key}”。") for key in data]
        raise Invalid(errors)
    return Answers(None, {}, None, None)


def _accept(form: CompiledForm, checked: Validated) -> Answers:
    if checked.errors:
        raise Invalid([InputError(e.path, e.code, str(e.message)) for e in checked.errors])
    values = checked.answers
    outcome = values.get(form.outcome_field) if form.outcome_field else None
    comment = next((str(values[key]) for key in COMMENT_KEYS if values.get(key)), None)
    return Answers(form, values, None if outcome is None else str(outcome), comment)


def file_ids(form: CompiledForm, data: Any) -> list[int]:
    """The attachment ids that answers refer to, wherever the form has file pickers; what can be none is left out."""
    texts = map(str, form.attachment_ids(data))
    return [int(text) for text in texts if text.isdecimal() and len(text) < 18]


def _attachments(run: Run, form: CompiledForm, data: Any) -> list[Attachment]:
    """Of the files that answers name, those that the person may use here: of this case, or freshly their own."""
    ids = file_ids(form, data)
    if not ids or run.actor is None:
        return []
    return list(usable(run.session, run.actor, run.instance.id, ids).values())


def _uploads(files: list[Attachment]) -> dict[str, UploadInfo]:
    return {
        str(file.id): UploadInfo(id=file.id, name=file.name, size=file.size, content_type=file.media_type)
        for file in files
    }


def _bind(run: Run, form: CompiledForm, values: Json, files: list[Attachment], *, submitted: bool) -> None:
    """Bind files to the case; a draft may name others' files, which stay where they are."""
    named = set(file_ids(form, values))
    ids = [file.id for file in files if file.id in named]
    if ids:
        change: dict[str, Any] = {"instance_id": run.instance.id} | ({"submitted": True} if submitted else {})
        run.session.execute(
            update(Attachment).where(Attachment.id.in_(ids)).values(change).execution_options(synchronize_session=False)
        )

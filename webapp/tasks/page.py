"""Everything that the page of one task shows, in the order in which a person decides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from forms import FieldError
from forms.showing import Shown
from webapp.access import Actor
from webapp.acts.pages import ActPage, case_menu, menu_of
from webapp.acts.queries import Marks, read_marks
from webapp.attachments.queries import usable
from webapp.deadlines.ledger import note_on, read_clock
from webapp.deadlines.rules import days_left_text, severity
from webapp.deadlines.spans import Elapsed
from webapp.deadlines.wording import plan_words
from webapp.instances.casefile import Answered
from webapp.instances.pages import CaseView, attachment_address, view_case
from webapp.instances.pictures import picture_of
from webapp.instances.processes import rules_of
from webapp.language.speaking import say
from webapp.tasks.reading import OpenedTask, open_task


@dataclass(frozen=True)
class Reason:
    """Why a field was sent back."""

    path: str
    label: str
    text: str
    is_field: bool
    """Whether the form of this task has the field."""


@dataclass(frozen=True)
class Returned:
    """The return that this task answers."""

    by: Answered
    reasons: list[Reason]


@dataclass(frozen=True)
class TaskPage:
    """One task with its case."""

    opened: OpenedTask
    view: CaseView
    severity: str
    days_left: str
    is_subjects: bool
    """Whether the unit that the case is about has to act."""
    shows_declared: bool
    """Whether the declared data stand on the page beside the form."""
    returned: Returned | None
    submitted: Answered | None
    """What was decided at this task, once it is done."""
    fields: Markup | None
    due_note: str | None
    """What is to be said about the due time: a rest day, whether “X日前” includes X, time used before."""
    elapsed: Elapsed
    """How the time of the case ran so far, and where it stood still."""
    svg: Markup
    """The diagram with the way so far."""
    marks: Marks
    """What acts beside deciding have left."""
    acts: list[ActPage]
    """Those that the person may do on the task now."""
    case_acts: set[str]
    """The same on the case as a whole."""

    @property
    def shows_signers(self) -> bool:
        """Whether it helps to see who signs: not for somebody who is only asked by one of them."""
        signs = bool(self.marks.signers) and self.opened.task.element in self.opened.published.signed_together
        return (signs or bool(self.marks.requests)) and self.marks.asked is None

    @property
    def may_decide(self) -> bool:
        return "complete" in self.opened.actions

    @property
    def signature_field(self) -> str | None:
        """The field that takes a handwritten signature, where the step asks for one."""
        return self.opened.published.signatures.get(self.opened.task.element)

    @property
    def is_first_look(self) -> bool:
        """Whether nobody but the unit has looked at what was declared, so that it has to be read now."""
        stated = self.view.file.declared
        judged = [one for one in self.view.file.opinions if not one.is_subjects]
        return stated is None or all(one.at < stated.at for one in judged)

    @property
    def plan(self) -> str:
        """Who is reminded when, who is told when it is late, and what happens by itself."""
        has_limit = self.opened.task.due_at is not None
        return plan_words(self.opened.published, self.opened.task.element) if has_limit else ""

    @property
    def documentation(self) -> str:
        """What the diagram says about the step."""
        found = self.opened.published.definition.catalogue.elements.get(self.opened.task.element)
        return found.documentation if found else ""


def read_page(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: UUID,
    data: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    chosen: str | None = None,
) -> TaskPage:
    """Read a task that the actor may do or may see.

    Args:
        data: what was typed, instead of the draft.
        errors: what is to be corrected in it.
        chosen: the outcome that is ticked at first.
    """
    opened = open_task(session, actor, now, task_id)
    typed = _with_outcome(opened, chosen) if data is None else data
    view = view_case(session, actor, now, opened.instance)
    task = opened.task
    is_subjects = task.assigned_organisation_id == opened.instance.subject_id
    returned = _returned(opened, view) if is_subjects and task.status == "open" else None
    marks = replace(read_marks(session, actor, now, opened.instance, task), turns=view.turns.get(task.element, ()))
    declared_in = rules_of(opened.instance.process).declared_in
    return TaskPage(
        opened=opened,
        view=view,
        severity=severity(task.due_at, now),
        days_left=days_left_text(task.due_at, now, task.due_region),
        is_subjects=is_subjects,
        shows_declared=task.element not in declared_in,
        returned=returned,
        submitted=view.file.find(task_id),
        fields=_fields(session, actor, opened, typed, errors, returned),
        due_note=note_on(session, opened.published, opened.instance, task),
        elapsed=read_clock(session, now, view.published, opened.instance, view.tasks),
        svg=picture_of(session, view.published, opened.instance, view.states),
        marks=marks,
        acts=menu_of(opened, marks, actor),
        case_acts=case_menu(actor, opened.instance, marks),
    )


def _with_outcome(opened: OpenedTask, chosen: str | None) -> Mapping[str, Any]:
    """What the form starts with, with an outcome that it offers ticked."""
    form = opened.form
    if form is None or form.outcome_field is None or chosen not in {str(choice.value) for choice in form.outcomes}:
        return opened.data
    return opened.data | {form.outcome_field: chosen}


def _fields(
    session: Session,
    actor: Actor,
    opened: OpenedTask,
    data: Mapping[str, Any],
    errors: Sequence[FieldError],
    returned: Returned | None,
) -> Markup | None:
    if opened.form is None or "complete" not in opened.actions:
        return None
    ids = [int(key) for key in opened.form.attachment_ids(data) if str(key).isdecimal() and len(str(key)) < 18]
    files = usable(session, actor, opened.instance.id, ids)
    links = {
        str(key): {"name": file.name, "url": attachment_address(key), "size": file.size} for key, file in files.items()
    }
    warnings = [
        FieldError(reason.path, "returned", _("退回理由：%(text)s", text=reason.text))
        for reason in (returned.reasons if returned else ())
        if reason.is_field
    ]
    return opened.form.render(data, errors, warnings=warnings, translate=say, attachments=links)


def _returned(opened: OpenedTask, view: CaseView) -> Returned | None:
    """The newest reasons, unless this step has been done since."""
    same = [a for a in (*view.file.opinions, view.file.declared) if a and a.element == opened.task.element]
    found = next((one for one in view.file.opinions if one.answers.get("reasons")), None)
    if found is None or any(one.at > found.at for one in same):
        return None
    return Returned(found, list(_reasons(opened, found)))


def _reasons(opened: OpenedTask, found: Answered) -> Iterator[Reason]:
    known = set(opened.form.variables) if opened.form else set()
    texts = dict(_texts(found.shown))
    for place, row in enumerate(found.answers["reasons"]):
        path = str(row.get("field", ""))
        label = texts.get(f"reasons.{place}.field", path)
        yield Reason(path, label, str(row.get("reason", "")), path in known)


def _texts(shown: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    """Path → text of everything shown, however deep."""
    for item in shown:
        yield item.path, item.text
        yield from _texts(item.items)
        for row in item.rows:
            yield from _texts(row)

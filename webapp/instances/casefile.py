"""What was declared and decided in a case, ready to be shown: answers with their labels, attachments with addresses.

Reads a bounded number of submissions by a constant number of statements, however long the case has been going on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from forms.compile import CompiledForm
from forms.showing import Shown
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.attachments.models import Attachment
from webapp.attachments.queries import by_id
from webapp.instances.changes import Change, before_return, changes_between
from webapp.instances.models import MACHINE, Instance, Submission
from webapp.instances.processes import rules_of
from webapp.instances.queries import in_whose_name
from webapp.instances.readable import readable
from webapp.instances.tones import tone_of
from webapp.migration.former import Versions
from webapp.registry.models import Organisation, Region
from webapp.signatures.models import Signature
from webapp.signatures.rules import digest_of

MOST, MOST_WHOLE = 60, 600
AddressOf = Callable[[int], str]
FormFor = Callable[[str, datetime], CompiledForm | None]
"""The form of a step as it was asked at a moment."""


@dataclass(frozen=True)
class SignedBy:
    """The handwritten signature under a decision."""

    attachment_id: int
    name: str
    is_intact: bool
    """Whether decision and picture are still those that were signed."""


@dataclass(frozen=True)
class Answered:
    """One submission as a page shows it."""

    task_id: UUID
    element: str
    name: str
    round: int
    outcome: str
    tone: str
    actor: str
    """With the absent person for whom it was done, where there is one: “乙 代 甲”."""
    organisation: str
    at: datetime
    answers: Mapping[str, Any]
    """What the reader may know of the answers."""
    shown: Sequence[Shown] = ()
    is_declared: bool = False
    changes: Sequence[Change] = ()
    """What stood there before it was last returned and now is something else."""
    was_returned: bool = False
    """Whether it answers a return."""
    signature: "SignedBy | None" = None
    is_subjects: bool = False
    """Whether the unit that the case is about wrote it."""

    @property
    def former(self) -> dict[str, str]:
        """Path → what stood there before the last return, for the marks beside the answers."""
        return {change.path: change.before for change in self.changes}


@dataclass(frozen=True)
class FileLink:
    """An attachment that the reader may open."""

    id: int
    name: str
    address: str
    size: int
    by: str
    at: datetime
    note: str
    is_earlier: bool = False
    """Handed in at a step that has been done again since."""


@dataclass(frozen=True)
class CaseFile:
    """The submissions of a case that a person may read."""

    declared: Answered | None
    """What the case is about, as stated last."""
    opinions: list[Answered]
    """Everything else, newest first."""
    superseded: list[Answered] = field(default_factory=list)
    """What was declared earlier, newest first; empty unless the whole case was asked for."""
    files: list[FileLink] = field(default_factory=list)
    is_cut: bool = False
    """Older submissions were left out; the timeline has them all."""

    @property
    def signatures(self) -> dict[UUID, SignedBy]:
        """By the task that was decided."""
        return {one.task_id: one.signature for one in (*self.opinions, self.declared) if one and one.signature}

    def find(self, task_id: UUID) -> Answered | None:
        """What was submitted at a task."""
        everything = [*self.opinions, *([self.declared] if self.declared else [])]
        return next((found for found in everything if found.task_id == task_id), None)


def read_case(
    session: Session,
    actor: Actor,
    instance: Instance,
    versions: Versions,
    form_for: FormFor,
    address_of: AddressOf,
    *,
    whole: bool = False,
) -> CaseFile:
    """Read what ``actor`` may know of a case that they may see.

    Args:
        versions: the versions of the process that the case has been on.
        form_for: the form of a step, with its choices filled in for this case.
        address_of: the address of an attachment by its id.
        whole: with what was declared earlier, and far more than a page shows.
    """
    most = MOST_WHOLE if whole else MOST
    rows = _recent(session, instance.id, most)
    declared_in = rules_of(instance.process).declared_in
    kept = rows[:most] if whole else _without_superseded(rows[:most], declared_in)
    answered = [a for a in (_answered(actor, instance, versions, row) for row in kept) if a is not None]
    forms = {found.task_id: form_for(found.element, found.at) for found in answered}
    former = before_return([row.Submission for row in rows], declared_in)
    former_form = form_for(former.element, former.at) if former else None
    named = [(forms[found.task_id], found.answers) for found in answered]
    files = _files_of(session, [*named, (former_form, former.answers)] if former else named)
    addresses = {key: {"name": f.name, "url": address_of(f.id), "size": f.size} for key, f in files.items()}
    complete = [_shown(found, forms[found.task_id], addresses, found.element in declared_in) for found in answered]
    before = former_form.display(former.answers, addresses) if former and former_form else []
    declared = next((found for found in complete if found.is_declared), None)
    return CaseFile(
        declared=replace(declared, changes=changes_between(before, declared.shown), was_returned=former is not None)
        if declared
        else None,
        opinions=[found for found in complete if not found.is_declared],
        superseded=[found for found in complete if found.is_declared and found is not declared],
        files=list(_links(complete, forms, files, address_of)),
        is_cut=len(rows) > most,
    )


_Absent = aliased(User)


def _recent(session: Session, instance_id: int, most: int) -> Sequence[Any]:
    query = (
        select(
            Submission,
            func.coalesce(User.name, MACHINE).label("actor"),
            _Absent.name.label("on_behalf_of"),
            func.coalesce(Organisation.name, "").label("organisation"),
            Organisation.id.label("organisation_id"),
            func.coalesce(Organisation.kind, "office").label("organisation_kind"),
            Region.path.label("author_path"),
            Signature,
            Attachment.sha256.label("picture"),
        )
        .outerjoin(User, User.id == Submission.actor_id)
        .outerjoin(_Absent, _Absent.id == Submission.on_behalf_of)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(Signature, Signature.task_id == Submission.task_id)
        .outerjoin(Attachment, Attachment.id == Signature.attachment_id)
        .where(Submission.instance_id == instance_id)
        .order_by(Submission.id.desc())
        .limit(most + 1)
    )
    return session.execute(query).all()


def _without_superseded(rows: Sequence[Any], declared_in: Sequence[str]) -> list[Any]:
    """Of what was declared only the newest; opinions all."""
    newest = next((row for row in rows if row.Submission.element in declared_in), None)
    return [row for row in rows if row is newest or row.Submission.element not in declared_in]


def _answered(actor: Actor, instance: Instance, versions: Versions, row: Any) -> Answered | None:
    submission = row.Submission
    published = versions.at(submission.at)
    answers = readable(
        actor,
        instance.subject_id,
        row.organisation_id,
        row.organisation_kind,
        submission.answers,
        is_internal=submission.element in rules_of(instance.process).internal,
        is_shared=submission.element in rules_of(instance.process).shared,
        author_path=row.author_path,
    )
    if answers is None:
        return None
    return Answered(
        task_id=submission.task_id,
        element=submission.element,
        name=published.name_of(submission.element),
        round=submission.round,
        outcome=published.outcome_label(submission.element, submission.outcome),
        tone=tone_of(submission.outcome),
        actor=in_whose_name(row.actor, row.on_behalf_of),
        organisation=row.organisation,
        at=submission.at,
        answers=answers,
        signature=_signature(row) if published.signatures.get(submission.element) in answers else None,
        is_subjects=row.organisation_id == instance.subject_id,
    )


def _signature(row: Any) -> SignedBy | None:
    """The signature with whether it still belongs to what stands there."""
    signature, one = row.Signature, row.Submission
    if signature is None:
        return None
    digest = digest_of(one.task_id, one.actor_id, one.at, one.outcome, one.answers, row.picture)
    is_intact = digest == signature.decision_sha256 and row.picture == signature.picture_sha256
    return SignedBy(signature.attachment_id, row.actor, is_intact)


def _files_of(
    session: Session, answered: Iterable[tuple[CompiledForm | None, Mapping[str, Any]]]
) -> dict[str, Attachment]:
    ids = {int(key) for form, answers in answered for key in _ids(form, answers)}
    return {str(key): file for key, file in by_id(session, sorted(ids)).items()}


def _ids(form: CompiledForm | None, answers: Mapping[str, Any]) -> list[str]:
    return [str(key) for key in form.attachment_ids(answers) if str(key).isdecimal()] if form else []


def _shown(
    found: Answered, form: CompiledForm | None, addresses: Mapping[str, Mapping[str, Any]], is_declared: bool
) -> Answered:
    if form is None:
        return found
    shown = list(_without(form.display(found.answers, addresses), form.outcome_field))
    if not is_declared:
        shown = [item for item in map(_pruned, shown) if item is not None]
    return replace(found, shown=shown, is_declared=is_declared)


def _without(shown: Iterable[Shown], path: str | None) -> Iterator[Shown]:
    """Everything but the outcome, which stands above."""
    for item in shown:
        if item.items:
            yield replace(item, items=tuple(_without(item.items, path)))
        elif item.path != path:
            yield item


def _pruned(item: Shown) -> Shown | None:
    """An answer, group or list without its empty parts; ``None`` where nothing was filled in."""
    if item.rows:
        return item
    if item.items:
        inner = tuple(part for part in map(_pruned, item.items) if part is not None)
        return Shown(item.label, item.path, items=inner) if inner else None
    return item if item.text else None


def _links(
    answered: Iterable[Answered],
    forms: Mapping[UUID, CompiledForm | None],
    files: Mapping[str, Attachment],
    address_of: AddressOf,
) -> Iterable[FileLink]:
    seen: set[str] = set()
    done_again: set[str] = set()
    for found in answered:
        for key in _ids(forms[found.task_id], found.answers):
            file = files.get(key)
            if file is not None and key not in seen:
                seen.add(key)
                yield FileLink(
                    file.id,
                    file.name,
                    address_of(file.id),
                    file.size,
                    found.organisation,
                    file.uploaded_at,
                    found.name,
                    is_earlier=found.element in done_again,
                )
        done_again.add(found.element)

"""From draft to version: checked, with a reason, approved by a second person where the office wants it, at its time.

What was handed in is frozen: later changes of the draft wait for the next publication.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.definitions.checking import check_parts
from webapp.definitions.models import ProcessVersion
from webapp.definitions.operations import KEPT_ASIDE, digest_of, publish
from webapp.designer.models import DesignSettings, ProcessDraft, Publication
from webapp.designer.operations import lock_draft
from webapp.designer.queries import get_version, needs_second_person
from webapp.instances.models import Instance
from webapp.problems import Conflict, Forbidden, InputError, Invalid, NotFound, invalid
from webapp.trials.cases import refuse_unless_passed

_MOST_REASON = 500


def hand_in(
    session: Session,
    actor: Actor,
    now: datetime,
    process: str,
    *,
    revision: int,
    reason: str,
    due_at: datetime | None = None,
) -> Publication:
    """Publish a draft as it was seen, or leave it to a second person or to its time.

    Raises:
        Invalid: there is no reason, the time has passed, nothing has changed, the check finds an error, or a test case
            does not go as it expects.
        Conflict: the draft has changed since it was looked at, or a publication of this process waits already.
    """
    draft = lock_draft(session, process)
    if draft.revision != revision:
        raise Conflict(_("草稿在您查看之后有了改动。请重新核对改动后再发布。"), revision=draft.revision)
    made = _request(session, actor, now, _content_of(draft), reason, due_at)
    record(session, actor, "publication.request", subject=f"process:{process}", after=_said(made))
    if made.status == "published":
        draft.base_version = session.get_one(ProcessVersion, made.version_id).version
    return made


def restore_version(
    session: Session, actor: Actor, now: datetime, process: str, version: int, reason: str
) -> Publication:
    """Publish the contents of an older version again, as a new version.

    Raises:
        NotFound: there is no such version.
        Invalid, Conflict: as for :func:`hand_in`.
    """
    old = get_version(session, process, version)
    made = _request(session, actor, now, _content_of(old), reason, None)
    record(session, actor, "publication.restore", subject=f"process:{process}", after=_said(made) | {"from": version})
    return made


def _content_of(source: ProcessDraft | ProcessVersion | Publication) -> dict[str, Any]:
    return {name: getattr(source, name) for name in ("process", "bpmn", "forms", "tables", "cases")}


def _request(
    session: Session, actor: Actor, now: datetime, content: Mapping[str, Any], reason: str, due_at: datetime | None
) -> Publication:
    words = reason.strip()
    if not words or len(words) > _MOST_REASON:
        raise invalid("reason", "length", _("请写明发布的原因，1 到 %(most)s 个字。", most=_MOST_REASON))
    if due_at is not None and due_at <= now:
        raise invalid("due_at", "past", _("生效时间已经过去；请另选时间，或留空立即生效。"))
    _refuse_unless_new(session, content)
    _refuse_unless_sound(content)
    waits = select(Publication.id).where(
        Publication.process == content["process"], Publication.status.in_(("waiting", "scheduled"))
    )
    if session.scalar(waits):
        raise Conflict(_("这个流程已有一份待生效的发布。请先处理它。"))
    status = "waiting" if needs_second_person(session) else "scheduled"
    made = Publication(
        **content, reason=words, status=status, requested_by=actor.user_id, requested_at=now, due_at=due_at
    )
    session.add(made)
    session.flush()
    if status == "scheduled" and due_at is None:
        _put_in_force(session, made)
    return made


def _refuse_unless_new(session: Session, content: Mapping[str, Any]) -> None:
    query = select(ProcessVersion).where(ProcessVersion.process == content["process"], ProcessVersion.is_current)
    current = session.scalar(query)
    digest = digest_of(content["bpmn"], content["forms"], content["tables"])
    if current is not None and (current.digest, current.cases) == (digest, content["cases"]):
        raise invalid("", "unchanged", _("与现行版本完全相同，没有可发布的改动。"))


def _refuse_unless_sound(content: Mapping[str, Any]) -> None:
    found = check_parts(content["process"], content["bpmn"], content["forms"], content["tables"])
    errors = [InputError(p["element"], p["code"], p["message"]) for p in found["problems"] if p["severity"] == "error"]
    if errors:
        raise Invalid(errors)
    refuse_unless_passed(content)


def decide(
    session: Session, actor: Actor, now: datetime, publication_id: int, *, approve: bool, remark: str
) -> Publication:
    """Approve or refuse what somebody else handed in; whoever handed it in may take it back.

    Raises:
        NotFound: there is no such publication.
        Forbidden: one's own may not be approved.
        Conflict: it is decided already.
        Invalid: a refusal needs a reason; what is approved does not pass its checks and test cases any more.
    """
    made = session.get(Publication, publication_id, with_for_update=True)
    if made is None:
        raise NotFound
    if made.status not in {"waiting", "scheduled"} or (approve and made.status != "waiting"):
        raise Conflict(_("这份发布已经处理过了。"))
    if approve and made.requested_by == actor.user_id:
        raise Forbidden(_("自己提交的发布须由另一人批准。"))
    if not approve and not remark.strip():
        raise invalid("remark", "required", _("请写明不同意的理由。"))
    if approve:
        _refuse_unless_sound(_content_of(made))  # what it stands on may have changed since
    made.decided_by, made.decided_at, made.remark = actor.user_id, now, remark.strip()[:_MOST_REASON] or None
    made.status = "scheduled" if approve else "refused"
    if approve and (made.due_at is None or made.due_at <= now):
        _put_in_force(session, made)
    act = "publication.approve" if approve else "publication.refuse"
    record(session, actor, act, subject=f"process:{made.process}", after=_said(made))
    return made


def put_in_force_what_is_due(session: Session, now: datetime, publication_id: int) -> None:
    """Publish one that was scheduled for a moment that has come; it is checked again, the world may have changed."""
    query = select(Publication).where(
        Publication.id == publication_id, Publication.status == "scheduled", Publication.due_at <= now
    )
    made = session.scalar(query.with_for_update(skip_locked=True))
    if made is None:
        return
    try:
        _refuse_unless_sound(_content_of(made))
    except Invalid as problem:
        made.status, made.remark = "failed", "；".join(e.message for e in problem.errors)[:2000]
    else:
        _put_in_force(session, made)
    record(session, None, "publication.due", subject=f"process:{made.process}", after=_said(made))


def _put_in_force(session: Session, made: Publication) -> None:
    row = publish(
        session,
        made.process,
        made.bpmn,
        made.forms,
        made.tables,
        reason=made.reason,
        published_by=made.requested_by,
        cases=made.cases,
    )
    made.status, made.version_id = "published", row.id
    session.flush()


def undo(session: Session, actor: Actor, process: str) -> ProcessVersion:
    """Put the version that was in force before back, as long as nothing was started on the current one.

    Raises:
        NotFound: there is no version before.
        Conflict: something runs, or ran, on the current version.
    """
    current = session.scalar(_current(process).with_for_update())
    if current is None:
        raise NotFound
    if _was_used(session, current):
        raise Conflict(_("已有办件在现行版本上办理，不能撤销发布。可以把旧版本恢复为新版本。"))
    before = _before(session, current)
    if before is None:
        raise NotFound(_("没有更早的版本可以恢复。"))
    session.execute(update(ProcessVersion).where(ProcessVersion.id == current.id).values(is_current=False))
    session.execute(update(ProcessVersion).where(ProcessVersion.id == before.id).values(is_current=True))
    record(
        session,
        actor,
        "publication.undo",
        subject=f"process:{process}",
        before={"version": current.version},
        after={"version": before.version},
    )
    return before


def may_undo(session: Session, process: str) -> bool:
    """Whether :func:`undo` would put another version in the place of the current one."""
    current = session.scalar(_current(process))
    return current is not None and not _was_used(session, current) and _before(session, current) is not None


def _current(process: str) -> Select[ProcessVersion]:
    return select(ProcessVersion).where(ProcessVersion.process == process, ProcessVersion.is_current)


def _was_used(session: Session, version: ProcessVersion) -> bool:
    return bool(session.scalar(select(exists().where(Instance.process_version_id == version.id))))


def _before(session: Session, current: ProcessVersion) -> ProcessVersion | None:
    """The version that was in force before."""
    return session.scalar(
        select(ProcessVersion)
        .where(ProcessVersion.process == current.process, ProcessVersion.version < current.version)
        .where(ProcessVersion.published_by.is_not(None) | (ProcessVersion.reason != KEPT_ASIDE))
        .order_by(ProcessVersion.version.desc())
        .limit(1)
    )


def set_second_person(session: Session, actor: Actor, *, needed: bool) -> None:
    """Say whether somebody else must approve what is published."""
    session.execute(update(DesignSettings).values(second_person=needed))
    record(session, actor, "publication.settings", after={"second_person": needed})


def _said(made: Publication) -> dict[str, Any]:
    return {"publication": made.id, "status": made.status, "version_id": made.version_id, "reason": made.reason}

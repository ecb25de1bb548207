"""Attachments that a person may open: their own uploads and those of instances that they see."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.attachments.models import Attachment
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.pairing.models import Pairing
from webapp.problems import NotFound


def get_visible(session: Session, actor: Actor, attachment_id: int) -> Attachment:
    """The attachment, if ``actor`` may open it; else raises ``NotFound``."""
    query = (
        select(Attachment)
        .outerjoin(Instance, Instance.id == Attachment.instance_id)
        .where(
            Attachment.id == attachment_id,
            or_(
                Attachment.instance_id.is_(None) & (Attachment.uploaded_by == actor.user_id),
                Attachment.instance_id.is_not(None) & scope.visible(actor) & _may_read_files_of(actor),
            ),
        )
    )
    attachment = session.scalar(query)
    if attachment is None:
        raise NotFound("没有这个附件，或者您无权查看。")
    return attachment


def _may_read_files_of(actor: Actor) -> ColumnElement[bool]:
    """Offices read every file of a case; others what their own people, the unit itself or its helper attached."""
    if actor.is_office:
        return true()
    case = aliased(Instance)
    subject = select(case.subject_id).where(case.id == Attachment.instance_id).correlate(Attachment).scalar_subquery()
    return exists().where(
        User.id == Attachment.uploaded_by,
        or_(User.organisation_id == actor.organisation_id, User.organisation_id == subject, _is_helper),
    )


_is_helper = exists().where(Pairing.instance_id == Attachment.instance_id, Pairing.helper_id == User.organisation_id)
"""SQL: the file is of the helper of a pair, which the helped unit reads as well."""


def by_id(session: Session, ids: Iterable[int]) -> dict[int, Attachment]:
    """Attachments by id, for pages that show answers already within scope."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {a.id: a for a in session.scalars(select(Attachment).where(Attachment.id.in_(wanted)))}


def usable(session: Session, actor: Actor, instance_id: int, ids: Iterable[int]) -> dict[int, Attachment]:
    """Of the ids that somebody sent, the files of this case and the actor's own fresh uploads."""
    wanted = list(ids)
    if not wanted:
        return {}
    fresh = Attachment.instance_id.is_(None) & (Attachment.uploaded_by == actor.user_id)
    query = select(Attachment).where(
        Attachment.id.in_(wanted), or_((Attachment.instance_id == instance_id) & _may_read_files_of(actor), fresh)
    )
    return {file.id: file for file in session.scalars(query)}

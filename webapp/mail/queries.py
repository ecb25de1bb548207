"""Lists of messages: all of them for the administrator, one's own for everybody."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.mail.builders import path_of
from webapp.mail.content import Content, Person
from webapp.mail.drafting import content_of, find_version, render_by
from webapp.mail.examples import example_about, example_content
from webapp.mail.kinds import get_kind, kinds
from webapp.mail.models import STATUSES, MailMessage, MailPreference, MailTemplate
from webapp.mail.reading import about_of, messages
from webapp.mail.rendering import Rendered, Source, shipped_source
from webapp.mail.settings import get_settings
from webapp.problems import NotFound

COUNT_CAP = 99


def list_messages(session: Session, filters: dict[str, str], before: int | None, most: int) -> list[Any]:
    """Messages with their recipients, newest first.

    Args:
        filters: ``status``, ``kind``, ``person`` (a part of user name, name or address); each optional.
        before: only messages with smaller numbers, for the next page.
    """
    query = select(MailMessage, User.name, User.username, User.email).join(User, User.id == MailMessage.user_id)
    if filters.get("status") in STATUSES:
        query = query.where(MailMessage.status == filters["status"])
    if filters.get("kind") in kinds():
        query = query.where(MailMessage.kind == filters["kind"])
    if typed := filters.get("person", "").replace("\x00", "").strip():
        like = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(User.username.ilike(like), User.name.ilike(like), User.email.ilike(like)))
    if before is not None:
        query = query.where(MailMessage.id < before)
    return list(session.execute(query.order_by(MailMessage.id.desc()).limit(most)))


def count_repeats(session: Session) -> int:
    """How often a message was sent again although the server may have had it."""
    return session.scalar(select(func.coalesce(func.sum(MailMessage.repeats), 0)).where(MailMessage.repeats > 0)) or 0


def get_message(session: Session, message_id: int) -> Any:
    """One message with its recipient and what it is about.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(messages().where(MailMessage.id == message_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_templates(session: Session, kind: str) -> list[Any]:
    """The versions of a kind's template, newest first, with who wrote them."""
    query = select(MailTemplate, User.name).outerjoin(User, User.id == MailTemplate.changed_by)
    return list(session.execute(query.where(MailTemplate.kind == kind).order_by(MailTemplate.version.desc())))


def get_source(session: Session, kind: str, version: int) -> Source:
    """The texts of a version; 0 is the shipped one.

    Raises:
        NotFound: there is no such kind or version.
    """
    if kind not in kinds():
        raise NotFound
    if version == 0:
        return shipped_source()
    found = find_version(session, kind, version)
    if found is None:
        raise NotFound
    return found


def preview(session: Session, kind: str, version: int, now: datetime) -> Rendered:
    """The example of a kind by a version of its template."""
    source = get_source(session, kind, version)
    content: Content = example_content(get_kind(kind), now)
    person: Person = example_about(now).person
    return render_by(get_settings(session), source, content, person)[0]


@dataclass(frozen=True)
class Notice:
    """One line of the bell."""

    id: int
    title: str
    lead: str
    path: str
    at: datetime
    is_unread: bool


def list_notices(session: Session, actor: Actor, now: datetime, before: int | None, most: int) -> list[Notice]:
    """What a person was told, newest first; what became pointless before it was read is left out."""
    shown = [kind.name for kind in kinds().values() if kind.is_notice]
    query = messages().where(MailMessage.user_id == actor.user_id, MailMessage.kind.in_(shown))
    query = query.where(or_(MailMessage.status != "void", MailMessage.read_at.is_not(None)))
    if before is not None:
        query = query.where(MailMessage.id < before)
    return [_notice(row, now) for row in session.execute(query.order_by(MailMessage.id.desc()).limit(most))]


def _notice(row: Any, now: datetime) -> Notice:
    message, about = row.MailMessage, about_of(row)
    content = content_of(message, about, now)
    path = content.actions[0].path if content.actions else path_of(about.matter)
    return Notice(message.id, content.title, content.lead, path, message.created_at, message.read_at is None)


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices a person has not read, up to :data:`COUNT_CAP` + 1."""
    unread = select(MailMessage.id).where(
        MailMessage.user_id == actor.user_id,
        MailMessage.read_at.is_(None),
        MailMessage.kind != "digest",
        MailMessage.kind != "test",
        MailMessage.status != "void",
    )
    return session.scalar(select(func.count()).select_from(unread.limit(COUNT_CAP + 1).subquery())) or 0


def find_preference(session: Session, actor: Actor) -> MailPreference:
    """What a person wants; the usual where they never said."""
    found = session.get(MailPreference, actor.user_id)
    return found or MailPreference(digest_at=time(8, 30), wants_immediate=True, wants_digest=True, rests=True)

"""Write a message: build what it says, fill the template in force; the shipped one stands in for one that fails."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.mail.content import About, Content
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings, MailTemplate
from webapp.mail.reading import with_choices
from webapp.mail.rendering import Rendered, Source, TemplateFaultError, render, shipped_source
from webapp.mail.settings import base_url


def content_of(message: MailMessage, about: About, now: datetime) -> Content:
    """What a message says now."""
    return get_kind(message.kind).build(message.facts, about, now)


def draft(session: Session, settings: MailSettings, message: MailMessage, about: About) -> None:
    """Write subject, text and HTML into a message."""
    kind = get_kind(message.kind)
    told = with_choices(session, about) if kind.offers_choices else about
    content = kind.build(message.facts, told, clock.now())
    rendered, fault = render_current(session, settings, message.kind, content, told)
    message.subject, message.text, message.html = rendered.subject, rendered.text, rendered.html
    if fault:
        message.last_error = f"模板有误，改用了默认模板。{fault}"


def render_current(
    session: Session, settings: MailSettings, kind: str, content: Content, about: About
) -> tuple[Rendered, str | None]:
    """Fill the template in force, and say what was wrong with it where the shipped one had to do."""
    where = {"site_name": settings.sender_name, "base_url": base_url(settings)}
    own = find_source(session, kind)
    if own is not None:
        try:
            return render(own, content, about.person, **where), None
        except TemplateFaultError as error:
            return render(shipped_source(), content, about.person, **where), str(error)
    return render(shipped_source(), content, about.person, **where), None


def find_source(session: Session, kind: str) -> Source | None:
    """The current template of a kind that somebody has written."""
    query = select(MailTemplate.subject, MailTemplate.text, MailTemplate.html)
    row = session.execute(query.where(MailTemplate.kind == kind, MailTemplate.is_current)).one_or_none()
    return None if row is None else Source(row.subject, row.text, row.html)

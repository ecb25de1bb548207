"""Write a message: build what it says, fill the template in force; the shipped one stands in for one that fails."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.mail.content import About, Content, Person
from webapp.mail.examples import example_content
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings, MailTemplate
from webapp.mail.reading import with_choices
from webapp.mail.rendering import Rendered, Source, TemplateFaultError, render, shipped_source
from webapp.mail.settings import base_url


def content_of(message: MailMessage, about: About, now: datetime) -> Content:
    """What a message says now."""
    return get_kind(message.kind).build(message.facts, about, now)


def draft(
    session: Session, settings: MailSettings, sources: Mapping[str, Source], message: MailMessage, about: About
) -> dict[str, str | None]:
    """Subject, text and HTML of a message, and what was wrong with its template, as values of its row."""
    kind, now = get_kind(message.kind), clock.now()
    told = with_choices(session, about, message.facts) if kind.offers_choices else about
    source = sources.get(message.kind)
    content = kind.build(message.facts, told, now)
    if message.facts.get("of"):  # a test mail that shows a version of a template
        content = example_content(get_kind(message.facts["of"]), now)
        source = find_version(session, message.facts["of"], message.facts["version"])
    rendered, fault = render_by(settings, source, content, told.person)
    told_fault = f"模板有误，改用了默认模板。{fault}" if fault else None
    return {"subject": rendered.subject, "text": rendered.text, "html": rendered.html, "last_error": told_fault}


def render_by(
    settings: MailSettings, own: Source | None, content: Content, person: Person
) -> tuple[Rendered, str | None]:
    """Fill a template, and say what was wrong with it where the shipped one had to do."""
    where = {"site_name": settings.sender_name, "base_url": base_url(settings)}
    if own is not None:
        try:
            return render(own, content, person, **where), None
        except TemplateFaultError as error:
            return render(shipped_source(), content, person, **where), str(error)
    return render(shipped_source(), content, person, **where), None


def list_sources(session: Session) -> dict[str, Source]:
    """The current templates that somebody has written, by kind."""
    query = select(MailTemplate.kind, MailTemplate.subject, MailTemplate.text, MailTemplate.html)
    rows = session.execute(query.where(MailTemplate.is_current))
    return {row.kind: Source(row.subject, row.text, row.html) for row in rows}


def find_version(session: Session, kind: str, version: int) -> Source | None:
    """The texts of a version that somebody has written."""
    query = select(MailTemplate.subject, MailTemplate.text, MailTemplate.html)
    row = session.execute(query.where(MailTemplate.kind == kind, MailTemplate.version == version)).one_or_none()
    return None if row is None else Source(row.subject, row.text, row.html)

"""How mail leaves this installation: the row of settings, and whether there is a server at all."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mail.models import MailSettings


def get_settings(session: Session) -> MailSettings:
    """The settings."""
    return session.execute(select(MailSettings), execution_options={"populate_existing": True}).scalar_one()


def base_url(settings: MailSettings) -> str:
    """Where links lead: what administration says, else ``WENMING_URL``, else where the server listens."""
    own: Settings = current_app.extensions["settings"]
    if settings.base_url or own.url:
        return (settings.base_url or own.url).rstrip("/")
    host = "127.0.0.1" if own.host in {"0.0.0.0", "::", ""} else own.host  # noqa: S104 (compared)
    return f"http://{f'[{host}]' if ':' in host else host}:{own.port}"

"""Wenming 文明创建流程平台: the web application. :func:`create_app` does nothing beyond the object it returns."""

from importlib import import_module

from babel import Locale
from flask_babel import Babel

from webapp import requests, standing, templating
from webapp.clock import BusinessClock
from webapp.config import Settings
from webapp.database import db

CHINESE = Locale.parse("zh_Hans_CN")
"""What the program speaks; as an object, which is not looked up anew for each page. English: ``webapp.language``."""
AREAS = (
    "accounts",
    "help",
    "language",
    "audit",
    "registry",
    "batches",
    "quotas",
    "deadlines",
    "reminders",
    "search",
    "tasks",
    "acts",
    "absence",
    "inbox",
    "instances",
    "definitions",
    "designer",
    "trials",
    "migration",
    "interventions",
    "heatmap",
    "declaration",
    "pairing",
    "nominations",
    "attachments",
    "previews",
    "papers",
    "phrases",
    "signatures",
    "notices",
    "administration",
    "mail",
    "webhooks",
    "feeds",
    "imports",
    "host",
    "background",
    "api",
)
"""Packages that may bring models, a ``views.blueprint`` and page helpers."""


def create_app(settings: Settings, database_url: str) -> requests.Application:
    """Make the application for one installation; opens no connection and starts nothing.

    Args:
        settings: what the installation sets.
        database_url: ``postgresql://…`` as libpq understands it.
    """
    app = requests.Application("webapp")
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SQLALCHEMY_DATABASE_URI=database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 10, "max_overflow": 10, "pool_pre_ping": False, "pool_use_lifo": True},
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.is_encrypted,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        MAX_CONTENT_LENGTH=settings.attachment_limit * 3 + 2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    app.extensions["clock"] = BusinessClock(settable=settings.demo)
    standing.install(app)
    db.init_app(app)
    Babel(app, locale_selector=lambda: CHINESE)
    requests.install(app)
    templating.install(app)
    for area in AREAS:
        _install_area(app, area)
    return app


def _install_area(app: requests.Application, area: str) -> None:
    package = import_module(f"webapp.{area}")
    for part in ("models", "views"):
        try:
            module = import_module(f"{package.__name__}.{part}")
        except ModuleNotFoundError as error:
            if error.name != f"{package.__name__}.{part}":
                raise
        else:
            if part == "views":
                module.install(app)

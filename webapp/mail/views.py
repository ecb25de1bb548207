"""The pages about mail: the bell of everybody, links from mails, and 邮件 in administration."""

from importlib import import_module

from flask import Blueprint, Flask, current_app

from webapp import clock
from webapp.deadlines.current import missing_year

blueprint = Blueprint("mail", __name__, template_folder="templates")
PARTS = ("bell_views", "act_views", "message_views", "setting_views")


def install(app: Flask) -> None:
    for part in PARTS:
        import_module(f"webapp.mail.{part}")
    app.register_blueprint(blueprint)


@blueprint.context_processor
def _offers() -> dict[str, bool | int | None]:
    """What the tabs of administration ask for."""
    return {"has_users": "users.index" in current_app.view_functions, "missing_year": missing_year(clock.today())}

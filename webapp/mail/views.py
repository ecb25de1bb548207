"""The pages about mail: the bell of everybody, links from mails, and 邮件 in administration."""

from importlib import import_module

from flask import Blueprint, Flask

from webapp import navigation
from webapp.administration.views import offers

blueprint = Blueprint("mail", __name__, template_folder="templates")
blueprint.context_processor(offers)
PARTS = ("bell_views", "act_views", "message_views", "bounce_views", "setting_views")


def install(app: Flask) -> None:
    for part in PARTS:
        import_module(f"webapp.mail.{part}")
    app.register_blueprint(blueprint)
    navigation.place_below(app, "mail", "administration.index")

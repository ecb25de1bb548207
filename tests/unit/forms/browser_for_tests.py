"""What a browser without scripts would make of rendered fields: successful controls, labels, ids."""

from lxml import html
from markupsafe import Markup
from werkzeug.datastructures import MultiDict


def parse(markup: Markup) -> html.HtmlElement:
    return html.fromstring(f"<form>{markup}</form>")


def post(markup: Markup, *, button: tuple[str, str] | None = None) -> MultiDict[str, str]:
    """Return what submitting the fields as they are sends; `button` is the one that was pressed."""
    sent = MultiDict(parse(markup).form_values())
    if button is not None:
        sent.add(*button)
    return sent

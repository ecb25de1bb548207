"""The built front end: addresses that carry a digest of the content, so that browsers may keep it for a year.

``npm run build`` writes ``webapp/static/dist`` with its ``manifest.json``; without it pages work but are plain.
"""

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from markupsafe import Markup

_DIST = Path(__file__).resolve().parent / "static" / "dist"
_YEAR = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Offer :func:`asset` and :func:`icon` to the templates and let digested addresses be cached."""
    app.extensions["bundle"] = _read_manifest()
    app.jinja_env.globals.update(asset=asset, icon=icon)
    app.after_request(_keep)


def is_built() -> bool:
    """Whether the front end has been built on this machine."""
    return (_DIST / "manifest.json").is_file()


def asset(name: str) -> str:
    """The address of a built file, e.g. ``asset('app.css')``."""
    return url_for("static", filename=f"dist/{name}", v=current_app.extensions["bundle"].get(name))


def icon(name: str, label: str | None = None) -> Markup:
    """An icon of the sprite; decoration unless it has a ``label``, which is then read aloud.

    Args:
        name: a file name of ``webapp/assets/icons`` without its ending.
        label: what the icon says, where no text stands beside it.
    """
    sprite = g.get("sprite")
    if sprite is None:  # pages show hundreds of icons: the address of their sprite is made once
        sprite = g.sprite = asset("icons.svg")
    return _drawn(sprite, name, label)


@lru_cache(maxsize=1024)
def _drawn(sprite: str, name: str, label: str | None) -> Markup:
    voice = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>').format(voice, sprite, name)


def _read_manifest() -> dict[str, str]:
    try:
        manifest: dict[str, str] = json.loads((_DIST / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return manifest


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = _YEAR
    return response

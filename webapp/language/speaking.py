"""Pages in the language that their reader has chosen: templates in English say every text by the catalogue.

Chinese pages pay nothing for it: the templates of English ones are compiled beside them, when somebody first asks.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from flask import has_request_context, request
from flask.templating import Environment as FlaskEnvironment
from flask_babel.speaklater import LazyString
from jinja2 import Template, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from webapp.language.catalogue import Catalogue, read_catalogue
from webapp.language.marks import HAN, in_latin
from webapp.language.reading import Data, EnglishTemplates, as_written
from webapp.language.writing import FILTERS
from webapp.problems import Problem

Document = TypeVar("Document")
COOKIE: Final = "language"
CHINESE, ENGLISH = "zh-CN", "en"
LANGUAGES: Final = {CHINESE: "中文", ENGLISH: "English"}
CATALOGUE: Final = Path(__file__).parents[1] / "translations/en/LC_MESSAGES/messages.po"
MENU: Final = "（栏目）"
"""Marks in the catalogue what is said in the navigation."""
DOCUMENTS: Final = frozenset({"instances/print.html", "notices/document.html", "papers/case.html"})
"""Templates of documents, which are Chinese for everybody."""


def speaks_english() -> bool:
    """Whether the reader of the page at hand has chosen English."""
    return has_request_context() and request.cookies.get(COOKIE) == ENGLISH and not request.path.startswith("/api/")


@cache
def english() -> Catalogue:
    """The English catalogue, read when it is first asked for."""
    return read_catalogue(CATALOGUE)


@cache
def _script_words(area: str) -> dict[str, str]:
    return english().said_below(f"webapp/assets/{area}/")


def _words_of_scripts(*areas: str) -> dict[str, str]:
    """What the scripts of these folders below ``webapp/assets`` say."""
    return {text: said for area in areas for text, said in _script_words(area).items()}


def say(text: str) -> str:
    """A text in the language of the page at hand."""
    return english().say(text) if speaks_english() else text


def _menu_word(label: str) -> str:
    """What an entry of the navigation is called: by the plural, where a column of a list says the same."""
    return english().exact(label + MENU) or label


def worded(document: Document, *keys: str) -> Document:
    """JSON for a page, with what it says under these keys in the language of the page."""
    return cast("Document", _in_english(document, keys)) if speaks_english() else document


def worded_problem(problem: Problem) -> dict[str, Any]:
    """The document of a refusal for a page."""
    return worded(problem.as_json(), "title", "detail", "message")


def _in_english(value: Any, keys: Collection[str], *, is_said: bool = False) -> Any:
    if isinstance(value, dict):
        return {name: _in_english(inner, keys, is_said=name in keys) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_english(inner, keys, is_said=is_said) for inner in value]
    return english().say(value) if is_said and isinstance(value, str) else value


class Environment(FlaskEnvironment):
    """The templates of the application; those of an English page say what they show in English."""

    _english: FlaskEnvironment | None = None

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:
        """The template in the language of the page at hand, and those that it builds on (``parent``) like itself."""
        if self.overlayed or parent is not None or name in DOCUMENTS or not speaks_english():
            return super().get_template(name, parent, globals)
        if self._english is None:
            self._english = self._made_english()
        return self._english.get_template(name, parent, globals)

    def _made_english(self) -> FlaskEnvironment:
        made: Any = self.overlay(finalize=_finalize, extensions=[EnglishTemplates])
        made.filters = self.filters | ENGLISH_FILTERS
        made.globals = made.globals | ENGLISH_GLOBALS
        return made  # type: ignore[no-any-return]


_SHORT: Final = 8


def _as_noted(value: Any) -> Any:
    """A line of the history: what a person wrote, if it is short, else perhaps a note of the program's."""
    return as_written(value) if len(HAN.findall(str(value))) < _SHORT else value


def _join(values: Iterable[Any], mark: str = "", attribute: str | None = None) -> str:
    """Jinja's ``join``, each value said before the marks are Latin ones."""
    values = values if attribute is None else (getattr(value, attribute) for value in values)
    return in_latin(mark).join(str(_finalize(value)) for value in values)


_TITLE: Final = re.compile(r"(<(?:title|desc)\b[^>]*>)([^<]+)")


def _finalize(value: Any) -> Any:
    """Whatever a template shows; of what is HTML already, what the parts of pictures are called."""
    if isinstance(value, Markup):
        return Markup(_TITLE.sub(_titled, value)) if "<svg" in value else value  # noqa: S704 (texts are escaped again)
    is_text = isinstance(value, str | LazyString) and not isinstance(value, Data)
    return english().say(str(value)) if is_text else value


def _titled(title: re.Match[str]) -> str:
    return f"{title[1]}{escape(english().say(unescape(title[2])))}"


@pass_eval_context
def _translate(context: EvalContext, text: str, /, **values: Any) -> str:
    """A text of a template, with ``%(name)s`` filled in and escaped."""
    said = english().say(str(text))
    known = {name: _finalize(value) for name, value in values.items()}
    written = Markup(said) if context.autoescape else said  # noqa: S704 (texts of the templates themselves)
    return written % known if values else written.replace("%%", "%")


CHINESE_FILTERS: Final = {name: lambda value: value for name in ("as_written", "as_noted")}
ENGLISH_FILTERS: Final = FILTERS | {"as_written": as_written, "as_noted": _as_noted, "join": _join}
CHINESE_GLOBALS: Final = {"language": CHINESE, "menu_word": str}
ENGLISH_GLOBALS: Final = {
    "language": ENGLISH,
    "menu_word": _menu_word,
    "script_words": _words_of_scripts,
    "_": _translate,
    "gettext": _translate,
}
"""What templates of each language have beside what all have."""

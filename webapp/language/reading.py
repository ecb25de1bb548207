"""Templates as an English page reads them: Latin punctuation between texts, and what is data told from what is text.

What a browser sends back must be what it was given: values of fields, addresses and the like are never translated.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import (
    TOKEN_DATA,
    TOKEN_LPAREN,
    TOKEN_NAME,
    TOKEN_RPAREN,
    TOKEN_STRING,
    TOKEN_VARIABLE_BEGIN,
    TOKEN_VARIABLE_END,
    Token,
    TokenStream,
)
from markupsafe import Markup

from webapp.language.extracting import HAN
from webapp.language.marks import in_latin

_SIGHT: Final = 4000
"""So many characters before a value tell where it stands."""
_ATTRIBUTE: Final = re.compile(r"""([\w:-]+)="[^"<>]*$""")
_TEXTAREA: Final = re.compile(r"<textarea\b(?:(?!</textarea).)*$", re.DOTALL)
_READ_ALOUD: Final = frozenset(
    {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-confirm"}
)
"""Attributes that people read or hear."""
_AS_DATA: Final = "as_data"


class Data(str):
    """What is shown as it is."""

    __slots__ = ()


class EnglishTemplates(Extension):
    """Reads the templates of English pages."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals = environment.globals | {_AS_DATA: _as_data}

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Marks made Latin, values that a browser sends back marked as data."""
        html, is_data = "", False
        for token in stream:
            line = token.lineno
            if token.type == TOKEN_VARIABLE_BEGIN:
                is_data = stands_as_data(html)
                yield token
                yield from [Token(line, TOKEN_NAME, _AS_DATA), Token(line, TOKEN_LPAREN, "(")] * is_data
            elif token.type == TOKEN_VARIABLE_END:
                yield from [Token(line, TOKEN_RPAREN, ")")] * is_data
                yield token
                html += "…"
            elif token.type in {TOKEN_DATA, TOKEN_STRING} and not HAN.search(token.value):
                html = (html + token.value)[-_SIGHT:] if token.type == TOKEN_DATA else html
                yield Token(line, token.type, in_latin(token.value))
            else:
                yield token


def stands_as_data(html: str) -> bool:
    """Whether a value behind this beginning of a page stands where a browser keeps it, not where people read it."""
    attribute = _ATTRIBUTE.search(html)
    if attribute is not None:
        return attribute[1] not in _READ_ALOUD
    return _TEXTAREA.search(html) is not None


def _as_data(value: Any) -> Any:
    return Data(value) if isinstance(value, str) and not isinstance(value, Markup) else value

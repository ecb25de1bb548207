"""Templates as an English page reads them: Latin punctuation between texts, and what is data told from what is text.

What a browser sends back must be what it was given: values of fields, addresses and the like are never translated.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from flask_babel.speaklater import LazyString
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import (
    TOKEN_ADD,
    TOKEN_DATA,
    TOKEN_LPAREN,
    TOKEN_NAME,
    TOKEN_RPAREN,
    TOKEN_STRING,
    TOKEN_TILDE,
    TOKEN_VARIABLE_BEGIN,
    TOKEN_VARIABLE_END,
    Token,
    TokenStream,
)
from markupsafe import Markup

from webapp.language.marks import HAN, in_latin

_SIGHT: Final = 4000
"""So many characters before a value tell where it stands."""
_ATTRIBUTE: Final = re.compile(r"""([\w:-]+)="[^"<>]*$""")
_VERBATIM: Final = re.compile(r"<(textarea|pre|code|kbd|samp)\b(?:(?!</\1).)*$", re.DOTALL)
_READ_ALOUD: Final = frozenset(
    {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-label", "data-confirm"}
)
"""Attributes that people read or hear."""
_BESIDE_WORDS: Final = {TOKEN_VARIABLE_BEGIN, TOKEN_TILDE, TOKEN_ADD}
"""Behind these a string is shown as it is; elsewhere it may be asked for."""
_AS_DATA: Final = "as_data"


class Data(str):
    """What is shown as it is."""

    __slots__ = ()


class EnglishTemplates(Extension):
    """Reads the templates of English pages."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals = environment.globals | {_AS_DATA: as_written}

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Marks made Latin, values that a browser sends back marked as data."""
        html, is_data, before = "", False, ""
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
            elif token.type == TOKEN_DATA:
                html = (html + token.value)[-_SIGHT:]
                space = " " * (before == TOKEN_VARIABLE_END and token.value.startswith(("<a ", "<span")))
                yield token if HAN.search(token.value) else Token(line, token.type, space + in_latin(token.value))
            elif token.type == TOKEN_STRING and before in _BESIDE_WORDS and not HAN.search(token.value):
                yield Token(line, token.type, in_latin(token.value))
            else:
                yield token
            before = token.type


def stands_as_data(html: str) -> bool:
    """Whether a value behind this beginning of a page stands where a browser keeps it, not where people read it."""
    attribute = _ATTRIBUTE.search(html)
    if attribute is not None:
        return attribute[1] not in _READ_ALOUD
    return _VERBATIM.search(html) is not None


def as_written(value: Any) -> Any:
    """What somebody wrote, or a browser sends back: shown as it is."""
    is_text = isinstance(value, str | LazyString) and not isinstance(value, Markup)
    return Data(str(value)) if is_text else value

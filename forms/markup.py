"""Formatted text of documents: the little Markdown that form-js knows, HTML cleaned by nh3, and {{paths}} filled in.

Whatever comes out was cleaned after the values went in, so neither a document nor an answer can bring script.
"""

import re
from collections.abc import Callable
from typing import Any

import nh3
from markupsafe import Markup, escape

from forms.conditions import Condition, ConditionError, Names, parse_condition

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_MARK = re.compile("\ue000([0-9]+)\ue001")

_CLEANER = nh3.Cleaner(
    tags={
        *(
            "p",
            "br",
            "hr",
            "strong",
            "b",
            "em",
            "i",
            "u",
            "s",
            "sub",
            "sup",
            "code",
            "pre",
            "blockquote",
            "span",
            "div",
        ),
        *("ul", "ol", "li", "dl", "dt", "dd", "a", "h3", "h4", "h5", "h6"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    },
    clean_content_tags={"script", "style", "iframe", "object", "noscript", "template", "textarea", "title"},
    attributes={"a": {"href", "title"}, "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
)


class Template:
    """Text or HTML of a component with its {{paths}} translated once."""

    def __init__(self, source: str, *, is_html: bool) -> None:
        """Translate the source. Raises ConditionError for a place that is no supported expression."""
        self.places: list[Condition] = []
        plain = source.replace("\ue000", "").replace("\ue001", "")
        marked = _PLACE.sub(self._take, plain)
        self.html = marked if is_html else markdown_to_html(marked)
        self.constant = None if self.places else clean_html(self.html)

    def _take(self, match: re.Match[str]) -> str:
        try:
            self.places.append(parse_condition(match[1]))
        except ConditionError as error:
            raise ConditionError(match.start(1) + error.position, f"{{{{{match[1][:40]}}}}}：{error}") from None
        return f"\ue000{len(self.places) - 1}\ue001"

    def fill(self, names: Names, show: Callable[[Any], str]) -> Markup:
        """Return clean HTML with the values of the places; `show` turns a value into text."""
        if self.constant is not None:
            return self.constant
        values = [str(escape(show(place.value(names)))) for place in self.places]
        return clean_html(_MARK.sub(lambda match: values[int(match[1])], self.html))


def clean_html(html: str) -> Markup:
    """Return the HTML with nothing left but harmless structure and links."""
    return Markup(_CLEANER.clean(html))  # noqa: S704 - this is the cleaner


def markdown_to_html(source: str) -> str:
    """Turn headings, paragraphs, lists, rules, emphasis, code and links into HTML; everything else is text."""
    blocks: list[str] = []
    for chunk in re.split(r"\n\s*\n", source.replace("\r\n", "\n")):
        lines = [line.rstrip() for line in chunk.split("\n") if line.strip()]
        while lines:
            block, lines = _block(lines)
            blocks.append(block)
    return "\n".join(blocks)


_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_BULLET = re.compile(r"\s*[*+-]\s+(.*)")
_NUMBERED = re.compile(r"\s*[0-9]{1,3}[.)]\s+(.*)")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*")


def _block(lines: list[str]) -> tuple[str, list[str]]:
    heading = _HEADING.fullmatch(lines[0])
    if heading:
        level = min(len(heading[1]) + 2, 6)
        return f"<h{level}>{_inline(heading[2])}</h{level}>", lines[1:]
    if _RULE.fullmatch(lines[0]):
        return "<hr>", lines[1:]
    for pattern, tag in ((_BULLET, "ul"), (_NUMBERED, "ol")):
        items, rest = _take_while(lines, pattern)
        if items:
            return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>", rest
    count = 1
    while count < len(lines) and not any(p.fullmatch(lines[count]) for p in (_HEADING, _BULLET, _NUMBERED, _RULE)):
        count += 1
    return f"<p>{'<br>'.join(_inline(line) for line in lines[:count])}</p>", lines[count:]


def _take_while(lines: list[str], pattern: re.Pattern[str]) -> tuple[list[str], list[str]]:
    items = []
    for line in lines:
        match = pattern.fullmatch(line)
        if match is None:
            break
        items.append(match[1])
    return items, lines[len(items) :]


_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"(\*\*|__)(?=\S)([^*_]+)\1"), r"<strong>\2</strong>"),
    (re.compile(r"(?<![\w*])([*_])(?=\S)([^*_]+)\1(?!\w)"), r"<em>\2</em>"),
    (re.compile(r"~~([^~]+)~~"), r"<s>\1</s>"),
)


def _inline(text: str) -> str:
    html = str(escape(text))
    for pattern, replacement in _INLINE:
        html = pattern.sub(replacement, html)
    return html

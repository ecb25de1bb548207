"""Turn plain data into subject, text and HTML by a template that an administrator may have written.

Templates run in a sandbox with HTML escaped; what they may use is what a message says, to whom, and links of this site,
in the ways that :mod:`webapp.mail.template_limits` allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from webapp.mail.content import Content, Person
from webapp.mail.template_limits import TURNS, Turns, check, limited_filters

PARTS = {"subject": "主题", "text": "纯文本", "html": "网页格式"}
MOST_CHARACTERS = 100_000
_SHIPPED = Path(__file__).parent / "shipped"
_ENDINGS = {"subject": "subject", "text": "txt", "html": "html"}


@dataclass(frozen=True)
class Source:
    """The texts of a template."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Rendered:
    """A message as it leaves."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Fault:
    """What is wrong in a template: in which part, in which line, what."""

    part: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"第 {self.line} 行：" if self.line else ""
        return f"{PARTS[self.part]}{place}{self.message}"


class TemplateFaultError(Exception):
    """A template that cannot be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Sandbox(ImmutableSandboxedEnvironment):
    """No loader: a template stands alone."""

    def __init__(self, *, escapes: bool) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=escapes, trim_blocks=True, lstrip_blocks=True, auto_reload=False
        )
        self.globals.clear()
        self.filters = limited_filters()


_PLAIN, _HTML = _Sandbox(escapes=False), _Sandbox(escapes=True)


@cache
def shipped_source() -> Source:
    """The template that holds where nobody has written another."""
    texts = {part: (_SHIPPED / f"message.{end}").read_text(encoding="utf-8") for part, end in _ENDINGS.items()}
    return Source(**texts)


def render(source: Source, content: Content, person: Person, *, site_name: str, base_url: str) -> Rendered:
    """Fill a template.

    Raises:
        TemplateFaultError: it has a mistake, names what there is not, or makes too much.
    """
    base = base_url.rstrip("/")
    values = {
        "mail": content,
        "person": person,
        "site": {"name": site_name, "address": f"{base}/"},
        "link": lambda path: f"{base}/{str(path).lstrip('/')}",
    }
    subject = " ".join(_fill("subject", source.subject, values).split())
    text = _fill("text", source.text, values).strip() + "\n"
    return Rendered(subject[:200], text, _fill("html", source.html, values))


def list_faults(source: Source, examples: Iterator[tuple[Content, Person]]) -> list[Fault]:
    """What is wrong with a template, each part on its own, tried on examples."""
    faults = []
    tried = list(examples)
    for part in PARTS:
        try:
            for content, person in tried:
                one = {name: getattr(source, name) if name == part else "" for name in PARTS}
                render(Source(**one), content, person, site_name="文明创建流程平台", base_url="http://example.invalid")
        except TemplateFaultError as error:
            faults.append(error.fault)
    return faults


def _fill(part: str, text: str, values: dict[str, Any]) -> str:
    try:
        pieces: list[str] = []
        length = 0
        for piece in _compiled(part == "html", text).generate(values | {TURNS: Turns()}):
            length += len(piece)
            if length > MOST_CHARACTERS or len(pieces) > MOST_CHARACTERS:
                raise TemplateFaultError(Fault(part, None, f"内容超过 {MOST_CHARACTERS} 个字符。"))
            pieces.append(piece)
    except TemplateSyntaxError as error:
        raise TemplateFaultError(Fault(part, error.lineno, f"语法有误：{error.message}")) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateFaultError(Fault(part, _line_of(error), f"无法生成：{error}")) from error
    except (RecursionError, SyntaxError, MemoryError) as error:  # the compiler's own limits
        raise TemplateFaultError(Fault(part, None, "括号、判断或循环套得太深，请简化。")) from error
    return "".join(pieces)


@lru_cache(maxsize=64)
def _compiled(escapes: bool, text: str) -> Template:
    environment = _HTML if escapes else _PLAIN
    template = environment.parse(text)
    check(template)
    return environment.from_string(template)


def _line_of(error: Exception) -> int | None:
    """The line of the template in which an error arose; the engine puts it into the traceback."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found

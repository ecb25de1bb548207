"""What a template may use, so that none can fill the memory or run for long, whoever wrote it.

A template is read before it is compiled: only what stands in the lists here is allowed, everything else is refused with
its line. What is allowed makes nothing that grows from loop to loop; turns of loops and lengths of texts are counted.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, cast

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS
from jinja2.runtime import Context

MOST_TURNS = 2000
"""Turns of all loops of a part together; the longest digest takes about three hundred."""
MOST_LENGTH = 20_000
"""Characters of a text that a filter makes."""
MOST_NODES = 3000
MOST_DEPTH = 5
TURNS, COUNTED = "turns of loops", "counted turns"
"""A variable and a filter that no template can name, as their names are no names."""

_FILTER_NAMES = (
    *("capitalize", "lower", "title", "trim", "truncate", "upper"),
    *("d", "default", "e", "escape", "int", "string", "striptags"),
    *("count", "first", "join", "last", "length", "list"),
)
_SHOWN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign)
_READ = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Const, nodes.Keyword)
_ASKED = (nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test)
_MADE = (nodes.Filter, nodes.Call, nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos, nodes.Tuple, nodes.List)
_ALLOWED = frozenset((*_SHOWN, *_READ, *_ASKED, *_MADE))
_GROWING = (nodes.Concat, nodes.Add, nodes.List, nodes.Tuple, nodes.Call)
"""What may not be kept under a name: kept and used twice, again and again, it would grow without bound."""
_WORDS: dict[type[nodes.Node], str] = {
    nodes.Pow: "乘方",
    nodes.Mul: "乘法",
    nodes.Div: "除法",
    nodes.FloorDiv: "整除",
    nodes.Mod: "取余或格式化（%）",
    nodes.Dict: "字典",
    nodes.Macro: "宏（macro）",
    nodes.CallBlock: "call 块",
    nodes.FilterBlock: "filter 块",
    nodes.AssignBlock: "set 块",
    nodes.With: "with 块",
    nodes.Scope: "autoescape 块",
    nodes.Block: "block 块",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
}


def check(template: nodes.Template) -> None:
    """Look through a template before it is compiled, and let its loops be counted.

    Raises:
        TemplateSyntaxError: it uses what is not allowed; it has the line.
    """
    for count, node in enumerate(_every(template), 1):
        if count > MOST_NODES:
            raise _refused(node, "模板太复杂，请删减。")
        if type(node) not in _ALLOWED:
            raise _refused(node, f"模板里不能使用{_WORDS.get(type(node), f' {type(node).__name__} ')}。")
        _check_one(node)
    _check_loops(template, 0)


def _every(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _every(child)


def _check_one(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter) and node.name not in _FILTER_NAMES:
        raise _refused(node, f"模板里不能使用过滤器 {node.name}。")
    if isinstance(node, nodes.Call) and not _is_known(node.node):
        raise _refused(node, "模板里只能调用 link(…) 和 loop.cycle(…)。")
    kept = node.node if isinstance(node, nodes.Assign) else node.iter if isinstance(node, nodes.For) else None
    if kept is not None and (isinstance(kept, _GROWING) or any(kept.find_all(_GROWING))):
        raise _refused(node, "set 和 for 里只能直接引用邮件的数据，不能拼接、列举或调用。")
    if isinstance(node, nodes.For) and node.recursive:
        raise _refused(node, "循环不能递归。")


def _is_known(called: nodes.Node) -> bool:
    if isinstance(called, nodes.Getattr):
        return called.attr == "cycle" and isinstance(called.node, nodes.Name) and called.node.name == "loop"
    return isinstance(called, nodes.Name) and called.name == "link"


def _check_loops(node: nodes.Node, depth: int) -> None:
    """Count how deep loops stand in each other, and let each count its turns."""
    if isinstance(node, nodes.For):
        depth += 1
        if depth > MOST_DEPTH:
            raise _refused(node, f"循环最多套 {MOST_DEPTH} 层。")
        place = {"lineno": node.lineno, "environment": node.environment}
        node.iter = nodes.Filter(node.iter, COUNTED, [], [], None, None, **place)
    for child in node.iter_child_nodes():
        _check_loops(child, depth)


def _refused(node: nodes.Node, message: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(message, next((one.lineno for one in _every(node) if one.lineno), 1))


class Turns:
    """How many turns loops may still take while one part is filled."""

    def __init__(self) -> None:
        self.left = MOST_TURNS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise SecurityError(f"循环合计超过 {MOST_TURNS} 次。")


@pass_context
def _count(context: Context, iterable: Iterable[Any]) -> Iterator[Any]:
    turns = cast("Turns", context.resolve(TURNS))
    for one in iterable:
        turns.take()
        yield one


def _limited(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that makes no long text; what it joins with is short, as that is multiplied before it is measured."""

    @wraps(filter_)
    def limited(*values: Any, **options: Any) -> Any:
        if name == "join" and any(len(str(value)) > 100 for value in (*values[2:3], options.get("d", ""))):
            raise SecurityError("join 的分隔文字最多 100 个字符。")
        made = filter_(*values, **options)
        if isinstance(made, str | list) and len(made) > MOST_LENGTH:
            raise SecurityError(f"{name} 得到的内容超过 {MOST_LENGTH} 个字符。")
        return made

    return limited


def limited_filters() -> dict[str, Callable[..., Any]]:
    """The filters that a template may use, and the one that counts."""
    return {name: _limited(name, FILTERS[name]) for name in _FILTER_NAMES} | {COUNTED: _count}

"""The part of Python that expressions in diagrams may use, decided by the syntax alone; nothing is evaluated here.

The evaluator refuses the same at run time; this says it to the designer, with a reason, before anything runs.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = 40

_PERMITTED: Final = frozenset(
    {ast.Constant, ast.Name, ast.Load, ast.Store, ast.Attribute, ast.Subscript, ast.Slice, ast.Call, ast.keyword}
    | {ast.BoolOp, ast.And, ast.Or, ast.BinOp, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.Invert, ast.IfExp}
    | {ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn}
    | {ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.comprehension}
)
_REFUSED_OPERATORS: Final = (ast.LShift, ast.RShift, ast.MatMult)
_METHODS: Final = frozenset(
    {"get", "keys", "values", "items", "count", "index", "find", "split"}
    | {"startswith", "endswith", "lower", "upper", "strip", "isdigit"}
)
FUNCTIONS: Final = frozenset(
    {"abs", "all", "any", "bool", "float", "int", "len", "list", "max", "min", "round", "set", "sorted", "str"}
    | {"sum", "tuple"}
)
_CONSTANTS: Final = (str, int, float, bool, type(None))
_WORDS: Final = {
    ast.Lambda: "lambda",
    ast.NamedExpr: "赋值表达式 :=",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield from",
    ast.Starred: "星号展开",
    ast.SetComp: "集合推导式",
    ast.JoinedStr: "f 字符串",
    ast.LShift: "移位运算",
    ast.RShift: "移位运算",
    ast.MatMult: "矩阵乘法",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """What one expression uses. `error` (Chinese) is None if it lies within the subset."""

    text: str
    error: str | None = None
    names: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    constant: object = None  # the value, if the whole is one literal
    is_constant: bool = False
    comparisons: tuple[tuple[str, tuple[str, ...]], ...] = ()  # name compared for equality → texts compared with


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line `name = expression` of a script."""

    name: str
    expression: Expression


@lru_cache(maxsize=4096)
def analyse(text: str) -> Expression:
    """What the expression uses and what is wrong with it. Never raises."""
    tree = _parsed(text, "eval")
    if isinstance(tree, str):
        return Expression(text, error=tree)
    assert isinstance(tree, ast.Expression)  # noqa: S101  (mode "eval" gives nothing else)
    return _analysed(text, tree.body)


@lru_cache(maxsize=1024)
def analyse_script(text: str) -> tuple[tuple[Assignment, ...], str | None]:
    """The assignments of a script, and what is wrong with it if it does anything else. Never raises."""
    tree = _parsed(text, "exec")
    if isinstance(tree, str):
        return (), tree
    assert isinstance(tree, ast.Module)  # noqa: S101  (mode "exec" gives nothing else)
    found: list[Assignment] = []
    for statement in tree.body:
        if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
            return tuple(found), f"第 {statement.lineno} 行不是“名称 = 表达式”"
        target = statement.targets[0]
        if not isinstance(target, ast.Name):
            return tuple(found), f"第 {statement.lineno} 行的等号左边不是一个名称"
        found.append(
            Assignment(target.id, _analysed(ast.get_source_segment(text, statement.value) or "", statement.value))
        )
    return tuple(found), None if found else "脚本是空的"


def _parsed(text: str, mode: str) -> ast.AST | str:
    if not text.strip():
        return "表达式是空的"
    if len(text) > MAX_LENGTH:
        return f"表达式超过 {MAX_LENGTH} 个字符"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode=mode)
    except SyntaxError as error:
        return f"语法错误（第 {error.lineno or 1} 行第 {error.offset or 1} 个字符）"
    except (ValueError, RecursionError, MemoryError):
        return "写法无法识别或嵌套过深"


def _analysed(text: str, body: ast.expr) -> Expression:
    nodes = list(_walked(body))
    error = "嵌套过深" if nodes and nodes[-1] is None else None
    known = [node for node in nodes if node is not None]
    error = error or next((why for node in known if (why := _refused(node))), None)
    local = {n.id for n in known if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    calls = {n.func.id for n in known if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    functions = {id(n.func) for n in known if isinstance(n, ast.Call)}
    names = {n.id for n in known if isinstance(n, ast.Name) and id(n) not in functions} - local
    constant = body.value if isinstance(body, ast.Constant) else None
    compared = tuple(pair for node in known if isinstance(node, ast.Compare) for pair in _comparisons(node))
    return Expression(
        text, error, frozenset(names), frozenset(calls), constant, isinstance(body, ast.Constant), compared
    )


def _walked(body: ast.AST) -> Iterator[ast.AST | None]:
    """All nodes, level by level; ends with None where the nesting is deeper than allowed."""
    level = [body]
    for _ in range(MAX_DEPTH):
        yield from level
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    yield None


def _refused(node: ast.AST) -> str | None:
    """Why a node lies outside the subset."""
    if isinstance(node, ast.operator):
        return f"不允许使用{_WORDS[type(node)]}" if isinstance(node, _REFUSED_OPERATORS) else None
    if type(node) not in _PERMITTED:
        return f"不允许使用 {_WORDS.get(type(node), type(node).__name__)}"
    if isinstance(node, ast.Constant) and not isinstance(node.value, _CONSTANTS):
        return f"不允许使用这种常量：{node.value!r}"
    if isinstance(node, ast.Name) and node.id.startswith(("_", "func_")):
        return f"不允许使用名称 {node.id}"
    if isinstance(node, ast.Attribute) and node.attr.startswith(("_", "func_")):
        return f"不允许访问属性 {node.attr}"
    return _refused_call(node) if isinstance(node, ast.Call) else None


def _refused_call(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Attribute):
        return None if node.func.attr in _METHODS else f"不允许调用方法 {node.func.attr}()"
    if not isinstance(node.func, ast.Name):
        return "只能按名称调用函数"
    return "不允许使用 ** 展开参数" if any(k.arg is None for k in node.keywords) else None


def _comparisons(node: ast.Compare) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Comparisons of a plain name with literal texts: `outcome == 'pass'`, `outcome in ('pass', 'return')`."""
    if len(node.ops) != 1 or not isinstance(node.left, ast.Name):
        return
    right = node.comparators[0]
    if isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        values = [right]
    elif isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        values = list(right.elts)
    else:
        return
    texts = tuple(v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))
    if texts:
        yield node.left.id, texts

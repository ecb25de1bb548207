"""Expressions and scripts of diagrams, evaluated by simpleeval and never by `eval` or `exec`.

Every evaluation has a budget of steps and bounds on numbers and lengths: no text in a diagram can hang a worker.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import simpleeval

from workflows.data import checked_value
from workflows.errors import ExpressionError

MAX_SOURCE: Final = 4000  # characters of one expression or script
MAX_STEPS: Final = 100_000  # nodes evaluated and values built by one expression
MAX_BITS: Final = 2048  # of a whole number
MAX_LENGTH: Final = 50_000  # of a text or list that an operator builds

_READING: Final[Mapping[type, frozenset[str]]] = {
    str: frozenset({"startswith", "endswith", "lower", "upper", "strip", "split", "count", "find", "isdigit"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "keys", "values", "items"}),
}


def _sum(numbers: Iterable[float]) -> float:
    """Of numbers only: a start value would add lists."""
    return sum(numbers)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs, "all": all, "any": any, "bool": bool, "float": float, "int": int, "len": len, "list": list,
    "max": max, "min": min, "round": round, "set": set, "sorted": sorted, "str": str, "tuple": tuple,
    "sum": _sum,
}  # fmt: skip
_BUILDING: Final = frozenset(
    {ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.BinOp, ast.Call}
)
_REFUSED: Final = (ast.Assign, ast.AugAssign, ast.Import, ast.FormattedValue, ast.JoinedStr)


def check_expression(source: str) -> None:
    """Raise ExpressionError if `source` is not a single expression."""
    _expression(source)


def check_script(source: str) -> None:
    """Raise ExpressionError if `source` is anything but lines of `name = expression`."""
    _assignments(source)


def names_in(source: str) -> frozenset[str]:
    """Names of data that an expression or script reads, including keys read as `x['key']` or `x.key`.

    Raises:
        ExpressionError: it cannot be parsed.
    """
    nodes = [node for statement in _statements(source) for node in ast.walk(statement)]
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    targets = [t for n in nodes if isinstance(n, ast.comprehension) for t in ast.walk(n.target)]
    local = {t.id for t in targets if isinstance(t, ast.Name)}
    return frozenset(name for node in nodes for name in _read_by(node)) - called - local


def _read_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
            yield name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            yield name


class Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """simpleeval within the limits of this module; made for one step, not shared between threads."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(operators=_OPERATORS, functions={})
        self.functions = {**_FUNCTIONS, **functions}
        for kind in _REFUSED:
            del self.nodes[kind]
        self._left = MAX_STEPS

    def value(self, source: str, names: Mapping[str, Any]) -> Any:
        """The value of one expression over `names`.

        Raises:
            ExpressionError: refused or failed, with the expression and the reason.
        """
        return self._value(_expression(source), source, names)

    def assigned(self, source: str, names: Mapping[str, Any]) -> dict[str, Any]:
        """What the lines `name = expression` of a script assign; each line sees those before it.

        Raises:
            ExpressionError: a line is something else, or fails.
            DataNotAllowedError: a value is nothing that an instance may hold.
        """
        new: dict[str, Any] = {}
        for target, node in _assignments(source):
            new[target] = checked_value(self._value(node, source, {**names, **new}), target)
        return new

    def _value(self, node: ast.expr, source: str, names: Mapping[str, Any]) -> Any:
        self.names, self._left, self._max_count, self.expr = names, MAX_STEPS, 0, source
        try:
            return self._eval(node)
        except Exception as error:
            raise ExpressionError(f"“{source.strip()}”无法计算：{_reason(error)}") from error

    def _eval(self, node: ast.AST) -> Any:
        self._spend(1)
        result = super()._eval(node)
        if type(node) in _BUILDING:
            self._weigh(result)
        return result

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise simpleeval.IterableTooLong("计算量过大。")

    def _weigh(self, value: Any) -> None:
        """Charge everything inside a new value: shared parts count each time, as comparing them would."""
        if isinstance(value, list | tuple | set | dict):
            self._spend(len(value))
            for item in value.values() if isinstance(value, dict) else value:
                self._weigh(item)

    def _check_disallowed_items(self, item: Any) -> None:
        """Nothing to do: names are checked data, functions are ours, attributes are listed."""

    def _eval_name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        raise simpleeval.NameNotDefined(node.id, self.expr)

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        holder = self._eval(node.value)
        if isinstance(holder, dict) and node.attr in holder:
            return holder[node.attr]
        if node.attr in _READING.get(type(holder), ()):
            return getattr(holder, node.attr)
        raise simpleeval.AttributeDoesNotExist(node.attr, self.expr)


def _reason(error: Exception) -> str:
    if isinstance(error, simpleeval.NameNotDefined):
        return f"没有名为“{error.name}”的数据。"
    if isinstance(error, KeyError):
        return f"没有键 {error}。"
    return f"{type(error).__name__}：{error}"


@lru_cache(8192)
def _statements(source: str) -> tuple[ast.stmt, ...]:
    if len(source) > MAX_SOURCE:
        raise ExpressionError(f"表达式超过 {MAX_SOURCE} 个字符。")
    try:
        return tuple(ast.parse(source.strip()).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"“{source.strip()[:200]}”有语法错误：{error}") from error


def _expression(source: str) -> ast.expr:
    match _statements(source):
        case (ast.Expr(value=node),):
            return node
    raise ExpressionError(f"“{source.strip()[:200]}”不是单个表达式。")


def _assignments(source: str) -> list[tuple[str, ast.expr]]:
    return [_assignment(statement) for statement in _statements(source)]


def _assignment(statement: ast.stmt) -> tuple[str, ast.expr]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
    raise ExpressionError(f"脚本第 {statement.lineno} 行：只允许“名称 = 表达式”。")


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _bounded_sum(a: Any, b: Any) -> Any:
    if _length(a) + _length(b) > MAX_LENGTH:
        raise simpleeval.IterableTooLong("结果过长。")
    return a + b


def _bounded_product(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        if a.bit_length() + b.bit_length() > MAX_BITS:
            raise simpleeval.NumberTooHigh("数值过大。")
    elif isinstance(a, int | float) and isinstance(b, int | float):
        return a * b
    elif max(_length(a) * b if isinstance(b, int) else 0, _length(b) * a if isinstance(a, int) else 0) > MAX_LENGTH:
        raise simpleeval.IterableTooLong("结果过长。")
    return a * b


def _bounded_power(a: Any, b: Any) -> Any:
    if abs(b) > 64 or (isinstance(a, int) and a.bit_length() * abs(b) > MAX_BITS):
        raise simpleeval.NumberTooHigh("数值过大。")
    return a**b


def _remainder(a: Any, b: Any) -> Any:
    if not isinstance(a, int | float):
        raise simpleeval.FeatureNotAvailable("文本不能用 % 格式化。")
    return a % b


_OPERATORS: Final = {
    **{kind: call for kind, call in simpleeval.DEFAULT_OPERATORS.items() if kind not in (ast.LShift, ast.RShift)},
    ast.Add: _bounded_sum,
    ast.Mult: _bounded_product,
    ast.Pow: _bounded_power,
    ast.Mod: _remainder,
}

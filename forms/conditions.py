"""The part of FEEL that forms need, translated once: comparisons, and, or, not(), literals and paths.

Missing values are null and logic has three values, as in FEEL; a condition holds only when its value is true. Whatever
is outside this part is refused with its position when the document is compiled.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_LENGTH = 1000
MAX_NESTING = 30

#: A node in JSON form, also given to the browser: ["or", a, b], ["=", a, b], ["path", "a", "b"], ["value", 1] …
Node = list[Any]


class ConditionError(ValueError):
    """The expression is outside the supported part of FEEL; `position` counts characters from 1."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"第 {position} 个字符：{message}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Names:
    """What paths are looked up in: the whole form's data, the row around the component and what is around the row."""

    root: Mapping[str, Any]
    this: Any = None
    parent: Any = None

    def find(self, path: tuple[str, ...]) -> Any:
        """Return the value under the path, or None where nothing is there."""
        match path[0]:
            case "this" | "_this_":
                value = self.this
            case "parent" | "_parent_":
                value = self.parent
            case name:
                value = self.root.get(name)
        for name in path[1:]:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


Evaluate = Callable[[Names], Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A translated expression: `holds` for deciding, `value` for expression fields, `node` for the browser."""

    source: str
    node: Node
    paths: frozenset[tuple[str, ...]]
    value: Evaluate = field(repr=False, compare=False)

    def holds(self, names: Names) -> bool:
        """Tell whether the expression is true; null and values that are no truth value count as not true."""
        return self.value(names) is True


def parse_condition(source: str) -> Condition:
    """Translate an expression as form-js writes it, with or without the leading `=`.

    Raises ConditionError for what is outside the supported part.
    """
    if len(source) > MAX_LENGTH:
        raise ConditionError(MAX_LENGTH, f"条件超过 {MAX_LENGTH} 个字符。")
    start = len(source) - len(source.lstrip())
    if source[start : start + 1] == "=":
        start += 1
    parser = _Parser(source, start)
    node = parser.whole()
    return Condition(source, node, frozenset(parser.paths), _translate(node))


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)
          |(?P<string>"(?:[^"\\]|\\.)*")
          |(?P<name>[^\W\d]\w*)
          |(?P<op><=|>=|!=|=|<|>|\(|\)|-|\.))""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_KEYWORDS = frozenset(
    ["and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"]
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent over the tokens, one method per level of the grammar."""

    def __init__(self, source: str, start: int) -> None:
        self.tokens = _tokens(source, start)
        self.at = 0
        self.depth = 0
        self.paths: set[tuple[str, ...]] = set()

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        node = self.either()
        if self.next.kind != "end":
            raise ConditionError(self.next.position, f"这里的“{self.next.text}”不在表单支持的 FEEL 范围内。")
        return node

    def either(self) -> Node:
        return self._chain("or", self.both)

    def both(self) -> Node:
        return self._chain("and", self.comparison)

    def _chain(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._accept("name", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else [word, *parts]

    def comparison(self) -> Node:
        left = self.operand()
        token = self.next
        if token.kind != "op" or token.text not in _COMPARISONS:
            return left
        self.at += 1
        return [token.text, left, self.operand()]

    def operand(self) -> Node:
        token = self.next
        self.at += 1
        if token.kind == "number":
            return ["value", _number(token)]
        if token.kind == "string":
            return ["value", _unquote(token)]
        if token.kind == "op" and token.text == "(":
            return self._inside()
        if token.kind == "op" and token.text == "-" and self.next.kind == "number":
            self.at += 1
            return ["value", -_number(self.tokens[self.at - 1])]
        if token.kind == "name":
            return self._named(token)
        raise ConditionError(token.position, "这里应当是名称、数字、字符串、not(…) 或括号。")

    def _named(self, token: _Token) -> Node:
        if token.text == "not":
            if not self._accept("op", "("):
                raise ConditionError(self.next.position, "not 之后应当是括号，例如 not(同意 = true)。")
            return ["not", self._inside()]
        if token.text in _LITERALS:
            return ["value", _LITERALS[token.text]]
        if token.text in _KEYWORDS:
            raise ConditionError(token.position, f"“{token.text}”不在表单支持的 FEEL 范围内。")
        return self._path(token)

    def _path(self, token: _Token) -> Node:
        path = [token.text]
        while self._accept("op", "."):
            if self.next.kind != "name":
                raise ConditionError(self.next.position, "点号之后应当是名称。")
            path.append(self.next.text)
            self.at += 1
        if self.next.kind == "op" and self.next.text == "(":
            raise ConditionError(token.position, f"表单条件不支持函数“{token.text}”，只支持 not(…)。")
        self.paths.add(tuple(path))
        return ["path", *path]

    def _inside(self) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ConditionError(self.next.position, f"括号嵌套超过 {MAX_NESTING} 层。")
        node = self.either()
        if not self._accept("op", ")"):
            raise ConditionError(self.next.position, "缺少右括号。")
        self.depth -= 1
        return node

    def _accept(self, kind: str, text: str) -> bool:
        if self.next.kind == kind and self.next.text == text:
            self.at += 1
            return True
        return False


def _tokens(source: str, start: int) -> list[_Token]:
    tokens = []
    at = start
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            position = at + len(source[at:]) - len(source[at:].lstrip()) + 1
            raise ConditionError(position, f"这里的“{source[position - 1]}”不在表单支持的 FEEL 范围内。")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    if not tokens:
        raise ConditionError(start + 1, "条件是空的。")
    tokens.append(_Token("end", "", end + 1))
    return tokens


def _number(token: _Token) -> int | float:
    if len(token.text) > 20:
        raise ConditionError(token.position, "数字过长。")
    return float(token.text) if "." in token.text else int(token.text)


def _unquote(token: _Token) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise ConditionError(token.position, f"字符串里的“\\{match[1]}”不受支持。")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", plain, token.text[1:-1], flags=re.DOTALL)


def _translate(node: Node) -> Evaluate:
    match node:
        case ["value", literal]:
            return lambda _names: literal
        case ["path", *path]:
            names_path = tuple(path)
            return lambda names: names.find(names_path)
        case ["not", inner]:
            return _negation(_translate(inner))
        case ["and" | "or" as word, *parts]:
            return _logic(word == "or", [_translate(part) for part in parts])
        case [operator, left, right]:
            return _comparison(operator, _translate(left), _translate(right))
    raise AssertionError(node)


def _negation(inner: Evaluate) -> Evaluate:
    def evaluate(names: Names) -> bool | None:
        value = inner(names)
        return not value if isinstance(value, bool) else None

    return evaluate


def _logic(decisive: bool, parts: list[Evaluate]) -> Evaluate:
    def evaluate(names: Names) -> bool | None:
        unknown = False
        for part in parts:
            value = part(names)
            if isinstance(value, bool) and value == decisive:
                return decisive
            unknown = unknown or not isinstance(value, bool)
        return None if unknown else not decisive

    return evaluate


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _comparison(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator in ("=", "!="):

        def equality(names: Names) -> bool | None:
            same = _equal(left(names), right(names))
            return same if same is None or operator == "=" else not same

        return equality
    compare = _ORDER[operator]

    def order(names: Names) -> bool | None:
        a, b = left(names), right(names)
        comparable = _kind(a) == _kind(b) and _kind(a) in ("number", "string")
        return compare(a, b) if comparable else None

    return order


def _equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    return bool(left == right) if _kind(left) == _kind(right) else None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else type(value).__name__

"""Decision tables (DMN): only what the engine evaluates as it reads. Cells are our expressions, not FEEL.

A table that strays is read without a word by the engine and then matches nothing, so every cell is looked at here.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from workflows.checks.problem import Problem
from workflows.python_subset import analyse
from workflows.safe_xml import UnsafeXmlError, parse_xml

POLICIES: Final = ("UNIQUE", "FIRST", "COLLECT")
_ANY: Final = frozenset({"", "-"})
_LITERALS: Final = {"true": "True", "false": "False", "null": "None"}
_PLACE: Final = re.compile(r"""(\?)(?=(?:[^'"]|['"][^'"]*['"])*$)""")  # the input, outside quotes
_MAX_ROWS: Final = 2000
_MAX_CELL: Final = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What a diagram sees of a table: its id and the variables that it sets."""

    id: str
    outputs: frozenset[str]


def read_table(data: bytes) -> tuple[Decision | None, list[Problem]]:
    """The decision of one DMN file, and everything that keeps it from being evaluated as written. Never raises.

    Elements of the problems are ``table:<decision id>``, or ``table:`` where there is none.
    """
    try:
        root = parse_xml(data)
    except UnsafeXmlError as error:
        return None, [_problem("", "table_unreadable", f"决策表：{error.message}")]
    decisions = [node for node in root.iter(etree.Element) if _local(node) == "decision"]
    if len(decisions) != 1:
        message = f"决策表文件里有 {len(decisions)} 个决策；一个文件须恰好有一个，请拆开或补上。"
        return None, [_problem("", "table_decisions", message)]
    key = decisions[0].get("id", "")
    tables = [node for node in decisions[0] if _local(node) == "decisionTable"]
    if not key or len(tables) != 1:
        message = f"决策“{key or '（没有 id）'}”不是决策表；请改用决策表，文字表达式等其他形式引擎不计算。"
        return None, [_problem(key, "table_kind", message)]
    table = tables[0]
    outputs = [node.get("name") or "" for node in _children(table, "output")]
    problems = [_problem(key, code, message) for code, message in _found(table, outputs)]
    return Decision(key, frozenset(filter(None, outputs))), problems


def _found(table: etree._Element, outputs: list[str]) -> Iterator[tuple[str, str]]:
    yield from _wrong_policy(table)
    for place, name in enumerate(outputs, 1):
        if not name.isidentifier() or name.startswith("_"):
            message = f"第 {place} 个输出列的变量名“{name}”不可用；请用英文字母开头的名称。"
            yield "table_output", message
    inputs = _children(table, "input")
    for place, node in enumerate(inputs, 1):
        text = _text(node, "inputExpression")
        error = "没有写变量" if not text else analyse(text).error
        if error:
            yield "table_input", f"第 {place} 个输入列“{text[:60]}”：{error}；请写一个变量或表达式。"
    rows = _children(table, "rule")
    if not rows:
        yield "table_empty", "决策表没有规则行，永远得不到结果；请至少添加一行。"
    for number, row in enumerate(rows[:_MAX_ROWS], 1):
        yield from _wrong_cells(number, row, len(inputs), len(outputs))
    if len(rows) > _MAX_ROWS:
        yield "table_too_large", f"决策表有 {len(rows)} 行，最多 {_MAX_ROWS} 行；请拆成几张表。"


def _wrong_policy(table: etree._Element) -> Iterator[tuple[str, str]]:
    policy = table.get("hitPolicy", "UNIQUE")
    if policy not in POLICIES:
        yield "table_policy", f"命中策略 {policy[:40]} 引擎不支持；请改为 {'、'.join(POLICIES)} 之一。"
    if policy == "COLLECT" and table.get("aggregation"):
        message = f"COLLECT 的汇总方式 {table.get('aggregation', '')[:40]} 会被忽略；请删除汇总，在后面的表达式里计算。"
        yield "table_aggregation", message


def _wrong_cells(number: int, row: etree._Element, inputs: int, outputs: int) -> Iterator[tuple[str, str]]:
    conditions, results = _children(row, "inputEntry"), _children(row, "outputEntry")
    if (len(conditions), len(results)) != (inputs, outputs):
        yield "table_row", f"第 {number} 行的格数与列数不符；请重新录入这一行。"
        return
    for place, node in enumerate(conditions, 1):
        if error := cell_error(_text(node)):
            yield "table_cell", f"第 {number} 行第 {place} 个输入格“{_text(node)[:60]}”：{error}。"
    for place, node in enumerate(results, 1):
        if error := _result_error(_text(node)):
            yield "table_cell", f"第 {number} 行第 {place} 个输出格“{_text(node)[:60]}”：{error}。"


def cell_error(text: str) -> str | None:
    """What is wrong with an input cell, with what to write instead; None if the engine evaluates it as it reads."""
    if text in _ANY:
        return None
    if len(text) > _MAX_CELL:
        return f"超过 {_MAX_CELL} 个字符"
    if feel := _feel(text):
        return feel
    placed = _PLACE.sub("dmninputexpr", text)
    whole = analyse(placed)
    if whole.error is None:
        return _never_true(placed) if placed == text else None
    if placed != text or whole.error.startswith("不允许"):
        return f"{whole.error}；区间写作 60 <= ? < 90，几选一写作 ? in ('A', 'B')"
    partial = analyse(f"v {text}")
    return None if partial.error is None else f"{partial.error}；比较写作 >= 90，区间写作 60 <= ? < 90，文本加引号"


def _feel(text: str) -> str | None:
    """Words of FEEL that Python takes for something else."""
    if text in _LITERALS:
        return f"这是 FEEL 写法，请写 {_LITERALS[text]}"
    if re.match(r"[\[\]()].*\.\..*[\[\]()]$", text):
        return "这是 FEEL 的区间写法，请写 60 <= ? <= 90"
    return None


def _never_true(text: str) -> str | None:
    """A cell that is a whole expression is compared with the input for equality."""
    body = ast.parse(text.strip(), mode="eval").body
    if isinstance(body, ast.Tuple):
        return "这样写永远不会命中；几选一请写 ? in ('A', 'B')"
    if isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not):
        return "这样写永远不会命中；不等于请写 != 'A' 或 ? not in ('A', 'B')"
    return None


def _result_error(text: str) -> str | None:
    if not text:
        return "没有填写；没有值请写 None"
    if text in _LITERALS:
        return f"这是 FEEL 写法，请写 {_LITERALS[text]}"
    error = analyse(text).error
    return f"{error}；文本加引号" if error else None


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if _local(child) == name]


def _text(node: etree._Element, holder: str | None = None) -> str:
    if holder is not None:
        inner = _children(node, holder)
        return _text(inner[0]) if inner else ""
    return next(("".join(str(t) for t in child.itertext()).strip() for child in _children(node, "text")), "")


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _problem(key: str, code: str, message: str) -> Problem:
    return Problem("error", code, f"table:{key}", message)

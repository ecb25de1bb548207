"""Expressions: what designers may write works, and agrees with Python."""

import operator
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import ExpressionError
from workflows.expressions import Evaluator, check_expression, check_script, names_in

FACTS: dict[str, Any] = {
    "outcome": "pass",
    "score": 87.5,
    "level": "city",
    "departments": [3, 1, 2],
    "opinions": [{"who": 1, "outcome": "agree"}, {"who": 2, "outcome": "object"}],
    "unit": {"name": "市图书馆", "direct": True},
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("outcome == 'pass' and score >= 80", True),
        ("level in ('city', 'provincial')", True),
        ("not departments", False),
        ("len(departments) * 2", 6),
        ("sorted(departments)[0]", 1),
        ("max(departments) if departments else 0", 3),
        ("all(o['outcome'] == 'agree' for o in opinions)", False),
        ("any(o['outcome'] == 'object' for o in opinions)", True),
        ("[o['who'] for o in opinions if o['outcome'] != 'agree']", [2]),
        ("{o['who']: o['outcome'] for o in opinions}", {1: "agree", 2: "object"}),
        ("unit.direct and unit['name'].startswith('市')", True),
        ("unit.get('region', 'none')", "none"),
        ("nothing is None", True),
        ("80 <= score < 90", True),
        ("round(score) + int('3') - 2 ** 3", 83),
        ("sum(o['who'] for o in opinions)", 3),
        ("'第' + str(2) + '轮'", "第2轮"),
        ("days(10)", "10 working days"),
        ("  \n score > 1 \n ", True),
    ],
)
def test_what_designers_write(text: str, expected: object) -> None:
    evaluator = Evaluator({"days": lambda count: f"{count} working days"})
    assert evaluator.value(text, FACTS) == expected


CALLS: dict[str, Callable[[int, int], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.sampled_from(sorted(CALLS)))
def test_arithmetic_agrees_with_python(a: int, b: int, sign: str) -> None:
    evaluator = Evaluator({})
    if b == 0 and sign in ("//", "%"):
        with pytest.raises(ExpressionError):
            evaluator.value(f"a {sign} b", {"a": a, "b": b})
    else:
        assert evaluator.value(f"a {sign} b", {"a": a, "b": b}) == CALLS[sign](a, b)


@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_the_one_error(text: str) -> None:
    with suppress(ExpressionError):
        Evaluator({}).value(text, FACTS)


def test_data_hide_functions_and_never_the_other_way() -> None:
    with pytest.raises(ExpressionError):
        Evaluator({}).value("len", {})
    assert Evaluator({}).value("len", {"len": 3}) == 3


def test_one_evaluator_serves_many_expressions() -> None:
    evaluator = Evaluator({})
    with pytest.raises(ExpressionError):
        evaluator.value("missing", {})
    assert evaluator.value("[x for x in y]", {"y": [1]}) == [1]
    assert evaluator.value("y", {"y": 2}) == 2


def test_a_script_assigns_line_by_line() -> None:
    assert Evaluator({}).assigned("a = score + 1\nb = a * 2", {"score": 1}) == {"a": 2, "b": 4}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("outcome == 'pass' and score >= minimum", {"outcome", "score", "minimum"}),
        ("all(o['outcome'] == 'agree' for o in opinions)", {"opinions", "outcome"}),
        ("unit.direct", {"unit", "direct"}),
        ("end_of_working_day(days)", {"days"}),
        ("a = b + 1\nc = a", {"a", "b"}),
        ("[x for x in xs if x > limit]", {"xs", "limit"}),
    ],
)
def test_names_that_an_expression_reads(text: str, names: set[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize("text", ["", "a b", "a = 1", "import os", "a; b", "x" * 5000])
def test_no_single_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_expression(text)


@pytest.mark.parametrize("text", ["a", "a = ", "a, b = c", "def f(): pass", "a: int = 1"])
def test_no_script(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_script(text)


def test_an_empty_script_does_nothing() -> None:
    check_script("")
    assert Evaluator({}).assigned("", {}) == {}

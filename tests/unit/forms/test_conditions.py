"""The FEEL of forms: what holds, what is null, and what is refused with its place."""

import pytest

from forms.conditions import ConditionError, Names, parse_condition

DATA = {
    "outcome": "return",
    "score": 59.5,
    "agreed": True,
    "unit": {"level": "city"},
    "empty": None,
    "chosen": ["a", "b"],
}


@pytest.mark.parametrize(
    "expression",
    [
        '=outcome = "return"',
        '=outcome != "pass"',
        "= score < 60 and score >= 59.5",
        "=score < 10 or agreed",
        "=not(score > 60)",
        '=unit.level = "city"',
        "=missing = null",
        "=empty = null and agreed = true",
        '=outcome != null and (score > 100 or outcome = "return")',
        "=-1 < score",
        '="a" < "b"',
        "=not(not(agreed))",
        '=unit.nothing.deeper != "x"',
    ],
)
def test_holds(expression: str) -> None:
    assert parse_condition(expression).holds(Names(DATA))


@pytest.mark.parametrize(
    "expression",
    [
        '=outcome = "pass"',
        "=missing > 1",
        "=not(missing > 1)",
        '=score = "59.5"',
        '=not(score = "59.5")',
        "=outcome",
        "=true = 1",
        "=null",
        "=missing and agreed",
        "=chosen > 1",
        '=score < "x"',
    ],
)
def test_does_not_hold(expression: str) -> None:
    assert not parse_condition(expression).holds(Names(DATA))


def test_three_valued_logic_lets_the_decisive_side_win() -> None:
    names = Names(DATA)
    assert parse_condition("=missing > 1 or agreed").holds(names)
    assert parse_condition("=not(missing > 1 and score > 100)").holds(names)


def test_rows_are_reached_by_this_and_parent() -> None:
    names = Names(DATA, this={"kind": "own"}, parent={"kind": "outer"})
    assert parse_condition('=this.kind = "own" and parent.kind = "outer"').holds(names)
    assert parse_condition("=kind = null").holds(names)


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("=score + 1 > 2", 8),
        ("=count(chosen) > 1", 2),
        ("=if agreed then 1 else 2", 2),
        ("=score between 1 and 2", 8),
        ("=", 2),
        ("=(score > 1", 12),
        ("=score >", 9),
        ("=a.1", 3),
        ("=not agreed", 6),
        ("=[1,2]", 2),
        ('="open', 2),
        ("=score > 1 > 2", 12),
        ("=" + "9" * 40, 2),
        ('="\\q"', 2),
    ],
)
def test_outside_is_refused_with_its_position(expression: str, position: int) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(expression)
    assert caught.value.position == position


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ConditionError):
        parse_condition("=" + "(" * 100 + "a" + ")" * 100)


def test_node_is_plain_json_for_the_browser() -> None:
    condition = parse_condition('=a.b != "x" and not(c > 1)')
    assert condition.node == [
        "and",
        ["!=", ["path", "a", "b"], ["value", "x"]],
        ["not", [">", ["path", "c"], ["value", 1]]],
    ]
    assert condition.paths == {("a", "b"), ("c",)}

"""What may enter the engine comes out of it unchanged; everything else is refused with its place."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processes.drawing import chain, diagram, end, start, sub, task
from tests.processes.playing import Played
from workflows import DataNotAllowedError, load_definition
from workflows.data import MAX_DEPTH, MAX_VALUES, RESERVED, checked_data

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
keys = texts.filter(lambda key: key not in RESERVED)
allowed = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)
DEFINITION = load_definition(
    diagram(start(), sub("body", start("s"), task("a"), task("b"), end("e"), chain("s", "a", "b", "e")), end(),
            chain("start", "body", "end"))
)  # fmt: skip


class Level(StrEnum):
    CITY = "city"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(keys, allowed, max_size=4), st.dictionaries(keys, allowed, max_size=4))
def test_data_come_out_as_they_went_in(first: dict[str, Any], second: dict[str, Any]) -> None:
    played = Played(DEFINITION, first)
    played.do("a", second)
    expected = first | second
    assert repr(sorted(played.task("b").data.items())) == repr(sorted(expected.items()))
    played.do("b")
    assert repr(sorted(played.step.data.items())) == repr(sorted(expected.items()))


REFUSED = [
    date(2026, 1, 1),
    datetime(2026, 1, 1, tzinfo=UTC),
    Decimal(1),
    b"bytes",
    (1, 2),
    {1, 2},
    Decimal,
    len,
    math.nan,
    math.inf,
    -math.inf,
    "a\x00b",
    "\ud800",
    Level.CITY,
    {1: "a"},
    {None: "a"},
    {("a",): 1},
    {"typename": "Task"},
    {"data_objects": {}},
    {Level.CITY: 1},
]


@pytest.mark.parametrize("value", REFUSED, ids=repr)
@pytest.mark.parametrize(
    "place", [lambda v: v, lambda v: [0, v], lambda v: {"inner": [{"deep": v}]}], ids=["top", "list", "deep"]
)
def test_everything_else_is_refused(value: Any, place: Any) -> None:
    with pytest.raises(DataNotAllowedError) as caught:
        checked_data({"answers": place(value)})
    assert caught.value.path.startswith("answers")
    assert "不能进入流程" in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "text", [("a", 1)]])
def test_data_are_a_dict(data: Any) -> None:
    with pytest.raises(DataNotAllowedError):
        checked_data(data)


def test_the_place_is_named() -> None:
    with pytest.raises(DataNotAllowedError, match=r"answers\.scores\[1\]"):
        checked_data({"answers": {"scores": [1, math.nan]}})


def test_depth_and_number_are_bounded() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(DataNotAllowedError):
        checked_data({"deep": deep})
    with pytest.raises(DataNotAllowedError):
        checked_data({"many": [0] * (MAX_VALUES + 1)})


def test_a_circle_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(DataNotAllowedError):
        checked_data({"circle": circle})


def test_the_copy_shares_nothing() -> None:
    given_ = {"a": [{"b": 1}]}
    copy = checked_data(given_)
    given_["a"][0]["b"] = 2
    assert copy == {"a": [{"b": 1}]}

"""What is taken for a test case, and in which words a trial differs from what was expected of it."""

from typing import Any

import pytest

from webapp.problems import Invalid
from webapp.trials.cases import checked_case
from webapp.trials.rules import coverage, differences

CASE: dict[str, Any] = {
    "name": "一步办结",
    "begins_at": "2026-03-02T09:00:00+08:00",
    "steps": [{"act": "start", "person": "unit.clerk"}, {"act": "complete", "element": "decide", "answers": {}}],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "起名"),
        ({"begins_at": "2026-03-02"}, "时刻"),
        ({"steps": []}, "步"),
        ({"steps": [{"act": "jump"}]}, "第 1 步"),
        ({"steps": [{"act": "wait", "days": True}]}, "类型"),
        ({"steps": [{"act": "start", "extra": 1}]}, "不认识"),
        ({"steps": [{"act": "start", "expect": {"open": ["x"]}}]}, "open"),
        ({"steps": [{"act": "complete", "files": [{"id": -1}]}]}, "files"),
        ({"steps": [{"act": "wait", "days": 1}] * 500}, "步"),
        ({"steps": [{"act": "start", "answers": {"x": "长" * 200_000}}]}, "过大"),
    ],
)
def test_what_is_no_case_is_refused(change: dict[str, Any], words: str) -> None:
    assert checked_case(CASE)["name"] == "一步办结"
    with pytest.raises(Invalid, match=words):
        checked_case(CASE | change)


FOUND = {
    "way": ["decide", "end"],
    "status": "completed",
    "outcome": "approved",
    "open": [{"element": "decide", "item": {}, "candidates": ["甲", "乙"], "due": "2026-03-09 23:59"}],
}
NAMES = {"decide": "作出决定", "end": "办结", "review": "初审"}


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({}, []),
        (FOUND, []),
        ({"open": [FOUND["open"][0] | {"candidates": ["乙", "甲"]}]}, []),
        ({"way": ["review", "end"]}, ["走向：应经过而没有经过 「初审」，多经过了 「作出决定」"]),
        ({"status": "running"}, ["办件状态：预期“办理中”，实际“已办结”"]),
        ({"outcome": None}, ["办理结果：预期“无”，实际“approved”"]),
        ({"open": []}, ["待办：多出「作出决定」"]),
        ({"open": [{"element": "decide", "candidates": ["丙"]}]}, ["「作出决定」的办理人：预期 丙，实际 甲、乙"]),
        ({"open": [{"element": "decide", "due": None}]}, ["「作出决定」的期限：预期 无，实际 2026-03-09 23:59"]),
        ({"open": [{"element": "review"}, {"element": "decide"}]}, ["待办：预期轮到「初审」，实际没有"]),
    ],
)
def test_differences_are_named(expected: dict[str, Any], said: list[str]) -> None:
    assert differences(expected, FOUND, NAMES) == said


def test_coverage_counts_what_the_diagram_has() -> None:
    found = coverage([["a", "f1", "gone"], ["b"]], ["a", "b", "c"], ["f1", "f2"]).as_dict()
    assert (found["elements"], found["flows"], found["missing"], found["missing_flows"]) == (2, 1, ["c"], ["f2"])

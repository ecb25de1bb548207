"""Settings of a batch that contradict each other, or that cases stand on."""

from typing import Any

import pytest

from webapp.batches.rules import batch_errors, frozen_changes

SETTINGS: dict[str, Any] = {
    "opens_on": "2020-06-01",
    "closes_on": "2020-06-30",
    "term": "2020年度",
    "honours": ["city", "provincial"],
    "pass_mark": 60,
    "sampling_percent": 20,
    "indicators": [{"label": "组织领导", "max_score": 40}, {"label": "创建成效", "max_score": 60}],
    "quotas": [{"honour": "city", "region": None, "cap": 3}, {"honour": "city", "region": "430621", "cap": 1}],
}


def codes(**changes: Any) -> set[tuple[str, str]]:
    return {(error.path, error.code) for error in batch_errors(SETTINGS | changes)}


def test_a_sound_batch_has_no_errors() -> None:
    assert codes() == set()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"closes_on": "2020-05-31"}, {("closes_on", "order")}),
        ({"pass_mark": 100.5}, {("pass_mark", "above_full")}),
        ({"quotas": SETTINGS["quotas"] + SETTINGS["quotas"][:1]}, {("quotas.2.honour", "twice")}),
        ({"quotas": [{"honour": "national", "region": None, "cap": 1}]}, {("quotas.0.honour", "not_offered")}),
    ],
)
def test_contradictions_are_named_at_their_field(changes: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert codes(**changes) == expected


def test_what_cases_stand_on_is_fixed_but_honours_may_be_added() -> None:
    assert (
        frozen_changes(SETTINGS, SETTINGS | {"honours": ["city", "provincial", "county"], "closes_on": "2020-07-31"})
        == []
    )
    changed = SETTINGS | {"honours": ["city"], "pass_mark": 70, "indicators": SETTINGS["indicators"][:1]}
    assert {error.path for error in frozen_changes(SETTINGS, changed)} == {"honours", "pass_mark", "indicators"}

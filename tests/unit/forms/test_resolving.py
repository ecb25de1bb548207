"""Choices and repeated rows that a case fills in."""

from decimal import Decimal

import pytest

from forms import FormDocumentError
from tests.unit.forms.documents_for_tests import codes, component, form

SCORES = component(
    "group",
    "scores",
    components=[
        component("number", "score", validate={"required": True, "min": 0}, properties={"repeat": "indicators"})
    ],
)
ROWS = [{"key": "1", "label": "组织领导", "max": Decimal("20.00")}, {"key": "2", "label": "思想建设", "max": 7.5}]


def test_choices_come_from_the_case_and_keep_their_type() -> None:
    compiled = form(component("select", "batch", properties={"choices": "open_batches"}, validate={"required": True}))
    assert compiled.choice_names == {"open_batches"}
    resolved = compiled.resolve({"open_batches": [{"label": "2026 年", "value": 7}], "other": []})
    assert resolved.validate({"batch": "7"}).answers == {"batch": 7}
    assert codes(resolved.validate({"batch": 8})) == {"batch": "not_a_choice"}
    assert resolved.document["components"][0]["values"] == [{"label": "2026 年", "value": 7}]
    assert "values" not in compiled.document["components"][0]


def test_unresolved_choices_accept_nothing() -> None:
    compiled = form(component("checklist", "who", properties={"choices": "inspectors"}))
    assert codes(compiled.validate({"who": [1]})) == {"who": "not_a_choice"}
    assert "目前没有可选的项目" in compiled.render({})


def test_numbers_are_repeated_once_per_row_under_its_key() -> None:
    compiled = form(SCORES)
    assert compiled.repeat_names == {"indicators"}
    resolved = compiled.resolve({}, {"indicators": ROWS})
    assert resolved.variables == {"scores.1": float, "scores.2": float}
    assert resolved.validate({"scores": {"1": 20, "2": 7.5}}).errors == []
    checked = resolved.validate({"scores": {"1": 20.5}})
    assert codes(checked) == {"scores.1": "too_large", "scores.2": "required"}
    assert "「组织领导」不能大于 20" in checked.errors[0].message
    assert resolved.document["components"][0]["components"][1]["validate"] == {"required": True, "min": 0, "max": 7.5}


def test_groups_are_repeated_with_everything_inside() -> None:
    group = component(
        "group",
        "scores",
        id="Group_1",
        properties={"repeat": "indicators"},
        components=[component("number", "score", id="Score_1"), component("textfield", "why")],
    )
    resolved = form(group).resolve({}, {"indicators": ROWS})
    assert set(resolved.variables) == {"scores.1.score", "scores.1.why", "scores.2.score", "scores.2.why"}
    assert codes(resolved.validate({"scores": {"2": {"score": 8}}})) == {"scores.2.score": "too_large"}


def test_no_rows_mean_no_fields() -> None:
    assert form(SCORES).resolve({}, {"indicators": []}).variables == {}


def test_row_keys_that_are_no_part_of_a_path_are_refused() -> None:
    with pytest.raises(FormDocumentError):
        form(SCORES).resolve({}, {"indicators": [{"key": "a.b", "label": "x"}]})


def test_the_same_choices_give_the_same_form() -> None:
    compiled = form(component("select", "a", properties={"choices": "x"}))
    choices = {"x": [{"label": "一", "value": 1}]}
    assert compiled.resolve(choices) is compiled.resolve(choices)
    assert compiled.resolve({}) is compiled

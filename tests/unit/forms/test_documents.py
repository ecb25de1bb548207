"""Documents that cannot be forms are refused with the component's id, a code and what to do."""

import json
from typing import Any

import pytest

from forms import FormDocumentError, FormProblem, compile_form, read_document
from tests.unit.forms.documents_for_tests import component, options

TEXT = {"type": "textfield", "key": "a", "id": "Field_1"}
CHOICE = {"type": "radio", "key": "a", "id": "Field_1", "values": options("x")}


def problems(document: Any) -> list[FormProblem]:
    with pytest.raises(FormDocumentError) as caught:
        compile_form(document)
    return caught.value.problems


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"type": "iframe", "id": "Field_1"}, "unknown_type"),
        ({"type": "documentPreview", "id": "Field_1"}, "unknown_type"),
        ({"id": "Field_1"}, "unknown_type"),
        ({**TEXT, "key": None}, "missing_key"),
        ({**TEXT, "key": "a b"}, "bad_key"),
        ({**TEXT, "key": "a..b"}, "bad_key"),
        ({**TEXT, "key": ["a"]}, "wrong_type"),
        ({**TEXT, "label": 3}, "wrong_type"),
        ({**TEXT, "label": "=name"}, "unsupported"),
        ({**TEXT, "readonly": "=locked"}, "unsupported"),
        ({**TEXT, "readonly": "yes"}, "wrong_type"),
        ({**TEXT, "validate": []}, "wrong_type"),
        ({**TEXT, "validate": {"maxLength": "=n"}}, "unsupported"),
        ({**TEXT, "validate": {"maxLength": -1}}, "wrong_value"),
        ({**TEXT, "validate": {"pattern": "("}}, "bad_pattern"),
        ({**TEXT, "validate": {"pattern": "(a+)+$"}}, "bad_pattern"),
        ({**TEXT, "validate": {"pattern": "a?" * 40}}, "bad_pattern"),
        ({**TEXT, "validate": {"pattern": r"(a)\1"}}, "bad_pattern"),
        ({**TEXT, "validate": {"pattern": "(?=a)"}}, "bad_pattern"),
        ({**TEXT, "validate": {"pattern": "a" * 300}}, "bad_pattern"),
        ({**TEXT, "validate": {"validationType": "iban"}}, "unknown_validator"),
        ({**TEXT, "properties": {"validator": "iban"}}, "unknown_validator"),
        ({**TEXT, "properties": {"validator": ["uscc"]}}, "wrong_type"),
        ({**TEXT, "conditional": {"hide": "=count(a) > 1"}}, "bad_condition"),
        ({**TEXT, "conditional": {"hide": 1}}, "wrong_type"),
        ({**TEXT, "defaultValue": 3}, "bad_default"),
        ({**TEXT, "layout": {"columns": 40}}, "wrong_value"),
        ({**TEXT, "properties": {"outcome": "true"}}, "bad_outcome"),
        ({"type": "number", "id": "Field_1", "key": "a", "properties": {"validator": "uscc"}}, "unsupported"),
        ({"type": "number", "id": "Field_1", "key": "a", "increment": 0}, "wrong_value"),
        ({"type": "number", "id": "Field_1", "key": "a", "serializeToString": True}, "unsupported"),
        ({"type": "datetime", "id": "Field_1", "key": "a", "subtype": "week"}, "wrong_value"),
        ({**CHOICE, "values": []}, "no_choices"),
        ({**CHOICE, "values": [{"label": "x"}]}, "wrong_type"),
        ({**CHOICE, "values": options("x", "x")}, "duplicate_value"),
        ({**CHOICE, "valuesExpression": "=rows"}, "unsupported"),
        ({**CHOICE, "defaultValue": "y"}, "bad_default"),
        ({"type": "table", "id": "Field_1", "columns": [{"key": "a", "label": "A"}]}, "missing_expression"),
        ({"type": "table", "id": "Field_1", "dataSource": "=rows"}, "no_columns"),
        ({"type": "expression", "id": "Field_1", "key": "a", "expression": "=a + 1"}, "bad_condition"),
        ({"type": "text", "id": "Field_1", "text": "{{a + 1}}"}, "bad_condition"),
        ({"type": "group", "id": "Field_1", "components": {}}, "wrong_type"),
        ({"type": "dynamiclist", "id": "Field_1", "components": []}, "missing_key"),
        (
            {"type": "dynamiclist", "id": "Field_1", "path": "l", "properties": {"min_rows": "3", "max_rows": "1"}},
            "wrong_value",
        ),
    ],
)
def test_refusals_name_the_component(raw: dict[str, Any], code: str) -> None:
    found = problems({"components": [component("textfield", "other"), raw]})
    assert [(problem.component, problem.code) for problem in found] == [("Field_1", code)]
    assert found[0].message


def test_all_problems_are_found_at_once_and_placed_without_ids() -> None:
    found = problems({"components": [{"type": "image"}, component("group", components=[3, {"type": "textfield"}])]})
    assert [(problem.component, problem.code) for problem in found] == [
        ("/components[0]", "unknown_type"),
        ("/components[1]/components[0]", "not_object"),
        ("/components[1]/components[1]", "missing_key"),
    ]


@pytest.mark.parametrize(
    "components",
    [
        [component("textfield", "a"), component("number", "a")],
        [component("textfield", "a"), component("textfield", "a.b")],
        [component("textfield", "a.b"), component("textfield", "a")],
        [component("group", "g", components=[component("textfield", "a")]), component("textfield", "g.a")],
        [component("dynamiclist", "l", components=[]), component("textfield", "l.a")],
    ],
)
def test_two_components_for_one_place_are_refused(components: list[dict[str, Any]]) -> None:
    assert [problem.code for problem in problems({"components": components})] == ["duplicate_key"]


def test_groups_may_share_a_path() -> None:
    first = component("group", "g", components=[component("textfield", "a")])
    second = component("group", "g", components=[component("textfield", "b")])
    assert set(compile_form({"components": [first, second]}).variables) == {"g.a", "g.b"}


def test_ids_are_unique_and_there_is_one_outcome() -> None:
    outcome = {"properties": {"outcome": "true"}}
    found = problems({"components": [{**CHOICE, **outcome}, {**CHOICE, "key": "b", **outcome}]})
    assert [problem.code for problem in found] == ["duplicate_id"]
    found = problems({"components": [{**CHOICE, **outcome}, {**CHOICE, "key": "b", "id": "Field_2", **outcome}]})
    assert [(problem.component, problem.code) for problem in found] == [("Field_2", "second_outcome")]


def test_bare_names_of_row_fields_are_refused_with_the_right_spelling() -> None:
    row = [component("checkbox", "other"), {**TEXT, "conditional": {"hide": "=other != true"}}]
    (found,) = problems({"components": [component("dynamiclist", "rows", components=row)]})
    assert found.component == "Field_1"
    assert "this.other" in found.message


def test_buttons_and_layout_of_the_editor_are_ignored() -> None:
    document = {
        "type": "default",
        "schemaVersion": 18,
        "exporter": {"name": "form-js"},
        "components": [{"type": "button", "action": "submit"}, component("spacer", height=60), component("separator")],
    }
    assert compile_form(document).variables == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe{}", "not_utf8"),
        (b"{", "not_json"),
        (b"[]", "not_object"),
        (b'{"a": 1, "a": 2}', "duplicate_property"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1e999}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b'{"a": "\\u0000"}', "bad_character"),
        (b'{"a": "\\ud800"}', "bad_character"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
        (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "too_deep"),
        (b'{"a": "' + b"x" * 600_000 + b'"}', "too_large"),
        (b'{"components": [' + b",".join([b"1"] * 60_000) + b"]}", "too_large"),
    ],
)
def test_text_that_is_no_document_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(FormDocumentError) as caught:
        compile_form(read_document(text))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_document_with_a_byte_order_mark_is_read() -> None:
    assert read_document(b"\xef\xbb\xbf" + json.dumps({"components": []}).encode()) == {"components": []}


def test_depth_and_number_of_components_are_bounded() -> None:
    nested = component("textfield", "a")
    for _ in range(9):
        nested = component("group", components=[nested])
    assert [problem.code for problem in problems({"components": [nested]})] == ["too_deep"]
    many = [component("textfield", f"k{number}") for number in range(700)]
    assert [problem.code for problem in problems({"components": many})] == ["too_large"]

"""Checking answers that come as JSON: types, rules, nesting, what is hidden, read-only, repeated or unknown."""

from datetime import date
from typing import Any

import pytest

from forms import FieldError, UploadInfo
from tests.unit.forms.documents_for_tests import codes, component, form, options

REQUIRED = {"validate": {"required": True}}


@pytest.mark.parametrize(
    ("document", "value", "kept"),
    [
        (component("textfield", "a"), "  县局 ", "县局"),
        (component("textarea", "a"), "一\r\n二", "一\n二"),
        (component("textfield", "a"), None, ""),
        (component("number", "a"), 3, 3),
        (component("number", "a"), 3.0, 3),
        (component("number", "a", decimalDigits=1), 3.5, 3.5),
        (component("number", "a"), None, None),
        (component("number", "a", increment=0.1), 0.3, 0.3),
        (component("checkbox", "a"), True, True),
        (component("checkbox", "a"), None, False),
        (component("radio", "a", values=options("x", "y")), "y", "y"),
        (component("select", "a", values=options(7, 8)), "8", 8),
        (component("checklist", "a", values=options("x", "y")), ["y", "x", "y"], ["x", "y"]),
        (component("taglist", "a", values=options("x")), [], []),
        (component("datetime", "a"), "2020-02-29", "2020-02-29"),
        (component("datetime", "a", subtype="time"), "09:30", "09:30"),
        (component("datetime", "a", subtype="datetime"), "2020-05-15T09:30", "2020-05-15T09:30+08:00"),
        (component("datetime", "a", subtype="datetime"), "2020-05-15T09:30:05Z", "2020-05-15T09:30:05+00:00"),
    ],
)
def test_keeps_values_of_the_right_type(document: dict[str, Any], value: Any, kept: Any) -> None:
    checked = form(document).validate({"a": value})
    assert checked.errors == []
    assert checked.answers == {"a": kept}
    assert type(checked.answers["a"]) is type(kept)


@pytest.mark.parametrize(
    ("document", "value", "code"),
    [
        (component("textfield", "a"), 3, "wrong_type"),
        (component("textfield", "a"), "一\n二", "single_line"),
        (component("textarea", "a"), "坏\x00", "bad_character"),
        (component("textarea", "a"), "\ud800", "bad_character"),
        (component("textarea", "a"), "长" * 30_000, "too_long"),
        (component("textfield", "a", validate={"maxLength": 3}), "四个字的", "too_long"),
        (component("textfield", "a", validate={"minLength": 3}), "两字", "too_short"),
        (component("textfield", "a", validate={"pattern": "^[0-9]+$"}), "1a", "pattern"),
        (component("number", "a"), "3", "not_a_number"),
        (component("number", "a"), True, "not_a_number"),
        (component("number", "a"), float("nan"), "out_of_range"),
        (component("number", "a"), 10**400, "out_of_range"),
        (component("number", "a", validate={"min": 1}), 0, "too_small"),
        (component("number", "a", validate={"max": "10"}), 11, "too_large"),
        (component("number", "a", decimalDigits=0), 1.5, "not_whole"),
        (component("number", "a", decimalDigits=1), 1.25, "too_precise"),
        (component("number", "a", increment=5), 7, "wrong_step"),
        (component("checkbox", "a"), "true", "wrong_type"),
        (component("checkbox", "a", **REQUIRED), False, "required"),
        (component("radio", "a", values=options("x")), "z", "not_a_choice"),
        (component("radio", "a", values=options("x")), ["x"], "not_a_choice"),
        (component("select", "a", values=options(1)), True, "not_a_choice"),
        (component("checklist", "a", values=options("x")), "x", "wrong_type"),
        (component("checklist", "a", values=options("x"), **REQUIRED), [], "required"),
        (
            component("checklist", "a", values=options("x", "y"), properties={"min_choices": "2"}),
            ["x"],
            "too_few_choices",
        ),
        (
            component("taglist", "a", values=options("x", "y"), properties={"max_choices": "1"}),
            ["x", "y"],
            "too_many_choices",
        ),
        (component("datetime", "a"), "2021-02-29", "bad_date"),
        (component("datetime", "a"), "15.5.2020", "bad_date"),
        (component("datetime", "a", subtype="time"), "25:00", "bad_time"),
        (component("datetime", "a", subtype="datetime"), "2020-05-15", "bad_datetime"),
        (component("filepicker", "a"), "7", "wrong_type"),
        (component("filepicker", "a"), [7, 8], "too_many_files"),
        (component("filepicker", "a"), [8], "unknown_attachment"),
        (component("filepicker", "a", accept=".doc,.docx"), [7], "wrong_file_type"),
        (component("filepicker", "a", **REQUIRED), [], "required"),
    ],
)
def test_refuses_what_does_not_fit(document: dict[str, Any], value: Any, code: str) -> None:
    checked = form(document).validate({"a": value}, uploads={"7": UploadInfo("扫描件.pdf", id=7)})
    assert codes(checked) == {"a": code}
    assert "标签a" in checked.errors[0].message


def test_a_missing_required_answer_names_the_field_and_what_to_do() -> None:
    checked = form(component("textfield", "name", **REQUIRED)).validate({})
    assert checked.errors == [FieldError("name", "required", "「标签name」没有填写。请填写后再提交。")]


def test_groups_are_objects_and_lists_are_arrays() -> None:
    compiled = form(
        component("group", "unit", components=[component("textfield", "name", **REQUIRED)]),
        component("group", components=[component("textfield", "loose.inside")]),
        component("dynamiclist", "contacts", components=[component("textfield", "mobile", **REQUIRED)]),
    )
    answers = {"unit": {"name": "局"}, "loose": {"inside": "x"}, "contacts": [{"mobile": "1"}, {"mobile": "2"}]}
    checked = compiled.validate(answers)
    assert checked.errors == []
    assert checked.answers == answers
    assert compiled.validate(checked.answers).answers == answers


def test_errors_name_their_path_with_indexes() -> None:
    compiled = form(
        component(
            "dynamiclist",
            "contacts",
            components=[component("textfield", "mobile", properties={"validator": "mobile"})],
        )
    )
    checked = compiled.validate({"contacts": [{"mobile": "13800138000"}, {"mobile": "1"}, "x", {"fax": 1}]})
    assert codes(checked) == {
        "contacts.1.mobile": "mobile",
        "contacts.2": "wrong_type",
        "contacts.3.fax": "unknown_field",
    }
    message = next(error.message for error in checked.errors if error.code == "mobile")
    assert "「标签contacts第 2 行的标签mobile」应当是 11 位" in message


def test_keys_that_the_form_lacks_are_refused() -> None:
    compiled = form(
        component("textfield", "a"),
        component("group", "g", components=[component("textfield", "b")]),
        component("text", text="说明"),
        component("expression", "sum", expression="=a", computeOn="change"),
    )
    checked = compiled.validate({"a": "", "c": 1, "g": {"x": 1}, "sum": 3})
    assert codes(checked) == {"c": "unknown_field", "g.x": "unknown_field", "sum": "unknown_field"}


@pytest.mark.parametrize("data", [None, [], "x", 3, {"g": 3}, {"g": [1]}, {"l": {}}, {"l": 3}])
def test_wrong_structure_is_an_error(data: Any) -> None:
    compiled = form(
        component("group", "g", components=[component("textfield", "b")]),
        component("dynamiclist", "l", components=[component("textfield", "b")]),
    )
    assert [error.code for error in compiled.validate(data).errors] == ["wrong_type"]


def test_hidden_fields_are_optional_and_dropped() -> None:
    compiled = form(
        component("radio", "outcome", values=options("pass", "return"), properties={"outcome": "true"}),
        component("textarea", "why", conditional={"hide": '=outcome != "return"'}, **REQUIRED),
        component(
            "group",
            "more",
            conditional={"hide": '=outcome = "pass"'},
            components=[component("number", "days", **REQUIRED)],
        ),
    )
    assert compiled.validate({"outcome": "pass", "why": 3, "more": {"days": "x"}}).answers == {"outcome": "pass"}
    assert codes(compiled.validate({"outcome": "return"})) == {"why": "required", "more.days": "required"}


def test_what_a_hidden_field_holds_does_not_show_another() -> None:
    compiled = form(
        component("checkbox", "first"),
        component("checkbox", "second", conditional={"hide": "=first != true"}),
        component("textfield", "third", conditional={"hide": "=second != true"}, **REQUIRED),
    )
    assert compiled.validate({"first": False, "second": True}).answers == {"first": False}
    assert codes(compiled.validate({"first": True, "second": True})) == {"third": "required"}


def test_conditions_that_hide_each_other_still_end() -> None:
    compiled = form(
        component("checkbox", "a", conditional={"hide": "=b != true"}),
        component("checkbox", "b", conditional={"hide": "=a = true"}),
    )
    assert compiled.validate({"a": True, "b": True}).errors == []


def test_conditions_in_rows_look_at_their_own_row() -> None:
    rows = component(
        "dynamiclist",
        "rows",
        components=[
            component("checkbox", "other"),
            component("textfield", "which", conditional={"hide": "=this.other != true"}, **REQUIRED),
        ],
    )
    checked = form(rows).validate({"rows": [{"other": True}, {"other": False, "which": "x"}]})
    assert codes(checked) == {"rows.0.which": "required"}
    assert checked.answers["rows"][1] == {"other": False}


def test_conditions_may_look_at_given_values() -> None:
    compiled = form(component("textfield", "a", conditional={"hide": '=level = "county"'}, **REQUIRED))
    assert compiled.validate({}, given={"level": "county"}).errors == []
    assert codes(compiled.validate({}, given={"level": "city"})) == {"a": "required"}


def test_read_only_components_keep_what_was_given() -> None:
    compiled = form(
        component("textfield", "name", readonly=True, **REQUIRED),
        component("number", "quota", disabled=True, defaultValue=3),
    )
    checked = compiled.validate({"name": "改名", "quota": 9}, given={"name": "原名"})
    assert checked.errors == []
    assert checked.answers == {"name": "原名", "quota": 3}


def test_defaults_apply_to_what_is_not_sent() -> None:
    compiled = form(component("textfield", "a", defaultValue="甲"), component("number", "b", defaultValue=2))
    assert compiled.validate({}).answers == {"a": "甲", "b": 2}
    assert compiled.validate({"a": "", "b": None}).answers == {"a": "", "b": None}


def test_a_list_without_buttons_has_exactly_its_rows() -> None:
    rows = component(
        "dynamiclist", "rows", defaultRepetitions=2, allowAddRemove=False, components=[component("textfield", "a")]
    )
    assert form(rows).validate({}).answers == {"rows": [{"a": ""}, {"a": ""}]}
    assert codes(form(rows).validate({"rows": [{}]})) == {"rows": "too_few_rows"}
    assert codes(form(rows).validate({"rows": [{}] * 3})) == {"rows": "too_many_rows"}


def test_a_list_may_be_left_out_unless_it_needs_rows() -> None:
    child = component("textfield", "a", **REQUIRED)
    assert form(component("dynamiclist", "rows", components=[child])).validate({}).answers == {"rows": []}
    needed = component("dynamiclist", "rows", components=[child], properties={"min_rows": "1", "max_rows": "2"})
    assert codes(form(needed).validate({})) == {"rows": "too_few_rows"}
    assert codes(form(needed).validate({"rows": [{"a": "x"}] * 3})) == {"rows": "too_many_rows"}


def test_a_draft_requires_nothing_and_keeps_what_was_typed() -> None:
    compiled = form(
        component("textfield", "a", **REQUIRED),
        component("number", "b", **REQUIRED),
        component("textfield", "c", properties={"validator": "mobile"}),
    )
    checked = compiled.validate({"b": "约三十", "c": "138"}, partial=True)
    assert checked.answers == {"a": "", "b": "约三十", "c": "138"}
    assert codes(checked) == {"b": "not_a_number", "c": "mobile"}
    assert compiled.validate({}, partial=True).errors == []


def test_warnings_do_not_refuse() -> None:
    compiled = form(component("textfield", "uscc", properties={"validator": "uscc"}))
    checked = compiled.validate({"uscc": "12430600447000000A"})
    assert checked.errors == []
    assert [warning.code for warning in checked.warnings] == ["uscc_check_digit"]


def test_dates_may_not_be_past_where_the_document_says_so() -> None:
    compiled = form(component("datetime", "a", disallowPassedDates=True))
    today = date(2026, 3, 2)
    assert codes(compiled.validate({"a": "2026-03-01"}, today=today)) == {"a": "in_the_past"}
    assert compiled.validate({"a": "2026-03-02"}, today=today).errors == []


def test_messages_pass_through_gettext() -> None:
    compiled = form(component("textfield", "a", **REQUIRED))
    english = {"「{label}」没有填写。请填写后再提交。": "{label} is missing."}
    checked = compiled.validate({}, translate=lambda text: english.get(text, text))
    assert checked.errors[0].message == "标签a is missing."


def test_expression_fields_are_computed_never_sent() -> None:
    compiled = form(component("number", "a"), component("expression", "high", expression="=a > 5", computeOn="change"))
    assert compiled.validate({"a": 6}).answers == {"a": 6, "high": True}


def test_names_that_python_or_wtforms_use_are_ordinary_keys() -> None:
    names = ["data", "errors", "validate", "process", "meta", "__class__", "prefix", "items", "self", "类"]
    compiled = form(*(component("textfield", name) for name in names))
    answers = dict.fromkeys(names, "x")
    assert compiled.validate(answers).answers == answers


def test_attachments_are_kept_under_the_id_of_the_upload() -> None:
    compiled = form(component("filepicker", "files", multiple=True, accept=".pdf, image/*"))
    uploads = {"7": UploadInfo("a.PDF", id=7), "x1": UploadInfo("b", content_type="image/png")}
    checked = compiled.validate({"files": ["7", "x1", "7"]}, uploads=uploads)
    assert checked.answers == {"files": [7, "x1"]}
    assert compiled.attachment_ids(checked.answers) == [7, "x1"]


def test_the_outcome_and_the_variables_are_known() -> None:
    compiled = form(
        component("radio", "outcome", values=options("a"), properties={"outcome": "true", "variable": "decision"}),
        component("group", "g", components=[component("number", "n")]),
        component("dynamiclist", "l", components=[component("checkbox", "c")]),
    )
    assert compiled.outcome_field == "outcome"
    assert [choice.value for choice in compiled.outcomes] == ["a"]
    assert compiled.variables == {"outcome": str, "g.n": float, "l": list}
    answers = {"outcome": "a", "g": {"n": 3}, "l": []}
    assert compiled.pick_variables(answers, {"decision", "g", "other"}) == {"decision": "a", "g": {"n": 3}}

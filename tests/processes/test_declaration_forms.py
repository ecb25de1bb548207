"""The forms of the declaration process and its diagram agree, and each form says itself what it accepts."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms import CompiledForm, UploadInfo, Validated, compile_form, read_document
from forms.resolving import resolve_document
from tests.factories.form_answers import UPLOAD, fill_in
from tests.processes.declaration_case import DIAGRAM, definition
from workflows.checks import Facts, FormFacts, check_definition

FORMS = Path(__file__).parents[2] / "forms" / "declaration"
NAMES = sorted(path.stem for path in FORMS.glob("*.form"))
SUPPLIED = {"publish_notice": {"notice_until": "string"}}  # by the rules of the step, not by the form
CHOICES = {
    "open_batches": [{"label": "2020 年度批次", "value": 3}],
    "honours": [{"label": "市级文明单位", "value": "city"}],
    "inspectors": [{"label": f"抽查员{key}", "value": key} for key in (501, 502, 503)],
}
INDICATORS = [{"key": "leadership", "label": "组织领导", "max": 20}, {"key": "service", "label": "优质服务", "max": 80}]


@cache
def compiled(name: str) -> CompiledForm:
    document = read_document((FORMS / f"{name}.form").read_bytes())
    return compile_form(resolve_document(document, CHOICES, {"indicators": INDICATORS}))


def check(name: str, answers: dict[str, Any]) -> Validated:
    uploads = {UPLOAD: UploadInfo(name="证明.jpg", size=1000)}
    return compiled(name).validate(answers, uploads=uploads)


def filled(name: str, **chosen: Any) -> dict[str, Any]:
    return fill_in(compiled(name).document, **chosen)


def refused(name: str, **chosen: Any) -> set[str]:
    return {error.path for error in check(name, filled(name, **chosen)).errors}


def test_every_step_has_a_form_and_every_form_a_step() -> None:
    steps = {e.id for e in definition().catalogue.elements.values() if e.type == "userTask"}
    assert {*NAMES} == steps | {"start"}


def test_diagram_asks_for_exactly_what_the_forms_answer() -> None:
    forms = {}
    for name in NAMES:
        form = compiled(name)
        outcome = form.engine_names[form.outcome_field] if form.outcome_field else None
        variables = {given: "string" for given in form.engine_names.values()} | SUPPLIED.get(name, {})
        outcomes = tuple(str(choice.value) for choice in form.outcomes)
        forms[name] = FormFacts(variables, outcome, outcomes, pictures=form.picture_fields)
    problems = check_definition(DIAGRAM.read_bytes(), Facts(forms=forms))
    assert [problem for problem in problems if problem.severity != "info"] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_component_can_be_named_and_every_required_one_shows_an_example(name: str) -> None:
    waiting = list(compiled(name).document["components"])
    while waiting:
        component = waiting.pop()
        waiting += component.get("components", [])
        assert component["id"]
        if component["type"] in ("textfield", "textarea") and component["validate"].get("required"):
            assert component["properties"]["example"]


@pytest.mark.parametrize("name", NAMES)
def test_client_that_knows_only_the_form_can_answer_it(name: str) -> None:
    for chosen in [{"outcome": choice.value} for choice in compiled(name).outcomes] or [{}]:
        result = check(name, filled(name, **chosen))
        assert (chosen, result.errors, result.warnings) == (chosen, [], [])


@pytest.mark.parametrize("name", ["review_county", "assess_county", "assess_city"])
def test_return_needs_reasons_by_field(name: str) -> None:
    assert refused(name, outcome="return", reasons=[]) == {"reasons"}
    assert refused(name, outcome="return", reasons=[{"field": "uscc", "reason": ""}]) == {"reasons.0.reason"}
    assert refused(name, outcome="return", reasons=[{"field": "none", "reason": "不符"}]) == {"reasons.0.field"}
    passed = check(name, filled(name, outcome="pass"))
    assert "reasons" not in passed.answers
    assert "reject_reason" not in passed.answers


@pytest.mark.parametrize(
    "name", ["review_county", "assess_county", "review_spot_check", "decide_award", "accept_report"]
)
def test_rejection_needs_a_reason(name: str) -> None:
    assert refused(name, outcome="reject", reject_reason="") == {"reject_reason"}


@pytest.mark.parametrize("chosen", [[], [501], [501, 502, 503]])
def test_exactly_two_inspectors(chosen: list[int]) -> None:
    assert refused("assign_inspectors", inspectors=chosen) == {"inspectors"}


def test_scores_stay_within_the_indicator() -> None:
    outside = {"leadership": 20.5, "service": -1}
    assert refused("assess_county", scores=outside) == {"scores.leadership", "scores.service"}
    assert refused("assess_county", scores={"leadership": 20}) == {"scores.service"}


def test_negative_list_needs_an_explanation_only_where_something_is_on_it() -> None:
    clean = {"negative_check": "none", "negative_items": [], "negative_explanation": ""}
    assert refused("fill_declaration", **clean) == set()
    assert refused("fill_declaration", **clean | {"negative_check": "some"}) == {
        "negative_items",
        "negative_explanation",
    }


def test_wrong_check_digit_of_a_unit_warns_and_a_wrong_mobile_number_stops() -> None:
    result = check("fill_declaration", filled("fill_declaration", uscc="91110000100000009X"))
    assert result.errors == []
    assert [warning.path for warning in result.warnings] == ["uscc"]
    assert refused("fill_declaration", contact_mobile="1380013800") == {"contact_mobile"}


@pytest.mark.parametrize("number", ["常文明委[2020]6号", "常文明委〔20〕6号", "常文明委〔2020〕06号", "6号"])
def test_document_numbers_are_written_as_offices_write_them(number: str) -> None:
    assert refused("publish_notice", document_number=number) == {"document_number"}


def test_editing_needs_no_scan() -> None:
    assert refused("attach_sealed_form", outcome="edit", sealed_form=[]) == set()
    assert refused("attach_sealed_form", outcome="submit", sealed_form=[]) == {"sealed_form"}

"""The forms of the pairing process and its diagram agree, and each form says itself what it accepts."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms import CompiledForm, UploadInfo, Validated, compile_form, read_document
from forms.resolving import resolve_document
from tests.factories.form_answers import UPLOAD, fill_in
from tests.processes.pairing_case import DIAGRAM, definition
from webapp.pairing.process import RULES
from workflows.checks import Facts, FormFacts, check_definition

FORMS = Path(__file__).parents[2] / "forms" / "pairing"
NAMES = sorted(path.stem for path in FORMS.glob("*.form"))
CHOICES = {
    "proposed_pairings": [{"label": "甲帮乙", "value": "1"}],
    "target_honours": [{"label": "市级文明单位", "value": "city"}],
    "open_milestones": [{"label": "建立台账", "value": "5"}],
    "open_batches": [{"label": "2022 年度批次", "value": "3"}],
    "honours": [{"label": "市级文明单位", "value": "city"}],
}
INDICATORS = [{"key": "i1", "label": "工作方案", "max": 20}, {"key": "i2", "label": "工作台账", "max": 80}]


@cache
def compiled(name: str) -> CompiledForm:
    document = read_document((FORMS / f"{name}.form").read_bytes())
    return compile_form(resolve_document(document, CHOICES, {"pairing_indicators": INDICATORS}))


def check(name: str, answers: dict[str, Any]) -> Validated:
    return compiled(name).validate(answers, uploads={UPLOAD: UploadInfo(name="照片.jpg", size=1000)})


def filled(name: str, **chosen: Any) -> dict[str, Any]:
    return fill_in(compiled(name).document, **chosen)


def refused(name: str, **chosen: Any) -> set[str]:
    return {error.path for error in check(name, filled(name, **chosen)).errors}


def test_every_step_has_a_form_and_every_form_a_step() -> None:
    steps = {e.id for e in definition().catalogue.elements.values() if e.type == "userTask"}
    assert {*NAMES} == steps | {"start"}


def test_diagram_asks_for_exactly_what_forms_services_and_messages_give() -> None:
    forms = {}
    for name in NAMES:
        form = compiled(name)
        outcome = form.engine_names[form.outcome_field] if form.outcome_field else None
        variables = dict.fromkeys(form.engine_names.values(), "string")
        forms[name] = FormFacts(variables, outcome, tuple(str(choice.value) for choice in form.outcomes))
    messages = {name: set(carried) for name, carried in RULES.messages.items()}
    facts = Facts(forms=forms, start_variables=frozenset(RULES.start_variables), messages=messages)
    problems = check_definition(DIAGRAM.read_bytes(), facts)
    assert [problem for problem in problems if problem.severity != "info"] == []


@pytest.mark.parametrize("name", NAMES)
def test_client_that_knows_only_the_form_can_answer_it(name: str) -> None:
    for chosen in [{"outcome": choice.value} for choice in compiled(name).outcomes] or [{}]:
        result = check(name, filled(name, **chosen))
        assert (chosen, result.errors, result.warnings) == (chosen, [], [])


@pytest.mark.parametrize("missing", ["on", "kind", "what", "who"])
def test_each_entry_of_a_log_says_what_when_who_and_shows_it(missing: str) -> None:
    entry = filled("write_log")["entries"][0]
    del entry[missing]
    assert refused("write_log", entries=[entry]) == {f"entries.0.{missing}"}


def test_a_log_shows_photos_unless_nothing_was_done() -> None:
    assert refused("write_log", photos=[]) == {"photos"}
    assert refused("write_log", photos=[], outcome="nothing") == set()


def test_plan_has_a_milestone() -> None:
    assert refused("make_plan", milestones=[]) == {"milestones"}
    assert refused("make_plan", milestones=[{"title": "建立台账", "due_on": "2021-09-30"}] * 2) == set()


@pytest.mark.parametrize(
    ("name", "outcome", "reason"),
    [
        ("sign_agreement_helper", "refuse", "reason"),
        ("sign_agreement_helped", "refuse", "reason"),
        ("confirm_plan", "return", "opinion"),
        ("write_log", "nothing", "nothing_reason"),
        ("begin_declaration", "later", "reason"),
    ],
)
def test_whoever_refuses_says_why(name: str, outcome: str, reason: str) -> None:
    assert refused(name, outcome=outcome, **{reason: ""}) == {reason}


def test_recognition_needs_a_reason() -> None:
    assert refused("decide_outcome", recognition="commend", recognition_reason="") == {"recognition_reason"}
    assert refused("decide_outcome", recognition="none", recognition_reason="") == set()


@pytest.mark.parametrize("name", ["evaluate_midterm", "evaluate_year"])
def test_no_score_above_its_maximum(name: str) -> None:
    assert refused(name, scores={"i1": 21, "i2": 80}) == {"scores.i1"}

"""The documents that ship with the processes: each compiles, and accepts its own example for every outcome."""

from pathlib import Path

import pytest

import forms
from forms import CompiledForm, UploadInfo, compile_form, example_data, read_document

DOCUMENTS = sorted(Path(forms.__file__).parent.glob("**/*.form"))
STEPS = [path for path in DOCUMENTS if path.stem != "start" and path.with_name("start.form").exists()]
CHOICES = [{"label": "甲", "value": 1}, {"label": "乙", "value": 2}, {"label": "丙", "value": 3}]
ROWS = [{"key": "1", "label": "组织领导", "max": 20}, {"key": "2", "label": "思想建设", "max": 7.5}]


def resolved(path: Path) -> CompiledForm:
    compiled = compile_form(read_document(path.read_bytes()))
    return compiled.resolve(dict.fromkeys(compiled.choice_names, CHOICES), dict.fromkeys(compiled.repeat_names, ROWS))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_accepts_its_own_example_for_every_outcome(path: Path) -> None:
    compiled = resolved(path)
    uploads = {"1": UploadInfo("材料.pdf", content_type="application/pdf", id=1)}
    for outcome in [choice.value for choice in compiled.outcomes] or [None]:
        data = example_data(compiled, outcome=outcome, attachments=[1])
        checked = compiled.validate(data, uploads=uploads)
        assert checked.errors == []
        assert compiled.validate(checked.answers, uploads=uploads).answers == checked.answers
        if compiled.outcome_field is not None:
            assert data[compiled.outcome_field] == outcome


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_can_be_filled_in_and_read(path: Path) -> None:
    compiled = resolved(path)
    data = example_data(compiled)
    assert compiled.render(data)
    assert compiled.render(data, read_only=True)
    assert compiled.display(data)


@pytest.mark.parametrize("path", STEPS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_step_of_a_process_ends_in_an_outcome(path: Path) -> None:
    assert compile_form(read_document(path.read_bytes())).outcomes


def test_starting_a_process_is_no_decision() -> None:
    for start in (path for path in DOCUMENTS if path.stem == "start"):
        assert compile_form(read_document(start.read_bytes())).outcome_field is None

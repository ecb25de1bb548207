"""A step may be answered by a link alone only where there is nothing to decide."""

from dataclasses import replace

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, found, node, ours, process, start
from workflows.checks import FormFacts

MARK = "<wm:acknowledge/>"
READ = FormFacts({"sent": "string"}, "sent", ("read",))


def drawn(kind: str, inner: str, form: FormFacts) -> list[tuple[str, str]]:
    facts = replace(FACTS, forms={"note": form})
    return found(process(start(), node(kind, "job", ours(inner, MARK)), end(), flows("begin > job > finish")), facts)


TASK = '<wm:form key="note"/><wm:assignment roles="clerk" region="region"/><wm:deadline working_days="5"/>'


def test_a_step_with_one_outcome_may_be_acknowledged() -> None:
    assert drawn("userTask", TASK, READ) == []


@pytest.mark.parametrize("form", [replace(READ, outcome_values=("read", "object")), replace(READ, needs_typing=True)])
def test_a_step_that_wants_a_decision_may_not(form: FormFacts) -> None:
    assert ("acknowledge_needs_answers", "job") in drawn("userTask", TASK, form)


def test_only_people_acknowledge() -> None:
    assert ("acknowledge_misplaced", "job") in drawn("manualTask", "", READ)

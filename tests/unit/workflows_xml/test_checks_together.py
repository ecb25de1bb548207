"""Only a person's step may be marked for many cases together, with outcomes that its form offers."""

from dataclasses import replace

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, found, node, ours, process, start
from workflows.checks import FormFacts

FORM = FormFacts({"sent": "string"}, "sent", ("agree", "object"))
TASK = '<wm:form key="note"/><wm:assignment roles="clerk" region="region"/><wm:deadline working_days="5"/>'


def drawn(kind: str, inner: str, mark: str) -> list[tuple[str, str]]:
    facts = replace(FACTS, forms={"note": FORM})
    whole = process(start(), node(kind, "job", ours(inner, mark)), end(), flows("begin > job > finish"))
    return [problem for problem in found(whole, facts) if problem[0].startswith("bulk")]


@pytest.mark.parametrize("mark", ["<wm:bulk/>", '<wm:bulk outcomes="agree"/>', '<wm:bulk outcomes=" agree object "/>'])
def test_a_persons_step_may_be_decided_together(mark: str) -> None:
    assert drawn("userTask", TASK, mark) == []


def test_unknown_outcomes_are_named() -> None:
    assert drawn("userTask", TASK, '<wm:bulk outcomes="agree pass"/>') == [("bulk_outcome_unknown", "job")]


def test_machines_decide_nothing_together() -> None:
    assert drawn("manualTask", "", "<wm:bulk/>") == [("bulk_misplaced", "job")]

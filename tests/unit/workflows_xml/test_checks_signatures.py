"""A step that asks for a signature needs a field of its form for the picture, and is signed case by case."""

from dataclasses import replace

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, found, node, ours, process, start
from workflows.checks import Facts, FormFacts

READY = replace(
    FACTS,
    forms={**(FACTS.forms or {}), "review": FormFacts({}, "decision", ("pass",), pictures=frozenset({"signature"}))},
)


def diagram(*marks: str) -> bytes:
    parts = ('<wm:form key="review"/>', '<wm:assignment roles="reviewer" region="region"/>', *marks)
    return process(start(), node("userTask", "review", ours(*parts)), end(), flows("begin > review > finish"))


@pytest.mark.parametrize(
    ("marks", "facts", "is_refused"),
    [
        (('<wm:signature field="signature"/>',), READY, False),
        (("<wm:signature/>",), READY, False),
        (('<wm:signature field="other"/>',), READY, True),
        (('<wm:signature field="signature"/>',), FACTS, True),
        (('<wm:signature field="signature"/>', "<wm:bulk/>"), READY, True),
    ],
)
def test_a_signature_needs_its_field(marks: tuple[str, ...], facts: Facts, is_refused: bool) -> None:
    assert (("signature_unclear", "review") in found(diagram(*marks), facts)) is is_refused

"""Random processes that the engine runs rightly have nothing wrong in their structure."""

from random import Random

import pytest

from tests.processes.random_diagrams import draw
from workflows.checks import check_definition

STRUCTURE = {
    "unreachable", "dead_end", "endless", "automatic_loop", "loop_without_choice", "join_bypassed",
    "join_behind_choice",
    "merge_behind_fork", "branch_goes_back", "too_complex", "check_failed", "unsupported_element", "no_start", "no_end",
    "several_starts", "flow_dangling", "flow_crosses_border", "boundary_dangling", "condition_missing",
    "condition_ignored", "branch_without_gateway", "expression_refused", "signing_without_list",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_structure(seed: int) -> None:
    diagram = draw(Random(seed)).bpmn
    assert [p for p in check_definition(diagram) if p.code in STRUCTURE] == []

"""A copy by rule must name its readers."""

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, node, ours, problems, process, start


def said(attributes: str, code: str = "cc_unclear") -> str | None:
    drawn = process(
        start(), node("userTask", "job", ours(f"<wm:cc {attributes}/>")), end(), flows("begin > job > finish")
    )
    found = problems(drawn, FACTS).get(code)
    return found.message if found else None


@pytest.mark.parametrize(
    "attributes", ['region="region"', 'roles="clerk" organisation="unit_id"', 'person="unit_id"'], ids=str
)
def test_one_place_or_person_is_clear(attributes: str) -> None:
    assert said(attributes) is None


@pytest.mark.parametrize("attributes", ["", 'roles="clerk"', 'region="region" organisation="unit_id"'], ids=str)
def test_nobody_and_two_places_are_not(attributes: str) -> None:
    assert "恰好设置一个" in (said(attributes) or "")


def test_an_unknown_role_is_named() -> None:
    assert "“king”" in (said('roles="clerk king" region="region"') or "")


def test_where_to_is_an_expression_of_the_permitted_kind() -> None:
    assert "抄送" in (said('person="unit_id.__class__"', "expression_refused") or "")

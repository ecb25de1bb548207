"""Every process of the release passes its own checks, and its test cases pass every element and flow of its diagram."""

import pytest
from sqlalchemy.orm import Session

from webapp.definitions.checking import check_parts
from webapp.definitions.operations import Shipped, ensure_shipped, shipped
from webapp.trials import cases


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.process)
def test_a_shipped_process_goes_as_its_cases_expect(session: Session, one: Shipped) -> None:
    ensure_shipped(session)
    session.commit()  # a pair may begin a declaration
    checked = check_parts(one.process, one.bpmn, one.forms, {})["problems"]
    assert [problem for problem in checked if problem["severity"] == "error"] == []
    assert all(cases.checked_case(case) == case for case in one.cases.values())
    content = {"process": one.process, "bpmn": one.bpmn, "forms": one.forms, "tables": {}}
    found = cases.run(content, one.cases)
    said = [e.message for key, result in found["results"].items() for e in cases.errors_of(key, result)]
    assert said == []
    assert len(one.cases) >= 3
    assert found["coverage"]["missing"] == []
    assert found["coverage"]["missing_flows"] == []

"""Every way through the declaration process, as drawn: who is asked next, which services run, how the case ends."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.processes.declaration_case import INSPECTORS, Case, Office, ended
from workflows.errors import NobodyWaitingError

# To an award


def test_city_honour_ends_at_the_city() -> None:
    case = Case().assessed().decided()
    assert ended(case) == "awarded"
    assert case.step.end.name == "已命名"
    assert case.office.called() == ["take_place", "reserve_quota", "draw_spot_check", "grant_award"]
    assert case.office.calls[-1][1] == {"unit": 11, "batch": 3, "honour": "city"}


def test_county_honour_ends_at_the_county_without_a_spot_check() -> None:
    case = Case(Office(drawn=[True]), level="county", honour="county", deciding_region="430626").assessed().decided()
    assert ended(case) == "awarded"
    assert case.office.called() == ["take_place", "reserve_quota", "grant_award"]


def test_provincial_honour_is_granted_when_the_province_accepts() -> None:
    case = Case(level="provincial", honour="provincial").assessed().reported()
    assert case.waiting() == ["accept_report"]
    assert "grant_award" not in case.office.called()
    assert ended(case.do("accept_report", accept_report_outcome="accept")) == "awarded"


@pytest.mark.parametrize(("outcome", "end"), [("granted", "awarded"), ("not_granted", "not_granted")])
def test_national_honour_waits_for_the_national_outcome(outcome: str, end: str) -> None:
    case = Case(level="national", honour="national").assessed().reported()
    case.do("accept_report", accept_report_outcome="accept")
    assert case.waiting() == ["record_national_outcome"]
    case.do("record_national_outcome", national_outcome=outcome)
    assert ended(case) == end
    assert ("grant_award" in case.office.called()) == (outcome == "granted")


def test_city_direct_unit_skips_county_and_draw() -> None:
    case = Case(Office(drawn=[True]), city_direct=True).submitted()
    assert case.waiting() == ["consult_department"] * 3
    case.consulted().do("assess_city", assessment_outcome="pass").decided()
    assert ended(case) == "awarded"
    assert {"review_county", "assess_county", "draw_spot_check"}.isdisjoint(case.way)


def test_no_departments_goes_straight_to_the_assessment() -> None:
    case = Case(departments=[]).submitted().do("review_county", review_county_outcome="pass")
    assert case.waiting() == ["assess_county"]
    assert ended(case.do("assess_county", assessment_outcome="pass").decided()) == "awarded"


# Correction and editing


def test_editing_before_sealing_goes_back_to_filling() -> None:
    case = Case().do("fill_declaration").do("attach_sealed_form", attach_sealed_form_outcome="edit")
    assert case.waiting() == ["fill_declaration"]
    assert ended(case.assessed().decided()) == "awarded"


def test_county_returns_and_the_unit_corrects() -> None:
    case = Case().submitted().do("review_county", review_county_outcome="return")
    assert case.waiting() == ["correct_declaration"]
    case.do("correct_declaration").do("attach_sealed_form", attach_sealed_form_outcome="edit")
    assert case.waiting() == ["correct_declaration"]
    case.do("correct_declaration").do("attach_sealed_form", attach_sealed_form_outcome="submit")
    assert case.waiting() == ["review_county"]
    case.do("review_county", review_county_outcome="pass").consulted().do("assess_county", assessment_outcome="pass")
    assert ended(case.decided()) == "awarded"


def test_return_from_the_assessment_does_not_ask_the_departments_again() -> None:
    case = Case().submitted().do("review_county", review_county_outcome="pass").consulted()
    case.do("assess_county", assessment_outcome="return").do("correct_declaration")
    case.do("attach_sealed_form", attach_sealed_form_outcome="submit").do("review_county", review_county_outcome="pass")
    assert case.waiting() == ["assess_county"]
    assert ended(case.do("assess_county", assessment_outcome="pass").decided()) == "awarded"


def test_return_from_the_city_assessment_of_a_city_direct_unit() -> None:
    case = Case(city_direct=True).submitted().consulted().do("assess_city", assessment_outcome="return")
    case.do("correct_declaration").do("attach_sealed_form", attach_sealed_form_outcome="submit")
    assert case.waiting() == ["assess_city"]


def test_many_returns_leave_no_trace_in_the_state() -> None:
    case = Case().submitted()
    sizes = []
    for _ in range(30):
        case.do("review_county", review_county_outcome="return").do("correct_declaration")
        case.do("attach_sealed_form", attach_sealed_form_outcome="submit")
        sizes.append(len(case.step.state))
    assert max(sizes[1:]) <= sizes[1] * 1.1


# Rejection at each step


def reject_review(case: Case) -> Case:
    return case.submitted().do("review_county", review_county_outcome="reject")


def reject_assessment(case: Case) -> Case:
    return (
        case.submitted()
        .do("review_county", review_county_outcome="pass")
        .consulted()
        .do("assess_county", assessment_outcome="reject")
    )


def reject_city_assessment(case: Case) -> Case:
    return case.submitted().consulted().do("assess_city", assessment_outcome="reject")


def reject_spot_check(case: Case) -> Case:
    return case.assessed().inspected("pass", "fail").do("review_spot_check", review_spot_check_outcome="reject")


def uphold_objection(case: Case) -> Case:
    return case.assessed().published().send("objection").do("settle_objection", settle_objection_outcome="reject")


def refuse_award(case: Case) -> Case:
    return case.assessed().decided("reject")


def reject_at_province(case: Case) -> Case:
    return case.assessed().reported().do("accept_report", accept_report_outcome="reject")


COUNTY: dict[str, Any] = {"level": "county", "honour": "county", "deciding_region": "430626"}


@pytest.mark.parametrize(
    ("walk", "facts", "end"),
    [
        (reject_review, {}, "rejected_by_county"),
        (reject_assessment, {}, "rejected_by_county"),
        (reject_city_assessment, {"city_direct": True}, "rejected_by_city"),
        (reject_spot_check, {}, "rejected_by_city"),
        (uphold_objection, {}, "rejected_by_city"),
        (uphold_objection, COUNTY, "rejected_by_county"),
        (refuse_award, {}, "rejected_by_city"),
        (refuse_award, COUNTY, "rejected_by_county"),
        (refuse_award, {"level": "national"}, "rejected_by_city"),
        (reject_at_province, {"level": "provincial"}, "rejected_by_province"),
    ],
)
def test_rejection_ends_the_case_and_frees_the_quota(
    walk: Callable[[Case], Case], facts: dict[str, Any], end: str
) -> None:
    case = walk(Case(Office(drawn=[True]) if walk is reject_spot_check else None, **facts))
    assert ended(case) == end
    assert case.step.end.status == "completed"
    assert case.office.calls[-1] == ("release_quota", {"unit": 11, "batch": 3, "honour": case.step.data["honour"]})
    assert "grant_award" not in case.office.called()


# The province


def test_province_returns_the_report_twice() -> None:
    case = Case(level="provincial").assessed().reported()
    for _ in range(2):
        case.do("accept_report", accept_report_outcome="return").do("report_to_province")
    assert ended(case.do("accept_report", accept_report_outcome="accept")) == "awarded"


# Withdrawal


def until_filling(case: Case) -> Case:
    return case


def until_review(case: Case) -> Case:
    return case.submitted()


def until_consultation(case: Case) -> Case:
    case.submitted().do("review_county", review_county_outcome="pass").wait(10)
    return case.do("close_consultation", where={"department": 71}, department_opinion="extend")


def until_inspection(case: Case) -> Case:
    return case.assessed().do("assign_inspectors", inspectors=list(INSPECTORS))


def until_objection(case: Case) -> Case:
    return case.assessed().inspected().published().send("objection")


def until_notice(case: Case) -> Case:
    return case.assessed().inspected().published()


@pytest.mark.parametrize(
    "walk", [until_filling, until_review, until_consultation, until_inspection, until_objection, until_notice]
)
def test_unit_withdraws_before_the_decision(walk: Callable[[Case], Case]) -> None:
    case = walk(Case(Office(drawn=[True]))).send("withdrawal")
    assert ended(case) == "withdrawn"
    assert case.step.end.status == "withdrawn"
    assert case.office.called()[-1] == "release_quota"


def test_nothing_can_be_withdrawn_after_the_decision() -> None:
    case = Case(level="provincial").assessed().decided()
    with pytest.raises(NobodyWaitingError):
        case.send("withdrawal")

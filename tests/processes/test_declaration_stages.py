"""What happens within one stage of a declaration: silent departments, a full quota, spot checks, objections."""

from datetime import timedelta

import pytest

from tests.processes.declaration_case import DEPARTMENTS, Case, Office, definition, ended
from workflows import engine
from workflows.errors import NobodyWaitingError, TaskNotOpenError

# Consultation


def test_silent_department_is_closed_by_the_city_and_never_counted_as_consent() -> None:
    case = Case().submitted().do("review_county", review_county_outcome="pass")
    for department in DEPARTMENTS[:2]:
        case.do("consult_department", where={"department": department}, department_opinion="agree")
    case.wait(9)
    assert case.waiting() == ["consult_department"]
    case.wait(1)
    assert case.waiting() == ["close_consultation"]
    case.do("close_consultation", department_opinion="not_answered")
    assert case.waiting() == ["assess_county"]
    assert case.step.data["opinions"] == ["agree", "agree", "not_answered"]


def test_extended_consultation_asks_the_same_department_again_with_a_new_term() -> None:
    case = Case().submitted().do("review_county", review_county_outcome="pass").wait(10)
    assert case.waiting() == ["close_consultation"] * 3
    case.do("close_consultation", where={"department": 72}, department_opinion="extend")
    assert case.waiting() == ["close_consultation", "close_consultation", "consult_department"]
    assert [timer.due for timer in case.step.timers] == [case.now + timedelta(days=10)]
    case.wait(10).do("close_consultation", where={"department": 72}, department_opinion="extend")
    case.do("consult_department", where={"department": 72}, department_opinion="object")
    for department in (71, 73):
        case.do("close_consultation", where={"department": department}, department_opinion="not_answered")
    assert case.waiting() == ["assess_county"]
    assert case.step.data["opinions"] == ["object", "not_answered", "not_answered"]


def test_answer_after_the_term_is_refused() -> None:
    case = Case(departments=[71]).submitted().do("review_county", review_county_outcome="pass")
    late = next(iter(case.open))
    case.wait(10)
    with pytest.raises(TaskNotOpenError):
        engine.complete(definition(), case.step.state, late, {"department_opinion": "agree"}, case.context())


# Quota


def test_full_quota_refused() -> None:
    case = Case(Office(quota=["full"])).assessed().do("decide_quota_full", decide_quota_full_outcome="refuse")
    assert ended(case) == "quota_refused"
    assert case.office.called() == ["take_place", "reserve_quota", "release_quota"]


def test_waitlisted_case_is_promoted_when_a_place_is_free() -> None:
    case = Case(Office(quota=["full", "full", "reserved"])).assessed()
    case.do("decide_quota_full", decide_quota_full_outcome="waitlist")
    case.do("promote_waitlisted", promote_waitlisted_outcome="promote")
    assert case.waiting() == ["decide_quota_full"]
    case.do("decide_quota_full", decide_quota_full_outcome="waitlist")
    case.do("promote_waitlisted", promote_waitlisted_outcome="promote")
    assert ended(case.decided()) == "awarded"


def test_waitlisted_case_is_refused_in_the_end() -> None:
    case = Case(Office(quota=["full"])).assessed().do("decide_quota_full", decide_quota_full_outcome="waitlist")
    assert ended(case.do("promote_waitlisted", promote_waitlisted_outcome="refuse")) == "quota_refused"


# Spot check


def test_passed_spot_check_goes_on_to_the_notice() -> None:
    case = Case(Office(drawn=[True])).assessed()
    assert case.waiting() == ["assign_inspectors"]
    case.inspected()
    assert case.waiting() == ["publish_notice"]
    assert ended(case.decided()) == "awarded"


@pytest.mark.parametrize("results", [("pass", "fail"), ("fail", "pass"), ("fail", "fail")])
def test_one_failed_inspection_is_enough_for_a_review(results: tuple[str, str]) -> None:
    case = Case(Office(drawn=[True])).assessed().inspected(*results)
    assert case.waiting() == ["review_spot_check"]
    case.do("review_spot_check", review_spot_check_outcome="uphold")
    assert ended(case.decided()) == "awarded"


def test_reassessment_after_a_spot_check_may_be_inspected_again() -> None:
    case = Case(Office(drawn=[True])).assessed().inspected("fail", "fail")
    case.do("review_spot_check", review_spot_check_outcome="reassess")
    assert case.waiting() == ["assess_county"]
    case.do("assess_county", assessment_outcome="pass").inspected()
    assert case.waiting() == ["publish_notice"]


def test_reassessment_is_not_inspected_again_once_drawn() -> None:
    case = Case(Office(drawn=[True, False])).assessed().inspected("fail", "pass")
    case.do("review_spot_check", review_spot_check_outcome="reassess").do("assess_county", assessment_outcome="pass")
    assert ended(case.decided()) == "awarded"
    assert case.office.called().count("reserve_quota") == 2


# Notice and objections


def test_dismissed_objections_do_not_move_the_end_of_the_notice() -> None:
    case = Case().assessed().published()
    until = case.step.timers
    case.send("objection").do("settle_objection", settle_objection_outcome="dismiss")
    case.send("objection").do("settle_objection", settle_objection_outcome="dismiss")
    assert [timer.due for timer in case.step.timers] == [timer.due for timer in until]
    assert case.wait(7).waiting() == ["decide_award"]


def test_notice_does_not_end_while_an_objection_is_open() -> None:
    case = Case().assessed().published().send("objection").wait(20)
    assert case.waiting() == ["settle_objection"]
    case.do("settle_objection", settle_objection_outcome="dismiss")
    assert case.waiting() == ["decide_award"]


def test_second_objection_waits_until_the_first_is_settled() -> None:
    case = Case().assessed().published().send("objection")
    with pytest.raises(NobodyWaitingError):
        case.send("objection")


@pytest.mark.parametrize(("city_direct", "step"), [(False, "assess_county"), (True, "assess_city")])
def test_upheld_objection_leads_back_to_the_assessment(city_direct: bool, step: str) -> None:
    case = Case(city_direct=city_direct, departments=[])
    case.submitted()
    if not city_direct:
        case.do("review_county", review_county_outcome="pass")
    case.do(step, assessment_outcome="pass").published().send("objection")
    case.do("settle_objection", settle_objection_outcome="reassess")
    assert case.waiting() == [step]
    case.do(step, assessment_outcome="pass")
    assert ended(case.decided()) == "awarded"

"""Every way through the pairing process, as drawn: who is asked next, which services run, how it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.processes.pairing_case import Case, definition, ended


def test_both_sides_sign_at_once_and_the_plan_goes_both_ways() -> None:
    case = Case()
    assert case.waiting() == ["sign_agreement_helped", "sign_agreement_helper"]
    case.signed()
    assert case.waiting() == ["make_plan"]
    case.do("make_plan").do("confirm_plan", confirm_plan_outcome="return")
    assert case.waiting() == ["make_plan"]
    case.planned()
    assert case.waiting() == ["write_log"]
    assert case.ledger.calls == ["adopt_plan", "open_month"]


@pytest.mark.parametrize(("helper", "helped"), [("refuse", "sign"), ("sign", "refuse"), ("refuse", "refuse")])
def test_refused_agreement_is_settled_by_the_city(helper: str, helped: str) -> None:
    case = Case().signed(helper, helped)
    assert case.waiting() == ["settle_refusal"]
    case.do("settle_refusal", pairing_outcome="again")
    assert case.waiting() == ["sign_agreement_helped", "sign_agreement_helper"]
    case.signed(helper, helped).do("settle_refusal", pairing_outcome="declined")
    assert ended(case) == "declined"


def test_a_month_can_be_logged_in_parts() -> None:
    case = Case().signed().planned().do("write_log", write_log_outcome="more")
    assert case.waiting() == ["write_log"]
    case.do("write_log", write_log_outcome="more").do("write_log", write_log_outcome="close")
    assert case.waiting() == []
    assert case.ledger.closed == 1
    case.month_begins()
    assert case.waiting() == ["write_log"]


@pytest.mark.parametrize("outcome", ["done", "close", "nothing"])
def test_the_next_month_is_not_opened_before_it_begins(outcome: str) -> None:
    case = Case().signed().planned().do("write_log", write_log_outcome=outcome)
    case.wait_until(datetime(2021, 5, 31, 15, 59, 58, tzinfo=UTC))
    assert case.waiting() == []
    case.wait_until(datetime(2021, 5, 31, 16, 0, 1, tzinfo=UTC))
    assert case.waiting() == ["write_log"]


def test_a_month_without_a_log_is_written_down_as_missing_and_the_help_goes_on() -> None:
    case = Case().signed().planned()
    case.wait_until(datetime(2021, 6, 30, 15, 59, tzinfo=UTC))
    assert case.ledger.closed == 0
    case.wait_until(datetime(2021, 6, 30, 16, 1, tzinfo=UTC))
    assert "mark_missing" in case.ledger.calls
    assert case.waiting() == ["write_log"]  # of June, whose time has begun


def test_silence_for_a_year_comes_to_the_yearly_evaluation_all_the_same() -> None:
    case = Case().signed().planned()
    for _ in range(40):
        if "evaluate_midterm" in case.waiting():
            case.do("evaluate_midterm")
        if "evaluate_year" in case.waiting():
            break
        case.wait_until(case.now + timedelta(days=20))
    assert case.ledger.calls.count("mark_missing") == 12
    assert case.waiting() == ["evaluate_year"]


def test_midterm_after_six_months_and_year_after_twelve() -> None:
    case = Case().signed().planned()
    for _ in range(6):
        case.month_begins().do("write_log", write_log_outcome="done")
    assert case.waiting() == ["evaluate_midterm"]
    case.do("evaluate_midterm").logged(6)
    assert case.waiting() == ["evaluate_year"]
    case.do("evaluate_year")
    assert case.waiting() == ["decide_outcome"]


@pytest.mark.parametrize("outcome", ["rematched", "ended"])
def test_year_can_be_the_last(outcome: str) -> None:
    assert ended(Case().signed().year().outcome(outcome)) == outcome


def test_year_can_be_followed_by_another_with_a_plan_of_its_own() -> None:
    case = Case().signed().year().outcome("continue")
    assert case.waiting() == ["make_plan"]
    case.year().outcome("continue").year()
    assert ended(case.outcome("ended")) == "ended"
    assert case.ledger.calls.count("adopt_plan") == 3


def test_many_months_leave_no_trace_in_the_state() -> None:
    case = Case().signed()
    sizes = []
    for _ in range(3):
        case.planned()
        for _ in range(12):
            case.logged(1)
            sizes.append(len(case.step.state))
        case.do("evaluate_year").outcome("continue")
    assert max(sizes[1:]) <= sizes[1] * 1.25


# Commendation and interview: proposed by the city, decided by the province


def test_commendation_is_decided_by_the_province() -> None:
    case = Case().signed().year().outcome("ended", "commend")
    assert case.waiting() == ["decide_recognition"]
    assert ended(case.do("decide_recognition", recognition_outcome="approve")) == "ended"


def test_interview_is_held_once_the_province_agrees() -> None:
    case = Case().signed().year().outcome("rematched", "interview")
    case.do("decide_recognition", recognition_outcome="approve")
    assert case.waiting() == ["hold_interview"]
    assert ended(case.do("hold_interview")) == "rematched"


def test_province_refuses_and_nothing_is_held() -> None:
    case = Case().signed().year().outcome("continue", "interview")
    case.do("decide_recognition", recognition_outcome="reject")
    assert case.waiting() == ["make_plan"]


def test_province_returns_and_the_city_decides_anew() -> None:
    case = Case().signed().year().outcome("continue", "commend")
    case.do("decide_recognition", recognition_outcome="return")
    assert case.waiting() == ["decide_outcome"]
    assert ended(case.outcome("ended")) == "ended"


# To a declaration


def test_reached_target_leads_to_a_declaration_of_the_helped_unit() -> None:
    case = Case().signed().year().outcome("target_reached")
    assert case.waiting() == ["begin_declaration"]
    assert ended(case.do("begin_declaration", declaration_outcome="declare")) == "target_reached"


def test_declaration_can_wait_while_the_help_goes_on() -> None:
    case = Case().signed().year().outcome("target_reached").do("begin_declaration", declaration_outcome="later")
    assert case.waiting() == ["make_plan"]
    case.year().outcome("target_reached").do("begin_declaration", declaration_outcome="declare")
    assert ended(case) == "target_reached"


# Supervision and early ending


def test_announced_visits_are_tasks_and_unannounced_ones_are_filed_as_done() -> None:
    case = Case().signed().planned()
    case.send("supervision", {"visit_id": 1, "visit_state": "ahead"})
    assert case.waiting() == ["inspect_pairing", "write_log"]
    case.send("supervision", {"visit_id": 2, "visit_state": "done"})
    assert case.waiting() == ["inspect_pairing", "write_log"]
    case.send("supervision", {"visit_id": 3, "visit_state": "ahead"})
    assert case.waiting() == ["inspect_pairing", "inspect_pairing", "write_log"]
    case.do("inspect_pairing").do("inspect_pairing")
    assert case.waiting() == ["write_log"]


def test_open_visit_outlives_the_year_and_holds_nothing_up() -> None:
    case = Case().signed().planned().send("supervision", {"visit_id": 1, "visit_state": "ahead"})
    case.logged(12).do("evaluate_year").outcome("ended")
    assert case.waiting() == ["inspect_pairing"]
    assert ended(case.do("inspect_pairing")) == "ended"


@pytest.mark.parametrize("outcome", ["rematched", "ended"])
@pytest.mark.parametrize("when", ["signing", "planning", "months", "visiting", "deciding"])
def test_city_ends_a_pair_at_any_time(outcome: str, when: str) -> None:
    case = Case()
    if when != "signing":
        case.signed()
    if when in {"months", "visiting"}:
        case.planned()
    if when == "visiting":
        case.send("supervision", {"visit_id": 1, "visit_state": "ahead"})
    if when == "deciding":
        case.year()
    assert ended(case.send("pairing_ending", {"pairing_outcome": outcome})) == outcome


def test_every_element_is_walked_by_these_tests() -> None:
    walked: set[str] = set()
    cases = [
        Case().signed("refuse").do("settle_refusal", pairing_outcome="again").signed("refuse"),
        Case().signed().do("make_plan").do("confirm_plan", confirm_plan_outcome="return").year(),
        Case().signed().planned().do("write_log", write_log_outcome="more"),
        Case().signed().planned().wait_until(datetime(2021, 7, 1, tzinfo=UTC)),
        Case().signed().year().outcome("continue", "commend").do("decide_recognition", recognition_outcome="return"),
    ]
    cases[0].do("settle_refusal", pairing_outcome="declined")
    cases[1].outcome("target_reached").do("begin_declaration", declaration_outcome="later")
    cases[1].year().outcome("target_reached").do("begin_declaration", declaration_outcome="declare")
    for payload in ({"visit_id": 1, "visit_state": "ahead"}, {"visit_id": 2, "visit_state": "done"}):
        cases[2].send("supervision", payload)
    cases[2].do("inspect_pairing").send("pairing_ending", {"pairing_outcome": "ended"})
    cases[4].outcome("continue", "interview").do("decide_recognition", recognition_outcome="approve")
    cases[4].do("hold_interview").year().outcome("rematched", "commend")
    cases[4].do("decide_recognition", recognition_outcome="reject")
    for case in cases:
        walked |= set(case.way)
    catalogue = definition().catalogue
    assert walked >= set(catalogue.elements) | set(catalogue.flows)

"""Every way through the declaration to an end, by a client that knows only the form documents and the clock."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient

Declare = Callable[..., Case]


def test_city_honour_ends_at_the_city(declare: Declare, office: Office) -> None:
    case = declare("city").submitted().do("review_county", outcome="pass").consulted().assessed()
    case.noticed().do("decide_award", outcome="approve")
    assert case.ending() == ("completed", "awarded")
    unit = office.person("city.reviewer1").get(f"/units/{case.read()['unit']}")
    awards = [award for award in unit["awards"] if award["term"] == "2026年度"]
    assert [(award["honour"], award["document_number"]) for award in awards] == [("city", "常文明委〔2020〕6号")]


def test_county_honour_ends_at_the_county(declare: Declare) -> None:
    case = declare("county").submitted().do("review_county", outcome="pass").consulted().assessed()
    person, _task = case.who("publish_notice")
    assert "county_reviewer" in person.get("/me")["roles"]
    case.noticed().do("decide_award", outcome="approve")
    assert case.ending() == ("completed", "awarded")


def test_provincial_honour_is_accepted_by_the_province(declare: Declare) -> None:
    case = declare("provincial").submitted().do("review_county", outcome="pass").consulted().assessed()
    case.noticed().do("decide_award", outcome="approve").do("report_to_province")
    case.do("accept_report", outcome="return").do("report_to_province").do("accept_report", outcome="accept")
    assert case.ending() == ("completed", "awarded")


def test_province_rejects(declare: Declare) -> None:
    case = declare("provincial").submitted().do("review_county", outcome="pass").consulted().assessed()
    case.noticed().do("decide_award", outcome="approve").do("report_to_province")
    case.do("accept_report", outcome="reject")
    assert case.ending() == ("completed", "rejected_by_province")


@pytest.mark.parametrize(("outcome", "end"), [("granted", "awarded"), ("not_granted", "not_granted")])
def test_national_honour_is_recommended_and_its_outcome_recorded(declare: Declare, outcome: str, end: str) -> None:
    case = declare("national").submitted().do("review_county", outcome="pass").consulted().assessed()
    case.noticed().do("decide_award", outcome="approve").do("report_to_province")
    case.do("accept_report", outcome="accept").do("record_national_outcome", outcome=outcome)
    assert case.ending() == ("completed", end)


def test_city_direct_unit_skips_the_county(declare: Declare) -> None:
    case = declare("city", clerk="citydirect.clerk").submitted().consulted().assessed("assess_city")
    case.noticed().do("decide_award", outcome="approve")
    assert case.ending() == ("completed", "awarded")
    passed = {line["element"] for line in case.clerk.get(f"/instances/{case.id}/history")["items"]}
    assert "review_county" not in passed


def test_county_returns_with_reasons_and_the_unit_corrects(declare: Declare) -> None:
    case = declare("city").submitted().do("review_county", outcome="return")
    task = case.clerk.find_task(case.id, "correct_declaration")
    assert task is not None
    assert task["data"]["unit_name"]
    case.do("correct_declaration").do("attach_sealed_form", outcome="submit")
    case.do("review_county", outcome="reject")
    assert case.ending() == ("completed", "rejected_by_county")


def test_assessment_rejects(declare: Declare) -> None:
    case = declare("city").submitted().do("review_county", outcome="pass").consulted()
    case.do("assess_county", outcome="reject")
    assert case.ending()[0] == "completed"


def test_score_below_the_pass_mark_cannot_pass(declare: Declare) -> None:
    case = declare("city", pass_mark=90).submitted().do("review_county", outcome="pass").consulted()
    person, task = case.who("assess_county")
    refusal = person.complete(task, 422, outcome="pass", scores={"i1": 30, "i2": 50})
    assert "80" in refusal["detail"]
    assert "90" in refusal["detail"]
    person.complete(task, outcome="pass", scores={"i1": 40, "i2": 50})


def test_city_rejects_the_award(declare: Declare) -> None:
    case = declare("city").submitted().do("review_county", outcome="pass").consulted().assessed()
    case.noticed().do("decide_award", outcome="reject")
    assert case.ending() == ("completed", "rejected_by_city")


def test_unit_withdraws_before_the_decision(declare: Declare) -> None:
    case = declare("city").submitted().do("review_county", outcome="pass")
    case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "单位机构调整"})
    assert case.ending()[0] == "withdrawn"
    assert case.open_steps() == []


def test_nobody_else_withdraws_and_never_after_the_decision(declare: Declare, office: Office) -> None:
    case = declare("provincial").submitted().do("review_county", outcome="pass").consulted().assessed()
    office.person("junshan.unit1.clerk").post(f"/instances/{case.id}/withdraw", {"reason": "无"}, 404)
    case.noticed().do("decide_award", outcome="approve")
    case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "后悔"}, 409)


def test_full_quota_refuses_or_keeps_waiting_until_a_place_is_free(
    demo_app: Flask, office: Office, new_batch: Callable[..., int]
) -> None:
    batch = str(new_batch(departments=[], quotas=[{"honour": "city", "region": None, "cap": 1}]))

    def ready(clerk: str) -> Case:
        case = Case(office, office.person(clerk), batch=batch, honour="city").submitted()
        return case.do("review_county", outcome="pass").assessed()

    first, second, third = (ready(name) for name in ("yunxi.unit1.clerk", "yunxi.unit2.clerk", "junshan.unit1.clerk"))
    assert first.open_steps() == ["publish_notice"]
    third.do("decide_quota_full", outcome="refuse")
    assert third.ending() == ("completed", "quota_refused")
    second.do("decide_quota_full", outcome="waitlist").do("promote_waitlisted", outcome="promote")
    assert second.open_steps() == ["decide_quota_full"]
    first.clerk.post(f"/instances/{first.id}/withdraw", {"reason": "让出名额"})
    second.do("decide_quota_full", outcome="waitlist").do("promote_waitlisted", outcome="promote")
    assert "候补转正" in PageClient(demo_app, "yunxi.unit2.leader").read("/notifications")
    second.noticed().do("decide_award", outcome="approve")
    assert second.ending() == ("completed", "awarded")


def test_who_submits_when_no_place_is_left_is_told_at_once_and_so_is_the_unit(
    demo_app: Flask, office: Office, new_batch: Callable[..., int]
) -> None:
    batch = str(new_batch(departments=[], quotas=[{"honour": "city", "region": None, "cap": 1}]))
    names = ("junshan.unit1.clerk", "junshan.unit2.clerk", "pingjiang.unit1.clerk")
    first, second, third = (Case(office, office.person(name), batch=batch, honour="city") for name in names)
    for case in (first, second, third):
        case.do("fill_declaration")
    clerk, task = first.who("attach_sealed_form")
    assert clerk.complete(task, outcome="submit")["remarks"] == []
    clerk, task = second.who("attach_sealed_form")
    (remark,) = clerk.complete(task, outcome="submit")["remarks"]
    assert remark.startswith("名额已满，列为候补")
    assert "岳市文明委〔2026〕3号" in remark

    clerk, task = third.who("attach_sealed_form")
    page = PageClient(demo_app, names[2])
    answers = {"outcome": "submit", "version": task["version"], "sealed_form": (BytesIO(b"%PDF-1.4"), "盖章表.pdf")}
    assert "名额已满，列为候补" in page.read(page.post(f"/tasks/{task['id']}/complete", answers).location)
    for told, case in (("junshan.unit2.leader", second), ("pingjiang.unit1.leader", third)):
        bell = PageClient(demo_app, told).read("/notifications")
        assert "列为候补" in bell
        assert case.read()["title"].split(" ")[0] in bell
    assert "列为候补" not in PageClient(demo_app, "junshan.unit1.leader").read("/notifications")


def test_drawn_case_is_visited_by_two_inspectors(declare: Declare) -> None:
    case = declare("city", departments=[], sampling_percent=100).submitted().do("review_county", outcome="pass")
    case.assessed().inspected("pass", "pass")
    assert case.open_steps() == ["publish_notice"]


@pytest.mark.parametrize(
    ("outcome", "then"), [("uphold", ["publish_notice"]), ("reassess", ["assess_county"]), ("reject", [])]
)
def test_failed_spot_check_is_reviewed(declare: Declare, outcome: str, then: list[str]) -> None:
    case = declare("city", departments=[], sampling_percent=100).submitted().do("review_county", outcome="pass")
    case.assessed().inspected("pass", "fail").do("review_spot_check", outcome=outcome)
    assert case.open_steps() == then


def test_silent_department_is_closed_by_the_city_and_never_counts_as_consent(declare: Declare, office: Office) -> None:
    case = declare("city").submitted().do("review_county", outcome="pass")
    case.do("consult_department", outcome="agree").do("consult_department", outcome="object")
    office.pass_time(days=40)
    assert case.open_steps() == ["close_consultation"]
    case.do("close_consultation", outcome="extend").do("consult_department", outcome="no_opinion")
    assert case.open_steps() == ["assess_county"]

    other = declare("city").submitted().do("review_county", outcome="pass")
    office.pass_time(days=40)
    for _department in range(3):
        other.do("close_consultation", outcome="not_answered")
    assert other.open_steps() == ["assess_county"]


def objectable(declare: Declare) -> tuple[Case, int]:
    case = declare("city", departments=[]).submitted().do("review_county", outcome="pass").assessed()
    case.do("publish_notice")
    notices = case.clerk.http.get("/api/v1/public/notices").get_json()["items"]
    return case, notices[0]["id"]


def objects(case: Case, notice: int, expect: int = 201) -> None:
    body = {"name": "王某", "contact": "13900000000", "text": "该单位存在拖欠职工工资的情况，请核查。"}
    answer = case.clerk.http.post(f"/api/v1/public/notices/{notice}/objections", json=body)
    assert answer.status_code == expect, answer.get_json()


def test_two_objections_are_dismissed_one_after_the_other(declare: Declare, office: Office) -> None:
    case, notice = objectable(declare)
    objects(case, notice)
    person, task = case.who("settle_objection")
    office.pass_time(minutes=1)
    objects(case, notice)
    person.complete(task, outcome="dismiss")
    assert case.open_steps() == ["settle_objection"]
    office.pass_time(days=30)
    case.do("settle_objection", outcome="dismiss")
    office.pass_time(minutes=1)
    case.do("decide_award", outcome="approve")
    assert case.ending() == ("completed", "awarded")
    objects(case, notice, 409)


def test_upheld_objection_goes_back_to_the_assessment(declare: Declare) -> None:
    case, notice = objectable(declare)
    objects(case, notice)
    case.do("settle_objection", outcome="reassess")
    assert case.open_steps() == ["assess_county"]
    case.assessed().noticed().do("decide_award", outcome="approve")
    assert case.ending() == ("completed", "awarded")


def test_upheld_objection_stops_only_its_case(office: Office, new_batch: Callable[..., int]) -> None:
    batch = str(new_batch(departments=[]))
    cases = [
        Case(office, office.person(clerk), batch=batch, honour="city")
        .submitted()
        .do("review_county", outcome="pass")
        .assessed()
        for clerk in ("yunxi.unit1.clerk", "junshan.unit1.clerk")
    ]
    rows = [cases[0].who("publish_notice"), cases[1].who("publish_notice")]
    person, task = rows[0]
    data = person.answers(task["form"])
    items = [{"id": t["id"], "version": t["version"]} for _person, t in rows]
    tried = person.post("/tasks/bulk", {"items": items, "data": data | {"document_number": "9号"}, "dry_run": True})
    assert [row["status"] for row in tried["items"]] == ["refused", "refused"]
    tried = person.post("/tasks/bulk", {"items": items, "data": data, "dry_run": True})
    assert [row["status"] for row in tried["items"]] == ["eligible", "eligible"]
    done = person.post("/tasks/bulk", {"items": items, "data": data})["items"]
    assert [row["status"] for row in done] == ["done", "done"]
    notice = person.http.get("/api/v1/public/notices").get_json()["items"][0]["id"]
    units = person.http.get(f"/api/v1/public/notices/{notice}").get_json()["units"]
    assert len(units) == 2
    name = next(unit["unit"] for unit in units if unit["instance"] == cases[0].id)
    body = {"name": "李某", "contact": "li@example.org", "text": f"反映{name}弄虚作假。"}
    assert person.http.post(f"/api/v1/public/notices/{notice}/objections", json=body).status_code == 201
    cases[0].do("settle_objection", outcome="reject")
    assert cases[0].ending()[0] == "completed"
    office.pass_time(days=30)
    assert cases[1].open_steps() == ["decide_award"]

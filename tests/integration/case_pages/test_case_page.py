"""The page of a case: what each reader may know of it, and what the administrator does about failures."""

import re

import pytest
from sqlalchemy import update

from webapp import clock
from webapp.accounts.models import User
from webapp.database import transaction


@pytest.fixture
def noticed(declare):
    """A city honour under public notice: consulted, assessed and, where it was drawn, inspected."""
    case = declare("city").submitted().do("review_county", outcome="pass", opinion="初审意见给单位看")
    while "consult_department" in case.open_steps():
        case.do("consult_department", outcome="object", opinion="部门内部意见")
    case.assessed().inspected()
    while "inspect_site" in case.open_steps():
        case.do("inspect_site", outcome="pass")
    return case.do("publish_notice")


@pytest.fixture
def objected(noticed, office):
    city = office.person("city.reviewer1")
    notice = city.get("/public/notices")["items"][0]["id"]
    fields = {"name": "张三丰", "contact": "13900001111", "text": "请核实垃圾分类情况。", "instance": noticed.id}
    city.post(f"/public/notices/{notice}/objections", fields, 201)
    return noticed


def test_the_list_says_until_when_a_case_waits_where_nobody_has_to_act(noticed, browse):
    page = " ".join(browse("yunxi.reviewer1").read("/instances").split())
    assert re.search(r"公示期满（至 20\d\d-\d\d-\d\d）", page)


def test_a_unit_reads_what_is_meant_for_it(noticed, browse):
    page = browse("yunxi.unit1.clerk").read(f"/instances/{noticed.id}")
    assert "初审意见给单位看" in page
    assert "部门内部意见" not in page
    assert "扣分说明" not in page
    assert "清源县人民路 12 号" in page
    office_page = browse("yunxi.reviewer2").read(f"/instances/{noticed.id}")
    assert "部门内部意见" in office_page


def test_a_department_reads_the_declaration_and_itself(noticed, office, browse):
    asked = [a["username"] for a in office.accounts if a["role"] == ["department_consultee"]]
    pages = [browse(name).get(f"/instances/{noticed.id}") for name in asked]
    read = [page.text for page in pages if page.status_code == 200]
    assert len(read) == 3
    for text in read:
        assert "清源县人民路 12 号" in text
        assert "初审意见给单位看" not in text
        assert text.count("部门内部意见") <= 3


def test_the_objector_is_known_to_the_deciding_office_alone(objected, browse):
    knows = {
        "city.reviewer2": True,
        "city.leader": True,
        "inspector1": False,
        "admin": False,
        "yunxi.reviewer1": False,
        "yunxi.unit1.clerk": False,
        "province.officer1": False,
    }
    for reader, expected in knows.items():
        page = browse(reader).read(f"/instances/{objected.id}")
        assert ("张三丰" in page) == expected, reader
        assert ("13900001111" in page) == expected, reader


def test_the_picture_and_the_outline_tell_the_way(noticed, browse):
    page = browse("city.reviewer1").read(f"/instances/{noticed.id}")
    assert 'class="wm-diagram"' in page
    assert "style=" not in page
    assert "公示期满" in page
    assert "发布公示" in page


def test_every_office_on_the_way_has_its_place_on_the_printed_form(declare, browse):
    for honour, clerk, places in (
        ("county", "yunxi.unit1.clerk", ["县（市、区）文明办意见："]),
        ("city", "yunxi.unit2.clerk", ["县（市、区）文明办意见：", "市文明办意见："]),
        ("city", "citydirect.clerk", ["市文明办意见："]),
    ):
        case = declare(honour, clerk=clerk).do("fill_declaration")
        page = browse(clerk).read(f"/instances/{case.id}/print")
        assert [
            place for place in ("县（市、区）文明办意见：", "市文明办意见：") if f"<p>{place}</p>" in page
        ] == places
        assert "（单位盖章）" in page
        assert "清源县自来水公司" in page


def test_nothing_is_printed_before_it_was_filled_in(declare, browse):
    case = declare("county")
    assert browse("yunxi.unit1.clerk").get(f"/instances/{case.id}/print").status_code == 409


def test_only_the_unit_withdraws(declare, browse):
    case = declare("county").submitted()
    assert browse("yunxi.reviewer1").get(f"/instances/{case.id}/withdraw").status_code == 403
    assert browse("pingjiang.unit1.clerk").get(f"/instances/{case.id}/withdraw").status_code == 404
    clerk = browse("yunxi.unit1.clerk")
    assert clerk.post(f"/instances/{case.id}/withdraw", {"reason": " "}).status_code == 422
    assert clerk.post(f"/instances/{case.id}/withdraw", {"reason": "材料有误"}).status_code == 302
    assert case.read()["status"] == "withdrawn"
    assert clerk.post(f"/instances/{case.id}/withdraw", {"reason": "再来一次"}).status_code == 409


def test_the_administrator_retries_what_failed(declare, browse, demo_app):
    case = declare("county").do("fill_declaration")
    _staff(demo_app, disabled=True)
    case.do("attach_sealed_form", outcome="submit")
    admin = browse("admin")
    assert "没有足够的可办理人员" in admin.read(f"/instances/{case.id}")
    assert "没有足够的可办理人员" not in browse("yunxi.unit1.clerk").read(f"/instances/{case.id}")
    assert browse("auditor").post(f"/instances/{case.id}/retry").status_code == 403
    assert admin.post(f"/instances/{case.id}/retry", {"data": "no json"}).status_code == 422
    _staff(demo_app, disabled=False)
    assert admin.post(f"/instances/{case.id}/retry").status_code == 302
    assert "没有足够的可办理人员" not in admin.read(f"/instances/{case.id}")


def _staff(app, *, disabled):
    """Take everybody away who could review in the county, or in its place; or bring them back."""
    with app.app_context(), transaction() as session:
        at = clock.real_now() if disabled else None
        reviewers = User.roles.overlap(["county_reviewer", "city_reviewer", "city_leader", "provincial_officer"])
        session.execute(update(User).where(reviewers).values(disabled_at=at))

"""The pages of absence, with a browser that runs no scripts."""

import re
from datetime import timedelta

from flask import Flask

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from webapp import clock
from webapp.absence.handing_over import run_hand_over


def day(after: int) -> str:
    return (clock.real_now().astimezone(clock.SHANGHAI) + timedelta(days=after)).date().isoformat()


def test_a_deputy_is_named_sees_the_case_and_is_ended(demo_app: Flask) -> None:
    office = Office(demo_app)
    case = Case(office, office.person("yunxi.unit1.clerk"), batch="1", honour="city")
    _clerk, held = case.who("fill_declaration")
    office.person("yunxi.unit1.clerk").post(f"/tasks/{held['id']}/claim")
    clerk = PageClient(demo_app, "yunxi.unit1.clerk")
    page = clerk.read("/deputies")
    assert "现在没有代理人" in page
    boss = re.search(r'<option value="(\d+)">[^<]*单位负责人', page)
    assert boss
    typed = {"to": boss[1], "first": day(0), "last": day(-3), "reason": "休假"}
    answer = clerk.post("/deputies", typed)
    assert answer.status_code == 422
    assert "结束日期须不早于开始日期" in answer.text
    assert 'value="休假"' in answer.text, "nothing typed is lost"
    assert clerk.post("/deputies", {"to": boss[1], "first": "x", "last": ""}).status_code == 422
    assert clerk.post("/deputies", {"to": "1", "first": day(0), "last": day(2)}).status_code == 422
    typed["last"] = day(3)
    assert clerk.post("/deputies", typed).status_code == 302
    page = clerk.read("/deputies")
    assert "代理中" in page
    assert clerk.post("/deputies", typed).status_code == 422, "the same once more"
    leader = PageClient(demo_app, "yunxi.unit1.leader")
    task = office.person("yunxi.unit1.leader").get("/tasks?view=delegated")["items"][0]
    assert task["instance"] == case.id
    delegated = leader.read("/tasks?view=delegated")
    assert f"/tasks/{task['id']}" in delegated
    assert "代 " in delegated
    manager = PageClient(demo_app, "yunxi.reviewer1")
    assert "休假" in manager.read("/deputies/people")
    end = re.search(r"/deputies/(\d+)/end", page)
    assert end
    assert leader.post(f"/deputies/{end[1]}/end").status_code == 404, "whoever stands in does not end it"
    assert "您代" in leader.read(f"/tasks/{task['id']}")
    assert clerk.post(f"/deputies/{end[1]}/end").status_code == 302
    assert "提前结束" in clerk.read("/deputies")
    assert task["id"] not in leader.read("/tasks?view=delegated")


def test_what_a_deputy_did_says_for_whom_everywhere(demo_app: Flask) -> None:
    office = Office(demo_app)
    clerk, leader = office.person("yunxi.unit1.clerk"), office.person("yunxi.unit1.leader")
    case = Case(office, clerk, batch="1", honour="city")
    held = case.who("fill_declaration")[1]
    clerk.post(f"/tasks/{held['id']}/claim")
    clerk.post("/deputies", {"to": "yunxi.unit1.leader", "from": day(0), "until": day(1)}, 201)
    leader.complete(leader.get(f"/tasks/{held['id']}"))
    names = [leader.get("/me")["name"], clerk.get("/me")["name"]]
    done = [line for line in leader.get(f"/instances/{case.id}/history")["items"] if line["on_behalf_of"]]
    assert [[line["actor"], line["on_behalf_of"]] for line in done] == [names]
    said = " 代 ".join(names)
    reader = PageClient(demo_app, "yunxi.reviewer1")
    for path in (f"/instances/{case.id}", f"/instances/{case.id}/papers"):
        assert said in " ".join(reader.read(path).split()), path
    assert said in PageClient(demo_app, "auditor").read("/administration/audit?act=task.complete")
    assert_nothing_typed_is_lost(office, case)


def assert_nothing_typed_is_lost(office: Office, case: Case) -> None:
    """The absence ends while the deputy has the form open."""
    for _step in range(2):
        absent, task = case.who(case.open_steps()[0])
        if absent.username.endswith("clerk"):
            absent.complete(absent.get(f"/tasks/{task['id']}"))
    row = absent.post("/deputies", {"to": "city.reviewer1", "from": day(0), "until": day(1)}, 201)
    deputy = PageClient(office.app, "city.reviewer1")
    opened = deputy.read(f"/tasks/{task['id']}")
    assert "您代" in opened
    fields = dict.fromkeys(re.findall(r'<textarea[^>]*name="([^"]+)"', opened), "写了一半的意见")
    assert fields
    answer = absent.http.delete(f"/api/v1/deputies/{row['id']}", headers=absent.headers)
    assert answer.status_code == 204
    late = deputy.post(f"/tasks/{task['id']}/complete", {"version": "0", **fields})
    assert late.status_code == 409, late.text
    assert "办理的期间已经结束" in late.text
    assert "写了一半的意见" in late.text


def assert_named_by_the_office_alone(app: Flask, manager: PageClient, person: str) -> None:
    address = f"/deputies/of/{person}"
    assert address in manager.read(f"/users/{person}")
    boss = re.search(r'<option value="(\d+)">[^<]*单位负责人', manager.read(address))
    assert boss
    assert manager.post(address, {"to": boss[1], "first": day(1), "last": day(2)}).status_code == 302
    assert "未开始" in manager.read(address)
    for path in (address, "/deputies/of/999999"):
        assert PageClient(app, "junshan.reviewer1").get(path).status_code == 404


def test_somebody_who_leaves_hands_everything_over(demo_app: Flask) -> None:
    office = Office(demo_app)
    clerk = office.person("yunxi.unit1.clerk")
    case = Case(office, clerk, batch="1", honour="city")
    held = case.who("fill_declaration")[1]
    clerk.post(f"/tasks/{held['id']}/claim")
    manager = PageClient(demo_app, "yunxi.reviewer1")
    own = re.search(r"/users/(\d+)", manager.read("/users?q=yunxi.unit1.clerk"))
    assert own
    assert_named_by_the_office_alone(demo_app, manager, own[1])
    address = f"/users/{own[1]}/hand-over"
    assert address in manager.read(f"/users/{own[1]}")
    page = manager.read(address)
    assert "已领取" in page
    assert "岗位角色" in page
    boss = re.search(r'<option value="(\d+)">[^<]*单位负责人', page)
    assert boss
    answer = manager.post(address, {"to": "", "reason": "退休"})
    assert answer.status_code == 422
    assert "请选择接手的人" in answer.text
    assert 'value="退休"' in answer.text
    assert manager.post(address, {"to": "1", "reason": "退休"}).status_code == 422
    answer = manager.post(address, {"to": boss[1], "reason": "退休", "disables": "y"})
    assert answer.status_code == 302
    result = answer.headers["Location"]
    assert "进行中" in manager.read(result)
    assert manager.post(address, {"to": boss[1]}).status_code == 409, "once at a time"
    number = int(result.rsplit("/", 1)[1])
    with demo_app.app_context():
        run_hand_over(number)
    page = manager.read(result)
    assert "已完成" in page
    assert "已交接" in page
    leader = office.person("yunxi.unit1.leader")
    assert leader.get("/tasks?view=mine")["items"][0]["id"] == held["id"]
    assert "交接" in PageClient(demo_app, "yunxi.unit1.leader").read(f"/instances/{case.id}")
    assert clerk.http.get("/api/v1/me", headers=clerk.headers).status_code == 401, "the account is closed"
    assert address in PageClient(demo_app, "yunxi.unit1.leader").read("/hand-overs")
    for other in ("junshan.reviewer1", "yunxi.unit1.leader"):
        visitor = PageClient(demo_app, other)
        assert visitor.get(result).status_code in ({200} if other.endswith("leader") else {404})
    assert PageClient(demo_app, "auditor").get(result).status_code == 403

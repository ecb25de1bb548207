"""The pages of the acts: what they offer to whom, what they refuse and how, and that nothing typed is lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.insiders import Visitor
from tests.integration.acts.conftest import BODIES, PASS, Desk, case
from tests.integration.acts.test_acts import at_the_fork, at_the_signing
from webapp import clock
from webapp.acts import handing
from webapp.acts.models import CarbonCopy, Comment, Nudge, Snooze, TaskReturn
from webapp.audit.models import AuditEntry
from webapp.registry.models import Region
from webapp.tasks.models import Task

Browse = Callable[[str], Visitor]


@pytest.fixture
def browse(app: Flask, desk: Desk) -> Browse:
    """Opens a browser of one of the people of the desk, committed before."""

    def open_one(name: str) -> Visitor:
        desk.session.commit()
        return Visitor(app, name)

    return open_one


def send(visitor: Visitor, task: Task, act: str, expect: int = 302, **data: Any) -> str:
    answer = visitor.post(f"/tasks/{task.id}/acts/{act}", {"version": str(task.version), **data})
    assert answer.status_code == expect, answer.text[-3000:]
    return answer.location if expect == 302 else answer.text


def menu(page: str) -> list[str]:
    found = re.search(r'<ul class="act-panel">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r"</svg>([^<]+)</a>", found[1]) if found else []


def test_the_menu_offers_what_this_person_may_do_now(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    address = f"/tasks/{desk.task('left').id}"
    mine = ["转办", "委派", "加签", "退回", "抄送", "评论", "暂缓"]
    assert menu(browse("乙").read(address)) == mine
    assert menu(browse("市长").read(address)) == ["催办", "抄送", "评论", "挂起办件"]
    assert menu(browse("clerk").read(address)) == ["催办", "抄送", "评论"]
    desk.pass_("left", desk.a)
    assert menu(browse("甲").read(address)) == ["抄送", "评论", "撤回我的办理"]


def test_a_person_is_chosen_among_those_who_have_the_right(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    page = a.read(f"/tasks/{task.id}/acts/transfer")
    assert re.findall(r'for="to-\d+">(\S+)', page) == ["丙", "乙"]
    assert "县文明办" in page
    found = a.read(f"/tasks/{task.id}/people/transfer?q=丙")
    assert re.findall(r'for="to-\d+">(\S+)', found) == ["丙"]
    assert "没有找到“%_”" in a.read(f"/tasks/{task.id}/people/transfer?q=%25_")
    text = send(a, task, "transfer", 422, to=str(desk.leader.user_id), text="我要外出一周")
    assert "只能转给责任单位内有相应岗位的人" in text
    assert "我要外出一周" in text
    text = send(a, task, "transfer", 422, text="我要外出一周")
    assert "请选择一个人" in text
    for wrong in ("0", "-1", "99999999999999999999", "无此人", "1e3", "\x00"):
        assert "没有找到" in send(a, task, "transfer", 422, to=wrong), wrong
    text = send(a, task, "transfer", 200, search="1", find="乙", text="我要外出一周")
    assert re.findall(r'for="to-\d+">(\S+)', text) == ["乙"]
    assert "我要外出一周" in text
    assert desk.people(desk.task("left")).keys() == {"甲", "乙", "丙"}


def test_a_task_is_handed_on_and_a_second_click_changes_nothing(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    where = send(a, task, "transfer", to=str(desk.c.user_id), text="外出", list="view=available")
    assert where.startswith("/tasks/next?")
    assert desk.people(desk.task("left")) == {"丙": "transfer"}
    again = send(a, task, "transfer", 403, to=str(desk.b.user_id), list="view=available")
    assert "已经办过了" in again
    assert 'href="/tasks?view=available"' in again
    assert "转给县文明办丙办理" in again
    assert desk.people(desk.task("left")) == {"丙": "transfer"}
    assert "这项任务转给您一人办理" in browse("丙").read(f"/tasks/{task.id}")
    line = desk.session.scalars(select(AuditEntry).where(AuditEntry.act == "post acts.transfer")).one()
    assert line.refused


def test_who_is_asked_gives_an_opinion_and_it_comes_back(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a, c = desk.task("left"), browse("甲"), browse("丙")
    send(a, task, "delegate", to=str(desk.c.user_id), text="请看第三项材料")
    page = c.read(f"/tasks/{task.id}")
    assert "委派您提出意见" in page
    assert "请看第三项材料" in page
    assert "甲委派" in c.read("/tasks?view=delegated")
    assert "等对方答复" in a.read(f"/tasks/{task.id}")
    assert menu(a.read(f"/tasks/{task.id}"))[0] == "收回"
    version = desk.task("left").version
    data = {"version": str(version), "outcome": "agree", "opinion": "材料属实"}
    assert c.post(f"/tasks/{task.id}/complete", data).status_code == 302
    page = a.read(f"/tasks/{task.id}")
    assert "委派和加签的意见" in page
    assert "材料属实" in page
    assert desk.of("left", desk.a)


def test_what_was_asked_can_be_asked_back(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    send(a, task, "delegate", to=str(desk.c.user_id))
    send(browse("丙"), desk.task("left"), "remove-signer", 403, to=str(desk.c.user_id))
    send(a, desk.task("left"), "remove-signer", to=str(desk.c.user_id))
    assert desk.of("left", desk.a)
    assert "已经办过了" in send(a, desk.task("left"), "remove-signer", 403, to=str(desk.c.user_id))


def test_signers_before_and_after(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    assert "请选择签在您之前还是之后" in send(a, task, "add-signer", 422, to=str(desk.c.user_id))
    assert "被审核单位" in send(a, task, "add-signer", 422, to=str(desk.clerk.user_id), position="after")
    send(a, task, "add-signer", to=str(desk.leader.user_id), position="after", text="请市里把关")
    page = a.read(f"/tasks/{task.id}")
    assert "等本人决定之后" in page
    assert "减签" in menu(page)
    assert "已经请过这个人了" in send(
        a, desk.task("left"), "add-signer", 422, to=str(desk.leader.user_id), position="after"
    )
    send(a, desk.task("left"), "remove-signer", to=str(desk.leader.user_id))
    assert desk.task("left").waiting_signers == 0
    send(a, desk.task("left"), "add-signer", to=str(desk.c.user_id), position="before")
    assert "请您先签署意见" in browse("丙").read(f"/tasks/{task.id}")


def test_signers_of_a_list_are_seen_added_and_left_out(desk: Desk, browse: Browse) -> None:
    at_the_signing(desk)
    desk.complete(desk.of("sign", desk.b), desk.b)
    mine, a = desk.of("sign", desk.a), browse("甲")
    page = a.read(f"/tasks/{mine.id}")
    assert "已签" in page
    assert "未签" in page
    send(a, mine, "add-signer", to=str(desk.c.user_id), position="after")
    assert "请您会签" not in browse("丙").read("/tasks")
    send(a, desk.of("sign", desk.a), "remove-signer", to=str(desk.c.user_id))
    assert desk.elements == ["sign"]


@pytest.mark.parametrize("drawn", [case(sequential=True)])
def test_those_whose_turn_has_not_come_are_named_in_order(desk: Desk, browse: Browse) -> None:
    at_the_signing(desk)
    mine, a = desk.of("sign", desk.a), browse("甲")
    send(a, mine, "add-signer", to=str(desk.c.user_id), position="after")
    page = a.read(f"/tasks/{mine.id}")
    assert re.findall(r"未轮到</span> <span>(.)</span>", page) == ["丙", "乙"]
    assert "签完依次轮到：丙、乙" in page
    assert "签完依次轮到" in browse("市长").read(f"/instances/{desk.instance.id}")
    assert "签完依次轮到" not in browse("clerk").read(f"/instances/{desk.instance.id}")
    asked = a.read(f"/tasks/{mine.id}/acts/remove-signer")
    assert "丙（未轮到）" in asked
    assert "乙（未轮到）" not in asked, "only a leader leaves out whom the diagram names"
    send(a, desk.of("sign", desk.a), "remove-signer", to=str(desk.c.user_id))
    assert "签完依次轮到：乙" in a.read(f"/tasks/{mine.id}")


@pytest.mark.parametrize("drawn", [case(who=BODIES)])
def test_bodies_of_the_region_are_asked_to_sign_as_well(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    desk.pass_("left", desk.a)
    desk.pass_("right", desk.b)
    first, _second = desk.session.scalars(select(Task).where(Task.element == "sign").order_by(Task.item["signer"]))
    desk.session.add(Region(code="430700", name="邻市", parent_code="430000", level="city", path="430000/430700"))
    desk.session.flush()
    near, far = (
        desk.world._organisation(name, "department", region)
        for name, region in (("县信访局", "430681"), ("邻市信访局", "430700"))
    )
    for body in (near, far):
        desk.world.person(f"信访{body}", body, "county_reviewer")
    signer = browse(f"部门{first.item['signer']}")
    page = signer.read(f"/tasks/{first.id}/acts/add-signer")
    assert re.findall(r'for="to-\d+">(\S+?)<', page) == ["县信访局", "县文明办"]
    for wrong in (far, desk.world.unit, 0, "x"):
        send(signer, first, "add-signer", 422, to=str(wrong), position="after")
    send(signer, first, "add-signer", to=str(near), position="after")
    assert desk.elements == ["sign", "sign", "sign"]
    assert signer.read(f"/tasks/{first.id}").count("未签") == 3
    send(signer, desk.session.get_one(Task, first.id), "remove-signer", to=str(near))
    assert desk.elements == ["sign", "sign"]


def test_a_return_shows_before_who_acts_again(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    page = a.read(f"/tasks/{task.id}/acts/return")
    text = re.sub(r"<[^>]+>|\s+", "", page)
    assert "要重新办理：fill申报单位clerkreview县文明办甲left" in text
    assert "同时结束：right" in text
    assert "请填写退回理由" in send(a, task, "return", 422, to_element="fill", resume="again")
    assert "请选择退回到哪一步" in send(a, task, "return", 422, text="x", resume="again")
    assert "缺盖章页" in send(a, task, "return", 422, to_element="decide", text="缺盖章页", resume="again")
    where = send(a, task, "return", to_element="fill", text="缺盖章页", resume="back")
    assert where.startswith("/tasks/next?")
    assert desk.elements == ["fill"]
    page = browse("clerk").read(f"/tasks/{desk.task('fill').id}")
    assert "缺盖章页" in page
    assert "直接回到对方手里" in page
    assert "已经办过了" in send(a, task, "return", 409, to_element="fill", text="缺盖章页", resume="back")
    assert desk.world.count(TaskReturn) == 1


def test_a_decision_is_taken_back_while_nobody_has_acted(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    desk.pass_("left", desk.a)
    address, a = f"/instances/{desk.instance.id}/recall", browse("甲")
    assert "撤回我的办理" in menu(a.read(f"/instances/{desk.instance.id}"))
    assert "确定撤回" in a.read(address)
    assert a.post(address, {"reason": " "}).status_code == 422
    answer = a.post(address, {"reason": "看错了材料"})
    assert answer.status_code == 302
    assert answer.location == f"/tasks/{desk.of('left', desk.a).id}"
    again = a.post(address, {"reason": "看错了材料"})
    assert again.status_code == 409
    assert "您刚才已经撤回" in again.text
    desk.pass_("left", desk.a)
    desk.pass_("right", desk.b)
    late = a.post(address, {"reason": "再想想"})
    assert late.status_code == 403
    assert "最近一次办理不是您作出的" in late.text
    assert "撤回" not in "".join(menu(a.read(f"/instances/{desk.instance.id}")))


def test_haste_is_asked_for_once_a_day(desk: Desk, browse: Browse) -> None:
    desk.pass_("fill", desk.clerk)
    task, clerk = desk.task("review"), browse("clerk")
    where = send(clerk, task, "nudge", text="公示在即", **{"from": "case"})
    assert where == f"/instances/{desk.instance.id}"
    text = send(browse("市长"), task, "nudge", 429, text="请抓紧")
    assert "每件每个工作日只催办一次" in text
    assert "请抓紧" in text
    page = browse("甲").read(f"/tasks/{task.id}")
    assert "已催办" in page
    assert "公示在即" in page
    assert "已催办" in browse("甲").read("/tasks")
    assert desk.world.count(Nudge) == 1


def test_a_copy_is_unread_until_the_case_is_opened(desk: Desk, browse: Browse) -> None:
    desk.pass_("fill", desk.clerk)
    task, a, leader = desk.task("review"), browse("甲"), browse("市长")
    assert "请选择 1 到 50 名抄送人" in send(a, task, "cc", 422, text="请知悉")
    text = send(a, task, "cc", 200, search="1", find="丙", to=[str(desk.leader.user_id)], text="请知悉")
    assert re.findall(r'value="(\d+)" checked', text) == [str(desk.leader.user_id)], "who was ticked stays"
    assert f'value="{desk.c.user_id}">' in text
    send(a, task, "cc", to=[str(desk.leader.user_id), str(desk.c.user_id)], text="请知悉")
    send(a, task, "cc", to=[str(desk.leader.user_id)], text="请知悉")
    assert desk.world.count(CarbonCopy) == 2, "a second click sends no second copy"
    assert "未读" in leader.read("/tasks?view=cc")
    leader.read(f"/instances/{desk.instance.id}")
    page = leader.read("/tasks?view=cc")
    assert "甲：请知悉" in page
    assert "unread-dot" not in page
    assert "unread-dot" in browse("丙").read("/tasks?view=cc")


def test_comments_decide_nothing_and_tell_those_who_are_named(desk: Desk, browse: Browse) -> None:
    desk.pass_("fill", desk.clerk)
    task, a = desk.task("review"), browse("甲")
    text = send(a, task, "comments", 422, text="@没有这个人 请看")
    assert "没有找到“@没有这个人”" in text
    assert "@没有这个人 请看" in text
    for _click in range(2):
        where = send(a, task, "comments", text="@市长 第三项 <b>请核对</b>")
        assert where.endswith("#remarks")
    assert desk.world.count(Comment) == 1, "a second click says nothing twice"
    page = browse("市长").get(f"/instances/{desk.instance.id}").text
    assert "提到您" in page
    assert "&lt;b&gt;请核对" in page
    assert "请核对" not in browse("clerk").read(f"/instances/{desk.instance.id}")
    found = browse("市长").get(f"/tasks/{task.id}/people/comments?q=甲")
    assert "甲" in found.text
    json = a._client.get(f"/tasks/{task.id}/people/comments?q=市", headers={"Accept": "application/json"}).get_json()
    assert [one["name"] for one in json["items"]] == ["市长"]


def test_a_task_is_put_off_and_brought_back(desk: Desk, browse: Browse) -> None:
    desk.pass_("fill", desk.clerk)
    task, a = desk.task("review"), browse("甲")
    for wrong in ("", "2026-13-45", "昨天", "1999-01-01", "9999-12-31"):
        send(a, task, "snooze", 422, until=wrong)
    day = clock.now().astimezone(clock.SHANGHAI).date() + timedelta(days=3)
    assert send(a, task, "snooze", until=day.isoformat()).startswith("/tasks/next?")
    assert str(task.id) not in a.read("/tasks?view=inbox")
    assert str(task.id) in a.read("/tasks?view=snoozed")
    assert "回到您的待办" in a.read(f"/tasks/{task.id}")
    assert a.post(f"/tasks/{task.id}/wake").status_code == 302
    assert desk.world.count(Snooze) == 0


@pytest.mark.parametrize("drawn", [case(cc="<wm:bulk/>")])
def test_what_waits_for_an_opinion_is_not_decided_together(desk: Desk, browse: Browse) -> None:
    desk.pass_("fill", desk.clerk)
    task, a = desk.task("review"), browse("甲")
    ticked = {"task": [f"{task.id}:{task.version}"], "list": "view=inbox", **PASS}
    assert "可以一起办理的 1 件" in a.post("/tasks/bulk/check", ticked).text
    send(a, task, "add-signer", to=str(desk.c.user_id), position="after")
    task = desk.task("review")
    ticked["task"] = [f"{task.id}:{task.version}"]
    text = a.post("/tasks/bulk/check", ticked).text
    assert "正在请人提意见、加签或退回修改，请逐件办理。" in text
    assert "可以一起办理的 1 件" not in text
    a.post("/tasks/bulk", ticked)
    assert desk.elements == ["review"]
    data = {"version": str(task.version), **PASS}
    assert a.post(f"/tasks/{task.id}/complete", data).status_code == 302
    assert "后加签的人同意之后才生效" in a.read("/tasks")


ACTS = ("transfer", "delegate", "add-signer", "remove-signer", "return", "nudge", "cc", "comments", "snooze")


def test_nobody_acts_on_what_is_not_theirs(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    desk.world.person("邻县", desk.world._organisation("别的单位", "unit", "430600"), "unit_clerk")
    task, stranger, leader = desk.task("left"), browse("邻县"), browse("市长")
    full = {"to": str(desk.c.user_id), "text": "x", "to_element": "fill", "resume": "again", "until": "2027-01-01"}
    full["position"] = "after"
    for act in ACTS:
        send(stranger, task, act, 404, **full)
        assert stranger.get(f"/tasks/{task.id}/acts/{act}").status_code == 404
        assert stranger.get(f"/tasks/{task.id}/people/{act}").status_code == 404
        assert stranger.get(f"/tasks/{uuid4()}/acts/{act}").status_code == 404
        unsigned = leader._client.post(f"/tasks/{task.id}/acts/{act}", data=full)
        assert unsigned.status_code == 409, "a form without the token of its page does nothing"
        if act not in {"nudge", "cc", "comments"}:
            refused = leader.post(f"/tasks/{task.id}/acts/{act}", {"version": "0", **full})
            assert refused.status_code in {403, 404}, act
            assert leader.get(f"/tasks/{task.id}/acts/{act}").status_code == 409
    assert desk.elements == ["left", "right"]


def test_a_page_of_yesterday_says_what_became_of_the_task(desk: Desk, browse: Browse) -> None:
    at_the_fork(desk)
    task, a = desk.task("left"), browse("甲")
    full = {"to": str(desk.c.user_id), "position": "after", "to_element": "fill", "resume": "again"}
    full |= {"text": "写了很久的话", "list": "q=某县&view=available", "version": str(task.version)}
    for giver, taker in ((desk.a, desk.b), (desk.b, desk.a)):
        handing.transfer(desk.session, giver, clock.now(), task.id, desk.task("left").version, taker.user_id)
        desk.session.commit()
    for act in ("transfer", "delegate", "add-signer", "return"):
        text = send(a, task, act, 409, **full)
        assert "有了变化" in text
        assert "写了很久的话" in text
        assert "转给县文明办甲办理" in text
    desk.complete(desk.task("left"), desk.a, PASS)
    for act in ("transfer", "delegate", "add-signer", "return"):
        text = send(a, task, act, 409, **full)
        assert "已由甲于" in text
        assert "view=available" in text
    assert desk.elements == ["right"]

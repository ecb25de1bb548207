"""The pages of a call: everybody who has a step of it can open and do it in the browser."""

from collections.abc import Callable

from flask import Flask

from tests.factories.api_client import Office
from tests.factories.nominations import JUNSHAN, YUNXI, Call, three
from tests.factories.page_client import PageClient

OpenCall = Callable[..., Call]


def test_every_step_opens_in_the_browser(open_call: OpenCall, office: Office, demo_app: Flask) -> None:
    call = open_call()

    def opens(username: str, element: str) -> str:
        task = office.person(username).find_task(call.instance, element)
        assert task is not None
        return PageClient(demo_app, username).read(f"/tasks/{task['id']}")

    assert "单位全称" in opens("yunxi.reviewer1", "submit_nominations")
    call.submit(YUNXI, three("云溪"))
    assert "云溪第一精密制造有限公司" in opens("city.reviewer1", "review_nominations")
    call.do("review_nominations", outcome="return", reason="请补充。")
    assert "云溪第一精密制造有限公司" in opens("yunxi.reviewer1", "correct_nominations")
    call.submit(YUNXI, three("云溪"))
    call.do("review_nominations", outcome="accept")
    call.submit(JUNSHAN, three("君山"))
    call.do("review_nominations", outcome="accept")
    assert "君山第三精密制造有限公司" in opens("city.reviewer1", "rank_nominees")
    call.do("rank_nominees")
    assert "君山第三精密制造有限公司" in opens("city.leader", "approve_list")
    call.do("approve_list", "city.leader", outcome="approve")
    opens("city.reviewer1", "report_nominees")
    call.do("report_nominees")
    opens("province.officer1", "receive_list")
    board = PageClient(demo_app, "province.officer1").read(f"/nominations/{call.id}")
    assert "名单（公文）" in board
    assert "云溪第一精密制造有限公司" in board
    PageClient(demo_app, "yunxi.reviewer1").read(f"/instances/{call.instance}")


def test_a_call_is_opened_in_the_browser(demo_app: Flask) -> None:
    browser = PageClient(demo_app, "city.reviewer1")
    assert "每县至少" in browser.read("/nominations/new")
    answer = browser.post("/nominations/new", {"title": ""})
    assert answer.status_code == 422
    asked = {
        "title": "非公文明单位培育对象推荐",
        "document_number": "岳文明办〔2026〕11号",
        "paragraph": "第三条",
        "kinds": ["private", "social"],
        "honours": ["city"],
        "minimum": "3",
        "maximum": "5",
        "due_on": "2031-04-20",
    }
    answer = browser.post("/nominations/new", asked)
    assert answer.status_code == 302, answer.text
    page = browser.read(answer.headers["Location"])
    assert "已报 0 / 12" in page
    assert PageClient(demo_app, "yunxi.unit1.clerk").get("/nominations").status_code == 403

"""What approvers do beside deciding, as they see it: ask, be answered, add a signer, return, recall, urge, remark."""

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.browsing import NARROW, WIDE, assert_good
from tests.browser.cases import long_case
from tests.factories.insiders import new_token


def enter(app: Flask, context: BrowserContext, username: str) -> Page:
    """Somebody whose login the test has made already."""
    cookies = app.session_interface.get_signing_serializer(app)
    assert cookies is not None
    value = cookies.dumps({"key": new_token(app, username, "browser")})
    base = context._impl_obj._options["baseURL"]
    context.add_cookies([{"name": "session", "value": str(value), "url": base}])
    return context.new_page()


def good_at_both_widths(page: Page, within: str | None = None) -> None:
    """Good for everybody at a phone's and a desk's width; of a long page ``within`` looks at one part."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert_good(page, within)


def choose(page: Page, act: str) -> None:
    """Open an act from the menu of the task or case."""
    page.locator(".act-menu summary").click()
    page.locator(".act-panel").get_by_role("link", name=act, exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_a_case_goes_round_by_acts_and_comes_back(demo_app: Flask, open_context) -> None:
    case, person, task = long_case(demo_app, rounds=1)
    address = f"/tasks/{task['id']}"
    mine, other, chief = (
        enter(demo_app, open_context(), name)
        for name in (person.username, "pingjiang.reviewer2", "city.leader")
        if name != "pingjiang.reviewer2" or person.username != name
    )

    mine.goto(address)
    mine.keyboard.press("m")
    expect(mine.locator(".act-panel a").first).to_be_focused()
    good_at_both_widths(mine, ".page-head")
    mine.locator(".act-panel").get_by_role("link", name="委派").click()
    mine.get_by_role("searchbox").fill("没有这个人")
    expect(mine.locator(".people")).to_contain_text("没有找到")
    mine.get_by_role("searchbox").fill("乙")
    mine.get_by_label("县级审核员乙").check()
    mine.get_by_label("说明").fill("请看第三项材料。")
    good_at_both_widths(mine)
    press(mine, "委派")
    expect(mine.locator(".flashes")).to_contain_text("已委派")

    other.goto("/tasks?view=delegated")
    expect(other.locator("[data-row]")).to_contain_text("委派")
    other.locator("[data-row] [data-open]").click()
    expect(other.locator(".ask")).to_contain_text("请看第三项材料。")
    good_at_both_widths(other, ".ask")
    other.locator("[name=outcome][value=agree]").check()
    other.locator("[name=opinion]").fill("材料属实。")
    press(other, "提交")
    expect(other.locator(".flashes")).to_contain_text("县级初审（同意），意见已交回。")

    chief.goto(f"/instances/{case.id}")
    choose(chief, "催办")
    chief.get_by_label("催办说明").fill("公示在即。")
    good_at_both_widths(chief)
    press(chief, "催办")
    choose(chief, "催办")
    press(chief, "催办")
    expect(chief.locator(".problem")).to_contain_text("每件每个工作日只催办一次")
    assert_good(chief)

    chief.goto(f"/instances/{case.id}")
    chief.get_by_text("写评论").click()
    chief.get_by_role("textbox", name="评论").press_sequentially("@县级审核员甲")
    chief.locator(".mention-list li").first.wait_for()
    good_at_both_widths(chief, "#remarks")
    chief.keyboard.press("Enter")
    chief.keyboard.type("请核对时长。")
    press(chief, "发表评论")
    expect(chief.locator("#remarks")).to_contain_text("请核对时长。")

    mine.goto(address)
    for words in ("材料属实。", "公示在即。", "提到您", "已催办"):
        expect(mine.get_by_role("main")).to_contain_text(words)
    choose(mine, "加签")
    mine.get_by_label("在我之后").check()
    mine.get_by_label("市级负责人").check()
    press(mine, "加签")
    expect(mine.locator(".ask")).to_contain_text("等本人决定之后")
    good_at_both_widths(mine, ".ask")
    choose(mine, "减签")
    mine.get_by_label("市级负责人").check()
    press(mine, "减签")

    choose(mine, "退回")
    expect(mine.locator(".place-means:visible")).to_contain_text("申报单位")
    mine.get_by_label("填写申报材料").check()
    expect(mine.locator(".place-means:visible")).to_contain_text("县级初审")
    good_at_both_widths(mine)
    mine.get_by_label("直接回到我这里").check()
    mine.get_by_label("退回理由").fill("第三项缺盖章页。")
    press(mine, "退回")
    expect(mine.locator(".flashes")).to_contain_text("已退回")
    mine.goto(f"/instances/{case.id}")
    expect(mine.locator("#timeline")).to_contain_text("退回到“填写申报材料”，改好后直接送回。理由：第三项缺盖章页。")
    choose(mine, "撤回我的办理")
    mine.get_by_label("撤回理由").fill("材料里其实有。")
    good_at_both_widths(mine)
    press(mine, "确定撤回")
    expect(mine.get_by_role("heading", level=1)).to_contain_text("县级初审")
    expect(mine.locator("#timeline")).to_contain_text("撤回办理")
    good_at_both_widths(mine, ".ask")


def test_an_act_is_done_without_scripts(demo_app: Flask, open_context) -> None:
    case, person, task = long_case(demo_app, rounds=1)
    page = enter(demo_app, open_context(java_script_enabled=False, viewport=NARROW), person.username)
    page.goto(f"/tasks/{task['id']}")
    choose(page, "转办")
    page.get_by_label("说明").fill("外出开会。")
    page.get_by_role("searchbox").fill("乙")
    press(page, "查找")
    expect(page.get_by_label("说明")).to_have_value("外出开会。")
    page.get_by_label("县级审核员乙").check()
    press(page, "转办")
    title = case.read()["title"]  # the page may have gone on to another case
    expect(page.locator(".flashes")).to_contain_text(f"{title}的“{task['name']}”：已转办")

"""Two hundred running declarations are moved to the next version; some at once, some after a mapping, some not."""

import re

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in
from tests.factories.api_client import Office
from tests.factories.migrating import gather_cases, publish_next
from webapp.database import transaction
from webapp.migration import jobs
from webapp.migration.models import CaseMigration


def work(app: Flask) -> None:
    """What a worker does meanwhile."""
    with app.app_context(), transaction() as session:
        (migration,) = session.query(CaseMigration.id).one()
    with app.app_context():
        jobs.run(migration)


def test_two_hundred_cases_are_moved(page: Page, narrow_page: Page, demo_app: Flask, demo_database_url: str) -> None:
    cases = gather_cases(demo_app, demo_database_url, 50)
    publish_next(demo_app)
    log_in(page, "designer")
    page.goto("/designer")
    assert_good(page)
    page.get_by_role("link", name="迁移办件").first.click()
    assert_good(page)
    page.get_by_role("button", name="检查这些办件").click()
    expect(page.get_by_text("共 200 件")).to_be_visible()
    for words, count in (("可以迁移", 100), ("需指明对应环节", 50), ("不能迁移", 50)):
        expect(page.locator(".count-links").get_by_role("link", name=f"{words} {count}")).to_be_visible()
    expect(page.locator(".reason-list").get_by_text("“上传盖章表”在新版本中已删除")).to_be_visible()
    expect(page.locator(".reason-list").get_by_text("正在会签，新版本改了会签方式")).to_be_visible()
    assert_good(page)
    expect(page.get_by_label("“上传盖章表”对应新版本的")).to_have_value("upload_sealed_form")
    page.get_by_role("button", name="保存并重新检查").click()
    expect(page.locator(".count-links").get_by_role("link", name="可以迁移 150")).to_be_visible()
    page.get_by_role("button", name="开始迁移 150 件").click()
    expect(page.get_by_text("请写明迁移的原因").first).to_be_visible()
    assert_good(page)
    page.get_by_label("迁移原因").fill("按新的评选办法增加核实环节")
    page.get_by_role("button", name="开始迁移 150 件").click()
    expect(page.get_by_text("还有 150 件")).to_be_visible()
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("button", name="继续")).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name="继续").click()
    work(demo_app)
    page.reload()
    expect(page.get_by_text("150 件已改用 v2，50 件留在原版本")).to_be_visible()
    assert_good(page)
    page.goto("/migrations")
    expect(page.get_by_role("link", name="v1 → v2")).to_be_visible()
    assert_good(page)
    page.goto(f"/instances/{cases.consulting}")
    page.get_by_role("link", name="把这个办件迁移到现行版本").click()
    expect(page.get_by_label("或逐个列出办件编号")).to_have_value(re.compile(r"SB\d{4}-\d{6}"))
    log_in(narrow_page, "designer")
    for address in ("/migrations", "/migrations/1", "/migrations/new/declaration"):
        narrow_page.goto(address)
        assert_good(narrow_page)
    through_the_new_step(demo_app, page, cases.reviewing)
    narrow_page.context.clear_cookies()
    log_in(narrow_page, "admin")
    for address in (f"/instances/{cases.reviewing}/interventions", "/designer/declaration/versions"):
        for one in (page, narrow_page):
            one.goto(address)
            assert_good(one)
    page.get_by_role("link", name="热力图").last.click()
    expect(page.locator(".diagram-view svg .wm-heat5").first).to_be_visible()
    assert_good(page)
    page.get_by_role("link", name="办理用时（中位）").click()
    assert_good(page)
    narrow_page.goto(page.url)
    assert_good(narrow_page)


def through_the_new_step(app: Flask, page: Page, case: int) -> None:
    office = Office(app)
    for element, answers in (("review_county", {"outcome": "pass"}), ("confirm_facts", {})):
        (name, *_others) = office.candidates(case, element)
        person = office.person(name)
        task = person.find_task(case, element)
        assert task is not None
        assert task["due_at"]
        person.complete(task, **answers)
    assert office.candidates(case, "consult_department")
    page.context.clear_cookies()
    log_in(page, "admin")
    page.goto(f"/instances/{case}")
    expect(page.get_by_text("换用新版本")).to_be_visible()
    expect(page.get_by_text("核实关键事实").first).to_be_visible()
    assert_good(page)

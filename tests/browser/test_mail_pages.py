"""Mail as a phone shows it, the bell, and what administrators see of mail and webhooks, through Chromium."""

import re
from html import escape
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.browsing import NARROW, WIDE, assert_fits, assert_good, log_in, pictured
from webapp import clock
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.database import transaction
from webapp.mail.examples import example_about, example_content
from webapp.mail.kinds import kinds
from webapp.mail.rendering import Rendered, render, shipped_source
from webapp.webhooks import operations as webhooks

SITE = "https://wm.example.cn"
LATE = r"逾期 \d+ 个工作日"
SAID = {
    "returned": ("某市第一中学", "县级初审", LATE, "修改并重新提交", "查看理由并修改"),
    "reminder": ("某市第一中学", "县级初审", LATE, "在截止时间前完成", "打开任务", "退回修改"),
    "escalation": ("某市第一中学", "县级初审", "李某、赵某", LATE, "请督促办理", "查看办件"),
    "handed": ("某市第一中学", "县级初审", LATE, "转给您办理", "打开任务"),
    "nudge": ("某市第一中学", "县级初审", LATE, "请您尽快办理", "打开任务"),
    "digest": ("某中学 县级初审", "逾期 2 个工作日", "还剩 9 个工作日", "点开即可办理", "打开待办列表"),
    "incident": ("某市第一中学", "名额台账无法读取", "需要管理员处理", "查看并处理"),
}
"""What each message has to say: whose, what, how late, what to do, and the words of its link."""


@pytest.fixture(params=SAID)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mail(demo_app: Flask, kind: str) -> Rendered:
    """A message of every kind, as it leaves."""
    with demo_app.app_context():
        now = clock.now()
        content, person = example_content(kinds()[kind], now), example_about(now).person
        return render(shipped_source(), content, person, site_name="文明创建流程平台", base_url=SITE)


def test_a_mail_fits_a_phone_and_says_what_whose_how_late_and_where(
    mail: Rendered, kind: str, narrow_page: Page, tmp_path: Path
) -> None:
    narrow_page.set_content(mail.html)
    assert narrow_page.viewport_size == NARROW
    assert_good(narrow_page)
    narrow_page.screenshot(path=tmp_path / f"{kind}.png", full_page=True)
    assert "src=" not in mail.html, "nothing is fetched from anywhere"
    links = [link.get_attribute("href") or "" for link in narrow_page.get_by_role("link").all()]
    assert links
    assert all(link.startswith(f"{SITE}/") for link in links)
    shown = narrow_page.locator("body").inner_text()
    plain = f'<html lang="zh-CN"><meta name="viewport" content="width=device-width"><pre>{escape(mail.text)}</pre>'
    narrow_page.set_content(plain)
    narrow_page.add_style_tag(content="pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 16px sans-serif }")
    assert_fits(narrow_page)
    narrow_page.screenshot(path=tmp_path / f"{kind}-text.png", full_page=True)
    for words in SAID[kind]:
        assert re.search(words, shown), f"{words} in {shown}"
        assert re.search(words, mail.text), f"{words} in {mail.text}"
    assert f"{SITE}/" in mail.text


def test_pages_about_mail_can_be_read_on_desk_and_phone(demo_app: Flask, page: Page) -> None:
    with demo_app.app_context(), transaction() as session:
        name = "push.岳阳市政务服务数据共享交换平台.cn".encode("idna").decode()
        admin = get_actor(session, session.scalars(select(User.id).where(User.username == "admin")).one())
        webhooks.add_host(
            session, admin, clock.now(), name, "市政务服务数据共享交换平台接收文明创建办件的期限和退回事件"
        )
    log_in(page, "admin")
    paths = ("", "/settings", "/templates", "/templates/digest/0", "/bounce")
    of_mail = [f"/administration/mail{path}" for path in paths]
    others = ["/administration/webhooks", "/administration/webhooks/new", "/calendar/feed", "/users/superiors", "/late"]
    for number, path in enumerate([*of_mail, *others, "/notifications", "/notifications/settings"]):
        page.set_viewport_size(WIDE)
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        for name, size in (("desk", WIDE), ("phone", NARROW)):
            page.set_viewport_size(size)
            assert_good(page, within="main")
            pictured(page, f"mail-{number:02}-{name}")


def test_the_bell_has_its_place_on_a_phone(narrow_page: Page) -> None:
    log_in(narrow_page, "admin")
    narrow_page.get_by_role("link", name="通知", exact=True).click()
    expect(narrow_page.get_by_role("heading", level=1)).to_have_text("通知")
    assert_fits(narrow_page)

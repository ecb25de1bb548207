"""The bell, links from mails, and 邮件 in administration, as people use them."""

import re
from uuid import UUID

import pytest
from flask import Flask

from tests.factories.page_client import PageClient
from tests.integration.mail.test_causes import started
from webapp import clock
from webapp.accounts.models import User
from webapp.database import db, transaction
from webapp.mail import operations
from webapp.mail.examples import every_example
from webapp.mail.models import MailMessage
from webapp.mail.rendering import list_faults, shipped_source
from webapp.mail.sending import send_due
from webapp.mail.tokens import Ticket, make_token
from webapp.tasks.models import Task

PAGES = ("", "/settings", "/templates", "/templates/returned/0", "/templates/digest/0/html")


def returned(app: Flask) -> UUID:
    """The task that a return has opened, with its mail written."""
    started(app).do("review_county", outcome="return")
    with app.app_context():
        send_due()
        with transaction() as session:
            task: UUID = session.query(Task.id).filter(Task.status == "open").one()[0]
    return task


@pytest.mark.parametrize("path", PAGES)
def test_administrators_alone_see_mail(demo_app: Flask, path: str) -> None:
    assert PageClient(demo_app, "yunxi.unit1.clerk").get(f"/administration/mail{path}").status_code == 403
    assert PageClient(demo_app, "admin").get(f"/administration/mail{path}").status_code == 200


def test_a_held_message_can_be_read_and_sent_again(demo_app: Flask) -> None:
    returned(demo_app)
    admin = PageClient(demo_app, "admin")

    assert "退回：" in admin.read("/administration/mail?status=held&person=yunxi")
    page = admin.read("/administration/mail/1")
    assert 'sandbox src="/administration/mail/1/html"' in page
    answer = admin.get("/administration/mail/1/html")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert admin.post("/administration/mail/1/again").status_code == 302
    assert "待发送" in admin.read("/administration/mail/1")


def test_settings_hold_no_secret_and_need_a_sender(demo_app: Flask) -> None:
    admin = PageClient(demo_app, "admin")
    fields = {"host": "smtp.example.org", "port": "465", "security": "tls", "sender": "", "sender_name": "平台"}
    fields |= {"per_minute": "60", "timeout_seconds": "20", "base_url": ""}

    refused = admin.post("/administration/mail/settings", fields)
    assert refused.status_code == 422
    assert "发件地址" in refused.text
    assert admin.post("/administration/mail/settings", fields | {"sender": "wm@example.org"}).status_code == 302
    assert "smtp.example.org" in admin.read("/administration/mail/settings")


def test_a_template_with_a_mistake_is_refused_with_its_line(demo_app: Flask) -> None:
    admin = PageClient(demo_app, "admin")
    fields = {"subject": "{{ mail.title }}", "text": "一\n{% if mail.lead %}\n二", "html": "<p>{{ mail.nope }}</p>"}

    refused = admin.post("/administration/mail/templates/returned/0", fields | {"reason": "试"})

    assert refused.status_code == 422
    assert "第 3 行" in refused.text or "第 2 行" in refused.text
    assert "nope" in refused.text


def test_a_template_that_would_fill_the_memory_is_not_kept(demo_app: Flask) -> None:
    admin = PageClient(demo_app, "admin")
    fields = {"subject": "{{ mail.title }}", "text": "一\n二\n{{ 'x' * 10**9 }}", "html": "<p>{{ mail.lead }}</p>"}

    refused = admin.post("/administration/mail/templates/returned/0", fields | {"reason": "试"})

    assert refused.status_code == 422
    assert "第 3 行" in refused.text
    assert "乘法" in refused.text
    assert admin.get("/administration/mail/templates/returned/1").status_code == 404


def test_the_shipped_template_is_within_the_limits(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert list_faults(shipped_source(), iter(every_example(clock.now()))) == []


def test_a_template_holds_once_it_is_put_in_force(demo_app: Flask) -> None:
    admin = PageClient(demo_app, "admin")
    fields = {"subject": "【文明办】{{ mail.title }}", "text": "{{ mail.lead }}", "html": "<p>{{ mail.lead }}</p>"}
    assert admin.post("/administration/mail/templates/returned/0", fields | {"reason": "加前缀"}).status_code == 302
    assert "【文明办】" in admin.read("/administration/mail/templates/returned/1")

    admin.post("/administration/mail/templates/returned/1/use")
    returned(demo_app)

    assert "【文明办】退回" in admin.read("/administration/mail/1")


def test_the_bell_shows_what_the_mail_says(demo_app: Flask) -> None:
    task = returned(demo_app)
    clerk = PageClient(demo_app, "yunxi.unit1.clerk")

    assert clerk.get("/notifications/count").get_json() == {"unread": 1}
    page = clerk.read("/notifications")
    assert "退回：" in page
    assert f"/tasks/{task}" in page
    found = re.search(r'name="up_to" value="(\d+)"', page)
    assert found
    clerk.post("/notifications/read", {"up_to": found[1]})
    assert clerk.get("/notifications/count").get_json() == {"unread": 0}


def test_people_say_when_they_want_mail(demo_app: Flask) -> None:
    clerk = PageClient(demo_app, "yunxi.unit1.clerk")

    assert clerk.post("/notifications/settings", {"digest_at": "03:00"}).status_code == 422
    assert clerk.post("/notifications/settings", {"digest_at": "14:00", "wants_digest": "y"}).status_code == 302
    assert 'value="14:00"' in clerk.read("/notifications/settings")


def _token(app: Flask, task: UUID, username: str, action: str = "resubmit") -> str:
    with app.app_context():
        row = db.session.get_one(Task, task)
        user = db.session.query(User.id).filter(User.username == username).one()[0]
        assigned = (row.assigned_organisation_id, row.assigned_user_id)
        return make_token(Ticket(user, task, action, assigned))


def test_a_link_opens_the_task_after_login_and_decides_nothing(demo_app: Flask) -> None:
    task = returned(demo_app)
    path = f"/mail/act/{_token(demo_app, task, 'yunxi.unit1.clerk')}"

    assert "/login?next=" in demo_app.test_client().get(path).headers["Location"]
    answer = PageClient(demo_app, "yunxi.unit1.clerk").get(path)
    assert answer.headers["Location"] == f"/tasks/{task}?choose=resubmit"
    assert PageClient(demo_app, "city.reviewer1").get(path).status_code == 403
    assert PageClient(demo_app, "yunxi.unit1.clerk").post(path).status_code == 409
    with demo_app.app_context():
        assert db.session.get_one(Task, task).status == "open"


def test_a_link_is_void_when_forged_reassigned_or_done(demo_app: Flask) -> None:
    task = returned(demo_app)
    clerk = PageClient(demo_app, "yunxi.unit1.clerk")
    path = f"/mail/act/{_token(demo_app, task, 'yunxi.unit1.clerk')}"

    assert clerk.get(f"{path}x").status_code == 410
    with demo_app.app_context(), transaction() as session:
        session.query(Task).filter(Task.id == task).update({"assigned_user_id": 1})
    assert clerk.get(path).status_code == 410
    assert demo_app.test_client().get("/mail/act/nonsense").status_code == 410


def test_a_test_mail_can_be_asked_for(demo_app: Flask) -> None:
    admin = PageClient(demo_app, "admin")

    assert admin.post("/administration/mail/test").status_code == 302
    assert admin.post("/administration/mail/test", {"kind": "returned", "version": "9"}).status_code == 404
    with demo_app.app_context(), transaction() as session:
        assert [m.kind for m in session.query(MailMessage)] == ["test"]
    assert operations.SEND == "mail.send"

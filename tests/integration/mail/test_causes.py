"""What steps of a case say by mail at once: a return to whoever corrects, a failure to the administrators."""

from flask import Flask

from tests.factories.api_client import Case
from tests.factories.broken_service import broken
from tests.factories.insiders import Insiders
from webapp.database import transaction
from webapp.mail.models import MailMessage
from webapp.mail.sending import send_due


def messages(app: Flask) -> list[MailMessage]:
    with app.app_context():
        send_due()
        with transaction() as session:
            return session.query(MailMessage).order_by(MailMessage.id).all()


def started(app: Flask) -> Case:
    office = Insiders(app)
    batch = office.person("city.reviewer1").get("/batches")["items"][0]["id"]
    return Case(office, office.person("yunxi.unit1.clerk"), batch=str(batch), honour="city").submitted()


def test_a_return_tells_the_unit_at_once_and_nobody_else(demo_app: Flask) -> None:
    case = started(demo_app)
    assert messages(demo_app) == []

    case.do("review_county", outcome="return")

    sent = messages(demo_app)
    assert {m.kind for m in sent} == {"returned"}
    candidates = case.office.candidates(case.id, "correct_declaration")
    assert len(sent) == len(candidates)
    for message in sent:
        assert (message.subject or "").startswith("退回：")
        assert f"/tasks/{message.task_id}" in (message.text or "")
        assert "退回环节" in (message.html or "")
    assert case.open_steps() == ["correct_declaration"]


def test_a_failure_tells_the_administrators_once_an_hour(demo_app: Flask) -> None:
    case = started(demo_app).do("review_county", outcome="pass").consulted()
    with broken("reserve_quota"):
        case.assessed()

    sent = [m for m in messages(demo_app) if m.kind == "incident"]
    assert len(sent) == 1
    assert "名额台账无法读取" in (sent[0].text or "")
    assert "/administration/incidents/" in (sent[0].text or "")
    with broken("reserve_quota"):
        case.office.person("admin").post(f"/instances/{case.id}/retry")
    assert len([m for m in messages(demo_app) if m.kind == "incident"]) == 1

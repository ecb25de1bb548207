"""The events of which people are told by mail reach programs: signed, tried again, seen, sent again by hand."""

import base64
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from tests.factories.page_client import PageClient
from tests.factories.web_receiver import Receiver, web_receiver
from tests.integration.mail.test_causes import started
from webapp import clock
from webapp.audit.models import AuditEntry
from webapp.database import db, transaction
from webapp.mail.models import MailMessage
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import BACK_OFF
from webapp.webhooks.delivering import NOT_LISTED, deliver_due
from webapp.webhooks.jobs import sweep
from webapp.webhooks.models import Webhook, WebhookDelivery
from webapp.webhooks.posting import Answer, PostError

PATH = "/administration/webhooks"


@pytest.fixture
def receiver(demo_app: Flask) -> Iterator[Receiver]:
    """A receiver in a network that the installation was started with."""
    own = (ipaddress.ip_network("127.0.0.0/8"),)
    demo_app.extensions["settings"] = replace(demo_app.extensions["settings"], webhook_networks=own)
    with web_receiver() as found:
        yield found


@pytest.fixture
def admin(demo_app: Flask) -> PageClient:
    return PageClient(demo_app, "admin")


@pytest.fixture
def secret(admin: PageClient, receiver: Receiver) -> str:
    """The secret of the only webhook, which is told of everything."""
    assert admin.post(f"{PATH}/hosts", {"name": "127.0.0.1", "reason": "测试"}).status_code == 302
    assert admin.post(f"{PATH}/new", fields(receiver)).status_code == 302
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", admin.read(f"{PATH}/1"))
    assert found
    return found[0]


def fields(receiver: Receiver, **other: Any) -> dict[str, Any]:
    kinds = ["returned", "reminder", "nudge", "escalation", "outcome", "incident"]
    url = f"http://127.0.0.1:{receiver.port}/hook"
    return {"label": "办公系统", "url": url, "kinds": kinds, "is_active": "y"} | other


def deliver(app: Flask) -> int:
    with app.app_context():
        return deliver_due()


def deliveries(app: Flask) -> list[WebhookDelivery]:
    with app.app_context(), transaction() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def make_due(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(WebhookDelivery).values(due_at=clock.real_now()))
        session.execute(update(Webhook).values(paused_until=None))


def test_a_return_is_told_signed_and_once(demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str) -> None:
    case = started(demo_app).do("review_county", outcome="return")

    assert deliver(demo_app) == 1
    assert deliver(demo_app) == 0

    (body,), (headers,) = receiver.bodies, receiver.headers
    event = json.loads(body)
    assert (event["type"], event["case"]["id"], event["task"]["name"]) == ("returned", case.id, "补正申报材料")
    assert [person["username"] for person in event["recipients"]] == ["yunxi.unit1.clerk", "yunxi.unit1.leader"]
    assert event["url"].endswith(f"/tasks/{event['task']['id']}")
    assert "mail/act" not in body.decode()
    assert event["id"] == headers["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert "已推送" in admin.read(f"{PATH}/1")
    assert event["case"]["number"] in admin.read(f"{PATH}/1")


def test_it_exists_only_with_what_caused_it(demo_app: Flask, secret: str) -> None:
    with demo_app.app_context():
        session = db.session()
        enqueue(session, "outcome", Recipients(people=[1, 2]), {})
        session.rollback()
        enqueue(session, "test", Recipients(people=[1]), {})
        enqueue(session, "outcome", Recipients(people=[1, 2]), {})
        session.commit()
        jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.deliver' AND status = 'todo'")
        assert session.scalar(jobs) == 2

    (delivery,) = deliveries(demo_app)
    assert (delivery.kind, delivery.people) == ("outcome", [1, 2])


def test_failures_are_tried_again_with_the_same_body_and_not_for_ever(
    demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str
) -> None:
    receiver.code = 503
    admin.post(f"{PATH}/1/test")
    for _attempt in BACK_OFF:
        assert deliver(demo_app) == 0
        (delivery,) = deliveries(demo_app)
        assert (delivery.status, delivery.answer_code) == ("queued", 503)
        assert delivery.due_at > clock.real_now()
        make_due(demo_app)
    deliver(demo_app)

    assert deliveries(demo_app)[0].status == "failed"
    assert len(receiver.bodies) == len(BACK_OFF) + 1
    assert len(set(receiver.bodies)) == 1
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    receiver.code = 200
    assert "推送失败" in admin.read(f"{PATH}/deliveries/1")
    admin.post(f"{PATH}/deliveries/1/again")
    assert deliver(demo_app) == 1
    assert deliveries(demo_app)[0].status == "sent"


def test_one_that_fails_keeps_no_other_waiting(
    demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str
) -> None:
    """After the first failure of a webhook the rest of its deliveries waits; another webhook gets its own."""
    receiver.code = 500
    with web_receiver() as other:
        admin.post(f"{PATH}/new", fields(other, label="另一个"))
        for _ in range(3):
            admin.post(f"{PATH}/1/test")
        admin.post(f"{PATH}/2/test")
        assert deliver(demo_app) == 1

    assert len(receiver.bodies) == 1
    assert "连续失败 1 次" in admin.read(PATH)


def test_one_that_cannot_be_written_keeps_no_other_waiting(
    demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str
) -> None:
    """Such as one of a kind that this version does not know."""
    with demo_app.app_context():
        for _ in range(2):
            enqueue(db.session(), "outcome", Recipients(people=[1]), {})
        db.session().commit()
        with transaction() as session:
            first = select(WebhookDelivery.message_id).order_by(WebhookDelivery.id).limit(1).scalar_subquery()
            session.execute(update(MailMessage).where(MailMessage.id == first).values(kind="unheard_of"))

    assert deliver(demo_app) == 1

    assert [d.status for d in deliveries(demo_app)] == ["failed", "sent"]
    assert "无法生成" in admin.read(f"{PATH}/deliveries/1")


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_webhook_may_be_removed_while_it_is_told(
    demo_app: Flask,
    admin: PageClient,
    receiver: Receiver,
    secret: str,
    monkeypatch: pytest.MonkeyPatch,
    is_taken: bool,
) -> None:
    """The delivery goes with it; those of others go on."""

    def post_and_remove(*_arguments: object) -> Answer:
        admin.post(f"{PATH}/1/remove")
        if is_taken:
            return Answer(204)
        raise PostError("对方拒绝连接")

    monkeypatch.setattr("webapp.webhooks.delivering.post", post_and_remove)
    admin.post(f"{PATH}/1/test")

    assert deliver(demo_app) == int(is_taken)
    assert deliveries(demo_app) == []


def test_gone_is_final(demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str) -> None:
    receiver.code = 410
    admin.post(f"{PATH}/1/test")
    deliver(demo_app)

    assert deliveries(demo_app)[0].status == "failed"


def test_the_list_counts_when_it_leaves(demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str) -> None:
    admin.post(f"{PATH}/1/test")
    assert admin.post(f"{PATH}/hosts/remove", {"name": "127.0.0.1"}).status_code == 302

    assert deliver(demo_app) == 0

    assert [(d.status, d.last_error) for d in deliveries(demo_app)] == [("failed", NOT_LISTED)]
    assert receiver.bodies == []
    refused = admin.post(f"{PATH}/1", fields(receiver))
    assert refused.status_code == 422
    assert "不在允许推送的名单上" in refused.text


def test_private_networks_are_refused_unless_it_was_started_with_them(
    demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str
) -> None:
    demo_app.extensions["settings"] = replace(demo_app.extensions["settings"], webhook_networks=())
    admin.post(f"{PATH}/1/test")
    deliver(demo_app)

    assert receiver.bodies == []
    assert "内部地址" in admin.read(f"{PATH}/deliveries/1")


@pytest.mark.parametrize("url", ["", "oa.example.cn", "https://u:p@127.0.0.1/", "https://10.0.0.1/", "javascript:x"])
def test_addresses_that_are_refused_are_explained_with_nothing_lost(
    admin: PageClient, receiver: Receiver, secret: str, url: str
) -> None:
    refused = admin.post(f"{PATH}/new", fields(receiver, url=url, label="一个名称"))

    assert refused.status_code == 422
    assert 'value="一个名称"' in refused.text


def test_only_administrators_act_and_everything_is_recorded(
    demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str
) -> None:
    clerk = PageClient(demo_app, "yunxi.unit1.clerk")
    for path in ("", "/1", "/new"):
        assert clerk.get(PATH + path).status_code == 403
    for path in ("/1/test", "/1/secret", "/1/remove", "/hosts", "/hosts/remove"):
        assert clerk.post(PATH + path).status_code == 403
    assert secret not in PageClient(demo_app, "auditor").read(f"{PATH}/1")
    admin.post(f"{PATH}/1/secret")
    assert secret not in admin.read(f"{PATH}/1")
    admin.post(f"{PATH}/1", fields(receiver, is_active=""))
    assert admin.post(f"{PATH}/1/remove").status_code == 302
    with demo_app.app_context(), transaction() as session:
        acts = set(session.scalars(select(AuditEntry.act).where(AuditEntry.act.startswith("webhook."))))
    assert acts == {f"webhook.{a}" for a in ("add_host", "create", "renew_secret", "change", "remove")}


def test_what_a_dead_worker_left_is_found(demo_app: Flask, admin: PageClient, receiver: Receiver, secret: str) -> None:
    admin.post(f"{PATH}/1/test")
    with demo_app.app_context():
        with transaction() as session:
            session.execute(text("DELETE FROM procrastinate_jobs"))
        sweep()
        sweep()
        with transaction() as session:
            waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.deliver'")
            assert session.scalar(waiting) == 1
            session.execute(update(WebhookDelivery).values(due_at=clock.real_now() + timedelta(hours=1)))
            session.execute(text("DELETE FROM procrastinate_jobs"))
        sweep()
        with transaction() as session:
            assert session.scalar(waiting) == 0

"""Messages that come to a case from outside of its steps, sent by the operations that send them in earnest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.clock import SHANGHAI
from webapp.instances.models import Instance
from webapp.instances.operations import send_message, withdraw
from webapp.notices.models import Document, DocumentCase
from webapp.notices.operations import raise_objection
from webapp.pairing.models import Pairing
from webapp.pairing.supervising import ask_visit, end_early, file_visit
from webapp.problems import Conflict
from webapp.trials.rules import UNANNOUNCED
from webapp.trials.world import PEOPLE


@dataclass(frozen=True)
class Sending:
    """One message about to be sent."""

    session: Session
    now: datetime
    instance: Instance
    name: str
    payload: Mapping[str, Any]


def send(sending: Sending) -> None:
    """Let a message come.

    Raises:
        Problem: nobody could send it now.
    """
    _SENDERS.get(sending.name, _send_plainly)(sending)


def _send_plainly(sending: Sending) -> None:
    send_message(sending.session, sending.now, sending.instance.id, sending.name, dict(sending.payload))


def _withdraw(sending: Sending) -> None:
    subject = select(User.id).where(User.organisation_id == sending.instance.subject_id).order_by(User.id).limit(1)
    user = sending.session.scalar(subject)
    if user is None:
        raise Conflict("这个办件没有申报单位，没有人可以撤回。")
    actor = get_actor(sending.session, user)
    withdraw(sending.session, actor, sending.now, sending.instance.id, "试运行：撤回")


def _object(sending: Sending) -> None:
    document = _last_notice(sending.session, sending.instance.id)
    if document is None:
        raise Conflict("还没有发布公示，不会有异议。")
    fields = {"name": "示例群众", "contact": "13800000000", "text": "试运行：对公示内容有异议。"}
    raise_objection(sending.session, sending.now, document, fields, None)


def _last_notice(session: Session, instance_id: int) -> int | None:
    notice = (
        select(Document.id)
        .join(DocumentCase, DocumentCase.document_id == Document.id)
        .where(DocumentCase.instance_id == instance_id, Document.kind == "notice")
        .order_by(Document.id.desc())
        .limit(1)
    )
    return session.scalar(notice)


def may_come(session: Session, now: datetime, instance: Instance) -> list[str]:
    """The messages that may come: those waited for, and objections to a running notice, of which more are kept."""
    names = {wait["name"] for wait in instance.waits if wait["kind"] == "message"}
    notice = _last_notice(session, instance.id)
    ends_at = session.get_one(Document, notice).ends_at if notice is not None else None
    is_running = instance.status == "running" and ends_at is not None and ends_at >= now
    return sorted(names | ({"objection"} if is_running else set()))


def _visit(sending: Sending) -> None:
    if sending.payload == UNANNOUNCED:
        day = sending.now.astimezone(SHANGHAI).date().isoformat()
        file_visit(sending.session, _city(sending), sending.now, _pairing(sending), day, "real", "试运行：暗访所见。")
        return
    ask_visit(sending.session, _city(sending), sending.now, _pairing(sending), "试运行：督导")


def _end(sending: Sending) -> None:
    outcome = str(sending.payload.get("pairing_outcome") or "ended")
    end_early(sending.session, _city(sending), sending.now, _pairing(sending), outcome, "试运行：提前结束")


def _city(sending: Sending) -> Actor:
    return get_actor(sending.session, PEOPLE["city.leader"])


def _pairing(sending: Sending) -> int:
    found = sending.session.scalar(select(Pairing.id).where(Pairing.instance_id == sending.instance.id))
    if found is None:
        raise Conflict("这个办件不是结对帮创。")
    return found


_SENDERS: dict[str, Callable[[Sending], None]] = {
    "withdrawal": _withdraw,
    "objection": _object,
    "supervision": _visit,
    "pairing_ending": _end,
}

"""Note what mail servers report later about a message that had been accepted: it came back, or has not arrived yet.

What came back for good is marked and can be sent again by hand; the same report a second time changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.mail.bounce_report import Outcome, Report, UnreadableReportError, read_report
from webapp.mail.models import MailMessage
from webapp.problems import Invalid, invalid

_LEFT = frozenset({"sent", "sending", "queued"})


@dataclass(frozen=True)
class Noted:
    """What came of a report."""

    message_id: int
    words: str
    """One line (Chinese)."""


def note_bounce(session: Session, actor: Actor | None, now: datetime, raw: bytes) -> Noted:
    """Note what a delivery status notification says about the message that it is about.

    Args:
        actor: who brought it; ``None`` for a program.
        raw: the notification as it came.

    Raises:
        Invalid: it cannot be read, or is about no message that left from here to that recipient.
    """
    try:
        report = read_report(raw)
    except UnreadableReportError as error:
        raise _refusal("report", str(error)) from error
    query = select(MailMessage).where(MailMessage.message_id == report.message_id)
    message = session.scalar(query.with_for_update())
    if message is None:
        raise _refusal("unknown", f"没有 Message-ID 为 {report.message_id} 的邮件，没有改动。")
    return _note(session, actor, now, message, _outcome_of(report, message))


def _refusal(code: str, words: str) -> Invalid:
    return invalid("report", code, words)


def _outcome_of(report: Report, message: MailMessage) -> Outcome:
    outcome = report.outcome_for(message.address) if message.address else None
    if outcome is None:
        raise _refusal("recipient", f"退信里的收件人不是邮件 {message.id} 的收件人，没有改动。")
    return outcome


def _note(session: Session, actor: Actor | None, now: datetime, message: MailMessage, outcome: Outcome) -> Noted:
    subject = f"mail:{message.id}"
    if not outcome.is_final and not outcome.is_delayed:
        return Noted(message.id, f"邮件 {message.id} 已送达或已转交，无需处理。")
    told = _told(outcome)
    if message.status == "bounced" or (outcome.is_delayed and message.last_error == told):
        return Noted(message.id, f"邮件 {message.id} 的这次退信已经登记过，没有改动。")
    if message.status not in _LEFT or not message.attempts:
        raise _refusal("state", f"邮件 {message.id} 没有发出过或已不在发送，没有改动。")
    before, message.last_error = {"status": message.status}, told
    if outcome.is_delayed:
        session.flush()
        record(session, actor, "mail.delayed", subject=subject, after={"reason": told})
        return Noted(message.id, f"邮件 {message.id} 尚未送达，对方服务器还在重试，已记下原因。")
    message.status, message.bounced_at, message.sent_at = "bounced", now, message.sent_at or now
    session.flush()
    record(session, actor, "mail.bounce", subject=subject, before=before, after={"reason": told})
    return Noted(message.id, f"邮件 {message.id} 已标为“被退信”。")


def _told(outcome: Outcome) -> str:
    kind = "退信" if outcome.is_final else "暂未送达"
    return f"{kind} {outcome.status}".rstrip() + (f"：{outcome.words}" if outcome.words else "")

"""What the administrator does about mail: send again, set the server, write templates; each act is recorded."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.mail.examples import example_about, example_content
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings, MailTemplate
from webapp.mail.operations import SEND, Recipients, enqueue
from webapp.mail.rendering import Source, list_faults
from webapp.mail.sending import NO_SERVER
from webapp.mail.settings import get_settings
from webapp.problems import Conflict, InputError, Invalid, NotFound, invalid

_RELEASED_AGE = timedelta(days=7)


def send_again(session: Session, actor: Actor, message_id: int) -> int:
    """Send a message once more by hand; returns the number of the message that leaves.

    What never left goes out under its own Message-ID; what was accepted is sent as a new message. A digest that came
    back is the only one of its day and goes out again itself.

    Raises:
        NotFound: there is none.
        Conflict: it is on its way, pointless, or part of a digest.
    """
    message = session.get(MailMessage, message_id, with_for_update=True)
    if message is None:
        raise NotFound
    if message.status in {"sending", "void", "digest"}:
        raise Conflict("这封邮件正在发送、已经作废或者已并入汇总，不能再发。请刷新页面查看。")
    record(session, actor, "mail.again", subject=f"mail:{message_id}", before={"status": message.status})
    if message.status == "sent" or (message.status == "bounced" and message.kind != "digest"):
        return _copy(session, message)
    message.status, message.attempts, message.due_at = "queued", 0, clock.real_now()
    message.sent_at = message.bounced_at = None
    message.has_slot, message.last_error = False, None
    session.flush()
    defer(session, SEND, {}, lock=SEND)
    return message_id


def _copy(session: Session, message: MailMessage) -> int:
    if message.kind == "digest":
        raise Conflict("汇总已经送达；新的汇总在下一个工作日发出。")
    to, case, task = Recipients(people=[message.user_id]), message.instance_id, message.task_id
    (made,) = enqueue(session, message.kind, to, message.facts, instance_id=case, task_id=task)
    return made


def release_held(session: Session, actor: Actor) -> int:
    """Queue what was held because there was no server, of the last week; returns how many."""
    since = clock.now() - _RELEASED_AGE
    held = (
        update(MailMessage)
        .where(MailMessage.status == "held", MailMessage.last_error == NO_SERVER, MailMessage.created_at > since)
        .values(status="queued", due_at=clock.real_now(), last_error=None)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(held)
    released = done.rowcount if isinstance(done, CursorResult) else 0
    record(session, actor, "mail.release", after={"messages": released})
    if released:
        defer(session, SEND, {}, lock=SEND)
    return released


def change_settings(session: Session, actor: Actor, values: dict[str, Any]) -> None:
    """Send by another server, or none, from now on.

    Args:
        values: columns of :class:`MailSettings` that a person may set.

    Raises:
        Invalid: a server without a sender.
    """
    if values["host"] and not values["sender"]:
        raise invalid("sender", "required", "设置了发信服务器，就要填写发件地址。")
    settings = get_settings(session)
    before = {name: getattr(settings, name) for name in values}
    fresh = {"failures": 0, "paused_until": None, "last_error": None, "next_slot_at": None}
    session.execute(update(MailSettings).values(**values, **fresh).execution_options(synchronize_session=False))
    record(session, actor, "mail.settings", before=before, after=values)
    defer(session, SEND, {}, lock=SEND)


def save_template(session: Session, actor: Actor, kind: str, source: Source, reason: str) -> int:
    """Keep a new version of the template of a kind; it does not hold yet. Returns its number.

    Raises:
        Invalid: a part cannot be used; the error names part and line.
    """
    now = clock.now()
    example = example_content(get_kind(kind), now), example_about(now).person
    faults = list_faults(source, iter([example]))
    if faults:
        raise Invalid([InputError(fault.part, "template", str(fault)) for fault in faults])
    session.execute(_ONE_BY_ONE, {"kind": kind})
    version = (session.scalar(select(func.max(MailTemplate.version)).where(MailTemplate.kind == kind)) or 0) + 1
    session.add(
        MailTemplate(
            kind=kind,
            version=version,
            subject=source.subject,
            text=source.text,
            html=source.html,
            is_current=False,
            changed_by=actor.user_id,
            changed_at=now,
            reason=reason.strip(),
        )
    )
    session.flush()
    record(session, actor, "mail.template", subject=f"template:{kind}:{version}", after={"reason": reason.strip()})
    return version


_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('mail_template'), hashtext(:kind))")


def use_template(session: Session, actor: Actor, kind: str, version: int) -> None:
    """Let a version hold from now on; 0 is the shipped template.

    Raises:
        NotFound: there is no such version.
    """
    session.execute(_ONE_BY_ONE, {"kind": kind})
    mine = MailTemplate.kind == kind
    before = session.scalar(select(MailTemplate.version).where(mine, MailTemplate.is_current)) or 0
    session.execute(update(MailTemplate).where(mine, MailTemplate.is_current).values(is_current=False))
    if version:
        there = session.scalar(select(MailTemplate).where(mine, MailTemplate.version == version))
        if there is None:
            raise NotFound
        session.execute(update(MailTemplate).where(MailTemplate.id == there.id).values(is_current=True))
    record(
        session,
        actor,
        "mail.use_template",
        subject=f"template:{kind}",
        before={"version": before},
        after={"version": version},
    )


def send_test(session: Session, actor: Actor, kind: str | None = None, version: int = 0) -> int:
    """Send oneself a test mail, or the example of a kind by one version of its template."""
    facts = {"of": kind, "version": version} if kind else {}
    (made,) = enqueue(session, "test", Recipients(people=[actor.user_id]), facts)
    record(session, actor, "mail.test", subject=f"mail:{made}", after=facts)
    return made

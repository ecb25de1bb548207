"""Send what is due: hold the message, look again whether it is wanted, hand it over, note it.

Whoever works on a message holds a lock that the database lets go when its process dies. A message that is marked
``sending`` while nobody holds it may have been taken by the server: it is sent again under the same Message-ID, and
counted. Nothing else is ever sent twice.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import Connection, or_, select, text, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.database import db, transaction
from webapp.mail.content import About
from webapp.mail.drafting import draft
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings
from webapp.mail.reading import about_of, messages
from webapp.mail.settings import get_settings
from webapp.mail.smtp import DeliveryError, Line, RefusedError, ServerError, UncertainError, compose, server_of

log = logging.getLogger(__name__)
MOST_AT_ONCE = 300
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""How long is waited after each failed attempt; the one after the last is final."""
NO_SERVER = "还没有设置发信服务器，邮件没有发出。"
NO_ADDRESS = "收件人没有登记邮箱，邮件没有发出。"
_LONGEST_PAUSE = timedelta(minutes=15)
_BATCH = 50
_CLASS = 0x6D61696C
_TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_SLOT = text("""
    UPDATE mail_settings SET next_slot_at = greatest(COALESCE(next_slot_at, :now), :now)
        + make_interval(secs => 60.0 / per_minute)
    WHERE id = 1 RETURNING next_slot_at - make_interval(secs => 60.0 / per_minute)
""")


@dataclass(frozen=True)
class Ready:
    """A message that is marked as being sent."""

    id: int
    to: str
    attempts: int
    message: EmailMessage


def send_due(*, most: int = MOST_AT_ONCE) -> int:
    """Send messages that are due until there are none, ``most`` are through, or the server cannot be used.

    Returns:
        How many the server accepted.
    """
    sent, tried = 0, set[int]()
    with transaction() as session:
        settings = get_settings(session)
    if settings.host and settings.paused_until and settings.paused_until > clock.real_now():
        return 0
    with _guard() as guard, Line(server_of(settings)) as line:
        while len(tried) < most and (due := [number for number in _list_due(most) if number not in tried]):
            for number in due[: most - len(tried)]:
                tried.add(number)
                try:
                    sent += _handle(guard, line, settings, number)
                except ServerError as error:
                    _pause(str(error))
                    return sent
    if sent and settings.failures:
        _resume()
    return sent


def has_due() -> bool:
    """Whether a message waits to be sent now."""
    return bool(_list_due(1))


def _list_due(most: int) -> list[int]:
    with transaction() as session:
        query = (
            select(MailMessage.id)
            .where(MailMessage.status.in_(("queued", "sending")), MailMessage.due_at <= clock.real_now())
            .order_by(MailMessage.due_at, MailMessage.id)
            .limit(max(most, _BATCH))
        )
        return list(session.scalars(query))


@contextmanager
def _guard() -> Iterator[Connection]:
    """The connection that holds the locks of this process."""
    with db.engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _handle(guard: Connection, line: Line, settings: MailSettings, number: int) -> int:
    """Deal with one message unless somebody else does; 1 when the server accepted it."""
    key = (_CLASS << 32) | (number & 0xFFFFFFFF)
    if not guard.scalar(_TRY_LOCK, {"key": key}):
        return 0
    try:
        if settings.host:
            line.open()
        ready = _prepare(settings, number)
        return _hand_over(line, ready) if ready else 0
    finally:
        guard.execute(_UNLOCK, {"key": key})


def _hand_over(line: Line, ready: Ready) -> int:
    try:
        line.send(ready.to, ready.message)
    except ServerError as error:
        _note(ready.id, status="queued", attempts=ready.attempts - 1, last_error=str(error))
        raise
    except RefusedError as error:
        _note(ready.id, status="failed", last_error=str(error))
    except DeliveryError as error:
        _postpone(ready, error)
    else:
        _note(ready.id, status="sent", sent_at=clock.now(), last_error=None)
        return 1
    return 0


def _prepare(settings: MailSettings, number: int) -> Ready | None:
    """Mark a message as being sent; ``None`` where it is not to be sent (now), then that is noted."""
    with transaction() as session:
        row = session.execute(
            messages()
            .where(MailMessage.id == number, MailMessage.status.in_(("queued", "sending")))
            .where(or_(MailMessage.due_at <= clock.real_now(), MailMessage.status == "sending"))
            .with_for_update(of=MailMessage)
        ).one_or_none()
        if row is None:
            return None
        message: MailMessage = row.MailMessage
        try:
            with session.begin_nested():
                return _ready(session, settings, message, about_of(row))
        except Exception as error:
            log.exception("mail %s", number)
            message.status, message.last_error = "failed", f"无法生成：{type(error).__name__}: {error}"[:1000]
            session.flush()
            return None


def _ready(session: Session, settings: MailSettings, message: MailMessage, about: About) -> Ready | None:
    is_repeat = message.status == "sending"
    reason = "账号已停用" if about.person.is_disabled else get_kind(message.kind).moot(about)
    if reason:
        _settle(session, message, "void", reason)
        return None
    message.last_error = None
    if message.subject is None or not is_repeat:
        draft(session, settings, message, about)
    if not settings.host:
        _settle(session, message, "held", NO_SERVER)
        return None
    if not about.person.email:
        _settle(session, message, "held", NO_ADDRESS)
        return None
    if not is_repeat and _must_wait(session, settings, message):
        return None
    message.address = about.person.email
    try:
        composed = compose(
            server_of(settings),
            message.address,
            message.message_id,
            message.subject or "",
            message.text or "",
            message.html or "",
        )
    except RefusedError as error:
        _settle(session, message, "failed", str(error))
        return None
    message.status, message.sending_at, message.has_slot = "sending", clock.real_now(), False
    message.attempts += 1
    message.repeats += is_repeat
    session.flush()
    return Ready(message.id, message.address, message.attempts, composed)


def _settle(session: Session, message: MailMessage, status: str, reason: str) -> None:
    message.status, message.last_error = status, reason
    session.flush()


def _must_wait(session: Session, settings: MailSettings, message: MailMessage) -> bool:
    """Whether the rate limit has no room now; then the message has its turn later."""
    if not settings.per_minute or message.has_slot:
        return False
    now = clock.real_now()
    slot: datetime = session.execute(_SLOT, {"now": now}).scalar_one()
    if slot <= now:
        return False
    message.due_at, message.has_slot, message.status = slot, True, "queued"
    session.flush()
    return True


def _postpone(ready: Ready, error: DeliveryError) -> None:
    if ready.attempts > len(BACK_OFF):
        _note(ready.id, status="failed", last_error=str(error))
        return
    due_at = clock.real_now() + BACK_OFF[ready.attempts - 1]
    _note(ready.id, status="queued", due_at=due_at, last_error=str(error), is_repeat=isinstance(error, UncertainError))


def _note(number: int, *, is_repeat: bool = False, **values: object) -> None:
    if is_repeat:
        values["repeats"] = MailMessage.repeats + 1
    with transaction() as session:
        session.execute(update(MailMessage).where(MailMessage.id == number).values(values))


def _pause(reason: str) -> None:
    """Leave the server alone for a while, longer each time."""
    with transaction() as session:
        settings = session.execute(select(MailSettings).with_for_update()).scalar_one()
        settings.failures += 1
        wait = min(timedelta(seconds=15 * 2 ** min(settings.failures, 8)), _LONGEST_PAUSE)
        settings.paused_until, settings.last_error = clock.real_now() + wait, reason
        session.flush()
    log.warning("the mail server cannot be used: %s", reason)


def _resume() -> None:
    with transaction() as session:
        session.execute(update(MailSettings).values(failures=0, paused_until=None, last_error=None))

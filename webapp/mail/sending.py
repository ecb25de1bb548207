"""Send what is due: hold the message, look again whether it is wanted, hand it over, note it.

Whoever works on a message holds a lock that the database lets go when its process dies. A message that is marked
``sending`` while nobody holds it may have been taken by the server: it is sent again under the same Message-ID, and
counted. Nothing else is ever sent twice.
"""

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import bindparam, or_, select, text, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.database import transaction
from webapp.mail.content import About
from webapp.mail.drafting import draft, list_sources
from webapp.mail.holding import hold_due
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings
from webapp.mail.reading import about_of, messages
from webapp.mail.rendering import Source
from webapp.mail.settings import get_settings
from webapp.mail.smtp import DeliveryError, Line, RefusedError, ServerError, UncertainError, compose, server_of

log = logging.getLogger(__name__)
MOST_AT_ONCE = 300
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""How long is waited after each failed attempt; the one after the last is final."""
NO_SERVER = "还没有设置发信服务器，邮件没有发出。"
NO_ADDRESS = "收件人没有登记邮箱，邮件没有发出。"
_LONGEST_PAUSE = timedelta(minutes=15)
_LOCKS = 0x6D61696C
_SLOT = text("""
    UPDATE mail_settings SET next_slot_at = greatest(COALESCE(next_slot_at, :now), :now)
        + make_interval(secs => 60.0 / per_minute)
    WHERE id = 1 RETURNING next_slot_at - make_interval(secs => 60.0 / per_minute)
""")
_MESSAGE = (
    messages()
    .where(MailMessage.id == bindparam("number"), MailMessage.status.in_(("queued", "sending")))
    .where(or_(MailMessage.due_at <= bindparam("now"), MailMessage.status == "sending"))
    .with_for_update(of=MailMessage)
)
_DUE = (
    select(MailMessage.id)
    .where(MailMessage.status.in_(("queued", "sending")), MailMessage.due_at <= bindparam("now"))
    .order_by(MailMessage.due_at, MailMessage.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Press:
    """By what settings and templates messages are written now."""

    settings: MailSettings
    sources: Mapping[str, Source]


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
    with transaction() as session:
        press = Press(get_settings(session), list_sources(session))
    settings = press.settings
    if settings.host and settings.paused_until and settings.paused_until > clock.real_now():
        return 0
    sent = 0
    try:
        with closing(hold_due(_LOCKS, _list_due, most)) as numbers, Line(server_of(settings)) as line:
            for number in numbers:
                if settings.host:
                    line.open()
                ready = _prepare(press, number)
                sent += bool(ready and _hand_over(line, ready))
    except ServerError as error:
        _pause(str(error))
    else:
        if sent and settings.failures:
            _resume()
    return sent


def has_due() -> bool:
    """Whether a message waits to be sent now."""
    return bool(_list_due(1))


def _list_due(most: int) -> list[int]:
    with transaction() as session:
        return list(session.scalars(_DUE, {"now": clock.real_now(), "most": most}))


def _hand_over(line: Line, ready: Ready) -> bool:
    """Send a message and note what came of it; whether the server accepted it."""
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
        return True
    return False


def _prepare(press: Press, number: int) -> Ready | None:
    """Mark a message as being sent; ``None`` where it is not to be sent (now), then that is noted."""
    try:
        with transaction() as session:
            row = session.execute(_MESSAGE, {"number": number, "now": clock.real_now()}).one_or_none()
            if row is None:
                return None
            message, about = row.MailMessage, about_of(row)
            values = _next_state(session, press, message, about)
            session.execute(
                update(MailMessage)
                .where(MailMessage.id == number)
                .values(values)
                .execution_options(synchronize_session=False)
            )
            if values["status"] != "sending":
                return None
            return Ready(number, values["address"], values["attempts"], _composed(press.settings, message, values))
    except RefusedError as error:
        _note(number, status="failed", last_error=str(error))
    except Exception as error:
        log.exception("mail %s", number)
        _note(number, status="failed", last_error=f"无法生成：{type(error).__name__}: {error}"[:1000])
    return None


def _next_state(session: Session, press: Press, message: MailMessage, about: About) -> dict[str, Any]:
    """The values of the row after this look at it; without ``status`` "sending" it does not leave now."""
    is_repeat, real_now = message.status == "sending", clock.real_now()
    reason = "账号已停用" if about.person.is_disabled else get_kind(message.kind).moot(about)
    if reason:
        return {"status": "void", "last_error": reason}
    if message.subject is not None and is_repeat:
        values: dict[str, Any] = {"last_error": None}
    else:
        values = draft(session, press.settings, press.sources, message, about)
    if not press.settings.host or not about.person.email:
        return values | {"status": "held", "last_error": NO_ADDRESS if press.settings.host else NO_SERVER}
    if not is_repeat and press.settings.per_minute and not message.has_slot:
        slot: datetime = session.execute(_SLOT, {"now": real_now}).scalar_one()
        if slot > real_now:
            return values | {"status": "queued", "due_at": slot, "has_slot": True}
    values |= {"status": "sending", "sending_at": real_now, "has_slot": False, "address": about.person.email}
    return values | {"attempts": message.attempts + 1, "repeats": message.repeats + is_repeat}


def _composed(settings: MailSettings, message: MailMessage, values: dict[str, Any]) -> EmailMessage:
    parts = [values.get(name, getattr(message, name)) for name in ("subject", "text", "html")]
    return compose(server_of(settings), values["address"], message.message_id, *parts)


def _postpone(ready: Ready, error: DeliveryError) -> None:
    if ready.attempts > len(BACK_OFF):
        _note(ready.id, status="failed", last_error=str(error))
        return
    values: dict[str, Any] = {"due_at": clock.real_now() + BACK_OFF[ready.attempts - 1], "last_error": str(error)}
    if isinstance(error, UncertainError):
        values["repeats"] = MailMessage.repeats + 1
    _note(ready.id, status="queued", **values)


def _note(number: int, **values: Any) -> None:
    """Note what came of a message, unless it has come back meanwhile."""
    with transaction() as session:
        mine = update(MailMessage).where(MailMessage.id == number, MailMessage.status != "bounced")
        session.execute(mine.values(values))


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

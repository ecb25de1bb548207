"""Links that act from a mail: signed for one person, one task and one action; the rest is asked of the task itself.

A token opens nothing by itself: the page behind it needs a login, or a step that its diagram marks ``wm:acknowledge``.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

VALID_FOR = timedelta(days=14)
_SALT = "wenming.mail.act"


@dataclass(frozen=True)
class Ticket:
    """What a token says: who may do what at which task, while the task is for the same organisation and person."""

    user_id: int
    task_id: UUID
    action: str
    assigned: tuple[int | None, int | None]


def make_token(ticket: Ticket) -> str:
    """The signed text of a ticket."""
    return str(_serializer().dumps([ticket.user_id, ticket.task_id.hex, ticket.action, *ticket.assigned]))


def read_token(token: str) -> Ticket | None:
    """The ticket of a token; ``None`` where it was not signed here or has expired."""
    try:
        user_id, task, action, organisation, person = _serializer().loads(token, int(VALID_FOR.total_seconds()))
        return Ticket(user_id, UUID(task), action, (organisation, person))
    except (BadData, ValueError, TypeError):
        return None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=_SALT)

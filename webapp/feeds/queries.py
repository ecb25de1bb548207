"""What a calendar feed shows: the open deadlines of its owner, as the inbox has them."""

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.feeds.models import CalendarFeed
from webapp.feeds.rules import Entry
from webapp.instances.models import Instance
from webapp.problems import NotFound
from webapp.registry.models import Organisation
from webapp.tasks.models import Task, TaskCandidate

MOST = 500


def find_token(session: Session, actor: Actor) -> str | None:
    """The secret part of the address of a person's feed; ``None`` where there is no feed."""
    feed = session.get(CalendarFeed, actor.user_id)
    return str(_signer().dumps([feed.user_id, feed.nonce])) if feed else None


def get_owner(session: Session, token: str) -> int:
    """Whose feed an address names.

    Raises:
        NotFound: nobody's, or not any more; a closed account has none.
    """
    try:
        user_id, nonce = _signer().loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound from error
    query = select(CalendarFeed.user_id).join(User, User.id == CalendarFeed.user_id)
    query = query.where(CalendarFeed.user_id == user_id, CalendarFeed.nonce == nonce, User.disabled_at.is_(None))
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def list_entries(session: Session, user_id: int, base_url: str) -> list[Entry]:
    """The deadlines of a person's open tasks, the next first."""
    query = (
        select(Task.id, Task.name, Task.due_at, Instance.number, Instance.title)
        .add_columns(func.coalesce(Organisation.name, Instance.title).label("unit"))
        .select_from(TaskCandidate)
        .join(Task, Task.id == TaskCandidate.task_id)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .where(TaskCandidate.user_id == user_id, TaskCandidate.is_open, Task.status == "open", Task.due_at.is_not(None))
        .where(or_(Task.claimed_by.is_(None), Task.claimed_by == user_id), Instance.status == "running")
        .order_by(Task.due_at, Task.id)
        .limit(MOST)
    )
    found = []
    for row in session.execute(query):
        url = f"{base_url}/tasks/{row.id}"
        words = f"{row.number} {row.title}\n{url}"
        found.append(Entry(f"{row.id}@wenming", f"{row.unit} {row.name} 截止", words, url, row.due_at))
    return found


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="wenming.calendar.feed")

"""Put messages into the outbox within the caller's transaction: they exist if, and only if, that commits.

One statement each, with the job that sends them. Who wants no immediate mail gets it with the next digest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp import clock

SEND = "mail.send"
"""The job that sends what is due; one at a time, so that slow mail servers keep nothing else waiting."""

_DEFER = (
    "(procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'mail.send', 0, 'mail.send', NULL, '{}'::jsonb, NULL)]"
    "::procrastinate_job_to_defer_v1[]))[1]"
)
_PEOPLE = "SELECT DISTINCT u AS user_id, CAST(:task AS uuid) AS task_id FROM unnest(CAST(:people AS integer[])) AS u"
_CANDIDATES = (
    "SELECT c.user_id, c.task_id FROM task_candidates c JOIN tasks t ON t.id = c.task_id "
    "WHERE c.task_id = ANY(CAST(:people AS uuid[])) AND c.is_open AND CAST(:task AS uuid) IS NULL "
    "AND (t.claimed_by IS NULL OR t.claimed_by = c.user_id)"
)
_ADMINISTRATORS = (
    "SELECT u.id AS user_id, CAST(:task AS uuid) AS task_id FROM users u "
    "WHERE 'administrator' = ANY(u.roles) AND u.disabled_at IS NULL AND CAST(:people AS integer[]) IS NULL"
)


def _statement(recipients: str) -> Any:
    return text(f"""
        WITH recipients AS ({recipients}), added AS (
            INSERT INTO mail_messages (
                kind, user_id, message_id, facts, topic, created_at, due_at, has_slot, status, attempts, repeats,
                instance_id, task_id
            )
            SELECT :kind, r.user_id,
                '<' || gen_random_uuid() || '@' || COALESCE(NULLIF(split_part(s.sender, '@', 2), ''), 'wenming') || '>',
                :facts, CAST(:topic AS text), :now, :real_now, false,
                CASE WHEN :immediate AND COALESCE(p.wants_immediate, true) THEN 'queued' ELSE 'digest' END, 0, 0,
                COALESCE(CAST(:instance AS bigint), (SELECT t.instance_id FROM tasks t WHERE t.id = r.task_id)),
                r.task_id
            FROM recipients r CROSS JOIN mail_settings s LEFT JOIN mail_preferences p ON p.user_id = r.user_id
            WHERE CAST(:topic AS text) IS NULL OR NOT EXISTS (
                SELECT FROM mail_messages m WHERE m.topic = :topic AND m.user_id = r.user_id AND m.created_at > :since
            )
            RETURNING id, status
        ), job AS (SELECT {_DEFER} WHERE EXISTS (SELECT FROM added WHERE status = 'queued'))
        SELECT added.id FROM added LEFT JOIN job ON true ORDER BY added.id
    """).bindparams(bindparam("facts", type_=JSONB))  # noqa: S608 (only constants of this module)


_TO_PEOPLE, _TO_CANDIDATES, _TO_ADMINISTRATORS = map(_statement, (_PEOPLE, _CANDIDATES, _ADMINISTRATORS))
_EVER = datetime(1, 1, 2, tzinfo=clock.SHANGHAI)


def enqueue(
    session: Session,
    kind: str,
    user_id: int,
    facts: Mapping[str, Any],
    *,
    instance_id: int | None = None,
    task_id: UUID | None = None,
    immediate: bool = True,
    topic: str | None = None,
    again_after: timedelta | None = None,
) -> int | None:
    """Put one message into the outbox; returns its number, ``None`` where the person has been told already.

    Args:
        kind: a name of :mod:`webapp.mail.kinds`.
        facts: plain JSON that the builder of the kind needs beyond case, task and person, which it reads when it sends.
        immediate: at once (returns, escalations); otherwise with the person's next digest.
        topic: names the matter; the same person is not told again of the same topic …
        again_after: … ever (``None``), or for so long.
    """
    values = {"people": [user_id], "instance": instance_id, "task": task_id, "immediate": immediate}
    found = _put(session, _TO_PEOPLE, kind, facts, values, topic, again_after)
    return found[0] if found else None


def enqueue_all(
    session: Session,
    kind: str,
    user_ids: Sequence[int],
    facts: Mapping[str, Any],
    *,
    instance_id: int | None = None,
    task_id: UUID | None = None,
    immediate: bool = True,
    topic: str | None = None,
    again_after: timedelta | None = None,
) -> list[int]:
    """The same message for several people, in one statement; see :func:`enqueue`."""
    values = {"people": list(user_ids), "instance": instance_id, "task": task_id, "immediate": immediate}
    return _put(session, _TO_PEOPLE, kind, facts, values, topic, again_after)


def enqueue_for_candidates(
    session: Session,
    kind: str,
    task_ids: Sequence[UUID],
    facts: Mapping[str, Any],
    *,
    instance_id: int | None = None,
    immediate: bool = True,
    topic: str | None = None,
    again_after: timedelta | None = None,
) -> list[int]:
    """A message about each of the tasks for whoever claimed it, else for all who may do it; see :func:`enqueue`."""
    values = {"people": list(task_ids), "instance": instance_id, "task": None, "immediate": immediate}
    return _put(session, _TO_CANDIDATES, kind, facts, values, topic, again_after)


def enqueue_for_administrators(
    session: Session,
    kind: str,
    facts: Mapping[str, Any],
    *,
    instance_id: int | None = None,
    task_id: UUID | None = None,
    topic: str | None = None,
    again_after: timedelta | None = None,
) -> list[int]:
    """A message for every administrator, at once; see :func:`enqueue`."""
    values = {"people": None, "instance": instance_id, "task": task_id, "immediate": True}
    return _put(session, _TO_ADMINISTRATORS, kind, facts, values, topic, again_after)


def _put(
    session: Session,
    statement: Any,
    kind: str,
    facts: Mapping[str, Any],
    values: dict[str, Any],
    topic: str | None,
    again_after: timedelta | None,
) -> list[int]:
    now = clock.now()
    since = now - again_after if again_after is not None else _EVER
    stamps = {"kind": kind, "facts": dict(facts), "topic": topic, "since": since}
    stamps |= {"now": now, "real_now": clock.real_now()}
    return list(session.scalars(statement, values | stamps))

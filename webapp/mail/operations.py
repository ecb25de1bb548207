"""Put messages into the outbox within the caller's transaction: they exist if, and only if, that commits.

One statement with the jobs that send them, and with what webhooks are told of it. The kind says whether a message waits
for the digest; who wants no immediate mail gets everything with it, and who wants no digest gets everything at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp import clock
from webapp.mail.kinds import get_kind

SEND = "mail.send"
"""The job that sends what is due; one at a time, so that slow mail servers keep nothing else waiting."""
POST = "webhooks.deliver"
"""The same for what goes to webhooks."""

_ENQUEUE = text("""
    WITH recipients AS (
        SELECT u AS user_id, a AS task_id
        FROM unnest(CAST(:people AS integer[])) AS u CROSS JOIN unnest(CAST(:about AS uuid[])) AS a
        UNION
        SELECT c.user_id, c.task_id FROM task_candidates c JOIN tasks t ON t.id = c.task_id
        WHERE c.task_id = ANY(CAST(:tasks AS uuid[])) AND c.is_open
            AND (t.claimed_by IS NULL OR t.claimed_by = c.user_id)
        UNION
        SELECT u.id, a FROM users u CROSS JOIN unnest(CAST(:about AS uuid[])) AS a
        WHERE CAST(:administrators AS boolean) AND 'administrator' = ANY(u.roles) AND u.disabled_at IS NULL
    ), added AS (
        INSERT INTO mail_messages (
            kind, user_id, message_id, facts, topic, created_at, due_at, has_slot, status, attempts, repeats,
            instance_id, task_id
        )
        SELECT :kind, r.user_id,
            '<' || gen_random_uuid() || '@' || COALESCE(NULLIF(split_part(s.sender, '@', 2), ''), 'wenming') || '>',
            :facts, CAST(:topic AS text), :now, :real_now, false,
            CASE WHEN :immediate AND COALESCE(p.wants_immediate, true) OR NOT COALESCE(p.wants_digest, true)
                THEN 'queued' ELSE 'digest' END, 0, 0,
            COALESCE(CAST(:instance AS bigint), (SELECT t.instance_id FROM tasks t WHERE t.id = r.task_id)),
            r.task_id
        FROM recipients r CROSS JOIN mail_settings s LEFT JOIN mail_preferences p ON p.user_id = r.user_id
        WHERE CAST(:topic AS text) IS NULL OR NOT EXISTS (
            SELECT FROM mail_messages m WHERE m.topic = :topic AND m.user_id = r.user_id AND m.created_at > :since
        )
        RETURNING id, status, user_id, task_id
    ), events AS (
        INSERT INTO webhook_deliveries (
            event, webhook_id, kind, message_id, people, created_at, due_at, status, attempts
        )
        SELECT gen_random_uuid(), w.id, :kind, min(a.id), array_agg(a.user_id ORDER BY a.user_id), :now, :real_now,
            'queued', 0
        FROM webhooks w CROSS JOIN added a
        WHERE w.is_active AND :kind = ANY(w.kinds) GROUP BY w.id, a.task_id
        RETURNING id
    ), jobs AS (
        SELECT procrastinate_defer_jobs_v1(array_agg(
            ROW('default', j.name, 0, j.name, NULL, '{}'::jsonb, NULL)::procrastinate_job_to_defer_v1
        ))
        FROM (
            SELECT 'mail.send' AS name WHERE EXISTS (SELECT FROM added WHERE status = 'queued')
            UNION ALL SELECT 'webhooks.deliver' WHERE EXISTS (SELECT FROM events)
        ) AS j
        HAVING count(*) > 0
    )
    SELECT added.id FROM added LEFT JOIN jobs ON true ORDER BY added.id
""").bindparams(bindparam("facts", type_=JSONB))
_EVER = datetime(1, 1, 2, tzinfo=clock.SHANGHAI)


@dataclass(frozen=True)
class Recipients:
    """Who is told; each person once per task, however they are named."""

    people: Sequence[int] = ()
    """These."""
    tasks: Sequence[UUID] = ()
    """Whoever has claimed each of these tasks, else all who may do it; the message is about that task."""
    administrators: bool = False
    """Every administrator of the installation."""


def enqueue(
    session: Session,
    kind: str,
    to: Recipients,
    facts: Mapping[str, Any],
    *,
    instance_id: int | None = None,
    task_id: UUID | None = None,
    task_ids: Sequence[UUID] = (),
    topic: str | None = None,
    again_after: timedelta | None = None,
) -> list[int]:
    """Put a message for each recipient into the outbox; returns their numbers.

    Args:
        kind: a name of :mod:`webapp.mail.kinds`.
        facts: plain JSON that the builder of the kind needs beyond case, task and person, which it reads when it sends.
        instance_id: the case that it is about; that of the task where it is left out.
        task_id: the task that it is about, for recipients that are named otherwise than by tasks.
        task_ids: several such tasks; there is a message about each.
        topic: names the matter; the same person is not told again of the same topic …
        again_after: … ever (``None``), or for so long.

    Raises:
        LookupError: there is no such kind.
    """
    now = clock.now()
    values = {
        "kind": kind,
        "people": list(to.people),
        "tasks": list(to.tasks),
        "administrators": to.administrators,
        "instance": instance_id,
        "about": [*task_ids] if task_ids else [task_id],
        "facts": dict(facts),
        "immediate": get_kind(kind).is_immediate,
        "topic": topic,
        "since": now - again_after if again_after is not None else _EVER,
        "now": now,
        "real_now": clock.real_now(),
    }
    return list(session.scalars(_ENQUEUE, values))

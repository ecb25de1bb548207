"""What a person has: the list before a hand-over, as rows that keep what became of each."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.absence.models import HandOver

KINDS = {
    "task": lazy_gettext("任务"),
    "request": lazy_gettext("委派和加签"),
    "deputy": lazy_gettext("代理"),
    "superior": lazy_gettext("下属"),
    "filter": lazy_gettext("共享的筛选"),
    "role": lazy_gettext("岗位角色"),
}
HOW = {
    "held": lazy_gettext("已领取"),
    "personal": lazy_gettext("只由本人办理"),
    "offered": lazy_gettext("同岗位都可办理"),
    "stands_in": lazy_gettext("代他人领取"),
    "asked": lazy_gettext("请本人签署，尚未轮到"),
    "asker": lazy_gettext("请别人办理，之后回到本人"),
    "principal": lazy_gettext("本人的代理人"),
    "stands_for": lazy_gettext("代理别人"),
    "leader": lazy_gettext("其负责人"),
    "shared": lazy_gettext("与本单位共享"),
    "role": lazy_gettext("担任"),
}
STATUSES = {
    "waiting": (lazy_gettext("待交接"), "neutral"),
    "handed": (lazy_gettext("已交接"), "good"),
    "leader": (lazy_gettext("转给负责人"), "warn"),
    "left": (lazy_gettext("不需要交接"), "neutral"),
    "ended": (lazy_gettext("已结束"), "neutral"),
    "failed": (lazy_gettext("没有交接成"), "bad"),
}

TASKS = """
    SELECT 'task' AS kind, t.id::text AS subject, t.process, concat_ws(' · ', i.number, t.name, i.title) AS title,
        CASE
            WHEN COALESCE(t.handed_to, t.assigned_user_id) = :person THEN 'personal'
            WHEN t.claimed_by = :person AND c.on_behalf_of IS NOT NULL THEN 'stands_in'
            WHEN t.claimed_by = :person THEN 'held' ELSE 'offered'
        END AS before, t.due_at, EXISTS (
            SELECT FROM task_candidates o WHERE o.task_id = t.id AND o.is_open AND o.user_id <> :person
                AND o.reason NOT IN ('deputy', 'leader')
        ) AS is_shared
    FROM tasks t JOIN instances i ON i.id = t.instance_id
    LEFT JOIN task_candidates c ON c.task_id = t.id AND c.user_id = :person AND c.is_open
    WHERE t.status IN ('open', 'suspended') AND (
        t.id IN (
            SELECT o.task_id FROM task_candidates o
            WHERE o.user_id = :person AND o.is_open AND o.reason NOT IN ('deputy', 'leader')
        ) OR t.claimed_by = :person OR t.handed_to = :person OR (t.handed_to IS NULL AND t.assigned_user_id = :person)
    ) AND (t.claimed_by IS NULL OR t.claimed_by = :person OR COALESCE(t.handed_to, t.assigned_user_id) = :person)
"""
"""SQL: the open tasks of a person; what colleagues have taken is theirs."""

_OTHERS = """
    SELECT 'request' AS kind, q.id::text AS subject, t.process,
        concat_ws(' · ', i.number, t.name, i.title) AS title,
        CASE WHEN q.asker_id = :person THEN 'asker' ELSE 'asked' END AS before
    FROM task_requests q JOIN tasks t ON t.id = q.task_id JOIN instances i ON i.id = t.instance_id
    WHERE q.status IN ('waiting', 'open') AND q.kind <> 'co_sign'
        AND (q.asker_id = :person OR (q.asked_id = :person AND q.status = 'waiting'))
    UNION ALL
    SELECT 'deputy', d.id::text, NULL, concat(p.name, ' → ', s.name),
        CASE WHEN d.principal_id = :person THEN 'principal' ELSE 'stands_for' END
    FROM deputies d JOIN users p ON p.id = d.principal_id JOIN users s ON s.id = d.deputy_id
    WHERE d.ended_at IS NULL AND d.until_at > :now AND :person IN (d.principal_id, d.deputy_id)
    UNION ALL
    SELECT 'superior', u.id::text, NULL, concat(u.name, '（', o.name, '）'), 'leader'
    FROM users u JOIN organisations o ON o.id = u.organisation_id WHERE u.leader_id = :person
    UNION ALL
    SELECT 'filter', f.id::text, NULL, f.name, 'shared' FROM saved_filters f
    WHERE f.owner_id = :person AND f.organisation_id IS NOT NULL
    UNION ALL
    SELECT 'role', r, NULL, r, 'role' FROM users u CROSS JOIN unnest(u.roles) AS r WHERE u.id = :person
"""
_COUNT_TASKS = text(f"SELECT before, is_shared, count(*) FROM ({TASKS}) AS t GROUP BY before, is_shared")  # noqa: S608
_LIST_TASKS = text(f"""
    SELECT * FROM ({TASKS}) AS t ORDER BY before = 'offered', due_at NULLS LAST, subject LIMIT :most OFFSET :offset
""")  # noqa: S608 (only constants of this module)
_LIST_OTHERS = text(_OTHERS)
_PROCESSES = text(f"""
    SELECT t.process, v.name, count(*) AS number FROM ({TASKS}) AS t
    JOIN process_versions v ON v.process = t.process AND v.is_current
    WHERE before <> 'offered' OR NOT is_shared GROUP BY t.process, v.name ORDER BY v.name
""")  # noqa: S608 (only constants of this module)

_INTO = """
    INSERT INTO hand_over_items (hand_over_id, kind, subject, process, title, before, status, words)
    {rows} ON CONFLICT DO NOTHING
"""
_WRITE_TASKS = text(
    _INTO.format(
        rows=f"""
    SELECT :id, kind, subject, process, title, before,
        CASE WHEN before = 'offered' AND is_shared THEN 'left' ELSE 'waiting' END,
        CASE WHEN before = 'offered' AND is_shared THEN CAST(:stays AS text) END
    FROM ({TASKS}) AS t ORDER BY due_at NULLS LAST, subject"""  # noqa: S608 (only constants of this module)
    )
)
_WRITE_OTHERS = text(
    _INTO.format(
        rows=f"SELECT :id, o.*, 'waiting', NULL FROM ({_OTHERS}) AS o(kind, subject, process, title, before)"  # noqa: S608
    )
)


def count_tasks(session: Session, person: int) -> dict[str, int]:
    """How many tasks a person has, by how they have them (:data:`HOW`)."""
    found: dict[str, int] = {}
    for before, _is_shared, number in session.execute(_COUNT_TASKS, {"person": person}):
        found[before] = found.get(before, 0) + number
    return found


def list_tasks(session: Session, person: int, page: int, per_page: int) -> list[Any]:
    """The tasks of a person, what is for them alone first."""
    values = {"person": person, "most": per_page, "offset": (page - 1) * per_page}
    return list(session.execute(_LIST_TASKS, values))


def list_others(session: Session, person: int, now: Any) -> list[Any]:
    """What a person has beside tasks: ``kind``, ``subject``, ``process``, ``title``, ``before``."""
    return list(session.execute(_LIST_OTHERS, {"person": person, "now": now}))


def list_processes(session: Session, person: int) -> list[Any]:
    """The processes in which a person has tasks that somebody has to take over, with their number."""
    return list(session.execute(_PROCESSES, {"person": person}))


def write_down(session: Session, row: HandOver, now: Any) -> None:
    """Write the list before; what is there already stays as it is."""
    values = {"id": row.id, "person": row.from_id, "now": now}
    session.execute(_WRITE_OTHERS, values)
    write_tasks(session, row)


def write_tasks(session: Session, row: HandOver) -> int:
    """Add the tasks that have come to the person since; returns how many rows wait then."""
    stays = _("由同岗位的其他人办理")
    session.execute(_WRITE_TASKS, {"id": row.id, "person": row.from_id, "stays": stays})
    waiting: int = session.scalar(_WAITING, {"id": row.id}) or 0
    return waiting


_WAITING = text("SELECT count(*) FROM hand_over_items WHERE hand_over_id = :id AND status = 'waiting'")

"""Examine the cases of a migration one by one before anything is changed; nothing is locked meanwhile.

What is found is advice: when its turn comes, each case is examined again under its lock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.instances.running import STATUS_WORDS
from webapp.migration.entering import entered
from webapp.migration.moving import PARKED
from webapp.migration.passages import Passage
from webapp.migration.rules import Finding, as_findings, notes_on, refusal, verdict_of
from webapp.statements import Statement
from workflows import Context, StateError, examine
from workflows.borders import AsOf
from workflows.migration import keeps_branch

_UNCHECKED = Statement("""
    SELECT i.id, i.status, i.process_version_id, i.state, i.region_path, t.elements, t.names, t.opened, t.parked
    FROM case_migration_items m JOIN instances i ON i.id = m.instance_id
    LEFT JOIN LATERAL (
        SELECT array_agg(t.element ORDER BY t.opened_at, t.id) AS elements,
            string_agg(DISTINCT t.name, '、') AS names, jsonb_object_agg(t.id, t.opened_at) AS opened,
            jsonb_agg(r.parked) FILTER (WHERE r.parked IS NOT NULL) AS parked
        FROM tasks t LEFT JOIN task_returns r ON r.id = t.return_id
        WHERE t.instance_id = i.id AND t.status IN ('open', 'suspended')
    ) t ON true
    WHERE m.migration_id = :migration AND m.status IN ('waiting', 'refused') AND m.verdict = 'unchecked'
    ORDER BY i.id LIMIT :most
""")
_NOTE = Statement(
    """
    UPDATE case_migration_items m SET verdict = f.verdict, findings = f.findings, steps = f.steps, status = 'waiting'
    FROM jsonb_to_recordset(:found) AS f(id bigint, verdict text, findings jsonb, steps text)
    WHERE m.migration_id = :migration AND m.instance_id = f.id
""",
    json=["found"],
)


def check_some(session: Session, now: datetime, passage: Passage, most: int) -> int:
    """Examine up to ``most`` cases that were not examined yet; returns how many there were."""
    rows = _UNCHECKED.execute(session, {"migration": passage.migration_id, "most": most})
    if rows:
        found = [_examined(row, now, passage) for row in rows]
        _NOTE.execute(session, {"migration": passage.migration_id, "found": found})
    return len(rows)


def _examined(row: Any, now: datetime, passage: Passage) -> dict[str, Any]:
    findings = _findings(row, now, passage)
    names = row.names or "、".join(dict.fromkeys(passage.old.name_of(key) for key in row.elements or ()))
    return {"id": row.id, "verdict": verdict_of(findings), "findings": findings, "steps": names or ""}


def _findings(row: Any, now: datetime, passage: Passage) -> list[Finding]:
    if row.process_version_id != passage.old.id:
        return [refusal("other_version", "办件已不在原来选定的版本上。")]
    if row.status not in {"running", "suspended"}:
        return [refusal("ended", f"办件{STATUS_WORDS[row.status]}，不需要迁移。")]
    parked: Sequence[Any] = row.parked or ()
    if not all(keeps_branch(passage.route, branch) for branch in parked):
        return [PARKED]
    try:
        found = as_findings(examine(passage.route, row.state or "", Context(now), _as_of(row, now)))
    except StateError as error:
        return [refusal("state", f"办件的流程状态无法读取：{error}")]
    return found + notes_on(passage.old, passage.new, passage.route, row.elements or ())


def _as_of(row: Any, now: datetime) -> AsOf:
    opened = {key: datetime.fromisoformat(at) for key, at in (row.opened or {}).items()}
    return entered(opened, now=now, region=row.region_path.rpartition("/")[2] or None)

"""抄送: tell people of a case, by hand or as the diagram declares. A copy gives nobody sight of what is not theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.queries import get_actor
from webapp.acts import people
from webapp.acts.holding import look, tell, words_of
from webapp.acts.models import CarbonCopy
from webapp.acts.notifications import tell_copied
from webapp.instances import scope
from webapp.instances.recording import write_history
from webapp.instances.running import Run
from webapp.problems import NotFound, invalid
from webapp.tasks.models import Task
from webapp.tasks.placing import whose

MOST = 50


def copy(session: Session, actor: Actor, now: datetime, task_id: UUID, to: Any, words: str | None = None) -> None:
    """Send a copy to one or several people who may see the case; none to who has not read the actor's last one.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Invalid: nobody, or somebody who may not see the case.
    """
    run, held = look(session, actor, now, task_id)
    said, chosen = words_of(words), to if isinstance(to, list) else [to]
    if not 1 <= len(chosen) <= MOST:
        raise invalid("to", "range", f"请选择 1 到 {MOST} 名抄送人。")
    ids = list(dict.fromkeys(people.person_id(session, one) for one in chosen))
    names = {user_id: _name_of_reader(run, user_id) for user_id in ids}
    unread = _unread(run, ids)
    new = [user_id for user_id in ids if user_id not in unread]
    if new:
        _send(run, held.task, new, said)
        tell(run, held.task, "cc", f"抄送给{'、'.join(names[user_id] for user_id in new)}。{said}", {"to": new})


def _unread(run: Run, ids: Sequence[int]) -> set[int]:
    """Who has a copy of the actor's already and has not read it: a second one says nothing new."""
    query = select(CarbonCopy.user_id).where(
        CarbonCopy.instance_id == run.instance.id, CarbonCopy.sent_by == run.actor_id, CarbonCopy.read_at.is_(None)
    )
    return set(run.session.scalars(query.where(CarbonCopy.user_id.in_(ids))))


def _name_of_reader(run: Run, user_id: int) -> str:
    """The name of somebody who may see the case; else raises."""
    try:
        reader = get_actor(run.session, user_id)
    except NotFound:
        raise invalid("to", "unknown", "没有找到这个人，请重新选择。") from None
    if not scope.may_see(run.session, reader, run.instance):
        words = f"账号“{reader.username}”看不到这个办件（不在其管辖范围内），不能抄送。请在列出的人里选择。"
        raise invalid("to", "not_visible", words)
    return reader.name


def _send(run: Run, task: Task, ids: Sequence[int], words: str) -> None:
    for user_id in ids:
        run.session.add(
            CarbonCopy(
                instance_id=run.instance.id,
                task_id=task.id,
                user_id=user_id,
                sent_by=run.actor_id,
                sent_at=run.now,
                words=words or None,
            )
        )
    run.session.flush()
    tell_copied(run, task, ids, words)


_BY_RULE = text("""
    INSERT INTO carbon_copies (instance_id, task_id, user_id, sent_at)
    SELECT :instance, :task, u.id, :now
    FROM users u JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code
    WHERE u.disabled_at IS NULL AND (cardinality(CAST(:roles AS text[])) = 0 OR u.roles && CAST(:roles AS text[]))
        AND (u.id = CAST(:person AS integer) OR o.id = CAST(:organisation AS integer)
            OR (o.kind = 'office' AND o.region_code = CAST(:region AS text)))
        AND (o.id IS NOT DISTINCT FROM CAST(:subject AS integer)
            OR (o.kind = 'office' AND (:path = r.path OR starts_with(:path, r.path || '/'))))
    RETURNING user_id
""")


def copy_by_rule(run: Run, task: Task) -> None:
    """Send the copies that the diagram declares for a step that is done, to those who may see the case."""
    rule = run.published.copies[task.element]
    region, organisation, person, fault = whose(rule, run.instance.data | task.item)
    values = {
        "instance": run.instance.id,
        "task": task.id,
        "now": run.now,
        "roles": list(rule.roles),
        "region": region,
        "organisation": organisation,
        "person": person,
        "subject": run.instance.subject_id,
        "path": run.instance.region_path,
    }
    ids = [] if fault else list(run.session.scalars(_BY_RULE, values))
    comment = f"按流程规定抄送 {len(ids)} 人。" if ids else "流程规定的抄送没有可以送达的人。"
    write_history(run, [{"act": "cc", "machine": True, "element": task.element, "comment": comment}])
    tell_copied(run, task, ids, "")


def read_copies(session: Session, actor: Actor, now: datetime, instance_id: int) -> None:
    """Opening a case takes the unread marker from its copies."""
    mine = (CarbonCopy.instance_id == instance_id, CarbonCopy.user_id == actor.user_id, CarbonCopy.read_at.is_(None))
    session.execute(update(CarbonCopy).where(*mine).values(read_at=now))

"""催办, comments with @mention, 暂缓: acts that decide nothing and move nothing."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.acts.holding import look, tell, words_of
from webapp.acts.models import Comment, Nudge, Snooze
from webapp.acts.notifications import tell_mentioned
from webapp.acts.rules import may_read_remark
from webapp.clock import SHANGHAI
from webapp.deadlines.current import calendar_in_force
from webapp.instances import scope
from webapp.instances.running import Run, refuse_unless_running
from webapp.mail.notifications import tell_nudged
from webapp.problems import Conflict, Throttled, invalid
from webapp.registry.models import Organisation, Region
from webapp.tasks.doable import became, refuse_unless_doable
from webapp.tasks.models import Task, TaskCandidate

_MENTION = re.compile(r"(?:^|(?<=[\s，。；：、（(“]))@([^\s@，。；：、（）()“”,;:]{1,64})")
_MOST_MENTIONS = 20
_LONGEST_SNOOZE = timedelta(days=366)
_ONE_CLICK = timedelta(minutes=1)


def nudge(session: Session, actor: Actor, now: datetime, task_id: UUID, words: str | None = None) -> None:
    """Ask everybody whom a case waits for to hurry; once per case and working day, whoever asks.

    Args:
        task_id: the open step that the timeline names; the others that lie open with somebody else are urged as well.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Conflict: the task is done, or the actor's own.
        Throttled: somebody asked for haste today already.
    """
    run, held = look(session, actor, now, task_id)
    said = words_of(words)
    if held.is_candidate and held.task.claimed_by in {None, actor.user_id}:
        raise Conflict("这项任务就在您的待办里，不必催办。")
    refuse_unless_running(run.instance)
    if held.task.status != "open":
        raise became(run, held)
    row = {"instance_id": run.instance.id, "day": _working_day(now), "task_id": task_id, "by": actor.user_id}
    added = upsert(Nudge).values(row | {"at": now, "words": said or None}).on_conflict_do_nothing().returning(Nudge.id)
    if session.execute(added).first() is None:
        raise _nudged_already(session, run.instance.id, row["day"])
    by = f"{actor.organisation_name} {actor.name}"
    tell_nudged(session, _waited_for(run, actor), by=by, words=said)
    tell(run, held.task, "nudge", said)


def _waited_for(run: Run, actor: Actor) -> list[UUID]:
    """The open tasks of a case that are not the actor's own to do."""
    mine = exists().where(
        TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open
    )
    is_own = mine & (func.coalesce(Task.claimed_by, actor.user_id) == actor.user_id)
    query = select(Task.id).where(Task.instance_id == run.instance.id, Task.status == "open", ~is_own)
    return list(run.session.scalars(query.order_by(Task.opened_at, Task.id)))


def _working_day(now: datetime) -> date:
    """Today, or on a rest day the working day before it."""
    calendar, day = calendar_in_force(), now.astimezone(SHANGHAI).date()
    for _ in range(40):
        if calendar.works(day):
            break
        day -= timedelta(days=1)
    return day


def _nudged_already(session: Session, instance_id: int, day: object) -> Throttled:
    query = (
        select(Nudge.at, User.name)
        .join(User, User.id == Nudge.by)
        .where(Nudge.instance_id == instance_id, Nudge.day == day)
    )
    row = session.execute(query).one()
    at = row.at.astimezone(SHANGHAI)
    return Throttled(f"{row.name}已于 {at:%m-%d %H:%M} 催办过这个办件。每件每个工作日只催办一次，请下一个工作日再试。")


def comment(session: Session, actor: Actor, now: datetime, task_id: UUID, text: str | None) -> Comment:
    """Say something about a case; ``@用户名`` or ``@姓名`` tells people of it. It decides nothing.

    The same words of the same person within a minute are one comment: a button was pressed twice.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Invalid: nothing was written, or somebody is named who may not see the case.
    """
    run, held = look(session, actor, now, task_id)
    said = words_of(text, required="请填写评论内容。")
    mentioned = _mentioned(run, said)
    if (same := _just_said(run, said)) is not None:
        return same
    row = Comment(
        instance_id=run.instance.id, task_id=task_id, author_id=actor.user_id, at=now, text=said, mentioned=mentioned
    )
    session.add(row)
    session.flush()
    tell(run, held.task, "comment", said, {"comment": row.id, "mentioned": mentioned})
    tell_mentioned(run, held.task, [user for user in mentioned if user != actor.user_id], said)
    return row


def _just_said(run: Run, said: str) -> Comment | None:
    query = select(Comment).where(
        Comment.instance_id == run.instance.id,
        Comment.author_id == run.actor_id,
        Comment.text == said,
        Comment.at > run.now - _ONE_CLICK,
    )
    return run.session.scalars(query.order_by(Comment.id.desc()).limit(1)).first()


def _mentioned(run: Run, text: str) -> list[int]:
    names = list(dict.fromkeys(_MENTION.findall(text)))
    if len(names) > _MOST_MENTIONS:
        raise invalid("text", "too_many", f"一条评论最多提到 {_MOST_MENTIONS} 人。")
    return sorted({user for name in names for user in _readers_called(run, name)})


def _readers_called(run: Run, name: str) -> Sequence[int]:
    path = run.instance.region_path
    is_near = (Region.path == path) | literal(path).startswith(Region.path + "/")
    query = (
        select(User.id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where((User.username == name.lower()) | (User.name == name), User.disabled_at.is_(None))
        .order_by((Organisation.id == run.instance.subject_id).desc(), is_near.desc().nulls_last(), User.id)
    )
    found = list(run.session.scalars(query.limit(50)))
    if not found:
        raise invalid("text", "unknown_person", f"没有找到“@{name}”，请核对姓名或用户名。")
    readers = [user for user in found if scope.may_see(run.session, get_actor(run.session, user), run.instance)]
    if not readers:
        raise invalid("text", "not_visible", f"“@{name}”看不到这个办件（不在其管辖范围内），不能在评论中提到。")
    return readers


def snooze(session: Session, actor: Actor, now: datetime, task_id: UUID, until: date | None) -> None:
    """Put a task off until a day, out of one's own lists; its clock goes on. ``None`` brings it back at once.

    Raises:
        NotFound, Forbidden, Conflict: as for completing it.
        Invalid: the day is not in the future, or more than a year away.
    """
    run, held = look(session, actor, now, task_id)
    refuse_unless_doable(run, held, None)
    mine = (Snooze.task_id == task_id, Snooze.user_id == actor.user_id)
    if until is None:
        session.execute(delete(Snooze).where(*mine))
        tell(run, held.task, "snooze", "取消暂缓。")
        return
    back = datetime.combine(until, time(), SHANGHAI)
    if not now < back <= now + _LONGEST_SNOOZE:
        raise invalid("until", "range", "请选择明天起一年以内的日期。")
    row = upsert(Snooze).values(task_id=task_id, user_id=actor.user_id, until=back, at=now)
    same = {"until": row.excluded.until, "at": row.excluded.at}
    session.execute(row.on_conflict_do_update(index_elements=["task_id", "user_id"], set_=same))
    tell(run, held.task, "snooze", f"暂缓至 {until:%Y-%m-%d}，办理期限不变。", {"until": until.isoformat()})


def comments_of(session: Session, actor: Actor, instance_id: int) -> list[tuple[Comment, str, str]]:
    """The comments of a case with author and organisation, oldest first, as far as the actor may read them."""
    query = (
        select(Comment, User.name, Organisation.name, User.organisation_id, Region.path)
        .join(User, User.id == Comment.author_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(Comment.instance_id == instance_id)
        .order_by(Comment.id)
    )
    rows = session.execute(query).all()
    return [
        (row[0], row[1], row[2])
        for row in rows
        if may_read_remark(actor, row[3], row[4], names_actor=actor.user_id in row[0].mentioned)
    ]

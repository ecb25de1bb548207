"""Play one case of a process in the sample world: each step by the operation that does it in earnest."""

from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.queries import get_actor
from webapp.clock import BusinessClock
from webapp.definitions.library import Published, get_published
from webapp.definitions.models import ProcessVersion
from webapp.definitions.operations import digest_of
from webapp.instances import processes
from webapp.instances.models import Instance
from webapp.instances.operations import start_version
from webapp.instances.processes import Beginning, ProcessRules, rules_of
from webapp.instances.running import case_of
from webapp.instances.timers import fire_due
from webapp.problems import Conflict, Forbidden, NotFound, invalid
from webapp.reminders.overdue import act_on_ended
from webapp.tasks.answers import form_for, validated_start
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task
from webapp.trials.files import insert_files
from webapp.trials.matters import create_matters
from webapp.trials.offers import offers_at, renamed
from webapp.trials.sending import Sending, may_come, send
from webapp.trials.world import BASE, PEOPLE, create_world

Json = dict[str, Any]
MOST_EVENTS = 300
"""So many timers and ends of time fire at most in one step of time."""
LONGEST_WAIT = timedelta(days=3660)
_TRIED = -1
"""The number of the version that is tried; real ones count from 1."""
_VERSION = BASE + 1
"""Its row: always the same, so that all cases of one request share what was parsed."""


class VirtualClock(BusinessClock):
    """A clock that stands where the trial has set it."""

    def __init__(self) -> None:
        super().__init__(settable=True)
        self.at: datetime = clock.real_now()

    def offset(self) -> timedelta:
        return self.at - clock.real_now()


@dataclass(frozen=True)
class Content:
    """What one version would hold."""

    process: str
    bpmn: str
    forms: Mapping[str, Any]
    tables: Mapping[str, str]


@dataclass
class Play:
    """One case that is tried. The session's transaction belongs to the caller, who rolls it back."""

    session: Session
    virtual: VirtualClock
    published: Published
    bpmn: bytes
    instance: Instance | None = None
    offers: Json = field(default_factory=dict)
    """What the application offered at the last step that a person did."""
    step_began: datetime = field(default_factory=clock.real_now)
    passed: Counter[str] = field(default_factory=Counter)
    """What had been passed before the last step."""

    @property
    def now(self) -> datetime:
        return self.virtual.at

    @property
    def case(self) -> Instance:
        """The case, once it has begun.

        Raises:
            Conflict: it has not.
        """
        if self.instance is None:
            raise Conflict("还没有发起。")
        return self.instance

    def do(self, step: Mapping[str, Any]) -> None:
        """Make one recorded step; the savepoint before it is kept by the caller.

        Raises:
            Problem: it is refused, as it would be in earnest.
        """
        act = _ACTS.get(step.get("act", ""))
        if act is None:
            raise invalid("act", "unknown", f"没有这种操作：{step.get('act')}。")
        self.offers = {}
        self.passed = Counter(self.instance.way if self.instance else {})
        act(self, step)
        self.session.flush()

    def open_tasks(self) -> list[Task]:
        """The open tasks in reading order of the diagram."""
        if self.instance is None:
            return []
        query = select(Task).where(Task.instance_id == self.instance.id, Task.status == "open")
        tasks = self.session.scalars(query, execution_options={"populate_existing": True}).all()
        places = {item.element: place for place, item in enumerate(self.published.outline)}
        return sorted(tasks, key=lambda task: (places.get(task.element, 0), str(task.item)))

    def find_task(self, element: Any, item: Any) -> Task:
        """The open task of an element, among several that of the item.

        Raises:
            NotFound: nothing of the kind is open.
        """
        here = [task for task in self.open_tasks() if task.element == element]
        found = [task for task in here if task.item == (item or {})] or (here if not item else [])
        if not found:
            open_ = "、".join(f"「{task.name}」" for task in self.open_tasks()) or "没有"
            raise NotFound(f"「{self.published.name_of(element)}」这时不在待办之中（待办：{open_}）。")
        return found[0]

    def person_for(self, task: Task, username: Any) -> Actor:
        """Who does a task: the named sample person, else the first who may."""
        if username:
            return self.sample(username)
        query = select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
        first = self.session.scalar(query.order_by(TaskCandidate.user_id).limit(1))
        if first is None:
            raise Forbidden(f"「{task.name}」没有人可以办理。")
        return get_actor(self.session, first)

    def sample(self, username: Any) -> Actor:
        """A person of the sample world.

        Raises:
            NotFound: there is no such person.
        """
        if username not in PEOPLE:
            raise NotFound(f"示例环境里没有“{username}”。")
        return get_actor(self.session, PEOPLE[username])

    def next_moment(self) -> datetime | None:
        """When something happens by itself next."""
        if self.instance is None or self.instance.status != "running":
            return None
        timers = [datetime.fromisoformat(wait["due_at"]) for wait in self.instance.waits if wait["kind"] == "timer"]
        ends = [task.acts_at for task in self.open_tasks() if task.acts_at is not None]
        return min(timers + ends, default=None)

    def let_pass(self, until: datetime) -> None:
        """Move the clock, and let happen what is due on the way, in its order."""
        for _ in range(MOST_EVENTS):
            moment = self.next_moment()
            if moment is None or moment >= until:
                break
            self.virtual.at = max(moment + timedelta(seconds=1), self.now)
            if not self._fire():
                break
        self.virtual.at = max(until, self.now)

    def _fire(self) -> bool:
        fired = fire_due(self.session, self.now, self.case.id)
        for task in self.open_tasks():
            if task.acts_at is not None and task.acts_at <= self.now:
                fired = act_on_ended(self.session, self.now, task.id, self.case.id) or fired
        return fired


def begin_play(session: Session, virtual: VirtualClock, content: Content, begins_at: datetime) -> Play:
    """Make the sample world and a version of the content in it.

    Raises:
        workflows.DefinitionError: the diagram cannot run.
        forms.documents.FormDocumentError: a form cannot be compiled.
    """
    _areas()
    virtual.at = begins_at
    create_world(session, begins_at)
    create_matters(session, begins_at)
    row = ProcessVersion(
        id=_VERSION,
        process=content.process,
        version=_TRIED,
        name=content.process,
        digest=digest_of(content.bpmn, content.forms, content.tables),
        bpmn=content.bpmn,
        forms=dict(content.forms),
        tables=dict(content.tables),
        is_current=False,
        reason="试运行",
        published_by=None,
        published_at=begins_at,
    )
    session.add(row)
    session.flush()
    return Play(session, virtual, get_published(session, row.id), content.bpmn.encode())


@cache
def _areas() -> frozenset[str]:
    """The processes that areas of the application bring, as they were before anything was tried."""
    return frozenset(rules.process for rules in processes.registered())


def is_begun_by_area(process: str) -> bool:
    """Whether an area of the application says how cases of this process begin."""
    return process in _areas()


def may_begin(published: Published, actor: Actor) -> bool:
    """Whether a sample person may start the process; where no area says so, everybody may."""
    return not is_begun_by_area(published.process) or rules_of(published.process).may_start(actor)


def _start(play: Play, step: Mapping[str, Any]) -> None:
    if play.instance is not None:
        raise Conflict("这次试运行已经发起过了。")
    actor = play.sample(step.get("person"))
    if not may_begin(play.published, actor):
        raise Forbidden("这个人不能发起这个流程。")
    answers = validated_start(play.session, actor, play.now, play.published, step.get("answers") or {})
    if not is_begun_by_area(play.published.process):
        _begin_freely(play.published, dict(step.get("facts") or {}))
    play.instance = start_version(play.session, actor, play.now, play.published, answers)


def _begin_freely(published: Published, facts: Json) -> None:
    """A process that no area begins starts with its start form and the variables that the designer gives."""

    def begin(_session: Session, actor: Actor, _now: datetime, answers: Json) -> Beginning:
        subject = actor.organisation_id if actor.is_unit else None
        title = f"{actor.organisation_name} · {published.definition.name}"
        return Beginning(title, subject, None, None, actor.region_path, facts | answers)

    processes.register(ProcessRules(published.process, begin=begin, may_start=lambda _actor: True))


def _complete(play: Play, step: Mapping[str, Any]) -> None:
    task = play.find_task(step.get("element"), step.get("item"))
    actor = play.person_for(task, step.get("person"))
    insert_files(play.session, actor, play.now, step.get("files") or [])
    answers = _in_these_numbers(play, task, actor, step)
    complete_task(play.session, actor, play.now, task.id, answers, task.version)


def _in_these_numbers(play: Play, task: Task, actor: Actor, step: Mapping[str, Any]) -> Json:
    answers: Json = deepcopy(dict(step.get("answers") or {}))
    form = play.published.form_of(task.element)
    if form is None or not form.needs:
        return answers
    case, process = case_of(play.session, actor, play.now, play.case, task), play.case.process
    play.offers = offers_at(form, case, process)
    resolved = form_for(case, play.published, process, task.element) or form
    return renamed(resolved, answers, step.get("offered") or {}, play.offers)


def _wait(play: Play, step: Mapping[str, Any]) -> None:
    if step.get("to") == "next":
        moment = play.next_moment()
        if moment is None:
            raise Conflict("没有在等待的时间，用不着推进时钟。")
        play.let_pass(moment + timedelta(seconds=1))
        return
    days = step.get("days")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 < days <= LONGEST_WAIT.days:
        raise invalid("days", "range", f"推进的天数须为 1 到 {LONGEST_WAIT.days} 的整数。")
    play.let_pass(play.now + timedelta(days=days))


def _message(play: Play, step: Mapping[str, Any]) -> None:
    name = str(step.get("name") or "")
    if name not in may_come(play.session, play.now, play.case):
        raise Conflict(f"办件这时没有在等待消息“{name}”。")
    send(Sending(play.session, play.now, play.case, name, step.get("payload") or {}))
    play.session.refresh(play.case)


_ACTS = {"start": _start, "complete": _complete, "wait": _wait, "message": _message}

"""Random acts on random diagrams: no decision is lost, no task is open for nobody, the timeline tells what happened."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import SmallWorld, registered
from tests.integration.acts.conftest import FORM, world
from tests.integration.acts.random_acts import IN_TURN, SIGN, STEP, Account, Asked, Held, Segment, draw, facts
from webapp import clock
from webapp.absence.models import Deputy
from webapp.absence.operations import Wish, end_deputy, name_deputy
from webapp.access import Actor
from webapp.acts import asking, cosigning, handing, recalling, returning
from webapp.acts.models import HeldDecision, KeptState, RecalledDecision
from webapp.definitions.library import get_published
from webapp.instances.interventions import resume, suspend
from webapp.instances.models import HistoryEntry, Incident, Instance, Submission
from webapp.instances.operations import withdraw
from webapp.problems import Problem
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task
from workflows import Context, list_open

__all__ = ["world"]

EXAMPLES = int(os.environ.get("RANDOM_ACTS", "10"))
_STEPS = st.sampled_from([STEP, STEP, SIGN, IN_TURN])
_BRANCH = st.lists(_STEPS, min_size=1, max_size=2)
_SEGMENTS: st.SearchStrategy[list[Segment]] = st.lists(
    st.one_of(_STEPS, st.tuples(_BRANCH, _BRANCH)), min_size=1, max_size=3
)
_ACTS = (
    *("complete",) * 8,
    *("transfer", "delegate", "before", "after", "remove", "return", "return", "recall", "recall"),
    *("away", "away", "here", "suspend", "withdraw"),
)
_MOVES = st.lists(st.tuples(st.sampled_from(_ACTS), st.integers(0, 11), st.integers(0, 11)), min_size=4, max_size=16)
FRESH = {"populate_existing": True}


@dataclass
class Crowd:
    """The people of every example."""

    world: SmallWorld
    clerk: Actor
    people: list[Actor]
    """甲, 乙, 丙 review; 丁 and 戊 only stand in."""
    boss: Actor
    leader: Actor

    @property
    def everybody(self) -> dict[int, Actor]:
        return {p.user_id: p for p in (self.clerk, *self.people, self.boss, self.leader)}


@pytest.fixture
def crowd(world: SmallWorld) -> Iterator[Crowd]:
    clerk = world.person("clerk", world.unit, "unit_clerk")
    people = [world.person(name, world.county, "county_reviewer") for name in ("甲", "乙", "丙")]
    people += [world.person(name, world.county, "supervisor") for name in ("丁", "戊")]
    boss = world.person("主任", world.county, "city_leader")
    leader = world.person("市长", world.city, "city_leader")
    with registered(data={"unit_id": world.unit, "signers": [people[0].user_id, people[1].user_id]}):
        world.session.commit()
        yield Crowd(world, clerk, people, boss, leader)


class Play:
    """One example: acts on the case, each written into the account, and looked at afterwards."""

    def __init__(self, crowd: Crowd, segments: list[Segment]) -> None:
        self.crowd, self.session = crowd, crowd.world.session
        drawn, self.steps = draw(segments)
        crowd.world.publish(drawn, {"step": FORM})
        self.instance_id = crowd.world.start(crowd.clerk).id
        self.session.commit()
        self.account = Account([crowd.boss.user_id, crowd.leader.user_id])
        self.account.line("start", crowd.clerk.user_id)
        self.words = 0
        self.look()

    # what there is

    @property
    def instance(self) -> Instance:
        return self.session.get_one(Instance, self.instance_id, populate_existing=True)

    def open(self) -> list[Task]:
        query = select(Task).where(Task.instance_id == self.instance_id, Task.status == "open")
        return list(self.session.scalars(query.order_by(Task.opened_at, Task.id), execution_options=FRESH))

    def held(self, task: Task) -> Held:
        """The account of an open task; one that is new is for whom the diagram names."""
        if task.id not in self.account.tasks:
            if "signer" in task.item:
                rule = frozenset({int(task.item["signer"])})
            elif task.element == "fill":
                rule = frozenset({self.crowd.clerk.user_id})
            else:
                rule = frozenset(p.user_id for p in self.crowd.people[:3])
            self.account.tasks[task.id] = Held(task.id, task.element, rule)
        return self.account.tasks[task.id]

    def signs_beside(self, task: Task) -> Callable[[int], bool]:
        query = select(Task).where(
            Task.instance_id == self.instance_id, Task.element == task.element, Task.round == task.round
        )
        others = [t for t in self.session.scalars(query) if t.id != task.id and t.status != "cancelled"]
        known = {t.handed_to or t.assigned_user_id for t in others} | {t.closed_by for t in others}
        return lambda person: bool(task.item) and person in known

    def may_do(self, task: Task) -> dict[int, set[int | None]]:
        return self.account.may_do(self.held(task), self.signs_beside(task))

    def candidates(self, task: Task) -> set[int]:
        query = select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
        return set(self.session.scalars(query))

    # acts

    def move(self, act: str, first: int, second: int) -> None:
        """One act, by somebody who may or may not; a refusal changes nothing."""
        before = self.snapshot()
        try:
            done = getattr(self, f"do_{act}")(first, second)
        except Problem:
            self.session.rollback()
            assert self.snapshot() == before, f"refused, and yet changed: {act}"
            return
        self.session.commit()
        if done:
            self.look()

    def snapshot(self) -> object:
        history = select(HistoryEntry.id).where(HistoryEntry.instance_id == self.instance_id)
        tasks = select(Task.id, Task.status, Task.claimed_by, Task.version).where(Task.instance_id == self.instance_id)
        return len(list(self.session.scalars(history))), sorted(map(tuple, self.session.execute(tasks)), key=repr)

    def chosen(self, first: int, second: int) -> tuple[Task, Actor, int | None]:
        """An open task, somebody who may do it, and in whose name they do."""
        tasks = self.open()
        if not tasks:
            raise Problem("nothing is open")
        task = tasks[first % len(tasks)]
        able = sorted(p for p in self.candidates(task) if task.claimed_by in {None, p})
        person = able[second % len(able)]
        behalf = self.session.scalar(
            select(TaskCandidate.on_behalf_of).where(TaskCandidate.task_id == task.id, TaskCandidate.user_id == person)
        )
        allowed = self.may_do(task)
        assert behalf in allowed[person], "in whose name"
        return task, self.crowd.everybody[person], behalf

    def other(self, number: int) -> Actor:
        """Mostly somebody who reviews."""
        return [*self.crowd.people[:3], *self.crowd.people, self.crowd.boss][number % 9]

    def do_complete(self, first: int, second: int) -> bool:
        task, actor, behalf = self.chosen(first, second)
        held = self.held(task)
        self.words += 1
        words = f"第{self.words}条意见"
        answer = "agree" if held.asked else "pass"
        agrees = not (held.asked and (first + second) % 4 == 3)
        data = {"outcome": answer if agrees else "disagree", "opinion": words}
        complete_task(self.session, actor, clock.now(), task.id, data, task.version)
        if held.asked:
            self.answered(held, actor, behalf, agrees=agrees)
        elif held.after:
            held.decision = (actor.user_id, behalf, words)
            self.account.line("hold", actor.user_id, behalf)
            held.asked = Asked("after", actor.user_id, held.after.pop(0), held.owner)
        else:
            self.decided(held, actor.user_id, behalf, words)
        return True

    def answered(self, held: Held, actor: Actor, behalf: int | None, *, agrees: bool) -> None:
        asked, held.asked = held.asked, None
        assert asked is not None
        self.account.line("opinion", actor.user_id, behalf)
        held.owner = asked.before
        if asked.kind != "after":
            return
        if not agrees:
            held.after, held.decision = [], None
        elif held.after:
            held.asked = Asked("after", asked.asker, held.after.pop(0), asked.before)
        else:
            assert held.decision is not None
            author, author_behalf, words = held.decision
            held.decision = None
            self.decided(held, author, author_behalf, words)

    def decided(self, held: Held, actor: int, behalf: int | None, words: str) -> None:
        self.account.line("pass", actor, behalf)
        self.account.decisions.append((words, held.element, actor, behalf))

    def do_transfer(self, first: int, second: int) -> bool:
        task, actor, behalf = self.chosen(first, second)
        to = self.other(first + second)
        handing.transfer(self.session, actor, clock.now(), task.id, task.version, to.user_id)
        self.account.line("transfer", actor.user_id, behalf)
        self.held(task).owner = to.user_id
        return True

    def do_delegate(self, first: int, second: int) -> bool:
        return self._ask("delegate", first, second)

    def do_before(self, first: int, second: int) -> bool:
        return self._ask("before", first, second)

    def do_after(self, first: int, second: int) -> bool:
        return self._ask("after", first, second)

    def _ask(self, kind: str, first: int, second: int) -> bool:
        task, actor, behalf = self.chosen(first, second)
        to, held, now = self.other(first + second), self.held(task), clock.now()
        if kind == "delegate":
            asking.ask(self.session, actor, now, task.id, task.version, kind, to.user_id)
        else:
            cosigning.add(self.session, actor, now, task.id, task.version, kind, to.user_id)
        self.account.line("delegate" if kind == "delegate" else "add_signer", actor.user_id, behalf)
        if "signer" in task.item and kind != "delegate":
            return True
        if kind == "after":
            held.after.append(to.user_id)
        else:
            held.asked = Asked(kind, actor.user_id, to.user_id, held.owner)
        return True

    def do_remove(self, first: int, second: int) -> bool:
        """The leader leaves one signer out."""
        tasks = [task for task in self.open() if "signer" in task.item]
        if not tasks:
            return False
        task, now = tasks[first % len(tasks)], clock.now()
        cosigning.remove(self.session, self.crowd.leader, now, task.id, int(task.item["signer"]))
        self.account.line("remove_signer", self.crowd.leader.user_id)
        return True

    def do_return(self, first: int, second: int) -> bool:
        task, actor, behalf = self.chosen(first, second)
        to = ("previous", "declarant", *self.steps)[(first + second) % (len(self.steps) + 2)]
        back = bool(second % 2)
        now = clock.now()
        place = returning.return_task(self.session, actor, now, task.id, task.version, to, "补材料", comes_back=back)
        act = "return_to_unit" if place.element == "fill" else "return_to_step"
        self.account.line(act, actor.user_id, behalf)
        held = self.held(task)
        held.after, held.decision, held.asked = [], None, None
        return True

    def do_recall(self, _first: int, _second: int) -> bool:
        """Whoever acted last takes it back, if that can be."""
        kept = self.session.get(KeptState, self.instance_id, populate_existing=True)
        if kept is None:
            return False
        task_id, actor = kept.task_id, self.crowd.everybody[kept.actor_id]
        recalling.recall(self.session, actor, clock.now(), self.instance_id, "看错了")
        self.account.line("recall", actor.user_id)
        last = self.account.decisions[-1] if self.account.decisions else None
        if last and self.held_by_id(task_id).element == last[1] and self.last_act_before() == "pass":
            self.account.taken_back.add(last[0])
        return True

    def held_by_id(self, task_id: UUID) -> Held:
        return self.account.tasks[task_id]

    def last_act_before(self) -> str:
        return next(act for act, _who, _behalf in reversed(self.account.lines[:-1]) if act not in {"suspend", "resume"})

    def do_away(self, first: int, second: int) -> bool:
        principal, deputy = self.crowd.people[first % 3], self.other(second)
        now = clock.now()
        wish = Wish(deputy.user_id, now, now + timedelta(days=30))
        pair = (principal.user_id, deputy.user_id)
        try:
            name_deputy(self.session, principal, now, None, wish)
        except Problem:
            assert pair in self.account.deputies or self.account.closes_circle(*pair)
            raise
        assert not self.account.closes_circle(*pair), "a circle was let through"
        self.account.deputies.add(pair)
        return True

    def do_here(self, first: int, _second: int) -> bool:
        rows = list(self.session.scalars(select(Deputy).where(Deputy.ended_at.is_(None)).order_by(Deputy.id)))
        if not rows:
            return False
        row = rows[first % len(rows)]
        end_deputy(self.session, self.crowd.everybody[row.principal_id], clock.now(), row.id)
        self.account.deputies.discard((row.principal_id, row.deputy_id))
        return True

    def do_suspend(self, _first: int, second: int) -> bool:
        leader, now = self.crowd.leader, clock.now()
        act, name = (resume, "resume") if self.instance.status == "suspended" else (suspend, "suspend")
        act(self.session, leader, now, self.instance_id, "等材料")
        self.account.line(name, leader.user_id)
        if name == "suspend" and second % 3:  # most go on soon
            resume(self.session, leader, now + timedelta(hours=1), self.instance_id, "齐了")
            self.account.line("resume", leader.user_id)
        return True

    def do_withdraw(self, first: int, second: int) -> bool:
        if first % 4 or second % 2:  # rarely: nothing follows
            return False
        withdraw(self.session, self.crowd.clerk, clock.now(), self.instance_id, "不报了")
        self.account.line("withdraw", self.crowd.clerk.user_id)
        return True

    # what must hold

    def look(self) -> None:
        self.tell_the_same()
        self.keep_every_decision()
        self.have_somebody()

    def tell_the_same(self) -> None:
        query = select(HistoryEntry).where(HistoryEntry.instance_id == self.instance_id).order_by(HistoryEntry.id)
        assert facts(list(self.session.scalars(query))) == self.account.lines

    def keep_every_decision(self) -> None:
        def read(model: Any) -> set[tuple[str, str, int, int | None]]:
            rows = self.session.scalars(select(model).where(model.instance_id == self.instance_id)).all()
            return {(row.answers["opinion"], row.element, row.actor_id, row.on_behalf_of) for row in rows}

        standing = {one for one in self.account.decisions if one[0] not in self.account.taken_back}
        assert read(Submission) == standing
        assert read(RecalledDecision) == set(self.account.decisions) - standing
        held = {row.task_id: row.answers["opinion"] for row in self.session.scalars(select(HeldDecision))}
        waiting = {task.id: task.decision[2] for task in self.account.tasks.values() if task.decision}
        assert {id_: words for id_, words in held.items() if id_ in self.account.tasks} == waiting

    def have_somebody(self) -> None:
        instance, tasks = self.instance, self.open()
        if instance.status != "running":
            assert tasks == []
            return
        published = get_published(self.session, instance.process_version_id)
        engine = list_open(published.definition, instance.state or "", Context(clock.now()))
        assert {UUID(one.id) for one in engine} == {task.id for task in tasks}
        for task in tasks:
            allowed, found = self.may_do(task), self.candidates(task)
            assert found == allowed.keys(), f"{task.element} of {task.item}"
            assert task.claimed_by in {None, *found}, "in the hands of somebody who may not"
        assert not self.session.scalars(select(Incident).where(Incident.instance_id == self.instance_id)).all()

    def finish(self) -> None:
        """However it came here: everybody doing what lies in front of them leads to the end."""
        if self.instance.status == "suspended":
            self.do_suspend(0, 0)
            self.session.commit()
        for number in range(80):
            if self.instance.status != "running":
                break
            self.move("complete", 0, number)
        assert self.instance.status in {"completed", "withdrawn"}
        if self.instance.status == "completed":
            assert {one[1] for one in self.account.decisions if one[0] not in self.account.taken_back} == set(
                self.steps
            )


def clear_absences(session: Session, crowd: Crowd) -> None:
    for row in session.scalars(select(Deputy).where(Deputy.ended_at.is_(None))).all():
        end_deputy(session, crowd.everybody[row.principal_id], clock.now(), row.id)
    session.commit()


_FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_random_acts(crowd: Crowd) -> None:
    @_FEW
    @given(_SEGMENTS, _MOVES)
    def play(segments: list[Segment], moves: list[tuple[str, int, int]]) -> None:
        session = crowd.world.session
        session.rollback()
        clear_absences(session, crowd)
        game = Play(crowd, segments)
        if len(moves) % 4:  # mostly in the hands of the office
            game.move("complete", 0, 0)
        for act, first, second in moves:
            game.move(act, first, second)
        game.finish()

    play()


@pytest.mark.parametrize("leave", ["remove", "transfer"])
def test_who_does_not_sign_any_more_may_stand_in_for_another_signer(crowd: Crowd, leave: str) -> None:
    game, (first, second, third) = Play(crowd, [SIGN]), crowd.people[:3]
    now = clock.now()
    name_deputy(game.session, second, now, None, Wish(first.user_id, now, now + timedelta(days=30)))
    game.account.deputies.add((second.user_id, first.user_id))
    game.move("complete", 0, 0)
    game.look()  # whoever signs beside does not stand in: the leader does
    task, others = sorted(game.open(), key=lambda task: task.item["signer"] != first.user_id)
    if leave == "remove":
        cosigning.remove(game.session, crowd.leader, now, task.id, first.user_id)
    else:
        handing.transfer(game.session, first, now, task.id, task.version, third.user_id, "请代为办理")
    assert first.user_id in game.candidates(others)

"""Cases go on in another version: with everything that hangs on them, one by one, and back while nothing was done."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories.small_world import PROCESS
from tests.integration.migration.conftest import AT_COUNTY, AT_UNIT, Desk, block, form, line, step
from tests.processes.drawing import boundary, chain, diagram, end, start, task, timer
from webapp import clock
from webapp.audit.models import AuditEntry
from webapp.clock import SHANGHAI
from webapp.instances import interventions
from webapp.instances.models import Wait
from webapp.instances.pages import view_case
from webapp.instances.timers import fire_due
from webapp.migration import jobs, operations
from webapp.migration.models import MigrationItem
from webapp.migration.moving import move_case
from webapp.migration.passages import passage_of
from webapp.problems import Conflict, Invalid
from webapp.tasks.models import Draft


def test_a_case_goes_through_the_step_that_was_added(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    desk.publish(line("fill", "review", "confirm"))
    migration = desk.move()
    assert (desk.status(migration), desk.version_of(case)) == ("done", 2)
    assert desk.timeline(case)[-1] == ("migrate", "v1 → v2。试点需要")
    desk.do(case, "review")
    assert desk.task(case, "confirm").due_at is not None
    entry = desk.session.scalars(select(AuditEntry).where(AuditEntry.act == "instance.migrate")).one()
    assert (entry.actor_id, entry.before, entry.after) == (desk.admin.user_id, {"version": 1}, {"version": 2})


def test_what_people_have_is_kept(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    desk.claim(case, "review")
    desk.write(case, "review", {"opinion": "写了一半"})
    before = desk.task(case, "review")
    kept = (before.id, before.version, before.claimed_by, before.due_at, before.due_rule, desk.candidates(before))
    desk.publish(line("fill", "review", "confirm").replace(b'working_days="5"', b'working_days="20"'))
    migration = desk.move()
    after = desk.task(case, "review")
    assert (after.id, after.version, after.claimed_by, after.due_at, after.due_rule, desk.candidates(after)) == kept
    assert desk.session.scalars(select(Draft.answers)).one() == {"opinion": "写了一半"}
    assert [note["code"] for note in desk.item(migration, case).findings] == ["deadline_kept"]


def test_a_mapped_step_keeps_its_task_under_its_new_name(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    before = desk.task(case, "review")
    desk.publish(line("fill", "examine"))
    migration = desk.propose()
    assert desk.item(migration, case).verdict == "mapping"
    with pytest.raises(Invalid, match="没有可以迁移"):
        operations.start(desk.session, desk.admin, clock.now(), migration, "试点")
    desk.session.rollback()
    operations.map_steps(desk.session, desk.admin, clock.now(), migration, {"review": "examine"})
    desk.session.commit()
    desk.carry_out(migration)
    after = desk.task(case, "examine")
    assert (after.id, after.name, after.due_at) == (before.id, "examine", before.due_at)
    desk.session.refresh(case)
    assert case.way == {"start": 1, "start-fill": 1, "fill": 1, "fill-review": 1}
    desk.do(case, "examine")
    desk.session.refresh(case)
    assert case.status == "completed"


def test_only_a_new_step_with_another_deadline_gets_one(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    before = desk.task(case, "review").due_at
    desk.publish(
        diagram(
            start(), step("fill", AT_UNIT), step("examine", days=30), end(), chain("start", "fill", "examine", "end")
        )
    )
    desk.move(mapping={"review": "examine"})
    after = desk.task(case, "examine").due_at
    assert before is not None
    assert after is not None
    assert after > before + timedelta(days=20)


def test_people_follow_the_new_rule_and_nobody_is_refused(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    desk.claim(case, "review")
    only = f'person="{desk.other.user_id}"'
    changed = diagram(
        start(), step("fill", AT_UNIT), step("review", only), end(), chain("start", "fill", "review", "end")
    )
    desk.publish(changed)
    desk.move()
    task_now = desk.task(case, "review")
    assert desk.candidates(task_now) == {"other"}
    assert task_now.claimed_by != desk.reviewer.user_id
    desk.publish(changed.replace(only.encode(), b'roles="inspector" organisation="unit_id"'))
    migration = desk.move((2, 3))
    item = desk.item(migration, case)
    assert (item.status, desk.version_of(case)) == ("refused", 2)
    assert "没有足够的可办理人员" in item.findings[0]["message"]
    assert desk.candidates(desk.task(case, "review")) == {"other"}


def test_each_case_is_judged_by_itself(desk: Desk) -> None:
    desk.publish(block("right"))
    fresh, inside, waiting, over = (
        desk.start(),
        desk.start("fill"),
        desk.start("fill", "right"),
        desk.start("fill", "left", "right"),
    )
    ended = desk.start("fill", "left", "right", "after")
    desk.publish(block("right", "again"))
    migration = desk.move()
    items = desk.items(migration)
    assert ended.number not in items
    assert [items[case.number].status for case in (fresh, inside, over)] == ["moved"] * 3
    assert (items[waiting.number].verdict, items[waiting.number].status) == ("impossible", "waiting")
    assert "等待汇合" in items[waiting.number].findings[0]["message"]
    desk.do(waiting, "left")
    operations.look_again(desk.session, desk.admin, clock.now(), migration)
    desk.session.commit()
    desk.carry_out(migration)
    assert desk.version_of(waiting) == 2
    for key in ("left", "right", "again", "after"):
        desk.do(inside, key)
    desk.session.refresh(inside)
    assert inside.status == "completed"


def test_who_acts_between_the_look_and_the_move_is_seen(desk: Desk) -> None:
    desk.publish(block("right"))
    case, other = desk.start("fill"), desk.start("fill")
    desk.publish(block("right", "again"))
    migration = desk.propose()
    desk.do(case, "right")
    desk.do(other, "left")
    desk.carry_out(migration)
    assert (desk.item(migration, case).status, desk.version_of(case)) == ("refused", 1)
    assert desk.version_of(other) == 2


def test_timers_go_on_and_their_rows_are_renamed(desk: Desk) -> None:
    def timed(event: str, days: int) -> bytes:
        due = (clock.now() + timedelta(days=days)).isoformat()
        return diagram(
            start(), task("fill", AT_UNIT_TEXT), boundary(event, "fill", timer(f"'{due}'")), end(), end("late"),
            chain("start", "fill", "end"), chain(event, "late"),
        )  # fmt: skip

    desk.publish(timed("soon", 3))
    case = desk.start()
    due = desk.session.scalars(select(Wait.due_at)).one()
    desk.publish(timed("overdue", 90))
    desk.move(mapping={"soon": "overdue"})
    row = desk.session.scalars(select(Wait)).one()
    assert (row.element, row.due_at) == ("overdue", due)
    assert desk.version_of(case) == 2


AT_UNIT_TEXT = f"<bpmn:extensionElements><wm:assignment {AT_UNIT}/></bpmn:extensionElements>"


def test_back_to_exactly_where_it_was_while_nothing_was_done(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    idle, acted = desk.start("fill"), desk.start("fill")
    before = (idle.state, dict(idle.way), list(idle.waits))
    task_before = desk.task(idle, "review")
    kept = (task_before.name, task_before.due_at, task_before.assigned_roles, desk.candidates(task_before))
    desk.publish(
        diagram(
            start(),
            step("fill", AT_UNIT),
            step("examine", AT_COUNTY.replace('exclude="unit"', ""), days=30),
            end(),
            chain("start", "fill", "examine", "end"),
        )
    )
    migration = desk.move(mapping={"review": "examine"})
    desk.do(acted, "examine")
    jobs.forget_ways_back()
    desk.undo(migration)
    assert desk.status(migration) == "undone"
    assert (desk.version_of(idle), desk.item(migration, idle).status) == (1, "undone")
    assert (idle.state, idle.way, idle.waits) == before
    task_after = desk.task(idle, "review")
    assert (task_after.name, task_after.due_at, task_after.assigned_roles, desk.candidates(task_after)) == kept
    assert desk.timeline(idle)[-1][0] == "migrate_back"
    assert (desk.version_of(acted), desk.item(migration, acted).status) == (2, "kept")
    desk.do(idle, "review")
    desk.session.refresh(idle)
    assert idle.status == "completed"


def test_a_suspended_case_moves_and_is_resumed_there(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    interventions.suspend(desk.session, desk.admin, clock.now(), case.id, "等文件")
    desk.session.commit()
    desk.publish(line("fill", "review", "confirm"))
    desk.move()
    assert desk.version_of(case) == 2
    interventions.resume(desk.session, desk.admin, clock.now(), case.id, "文件到了")
    desk.session.commit()
    desk.do(case, "review")
    assert desk.task(case, "confirm")


def test_cases_are_chosen_by_step_and_by_number(desk: Desk) -> None:
    desk.publish(line("fill", "review"))
    first, second = desk.start(), desk.start("fill")
    desk.publish(line("fill", "review", "confirm"))
    assert set(desk.items(desk.propose(step="review"))) == {second.number}
    assert set(desk.items(desk.propose(numbers=f"{first.number}，{first.number}"))) == {first.number}
    assert set(desk.items(desk.propose(region="430600"))) == {first.number, second.number}
    for chosen, words in (
        ({"numbers": f"{first.number} NO-1"}, "NO-1"),
        ({"step": "nowhere"}, "没有“nowhere”"),
        ({"region": "999999"}, "没有代码"),
        ({"batch": 9}, "没有符合条件"),
    ):
        with pytest.raises(Invalid, match=words):
            desk.propose(**chosen)
        desk.session.rollback()


@pytest.mark.parametrize(
    ("mapping", "words"),
    [({"nowhere": "review"}, "原版本没有"), ({"review": "nowhere"}, "新版本没有"), ({"review": "end"}, "类型不同")],
)
def test_a_bad_mapping_is_refused_in_both_directions(desk: Desk, mapping: dict[str, str], words: str) -> None:
    desk.publish(line("fill", "review"))
    desk.start()
    desk.publish(line("fill", "review", "confirm"))
    with pytest.raises(Invalid, match=words):
        desk.propose(mapping=mapping)


def test_suspended_resumed_cancelled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.publish(line("fill", "review"))
    cases = [desk.start() for _ in range(5)]
    desk.publish(line("fill", "review", "confirm"))
    migration = desk.propose()
    operations.start(desk.session, desk.admin, clock.now(), migration, "试点")
    desk.session.commit()
    monkeypatch.setattr(jobs, "BATCH", 2)
    monkeypatch.setattr(jobs, "SECONDS", 0.0)
    jobs.run(migration)
    assert moved(desk, migration) == 0
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "SECONDS", 20.0)
        patched.setattr(jobs, "move_case", suspending(desk, migration))
        jobs.run(migration)
    assert moved(desk, migration) == 2
    assert desk.status(migration) == "suspended"
    operations.resume(desk.session, desk.admin, migration)
    desk.session.commit()
    with pytest.raises(Conflict):
        operations.resume(desk.session, desk.admin, migration)
    desk.session.rollback()
    operations.cancel(desk.session, desk.admin, clock.now(), migration)
    desk.session.commit()
    monkeypatch.setattr(jobs, "SECONDS", 20.0)
    jobs.run(migration)
    assert (moved(desk, migration), desk.status(migration)) == (2, "cancelled")
    assert sorted(desk.version_of(case) for case in cases) == [1, 1, 1, 2, 2]
    desk.undo(migration)
    assert [desk.version_of(case) for case in cases] == [1] * 5


def moved(desk: Desk, migration: int) -> int:
    query = select(func.count()).where(MigrationItem.migration_id == migration, MigrationItem.status == "moved")
    return desk.session.scalar(query) or 0


def suspending(desk: Desk, migration: int) -> jobs.Verb:
    """Move cases, and let somebody suspend the migration meanwhile."""

    def move(*given: Any) -> None:
        move_case(*given)
        if desk.status(migration) == "running":
            operations.suspend(desk.session, desk.admin, migration)
        desk.session.commit()

    return move


def test_a_form_of_then_shows_what_was_answered_then(desk: Desk) -> None:
    extra = {"type": "textfield", "id": "x", "key": "extra", "label": "当时的问题"}
    desk.publish(line("fill", "review"), form(extra))
    case = desk.start()
    desk.do(case, "fill", extra="当时的回答")
    desk.publish(line("review", "confirm"))
    desk.move()
    desk.do(case, "review")
    view = view_case(desk.session, desk.reviewer, clock.now(), case)
    shown = {item.label: item.text for found in view.file.opinions for item in found.shown}
    assert shown["当时的问题"] == "当时的回答"


def test_a_timer_that_is_new_counts_working_days_from_the_opening_of_the_step(desk: Desk) -> None:
    """Friday, ten working days: with the clock on Wednesday it is not counted from there; one that is past fires."""
    desk.publish(line("fill", "review"))
    case, late = desk.start("fill"), desk.start("fill")
    friday = datetime(2026, 3, 6, 15, tzinfo=SHANGHAI)
    for one in (case, late):
        desk.task(one, "review").opened_at = friday if one is case else friday - timedelta(days=90)
    desk.session.commit()
    desk.publish(
        diagram(
            start(),
            step("fill", AT_UNIT),
            step("review"),
            boundary("overdue", "review", timer("end_of_working_day(10)")),
            step("chase"),
            end(),
            chain("start", "fill", "review", "end"),
            chain("overdue", "chase", "end"),
        )
    )
    now = datetime(2026, 3, 11, 9, tzinfo=SHANGHAI)
    made = operations.propose(desk.session, desk.admin, now, PROCESS, (1, 2), {})
    said = [desk.item(made.id, one).findings[0] for one in (case, late)]
    assert [(one["kind"], one["code"]) for one in said] == [("note", "border_added"), ("note", "border_past")]
    assert "到 2026-03-20" in said[0]["message"]
    passage = passage_of(desk.session, made)
    for one in (case, late):
        move_case(desk.session, desk.admin, now, passage, one.id)
    desk.session.commit()
    due = {wait.instance_id: wait.due_at for wait in desk.session.scalars(select(Wait).where(Wait.kind == "timer"))}
    assert due[case.id] == datetime(2026, 3, 20, 23, 59, 59, tzinfo=SHANGHAI)
    assert fire_due(desk.session, now, late.id)
    assert not fire_due(desk.session, now, case.id)
    assert desk.task(late, "chase").status == "open"
    desk.publish(line("fill", "review", "chase"))
    desk.move((2, 3))
    assert not desk.session.scalars(select(Wait).where(Wait.instance_id == case.id)).all()

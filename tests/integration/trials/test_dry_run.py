"""A dry run goes through the real operations, in a world of samples, and leaves nothing behind."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.factories.small_world import PROCESS, SmallWorld, registered
from tests.integration.trials.conftest import FORM, drawn
from tests.processes.drawing import chain, choice, diagram, end, flow, script, start
from webapp import clock
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.clock import SHANGHAI
from webapp.designer import operations as drafts
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import Part
from webapp.instances.models import Instance
from webapp.problems import NotFound
from webapp.registry.models import Organisation
from webapp.tasks.models import Task
from webapp.trials import operations
from webapp.trials.limited import TrialError, ask
from webapp.trials.models import Trial

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


def posted(element: str, why: str, **more: Any) -> dict[str, Any]:
    return {"act": "complete", "element": element, "item": {}, "fields": [["why", why]]} | more


def begun(session: Session, designer: Actor, *steps: dict[str, Any]) -> Trial:
    operations.begin(session, designer, clock.now(), PROCESS, version=None, begins_at=MONDAY)
    trial = operations.do_step(session, designer, clock.now(), PROCESS, {"act": "start", "person": "unit.clerk"})
    for step in steps:
        trial = operations.do_step(session, designer, clock.now(), PROCESS, step)
    return trial


def test_real_cases_of_the_same_year_do_not_stand_in_its_way(
    session: Session, designer: Actor, draft: ProcessDraft, world: SmallWorld
) -> None:
    session.execute(text("ALTER SEQUENCE instance_numbers RESTART"))
    with registered(data={"unit_id": world.unit}):
        clerk = world.person("clerk", world.unit, "unit_clerk")
        case = world.start(clerk)
        session.commit()
        assert case.number.endswith("-000001")
        assert begun(session, designer).seen["view"]["status"] == "running"
        session.execute(text("ALTER SEQUENCE instance_numbers RESTART 1234567"))
        numbers = [world.start(clerk).number for _ in range(3)]
        assert [number.partition("-")[2] for number in numbers] == ["1234567", "1234568", "1234569"]


def test_a_designer_steps_through_a_draft(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    drafts.save(session, designer, clock.now(), PROCESS, 1, Part("diagram"), drawn("decide", "confirm").decode())
    trial = begun(session, designer)
    (task,) = trial.seen["view"]["tasks"]
    assert (task["element"], task["due"]) == ("decide", "2026-03-09 23:59")
    assert task["candidates"] == ["县级审核员甲", "县级审核员乙"]
    refused = operations.do_step(session, designer, clock.now(), PROCESS, posted("decide", " "))
    assert (len(refused.steps), refused.seen["problem"]["errors"][0]["path"]) == (1, "why")
    file = {"input": "files", "name": "报告.pdf", "size": 3000, "head": b"%PDF-1.7".hex()}
    gone_on = operations.do_step(session, designer, clock.now(), PROCESS, posted("decide", "好", uploads=[file]))
    assert gone_on.steps[1]["files"][0]["name"] == "报告.pdf"
    assert [task["element"] for task in gone_on.seen["view"]["tasks"]] == ["confirm"]
    ended = operations.do_step(session, designer, clock.now(), PROCESS, posted("confirm", "好"))
    assert ended.seen["view"]["status"] == "completed"
    assert ended.seen["records"][-1]["way"] == ["confirm", "end"]
    back = operations.go_back(session, designer, clock.now(), PROCESS, 2)
    assert [task["element"] for task in back.seen["view"]["tasks"]] == ["confirm"]


def test_nothing_is_left_behind(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    session.commit()  # so that the trial could see, and disturb, what is there
    counted = (Instance, Task, Organisation)
    before = [session.scalar(select(func.count()).select_from(model)) for model in counted]
    begun(session, designer, posted("decide", "好"))
    assert [session.scalar(select(func.count()).select_from(model)) for model in counted] == before
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.not_like("draft.%"))).all()
    assert acts == ["trial.begin"]
    assert session.scalar(text("SELECT is_called FROM instance_numbers")) is False


def test_a_changed_draft_is_replayed_as_far_as_it_goes(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    begun(session, designer, posted("decide", "好"))
    drafts.save(session, designer, clock.now(), PROCESS, 1, Part("diagram"), drawn("consider", "confirm").decode())
    trial = operations.look(session, designer, clock.now(), PROCESS, {})
    assert "不在待办之中" in trial.seen["refused"]["message"]
    assert len(trial.seen["records"]) == 1
    mended = operations.go_back(session, designer, clock.now(), PROCESS, 1)
    assert [task["element"] for task in mended.seen["view"]["tasks"]] == ["consider"]


def test_files_are_checked_by_their_first_bytes(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    file = {"input": "files", "name": "报告.pdf", "size": 3000, "head": b"MZ".hex()}
    trial = begun(session, designer, posted("decide", "好", uploads=[file]))
    assert len(trial.steps) == 1
    assert "扩展名" in trial.seen["problem"]["message"]


def test_everybody_has_a_dry_run_of_their_own(
    session: Session, world: Any, designer: Actor, draft: ProcessDraft
) -> None:
    begun(session, designer)
    other = world.person("other", world.city, "process_designer")
    with pytest.raises(NotFound):
        operations.lock_trial(session, other, PROCESS)
    operations.stop(session, designer, PROCESS)
    session.flush()
    assert session.scalars(select(Trial)).all() == []


def test_old_dry_runs_are_removed(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    begun(session, designer)
    operations.sweep(session, clock.now() + operations.KEPT / 2)
    assert len(session.scalars(select(Trial)).all()) == 1
    operations.sweep(session, clock.now() + operations.KEPT * 2)
    assert session.scalars(select(Trial)).all() == []


_CIRCLE = diagram(
    start(),
    choice("again", "again-end"),
    script("count", "x = 1"),
    end(),
    chain("start", "again", "end"),
    flow("again", "count", "True"),
    flow("count", "again"),
)


def trying(drawing: bytes) -> dict[str, Any]:
    content = {"process": PROCESS, "bpmn": drawing.decode(), "forms": {"decide": FORM}, "tables": {}}
    tried = {"act": "start", "person": "unit.clerk"}
    return {"content": content, "begins_at": MONDAY.isoformat(), "steps": [], "tried": tried}


def test_what_is_no_process_is_said(session: Session) -> None:
    with pytest.raises(TrialError, match="不能运行"):
        ask(trying(b"<definitions/>"))


def test_a_circle_without_people_ends(session: Session) -> None:
    assert "自动循环" in ask(trying(_CIRCLE))["problem"]["message"]

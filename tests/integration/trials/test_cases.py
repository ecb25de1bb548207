"""Test cases: recorded from dry runs, run together, and standing in the way of what changes their outcome unseen."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import PROCESS, SmallWorld
from tests.integration.trials.conftest import drawn
from tests.integration.trials.test_dry_run import begun, posted
from webapp import clock
from webapp.access import Actor
from webapp.definitions.library import find_current
from webapp.definitions.models import ProcessVersion
from webapp.designer import operations as drafts
from webapp.designer import publishing
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import Part
from webapp.problems import Conflict, Invalid
from webapp.trials import operations


def save_diagram(session: Session, designer: Actor, draft: ProcessDraft, *steps: str, days: int = 5) -> None:
    content = drawn(*steps, days=days).decode()
    drafts.save(session, designer, clock.now(), PROCESS, draft.revision, Part("diagram"), content)


@pytest.fixture
def recorded(session: Session, designer: Actor, draft: ProcessDraft) -> str:
    """A test case of a draft with two steps, from a dry run of both."""
    save_diagram(session, designer, draft, "decide", "confirm")
    begun(session, designer, posted("decide", "好"), posted("confirm", "好"))
    return operations.save_case(session, designer, clock.now(), PROCESS, None, "两步办结")


def hand_in(session: Session, designer: Actor, draft: ProcessDraft) -> Any:
    return publishing.hand_in(session, designer, clock.now(), PROCESS, revision=draft.revision, reason="x")


def test_a_dry_run_becomes_a_case_with_its_coverage(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    (first, second, last) = draft.cases[recorded]["steps"]
    (task,) = first["expect"]["open"]
    assert (task["element"], task["due"]) == ("decide", "2026-03-09 23:59")
    assert second["expect"]["open"][0]["candidates"] == ["市级审核员甲", "市级审核员乙"]
    assert (last["expect"]["way"], last["expect"]["status"]) == (["confirm", "end"], "completed")
    found = operations.run_cases(session, designer, clock.now(), PROCESS)
    assert found["results"][recorded]["passed"] is True
    assert (found["coverage"]["elements"], found["coverage"]["missing"]) == (4, [])
    assert draft.case_results is not None


def test_a_version_is_published_with_its_cases(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    made = hand_in(session, designer, draft)
    version = session.get_one(ProcessVersion, made.version_id)
    assert list(version.cases) == [recorded]
    assert publishing.restore_version(session, designer, clock.now(), PROCESS, 1, "还是一步").status == "published"


def test_publishing_is_blocked_by_a_case_that_goes_otherwise(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    save_diagram(session, designer, draft, "decide", "confirm", days=3)
    with pytest.raises(Invalid) as refused:
        hand_in(session, designer, draft)
    words = refused.value.errors[0].message
    assert words.startswith(
        "测试用例“两步办结”第 1 步（发起）：「decide」的期限：预期 2026-03-09 23:59，实际 2026-03-05"
    )
    found = find_current(session, PROCESS)
    assert found is not None
    assert found.version == 1
    operations.run_cases(session, designer, clock.now(), PROCESS)
    assert operations.accept_results(session, designer, clock.now(), PROCESS, None) == 1
    assert hand_in(session, designer, draft).status == "published"


def test_a_step_that_is_gone_is_named_and_cannot_be_accepted(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    save_diagram(session, designer, draft, "consider", "confirm")
    result = operations.run_cases(session, designer, clock.now(), PROCESS)["results"][recorded]
    assert "多经过了" not in str(result)
    assert result["failures"][0]["messages"] == ["待办：预期轮到「decide」，实际没有", "待办：多出「consider」"]
    assert "不能进行" in result["failures"][1]["messages"][0]
    with pytest.raises(Conflict, match="不能进行"):
        operations.accept_results(session, designer, clock.now(), PROCESS, recorded)
    operations.remove_case(session, designer, clock.now(), PROCESS, recorded)
    assert hand_in(session, designer, draft).status == "published"


def test_a_case_is_opened_carried_on_and_replaced(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    trial = operations.open_case(session, designer, clock.now(), PROCESS, recorded)
    assert (trial.case_key, trial.seen["view"]["status"]) == (recorded, "completed")
    operations.go_back(session, designer, clock.now(), PROCESS, 2)
    assert operations.save_case(session, designer, clock.now(), PROCESS, recorded, "只到第二步") == recorded
    assert (draft.cases[recorded]["name"], len(draft.cases[recorded]["steps"])) == ("只到第二步", 2)


def test_what_is_not_said_is_not_compared(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    case = draft.cases[recorded]
    for step in case["steps"]:
        step["expect"].pop("open")
    operations.put_case(session, designer, clock.now(), PROCESS, recorded, case)
    save_diagram(session, designer, draft, "decide", "confirm", days=3)
    assert hand_in(session, designer, draft).status == "published"


def test_cases_are_left_alone_while_somebody_else_edits(
    session: Session, world: SmallWorld, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    other = world.person("other", world.city, "process_designer")
    with pytest.raises(Conflict, match="designer"):
        operations.remove_case(session, other, clock.now(), PROCESS, recorded)


def test_cases_are_brought_up_to_a_step_that_is_new_and_one_that_bears_another_id(
    session: Session, designer: Actor, draft: ProcessDraft, recorded: str
) -> None:
    save_diagram(session, designer, draft, "decide", "look", "approve", "tell")
    with pytest.raises(Conflict, match="还没有运行"):
        operations.renew_cases(session, designer, clock.now(), PROCESS)
    operations.run_cases(session, designer, clock.now(), PROCESS)
    assert operations.renew_cases(session, designer, clock.now(), PROCESS) == (1, [])
    elements = [step.get("element") for step in draft.cases[recorded]["steps"]]
    assert elements == [None, "decide", "look", "approve", "tell"]
    assert draft.cases[recorded]["steps"][-1]["expect"]["status"] == "completed"
    assert draft.case_results is not None
    assert draft.case_results["results"][recorded]["passed"] is True
    save_diagram(session, designer, draft, "confirm")
    operations.run_cases(session, designer, clock.now(), PROCESS)
    assert operations.renew_cases(session, designer, clock.now(), PROCESS) == (0, ["两步办结"])

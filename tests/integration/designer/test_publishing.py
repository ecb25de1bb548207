"""From draft to version: what has errors is not published, a second person approves, a time is waited for."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import PROCESS, SmallWorld, assigned, registered
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.definitions.library import find_current
from webapp.designer import operations, publishing, queries
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import Part
from webapp.problems import Conflict, Forbidden, Invalid, NotFound

FORM = {
    "type": "default",
    "id": "decide",
    "components": [{"type": "textarea", "key": "why", "id": "why", "label": "理由"}],
}
DEADLINE = 'working_days="5"'


def drawn(*steps: str) -> bytes:
    nodes = [assigned(step, deadline=DEADLINE, more='<wm:form key="decide"/>') for step in steps]
    return diagram(start(), *nodes, end(), chain("start", *steps, "end"))


@pytest.fixture
def world(session: Session) -> SmallWorld:
    small = SmallWorld(session)
    small.publish(drawn("decide"), {"decide": FORM})
    return small


@pytest.fixture
def designer(world: SmallWorld) -> Actor:
    return world.person("designer", world.city, "process_designer")


@pytest.fixture
def publisher(world: SmallWorld) -> Actor:
    return world.person("publisher", world.city, "administrator")


@pytest.fixture
def draft(session: Session, designer: Actor) -> ProcessDraft:
    """A draft with one more step."""
    operations.open_draft(session, designer, clock.now(), PROCESS)
    operations.edit(session, designer, clock.now(), PROCESS)
    part, content = Part("diagram"), drawn("decide", "confirm").decode()
    return operations.save(session, designer, clock.now(), PROCESS, 1, part, content)


def current(session: Session) -> int:
    found = find_current(session, PROCESS)
    assert found is not None
    return found.version


def test_a_draft_becomes_the_current_version(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    made = publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="加一步")
    assert (made.status, current(session), draft.base_version) == ("published", 2, 2)
    with pytest.raises(Invalid, match="完全相同"):
        publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="又一次")


def test_what_is_not_sound_is_refused_with_its_problems(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    broken = draft.bpmn.replace('key="decide"', 'key="nowhere"', 1)
    operations.save(session, designer, clock.now(), PROCESS, 2, Part("diagram"), broken)
    with pytest.raises(Invalid) as refused:
        publishing.hand_in(session, designer, clock.now(), PROCESS, revision=3, reason="x")
    assert [(e.path, e.code) for e in refused.value.errors] == [("decide", "form_unknown")]
    assert current(session) == 1


@pytest.mark.parametrize(("revision", "reason", "error"), [(1, "x", Conflict), (2, "  ", Invalid)])
def test_a_stale_look_or_no_reason_publishes_nothing(
    session: Session, designer: Actor, draft: ProcessDraft, revision: int, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        publishing.hand_in(session, designer, clock.now(), PROCESS, revision=revision, reason=reason)
    assert current(session) == 1


def test_a_second_person_approves(session: Session, designer: Actor, publisher: Actor, draft: ProcessDraft) -> None:
    publishing.set_second_person(session, publisher, needed=True)
    made = publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="加一步")
    assert (made.status, current(session)) == ("waiting", 1)
    with pytest.raises(Conflict, match="待生效"):
        publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="加一步")
    with pytest.raises(Forbidden):
        publishing.decide(session, designer, clock.now(), made.id, approve=True, remark="")
    publishing.decide(session, publisher, clock.now(), made.id, approve=True, remark="")
    assert (made.status, current(session)) == ("published", 2)
    with pytest.raises(Conflict):
        publishing.decide(session, publisher, clock.now(), made.id, approve=False, remark="晚了")


def test_a_refusal_says_why(session: Session, designer: Actor, publisher: Actor, draft: ProcessDraft) -> None:
    publishing.set_second_person(session, publisher, needed=True)
    made = publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="加一步")
    with pytest.raises(Invalid):
        publishing.decide(session, publisher, clock.now(), made.id, approve=False, remark=" ")
    publishing.decide(session, publisher, clock.now(), made.id, approve=False, remark="期限太长")
    (row,) = queries.list_publications(session, PROCESS)
    assert (row.Publication.status, row.Publication.remark, current(session)) == ("refused", "期限太长", 1)


def test_a_scheduled_one_waits_for_its_time(session: Session, designer: Actor, draft: ProcessDraft) -> None:
    now = clock.now()
    with pytest.raises(Invalid, match="过去"):
        publishing.hand_in(session, designer, now, PROCESS, revision=2, reason="x", due_at=now)
    due = now + timedelta(days=1)
    made = publishing.hand_in(session, designer, now, PROCESS, revision=2, reason="x", due_at=due)
    publishing.put_in_force_what_is_due(session, now, made.id)
    assert (made.status, current(session)) == ("scheduled", 1)
    for _ in range(2):
        publishing.put_in_force_what_is_due(session, due, made.id)
    assert (made.status, current(session)) == ("published", 2)


def test_undo_is_possible_while_nothing_runs(
    session: Session, world: SmallWorld, designer: Actor, draft: ProcessDraft
) -> None:
    with pytest.raises(NotFound):
        publishing.undo(session, designer, PROCESS)
    publishing.hand_in(session, designer, clock.now(), PROCESS, revision=2, reason="加一步")
    assert publishing.may_undo(session, PROCESS)
    publishing.undo(session, designer, PROCESS)
    assert current(session) == 1
    assert not publishing.may_undo(session, PROCESS)  # offered only where it leads somewhere
    publishing.restore_version(session, designer, clock.now(), PROCESS, 2, "还是要这一步")
    assert current(session) == 3
    world.person("reviewer", world.county, "county_reviewer")
    with registered(data={}):
        world.start(world.person("clerk", world.unit, "unit_clerk"))
    assert not publishing.may_undo(session, PROCESS)
    with pytest.raises(Conflict, match="已有办件"):
        publishing.undo(session, designer, PROCESS)

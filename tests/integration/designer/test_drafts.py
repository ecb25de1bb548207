"""Drafts: one editor at a time, nothing saved over what somebody has not seen, whatever is sent."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.validators import VALIDATOR_NAMES
from tests.factories.small_world import PROCESS, SmallWorld, assigned
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.designer import beginning, operations
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import Part
from webapp.designer.vocabulary import CHECKS
from webapp.problems import Conflict, Invalid, NotFound

DRAWN = diagram(start(), assigned("decide"), end(), chain("start", "decide", "end"))
DIAGRAM = Part("diagram")


@pytest.fixture
def world(session: Session) -> SmallWorld:
    small = SmallWorld(session)
    small.publish(DRAWN, {"decide": {"type": "default", "components": []}})
    return small


@pytest.fixture
def designer(world: SmallWorld) -> Actor:
    return world.person("designer", world.city, "process_designer")


@pytest.fixture
def other(world: SmallWorld) -> Actor:
    return world.person("other", world.city, "process_designer")


def edited(session: Session, actor: Actor) -> ProcessDraft:
    operations.open_draft(session, actor, clock.now(), PROCESS)
    return operations.edit(session, actor, clock.now(), PROCESS)


def test_a_draft_starts_from_the_current_version_once(session: Session, designer: Actor, other: Actor) -> None:
    draft = operations.open_draft(session, designer, clock.now(), PROCESS)
    assert (draft.bpmn, list(draft.forms), draft.base_version) == (DRAWN.decode(), ["decide"], 1)
    assert operations.open_draft(session, other, clock.now(), PROCESS).id == draft.id


def test_what_is_saved_is_there_with_its_line_in_the_audit_log(session: Session, designer: Actor) -> None:
    draft = edited(session, designer)
    changed = DRAWN.decode().replace('name="p"', 'name="新名称"')
    operations.save(session, designer, clock.now(), PROCESS, 1, DIAGRAM, changed)
    form = {"type": "default", "components": [{"type": "textfield", "key": "why", "id": "why"}]}
    operations.save(session, designer, clock.now(), PROCESS, 2, Part("form", "fill"), form)
    operations.save(session, designer, clock.now(), PROCESS, 3, Part("form", "decide"), None)
    session.flush()
    session.expire(draft)
    assert (draft.revision, draft.bpmn, draft.forms) == (4, changed, {"fill": form})
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.act == "draft.save")).all()) == 3


def test_a_stale_revision_is_refused(session: Session, designer: Actor) -> None:
    edited(session, designer)
    operations.save(session, designer, clock.now(), PROCESS, 1, DIAGRAM, DRAWN.decode())
    with pytest.raises(Conflict) as refused:
        operations.save(session, designer, clock.now(), PROCESS, 1, DIAGRAM, DRAWN.decode())
    assert refused.value.extra == {"revision": 2}


def test_only_one_edits_until_somebody_takes_over(session: Session, designer: Actor, other: Actor) -> None:
    edited(session, designer)
    with pytest.raises(Conflict, match="designer"):
        operations.edit(session, other, clock.now(), PROCESS)
    operations.edit(session, other, clock.now(), PROCESS, take_over=True)
    with pytest.raises(Conflict, match="other"):
        operations.save(session, designer, clock.now(), PROCESS, 1, DIAGRAM, DRAWN.decode())


def test_a_lock_without_a_sign_of_life_lapses(session: Session, designer: Actor, other: Actor) -> None:
    edited(session, designer)
    draft = operations.edit(session, other, clock.now() + timedelta(minutes=6), PROCESS)
    assert draft.editor_id == other.user_id
    operations.leave(session, designer, PROCESS)
    assert draft.editor_id == other.user_id
    operations.leave(session, other, PROCESS)
    assert draft.editor_id is None


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (DIAGRAM, "no xml"),
        (DIAGRAM, 5),
        (DIAGRAM, "<!DOCTYPE d [<!ENTITY e 'x'>]><d>&e;</d>"),
        (DIAGRAM, "<a>" * 200 + "</a>" * 200),
        (Part("form", "x"), "text"),
        (Part("form", "../x"), {"components": []}),
        (Part("form", "x"), {"components": [float("nan")]}),
        (Part("table", "x"), "<a>"),
        (Part("table", ""), "<a/>"),
    ],
)
def test_bad_parts_are_refused_and_change_nothing(session: Session, designer: Actor, part: Part, value: Any) -> None:
    draft = edited(session, designer)
    with pytest.raises(Invalid):
        operations.save(session, designer, clock.now(), PROCESS, 1, part, value)
    assert (draft.revision, draft.bpmn) == (1, DRAWN.decode())


def test_a_new_process_and_one_from_a_file(session: Session, designer: Actor) -> None:
    new = beginning.begin_process(session, designer, clock.now(), "plan", "年度<计划>")
    assert (new.name, new.base_version) == ("年度<计划>", None)
    assert 'name="年度&lt;计划&gt;"' in new.bpmn
    taken = beginning.import_diagram(session, designer, clock.now(), "foreign", DRAWN)
    assert '<bpmn:process id="foreign"' in taken.bpmn
    for key in ("plan", PROCESS, "Plan", "a-b", ""):
        with pytest.raises(Invalid):
            beginning.begin_process(session, designer, clock.now(), key, "x")
    with pytest.raises(Invalid, match="没有流程"):
        beginning.import_diagram(session, designer, clock.now(), "none", b"<definitions/>")


def test_comments_are_settled_once_and_go_with_the_draft(session: Session, designer: Actor, other: Actor) -> None:
    draft = edited(session, designer)
    made = operations.comment(session, other, clock.now(), PROCESS, "decide", " 期限太短？ ")
    assert made.text == "期限太短？"
    operations.settle(session, designer, clock.now(), PROCESS, made.id)
    with pytest.raises(NotFound):
        operations.settle(session, designer, clock.now(), PROCESS, made.id)
    with pytest.raises(Conflict):
        operations.discard(session, designer, clock.now(), PROCESS, revision=draft.revision + 1)
    operations.discard(session, designer, clock.now(), PROCESS, revision=draft.revision)
    session.flush()
    assert session.scalars(select(ProcessDraft)).all() == []


def test_every_named_check_of_forms_has_a_name_for_designers() -> None:
    assert CHECKS.keys() == VALIDATOR_NAMES

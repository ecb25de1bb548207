"""A process as one ZIP: out of one installation and into another, whole or not at all."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import PROCESS
from tests.integration.trials.conftest import FORM, drawn
from webapp import clock
from webapp.access import Actor
from webapp.definitions.models import ProcessVersion
from webapp.definitions.operations import ensure_shipped, shipped
from webapp.designer import operations, publishing, queries
from webapp.designer.beginning import import_package
from webapp.designer.models import ProcessDraft
from webapp.problems import Invalid
from webapp.trials.archive import Package, read_archive, write_archive

CASE: dict[str, Any] = {
    "name": "一步办结",
    "begins_at": "2026-03-02T09:00:00+08:00",
    "steps": [{"act": "start", "person": "unit.clerk"}, {"act": "complete", "element": "decide", "answers": {}}],
}
PACKAGE = Package(PROCESS, "测试", drawn("decide").decode(), {"decide": FORM}, {}, {"case_1": CASE})


def test_an_archive_becomes_a_draft(session: Session, designer: Actor) -> None:
    package = read_archive(write_archive(PACKAGE, {}))
    new = import_package(session, designer, clock.now(), "copied", package)
    assert '<bpmn:process id="copied"' in new.bpmn
    assert (list(new.cases), new.base_version) == (["case_1"], None)
    update = import_package(session, designer, clock.now(), PROCESS, package)
    assert update.base_version == 1
    for key, path in ((PROCESS, "process"), ("Bad Key", "process")):
        with pytest.raises(Invalid) as refused:
            import_package(session, designer, clock.now(), key, package)
        assert refused.value.errors[0].path == path


def test_an_update_of_the_program_keeps_what_was_designed_here(
    session: Session, designer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {row.process for row in ensure_shipped(session)} == {"declaration", "nomination", "pairing"}
    draft: ProcessDraft = operations.open_draft(session, designer, clock.now(), "nomination")
    operations.edit(session, designer, clock.now(), "nomination")
    draft.cases = {}
    renamed = draft.bpmn.replace('name="发起征集"', 'name="市级发起征集"')
    operations.save(session, designer, clock.now(), "nomination", 1, operations.Part("diagram"), renamed)
    publishing.hand_in(session, designer, clock.now(), "nomination", revision=2, reason="本市的叫法")
    assert ensure_shipped(session) == []
    newer = [_renamed(one) for one in shipped()]
    monkeypatch.setattr("webapp.definitions.operations.shipped", lambda: newer)
    brought = {row.process: row for row in ensure_shipped(session)}
    assert [(name, row.version, row.is_current) for name, row in sorted(brought.items())] == [
        ("declaration", 2, True),
        ("nomination", 3, False),
        ("pairing", 2, True),
    ]
    rows = {row.key: row for row in queries.list_processes(session)}
    assert (rows["nomination"].version, rows["nomination"].waiting_version) == (2, 3)
    assert rows["pairing"].waiting_version is None
    old = session.get_one(ProcessVersion, rows["nomination"].version_id)
    assert old.published_by == designer.user_id
    restored = publishing.restore_version(session, designer, clock.now(), "nomination", 3, "采用新的")
    assert restored.status == "published"
    assert publishing.undo(session, designer, "nomination").version == 2


def _renamed(one: Any) -> Any:
    return type(one)(
        one.process, one.bpmn.replace("</bpmn:definitions>", "<!-- 新 --></bpmn:definitions>"), one.forms, one.cases
    )

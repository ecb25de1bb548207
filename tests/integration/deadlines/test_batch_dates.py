"""Deadlines that hang on a batch: the end of a phase, and whether “X日前” includes X, shown beside the date."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.small_world import CITY, COUNTY, PROCESS, assigned, registered
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, diagram, end, start
from webapp.batches.models import Batch
from webapp.deadlines.extending import extend
from webapp.deadlines.ledger import open_deadlines
from webapp.deadlines.recomputing import list_dated, replan
from webapp.definitions.library import get_published
from webapp.instances import processes
from webapp.instances.models import HistoryEntry, Instance
from webapp.instances.processes import Beginning

Begin = Callable[[str], Instance]


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with registered(data={"region": COUNTY, "printed": "2021-05-01"}):
        yield


@pytest.fixture
def batch(world: DatedWorld) -> Batch:
    row = Batch(
        title="2021年度申报",
        region_code=CITY,
        document_number="岳市文明委〔2021〕3号",
        opens_on=date(2021, 3, 1),
        closes_on=date(2021, 4, 20),
        term="2021年",
        notice_days=5,
        consultation_days=10,
        pass_mark=80,
        sampling_ratio=0,
        draw_seed="x",
        created_by=world.leader.user_id,
        created_at=at("2021-03-01T09:00"),
        before_includes_day=True,
        phase_ends={"review": "2021-05-01"},
    )
    world.session.add(row)
    world.session.flush()
    return row


@pytest.fixture
def begin(world: DatedWorld, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Starts a case of the batch with one step that has the given deadline."""
    plain = processes.rules_of(PROCESS).begin

    def of_batch(*arguments: Any) -> Beginning:
        found = plain(*arguments)
        return Beginning(found.title, found.subject_id, batch.id, None, found.region_path, found.data)

    monkeypatch.setitem(
        processes._registered,
        PROCESS,
        processes.ProcessRules(process=PROCESS, begin=of_batch, may_start=lambda _actor: True),
    )

    def make(deadline: str) -> Instance:
        step = assigned("decide", deadline=deadline)
        world.publish(diagram(start(), step, end(), chain("start", "decide", "end")))
        return world.start_at("2021-04-08T10:00")

    return make


def note(world: DatedWorld, instance: Instance) -> str:
    published = get_published(world.session, instance.process_version_id)
    return open_deadlines(world.session, world.leader, published, instance)[0].note or ""


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        ('phase_end="declaration"', "2021-04-20T23:59:59"),
        ('phase_end="review"', "2021-05-01T23:59:59"),
        ('phase_end="review" office_hours="true"', "2021-05-01T17:30:00"),
        ('phase_end="review" working_days="3"', "2021-05-01T23:59:59"),
        ('phase_end="decision" working_days="3"', "2021-04-13T23:59:59"),
        ('before="printed"', "2021-05-01T23:59:59"),
    ],
)
def test_the_dates_of_the_batch(world: DatedWorld, begin: Begin, deadline: str, expected: str) -> None:
    assert world.open_task(begin(deadline), "decide").due_at == at(expected)


def test_a_phase_that_has_no_end_is_no_deadline(world: DatedWorld, begin: Begin) -> None:
    assert world.open_task(begin('phase_end="decision"'), "decide").due_at is None


def test_a_phase_that_is_over_leaves_the_days_of_the_diagram(world: DatedWorld, begin: Begin, batch: Batch) -> None:
    batch.phase_ends = {"review": "2021-04-07"}
    world.session.flush()
    assert world.open_task(begin('phase_end="review" working_days="3"'), "decide").due_at == at("2021-04-13T23:59:59")


@pytest.mark.parametrize(
    ("includes", "due", "said"),
    [
        (True, "2021-05-01T23:59:59", "5月1日前，按规定包括当日"),
        (False, "2021-04-30T23:59:59", "5月1日前，按规定不包括当日"),
    ],
)
def test_the_batch_says_whether_the_day_counts_and_it_stands_beside_the_date(
    world: DatedWorld, begin: Begin, batch: Batch, includes: bool, due: str, said: str
) -> None:
    batch.before_includes_day = includes
    world.session.flush()
    instance = begin('before="printed"')
    assert world.open_task(instance, "decide").due_at == at(due)
    assert said in note(world, instance)
    assert ("法定节假日（劳动节）" in note(world, instance)) is includes


def test_a_changed_date_moves_open_deadlines_and_says_so(world: DatedWorld, begin: Begin, batch: Batch) -> None:
    instance = begin('phase_end="review"')
    batch.phase_ends = {"review": "2021-05-10"}
    world.session.flush()
    world.session.commit()
    assert list(list_dated(batch.id)) == [instance.id]
    assert replan(world.session, at("2021-04-20T09:00"), instance.id, "批次日期已修改") == 1
    task = world.open_task(instance, "decide")
    assert (task.due_at, task.due_rule) == (at("2021-05-10T23:59:59"), None)
    line = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "recompute")).one()
    assert line.comment == ("“decide”的办理期限由 2021-05-01 23:59 改为 2021-05-10 23:59。原因：批次日期已修改。")
    assert replan(world.session, at("2021-04-20T09:00"), instance.id, "批次日期已修改") == 0


def test_what_a_leader_extended_stays(world: DatedWorld, begin: Begin, batch: Batch) -> None:
    instance = begin('phase_end="review"')
    task = world.open_task(instance, "decide")
    extend(world.session, world.leader, at("2021-04-20T09:00"), task.id, task.version, "核实", working_days=3)
    batch.phase_ends = {"review": "2021-04-30"}
    world.session.flush()
    assert replan(world.session, at("2021-04-20T10:00"), instance.id, "批次日期已修改") == 0

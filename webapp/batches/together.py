"""Steps that a batch decides for ticked cases together, with one document: notice, decision, report, acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import CompiledForm
from webapp.access import Actor
from webapp.database import transaction
from webapp.inbox.together import form_together
from webapp.instances.models import Instance
from webapp.tasks import bulk
from webapp.tasks.models import Task

MOST = 200


@dataclass(frozen=True)
class StepTogether:
    """What a step is called when it is done for many cases."""

    title: str
    button: str
    hint: str


STEPS = {
    "publish_notice": StepTogether(
        "发布公示", "为勾选的申报发布一份公示", "勾选的申报列入同一份公示，公示期从发布次日起按批次设置的工作日计算。"
    ),
    "decide_award": StepTogether("作出决定", "对勾选的申报作出决定", "勾选的申报使用同一个决定文号。"),
    "report_to_province": StepTogether("上报省级", "把勾选的申报列入一份上报名单", "勾选的申报列入同一份上报名单。"),
    "accept_report": StepTogether("受理上报", "受理勾选的申报", "勾选的申报给出同样的结论。"),
}


@dataclass(frozen=True)
class Result:
    """What became of one ticked case."""

    unit: str
    number: str
    instance_id: int
    is_done: bool
    reasons: list[str]


def form_of(session: Session, actor: Actor, now: datetime, rows: Sequence[Any]) -> CompiledForm | None:
    """The form of the step, without file pickers: files belong to single cases."""
    return form_together(session, actor, now, rows[0].id) if rows else None


def decide(actor: Actor, now: datetime, rows: list[tuple[UUID, int]], answers: dict[str, Any]) -> list[Result]:
    """Decide the ticked tasks with the same answers; one failure stops no other."""
    results = bulk.complete_many(actor, now, rows[:MOST], answers)
    with transaction() as session:
        query = select(Task.id, Instance).join(Instance, Instance.id == Task.instance_id)
        cases = {row.id: row.Instance for row in session.execute(query.where(Task.id.in_([r.id for r in results])))}
    return [
        Result(
            unit=cases[r.id].title.split(" · ")[0],
            number=cases[r.id].number,
            instance_id=cases[r.id].id,
            is_done=r.status == "done",
            reasons=r.reasons,
        )
        for r in results
        if r.id in cases
    ]

"""What the shipped processes need beside places and people: open batches to declare in, a programme of pairing."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.batches.models import Batch, BatchDepartment, BatchHonour, BatchIndicator
from webapp.batches.operations import new_plan
from webapp.clock import SHANGHAI
from webapp.pairing.models import HelpedUnit, Programme
from webapp.pairing.rules import INDICATORS, TARGET_MONTHS, WEIGHTS
from webapp.quotas.operations import Places, write_rows
from webapp.registry.reference import HONOURS
from webapp.trials.world import BASE, CITY, NUMBERS, PEOPLE

_INDICATORS = ("组织领导与工作机制", "思想道德建设", "业务工作与优质服务", "内部管理与环境", "志愿服务与社会责任")
_BATCHES = (
    ("示例批次一：征求部门意见，不抽查", ("police", "tax"), "0", 40),
    ("示例批次二：不征求意见，全部抽查", (), "1", 40),
    ("示例批次三：没有剩余名额", (), "0", 0),
)
"""Title, departments to be asked, part that is spot-checked, places for each honour."""


def create_matters(session: Session, at: datetime) -> None:
    """Insert what the processes of the application start from."""
    for place, (title, departments, sampling, places) in enumerate(_BATCHES, start=1):
        batch = _batch(BASE + place, title, sampling, at)
        session.add(batch)
        session.flush()
        _add_parts(session, batch, departments, places)
    _add_programme(session, at)


def _batch(number: int, title: str, sampling: str, at: datetime) -> Batch:
    today = at.astimezone(SHANGHAI).date()
    return Batch(
        id=number,
        title=title,
        region_code=CITY,
        document_number=f"示市文明委〔{today.year}〕{number - BASE}号",
        opens_on=today - timedelta(days=7),
        closes_on=today + timedelta(days=365),
        term=f"{today.year}年",
        notice_days=5,
        consultation_days=10,
        pass_mark=Decimal(80),
        sampling_ratio=Decimal(sampling),
        draw_seed="sample",
        substitute_id=NUMBERS["province"],
        created_by=PEOPLE["city.a"],
        created_at=at,
    )


def _add_parts(session: Session, batch: Batch, departments: tuple[str, ...], places: int) -> None:
    codes = [code for code, *_rest in HONOURS]
    session.execute(insert(BatchHonour), [{"batch_id": batch.id, "honour_code": code} for code in codes])
    if departments:
        asked = [{"batch_id": batch.id, "organisation_id": NUMBERS[key]} for key in departments]
        session.execute(insert(BatchDepartment), asked)
    session.execute(
        insert(BatchIndicator),
        [
            {"batch_id": batch.id, "position": position, "label": label, "max_score": 20}
            for position, label in enumerate(_INDICATORS, start=1)
        ],
    )
    plan = new_plan(batch, over_cap="waitlist")
    session.add(plan)
    session.flush()
    write_rows(session, plan, {(code, None, ""): Places(places) for code in codes})


def _add_programme(session: Session, at: datetime) -> None:
    programme = Programme(
        id=BASE + 1,
        region_code=CITY,
        kind="assist",
        title="示例结对帮创方案",
        source="豫文明办〔2021〕5号 二（四）",
        report_on=at.astimezone(SHANGHAI).date() + timedelta(days=60),
        silent_days=45,
        target_months=dict(TARGET_MONTHS),
        weights=dict(WEIGHTS),
        indicators=[dict(row) for row in INDICATORS],
        created_by=PEOPLE["city.a"],
        created_at=at,
    )
    session.add(programme)
    session.flush()
    helped = {
        "programme_id": programme.id,
        "organisation_id": NUMBERS["private"],
        "target_honour": "city",
        "origin": "city",
        "named_by": PEOPLE["city.a"],
        "named_at": at,
    }
    session.execute(insert(HelpedUnit), helped)

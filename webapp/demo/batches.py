"""Open batches to declare in: an ordinary one, one with a single place (候补), one whose cases are all drawn."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.batches.models import Batch, BatchDepartment, BatchHonour, BatchIndicator
from webapp.batches.operations import new_plan
from webapp.demo.places import CITY
from webapp.quotas.operations import Places, write_rows
from webapp.registry.reference import HONOURS

INDICATORS = ("组织领导与工作机制", "思想道德建设", "业务工作与优质服务", "内部管理与环境", "志愿服务与社会责任")
_FULL_SCORE = 20
_SEED = "demo-{}"
FIRST_SEED = _SEED.format(1)
"""Marks the ordinary batch, whatever it is called today."""


@dataclass(frozen=True)
class _Plan:
    title: str
    number: int
    honours: tuple[str, ...]
    departments: tuple[str, ...]
    sampling: str
    places: int


_ALL = tuple(code for code, *_rest in HONOURS)
_PLANS = (
    _Plan("{year}年度文明单位申报（演示）", 1, _ALL, ("gongan", "shuiwu", "huanjing"), "0.3", 40),
    _Plan(
        "{year}年度补报（演示：名额只有一个、不征求部门意见、不抽查）", 2, ("county", "city", "provincial"), (), "0", 1
    ),
    _Plan(
        "{year}年度专项申报（演示：全部抽查）", 3, ("city", "city_model", "provincial"), ("gongan", "xinfang"), "1", 20
    ),
)


def add_batches(session: Session, creator: int, departments: dict[str, int], substitute: int) -> None:
    """Add the batches, open from a week ago for about a year of demonstration.

    Args:
        substitute: the office that acts where a conflict of interest leaves nobody.
    """
    for plan in _PLANS:
        _add_batch(session, plan, creator, departments, substitute)


def _add_batch(session: Session, plan: _Plan, creator: int, departments: dict[str, int], substitute: int) -> None:
    today = clock.today()
    batch = Batch(
        title=plan.title.format(year=today.year),
        region_code=CITY,
        document_number=f"岳市文明委〔{today.year}〕{plan.number}号",
        opens_on=today - timedelta(days=7),
        closes_on=today + timedelta(days=365),
        term=f"{today.year}年",
        notice_days=5,
        consultation_days=10,
        pass_mark=Decimal(80),
        sampling_ratio=Decimal(plan.sampling),
        draw_seed=_SEED.format(plan.number),
        substitute_id=substitute,
        created_by=creator,
        created_at=clock.real_now(),
    )
    session.add(batch)
    session.flush()
    _add_parts(session, batch, plan, departments)


def _add_parts(session: Session, batch: Batch, plan: _Plan, departments: dict[str, int]) -> None:
    batch_id = batch.id
    session.execute(insert(BatchHonour), [{"batch_id": batch_id, "honour_code": code} for code in plan.honours])
    if plan.departments:
        rows = [{"batch_id": batch_id, "organisation_id": departments[key]} for key in plan.departments]
        session.execute(insert(BatchDepartment), rows)
    indicators = [
        {"batch_id": batch_id, "position": position, "label": label, "max_score": _FULL_SCORE}
        for position, label in enumerate(INDICATORS, start=1)
    ]
    session.execute(insert(BatchIndicator), indicators)
    own = new_plan(batch, over_cap="waitlist")
    session.add(own)
    session.flush()
    write_rows(session, own, {(code, None, ""): Places(plan.places) for code in plan.honours})

"""The list to the province as a paper (DOCX) and as a table (XLSX), of those who were approved or are going to be."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import SHANGHAI
from webapp.docx import chinese_date
from webapp.nominations import queries
from webapp.nominations.models import NominationCall
from webapp.nominations.rules import KINDS, count_by_kind
from webapp.official_paper import Column, Paper
from webapp.registry.models import Organisation, Region

HEADER = ("序号", "县（市、区）", "单位名称", "统一社会信用代码", "单位类型", "培育目标", "联系人", "联系电话")
_WIDTHS = (10, 22, 38, 32, 22, 22, 14, 22)


def listed(rows: Sequence[Any]) -> list[Any]:
    """Of the nominees of a call those on the city's list: approved, or ranked and not yet decided."""
    return [row for row in rows if row.Nominee.rank is not None and row.Nominee.status != "rejected"]


def cells(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of the list, in the city's order."""
    return [
        (
            place,
            row.county,
            row.unit,
            row.uscc,
            KINDS[row.Nominee.kind],
            row.honour,
            row.Nominee.facts.get("contact"),
            row.Nominee.facts.get("contact_mobile"),
        )
        for place, row in enumerate(rows, start=1)
    ]


def paper(session: Session, call: NominationCall, rows: Sequence[Any], today: date) -> Paper:
    """The report of the city's office to that of its province, with the list as its annex."""
    city, province = _offices(session, call)
    names = "、".join(queries.honour_names(session, call.honour_codes))
    kinds = "、".join(f"{name} {number} 个" for name, number in count_by_kind(row.Nominee.kind for row in rows))
    counties = len({row.Nominee.county_code for row in rows})
    dated = call.reported_at.astimezone(SHANGHAI).date() if call.reported_at else today
    intro = (
        f"按照{call.document_number}{call.paragraph}的要求，我市组织各县（市、区）推荐培育对象，"
        f"报送期限为{chinese_date(call.due_on)}。经逐级推荐、审核、排序和审定，"
        f"共确定{counties}个县（市、区）的培育对象{len(rows)}个（{kinds or '无'}），培育目标为{names}。"
    )
    return Paper(
        office=city,
        number=call.report_number,
        title=f"关于报送{call.title}\n名单的报告",
        recipient=province,
        paragraphs=[
            intro,
            "现将名单报上，请审阅。",
        ],
        table_title=f"{call.title}名单",
        columns=[
            Column(title, width, is_centred=title != "单位名称") for title, width in zip(HEADER, _WIDTHS, strict=True)
        ],
        rows=cells(rows),
        dated=dated,
    )


def _offices(session: Session, call: NominationCall) -> tuple[str, str]:
    path = session.scalar(select(Region.path).where(Region.code == call.region_code)) or call.region_code
    codes = {"city": call.region_code, "province": path.split("/")[0]}
    query = select(Organisation.region_code, Organisation.name).where(
        Organisation.kind == "office", Organisation.region_code.in_(codes.values())
    )
    names = {code: name for code, name in session.execute(query)}
    return names.get(codes["city"], "市文明办"), names.get(codes["province"], "省文明办")

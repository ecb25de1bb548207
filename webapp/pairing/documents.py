"""The documents of pairing: agreement, list to the province, and the empty templates of the handbook."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.clock import SHANGHAI
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import rest_day_words
from webapp.docx import Part, Signatures, Table, heading, paragraphs, titled
from webapp.pairing.models import Programme
from webapp.pairing.programme_queries import list_confirmed
from webapp.pairing.rules import KINDS, REPORTING
from webapp.pairing.work import Work, read_work

LIST_HEADER = ("序号", "县（市、区）", "帮创单位", "被帮单位", "目标荣誉", "目标日期", "确认日期", "备注")


def agreement(session: Session, actor: Actor, row: Any, today: date) -> bytes:
    """The agreement of a pair with whoever has signed it in the system."""
    pairing, programme = row.Pairing, session.get_one(Programme, row.Pairing.programme_id)
    work = read_work(session, actor, pairing, today)
    kind = KINDS[pairing.kind]
    months = int(programme.target_months[pairing.target_honour])
    parts: list[Part] = [
        *paragraphs(f"甲方（帮创单位）：{row.helper}"),
        *paragraphs(f"乙方（被帮单位）：{row.helped}"),
        *paragraphs(f"根据{programme.source}，甲乙双方开展{kind.name}，约定如下："),
        heading("一、目标"),
        *paragraphs(f"乙方在结对后 {months} 个月左右达到“{row.target}”的创建要求。"),
        heading("二、甲方"),
        *paragraphs("全流程参与制定乙方创建工作方案，帮助优化工作台账、设计开展创建活动、培育单位亮点品牌，每月记录。"),
        heading("三、乙方"),
        *paragraphs("明确专人负责，落实计划，如实提供情况，配合督导和评估。"),
        heading("四、督导和评估"),
        *paragraphs("双方接受文明办的明察暗访、年中和年度评估；年末由市级文明办决定继续、重新匹配或结束。"),
    ]
    if work.milestones:
        rows = [(m.year, m.position, m.title, m.due_on.isoformat(), m.responsible or "") for m in work.milestones]
        parts += [
            heading("五、计划"),
            Table(("年度", "序号", "里程碑", "完成时间", "责任人"), rows, (16, 14, 76, 28, 22)),
        ]
    parts.append(Signatures([_signed("甲方", row.helper, work, "helper"), _signed("乙方", row.helped, work, "helped")]))
    return titled(f"{kind.name}协议", parts)


def _signed(side: str, name: str, work: Work, key: str) -> tuple[str, Sequence[str]]:
    found = work.signatures.get(key)
    if found is None:
        return f"{side}：{name}", ("代表（签字）：", "（盖章）", "年　　月　　日")
    signed = found.Signature
    at = signed.signed_at.astimezone(SHANGHAI)
    return f"{side}：{name}", (
        f"代表：{signed.representative}",
        f"由{found.name}在系统签署",
        f"{at:%Y年%m月%d日 %H:%M}",
    )


def list_rows(session: Session, programme: Programme, today: date) -> list[tuple[Any, ...]]:
    """The rows of the list to the province under :data:`LIST_HEADER`."""
    return [
        (
            number,
            row.region or "",
            row.helper,
            row.helped,
            row.target,
            row.Pairing.target_on or "",
            _day(row.Pairing.confirmed_at),
            f"例外：{row.Pairing.exception_reason}" if row.Pairing.is_exception else "",
        )
        for number, row in enumerate(list_confirmed(session, programme.id, today), start=1)
    ]


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}" if at else ""


def list_document(session: Session, programme: Programme, today: date) -> bytes:
    """The list to the province as a document."""
    rows = list_rows(session, programme, today)
    said = f"依据{programme.source}，现上报{KINDS[programme.kind].name}名单，共 {len(rows)} 对。"
    due = f"文件要求的上报日期：{programme.report_on:%Y年%m月%d日}前（{REPORTING}）。"
    table = Table(LIST_HEADER, rows, (11, 20, 34, 34, 20, 20, 20, 16))
    return titled(f"{programme.title}名单", [*paragraphs(said), *paragraphs(due), table])


def due_words(programme: Programme, now: datetime) -> dict[str, Any]:
    """The printed date, until when it really is, and what is to be said of it."""
    due = calendar_in_force().end_before(programme.report_on, programme.region_code)
    reported = programme.reported_at
    return {
        "on": programme.report_on,
        "due_at": due,
        "rest_day": rest_day_words(due, programme.region_code),
        "is_late": (reported or now) > due,
        "reported_at": reported,
    }


TEMPLATES = ("agreement", "plan", "log", "evaluation")
TEMPLATE_NAMES = {"agreement": "结对协议", "plan": "帮创计划", "log": "每月帮创记录", "evaluation": "帮创评估表"}


def template(name: str, indicators: Sequence[Any]) -> bytes:
    """An empty form to print."""
    title = TEMPLATE_NAMES[name]
    if name == "agreement":
        lines: list[Part] = [*paragraphs("甲方（帮创单位）："), *paragraphs("乙方（被帮单位）：")]
        lines += [
            heading(text) for text in ("一、目标和时限", "二、甲方的帮创内容", "三、乙方的责任", "四、督导和评估")
        ]
        blank = ("代表（签字）：", "（盖章）", "年　　月　　日")
        return titled(title, [*lines, Signatures([("甲方：", blank), ("乙方：", blank)])])
    tables: dict[str, tuple[Any, Any, Any]] = {
        "plan": (("序号", "里程碑", "完成时间", "责任人"), [(n, "", "", "") for n in range(1, 9)], (15, 80, 30, 30)),
        "log": (("日期", "形式", "做了什么", "参加人员", "照片"), [("",) * 5] * 8, (22, 22, 60, 30, 20)),
        "evaluation": (
            ("序号", "指标", "满分", "得分", "说明"),
            [(n, row["label"], f"{row['max']:g}", "", "") for n, row in enumerate(indicators, 1)],
            (15, 60, 18, 18, 45),
        ),
    }
    head = [*paragraphs("帮创单位："), *paragraphs("被帮单位："), *paragraphs("　　　　年　　月")]
    return titled(title, [*head, Table(*tables[name])])

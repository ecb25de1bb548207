"""Cases for the pages of tasks: some rounds of returning and correcting, with real files of every kind."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import Workbook
from PIL import Image, ImageDraw
from sqlalchemy import update

from tests.factories.api_client import Case, Office, Person
from tests.factories.documents import docx, pdf
from webapp.database import transaction
from webapp.instances.models import Instance
from webapp.registry.models import Organisation

CLERK = "pingjiang.unit1.clerk"
LONG_NAME = (
    "平江县天岳街道百花台社区新时代文明实践所暨湘鄂赣革命纪念馆游客服务中心（平江县文化旅游广电体育局所属事业单位）"
)
LONG_TEXT = (
    "本单位成立精神文明建设领导小组，主要负责人任组长，创建工作列入年度计划并安排专项经费；全年开展理论学习中心组学习十二次、"
    "道德讲堂六期、志愿服务活动三十四场次，参与干部职工一千二百余人次；建立文明科室、文明窗口、文明家庭评选机制，"
    "常态化开展移风易俗宣传，推动诚信建设制度化，全年无重大责任事故、无群体性事件、无违法违纪案件。"
)


def picture(width: int = 900, height: int = 600, kind: str = "JPEG") -> bytes:
    """A photograph, as far as a program is concerned."""
    image = Image.new("RGB", (width, height), "#cfe3f5")
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 120, width - 80, height - 60), fill="#9c3b2e")
    draw.ellipse((width // 2 - 70, 40, width // 2 + 70, 180), fill="#f2c14e")
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "活动台账"
    sheet.append(["日期", "活动", "人数"])
    sheet.append(["2026-03-05", "学雷锋志愿服务", 126])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def materials() -> dict[str, bytes]:
    """One file of each kind that can be shown."""
    return {
        "精神文明建设工作制度汇编.pdf": pdf("制度汇编", pages=3),
        "2026年度志愿服务活动总结.docx": docx(["年度总结", LONG_TEXT], table=[["月份", "场次"], ["三月", "12"]]),
        "活动台账.xlsx": workbook(),
    }


def start(app: Flask, *, name: str = LONG_NAME) -> Case:
    """A county honour's declaration of a unit with a long name, not yet filled in."""
    office = Office(app)
    person = office.person(CLERK)
    form = person.get("/definitions")["items"][0]["start_form"]
    batches = next(c["values"] for c in form["components"] if c.get("key") == "batch")
    case = Case(office, person, batch=batches[0]["value"], honour="county")
    with app.app_context(), transaction() as session:
        subject = session.get_one(Instance, case.id).subject_id
        session.execute(update(Organisation).where(Organisation.id == subject).values(name=name))
        session.execute(update(Instance).where(Instance.id == case.id).values(title=f"{name} · 县级文明单位"))
    return case


def declare(case: Case, step: str, **changed: Any) -> None:
    """Fill in (or correct) the declaration with long texts and files of every kind."""
    person, task = case.who(step)
    files = [person.upload(file, content) for file, content in materials().items()]
    photos = [person.upload("机关大楼正面照片（含创建标识）.jpg", picture())]
    texts = {key: LONG_TEXT for key in _long_fields(task["form"])}
    data = person.answers(task["form"], **(texts | changed)) | {"materials": files, "photos": photos}
    person.post(f"/tasks/{task['id']}/complete", {"data": data, "version": task["version"]})
    case.do("attach_sealed_form", outcome="submit")


def _long_fields(form: Mapping[str, Any]) -> list[str]:
    components = list(form["components"])
    found = []
    while components:
        one = components.pop()
        components += one.get("components", [])
        if one["type"] == "textarea" and "key" in one:
            found.append(one["key"])
    return found


def send_back(case: Case, opinion: str = "部分内容需要补正，请按逐项理由修改后重新报送。") -> None:
    case.do("review_county", outcome="return", opinion=opinion)


def long_case(app: Flask, rounds: int = 20) -> tuple[Case, Person, dict[str, Any]]:
    """A case that went back and forth ``rounds`` times and lies with the county again."""
    case = start(app)
    declare(case, "fill_declaration")
    for number in range(1, rounds):
        send_back(case, f"第 {number} 轮：{LONG_TEXT[:60]}")
        texts = {"leader": f"欧阳建国{number}", "address": f"平江县天岳街道百花台路 {number} 号"}
        if number < rounds - 1:
            case.do("correct_declaration", **texts).do("attach_sealed_form", outcome="submit")
        else:
            declare(case, "correct_declaration", **texts)
    person, task = case.who("review_county")
    return case, person, task

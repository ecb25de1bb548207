"""S4 from the table of the province to a declaration: quotas, nomination, pairing and a year of help, by the clock.

Everything is done by those who do it in earnest: the browser's upload, the API, and a worker that computes.
"""

import asyncio
from io import BytesIO

import pytest
from docx import Document
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from tests.factories.api_client import Office, Person
from tests.factories.nominations import JUNSHAN, YUNXI, Call, nominee, three
from tests.factories.page_client import PageClient
from tests.factories.pairing_client import PRIVATE, Pair, Programme, open_batch, remind, set_clock
from webapp.accounts.models import User
from webapp.background.worker import make_queue, work
from webapp.database import transaction
from webapp.mail.models import MailMessage

PRINTED = (
    ("附件2：2021—2023年度全省非公文明单位培育指标分配表",),
    ("地 市", "省级文明单位（个）", "市级文明单位（个）"),
    ("长 沙 市", 40, 90),
    ("岳 阳 市", 3, 5),
    ("合 计", 45, 95),
)


def printed_table() -> bytes:
    """A table as a province prints it: its total of 省级 is not the sum."""
    book, target = Workbook(), BytesIO()
    for line in PRINTED:
        book.active.append(line)
    book.save(target)
    return target.getvalue()


def import_table(app: Flask, province: Person) -> int:
    """Upload in the browser, look at the report, say yes, acknowledge; returns the plan."""
    browser = PageClient(app, province.username)
    file = (BytesIO(printed_table()), "指标分配表.xlsx")
    answer = browser.post("/imports", {"kind": "quotas", "file": file}, content_type="multipart/form-data")
    place = answer.headers["Location"]
    assert "所印合计 45" in browser.read(place)
    assert browser.post(f"{place}/confirm").status_code == 302
    plan = int(province.get("/quotas?kind=target")["items"][0]["id"])
    assert province.get(f"/quotas/{plan}")["in_force"] is False
    province.post(f"/quotas/{plan}/acknowledge", {"reason": "已电话核实，以各行为准。"})
    return plan


def nominate(office: Office, plan: int) -> Call:
    """Two counties nominate, the city ranks and approves, the province has the list."""
    call = Call(office, plan=str(plan), due_on="2021-04-20")
    call.submit(YUNXI, [nominee(PRIVATE), *three("云溪")[:2]])
    call.submit(JUNSHAN, three("君山"))
    for _county in range(2):
        call.do("review_nominations", outcome="accept")
    call.do("rank_nominees", outcome="submit")
    call.do("approve_list", "city.leader", outcome="approve")
    call.do("report_nominees", document_number="岳文明办〔2021〕15号")
    call.do("receive_list", "province.officer1", outcome="accept")
    assert call.state() == ("completed", "reported", [])
    return call


def compute(app: Flask, url: str) -> None:
    """Let a worker do what is queued."""
    with app.app_context():
        asyncio.run(work(make_queue(app, url)))


def download(person: Person, path: str) -> bytes:
    answer = person.http.get(f"/api/v1{path}", headers=person.headers)
    assert answer.status_code == 200, answer.get_json()
    return answer.data


def match_and_confirm(office: Office, url: str, call: Call) -> tuple[Programme, Pair]:
    """Take the nominees in, let the worker match, pin one, change one, confirm all; returns the pair of PRIVATE."""
    programme = Programme(office)
    taken = programme.city.post(f"/pairings/programmes/{programme.id}/nominees", {"call": call.id})
    assert taken == {"added": 6, "refused": []}
    run = programme.city.post("/pairings/propose", {"programme": programme.id}, 202)["matching"]["id"]
    compute(office.app, url)
    done = programme.city.get(f"/pairings/matchings/{run}")
    assert (done["status"], done["progress"], done["pairs"]) == ("done", 100, 6)
    proposals = {p["helped"]["name"]: p for p in programme.proposals()}
    assert sum(line["points"] for line in proposals[PRIVATE]["reasons"]) == pytest.approx(proposals[PRIVATE]["score"])
    pinned = proposals["君山第一精密制造有限公司"]
    programme.city.post(f"/pairings/{pinned['id']}/pin")
    free = programme.city.get("/pairings/helpers?kind=assist")["items"]
    mine = next(one["id"] for one in free if one["name"] == "云溪区文明办")
    changed = programme.propose(mine, proposals[PRIVATE]["helped"]["id"])
    run = programme.city.post("/pairings/propose", {"programme": programme.id}, 202)["matching"]["id"]
    compute(office.app, url)
    again = {p["id"]: p for p in programme.proposals()}
    assert {pinned["id"], changed["id"]} <= set(again)
    assert len({p["helper"]["id"] for p in again.values()}) == len(again) == 6
    for number in again:
        programme.confirm(number)
    return programme, Pair(office, changed["id"])


def report(programme: Programme) -> None:
    """The list goes to the province before the printed day, a holiday."""
    path = f"/pairings/programmes/{programme.id}"
    due = programme.city.get(path)["report"]
    assert (due["on"], due["late"]) == ("2021-05-01", False)
    rows = list(load_workbook(BytesIO(download(programme.city, f"{path}/list?format=xlsx"))).active.values)
    assert len(rows) == 7
    text = "".join(p.text for p in Document(BytesIO(download(programme.city, f"{path}/list"))).paragraphs)
    assert "共 6 对" in text
    programme.city.post(f"{path}/report")
    found = programme.office.person("province.officer1").get(path)
    assert found["reported_at"] is not None
    assert found["report"]["late"] is False


def sign_and_plan(pair: Pair) -> None:
    pair.do("sign_agreement_helper", representative="李主任")
    pair.do("sign_agreement_helped", representative="王建国")
    document = Document(BytesIO(download(pair.city, f"/pairings/{pair.id}/agreement")))
    signed = " ".join(cell.text for row in document.tables[-1].rows for cell in row.cells)
    assert "李主任" in signed
    assert "王建国" in signed
    pair.do("make_plan")
    pair.do("confirm_plan")
    found = pair.read()
    assert (found["status"], found["target_on"]) == ("active", "2022-04-29")
    assert found["plan"]


def told(office: Office, pair: Pair) -> set[str]:
    """Who was told that a month is missing."""
    query = select(User.username).join(MailMessage, MailMessage.user_id == User.id)
    with office.app.app_context(), transaction() as session:
        mine = (MailMessage.kind == "missing_month", MailMessage.instance_id == pair.instance)
        return set(session.scalars(query.where(*mine)))


def miss_a_month(office: Office, pair: Pair) -> None:
    """April is logged; May is not: both hear of it, then the counties; by the end of June it counts as missed."""
    pair.log()
    set_clock(office, "2021-06-02T09:00:00")
    office.pass_time(minutes=1)
    remind(office)
    assert told(office, pair) == {"yunxi.reviewer1", "yunxi.reviewer2", "private.clerk", "private.leader"}
    set_clock(office, "2021-06-12T09:00:00")
    before = len(told_lines(office, pair))
    remind(office)
    remind(office)
    assert len(told_lines(office, pair)) == before + 2, "the county's reviewers, once"
    assert pair.read()["missing_months"] == ["2021-05"]
    set_clock(office, "2021-07-01T09:00:00")
    office.pass_time(minutes=1)
    (missed,) = (log for log in pair.read()["logs"] if log["missed"])
    assert missed["month"] == "2021-05"


def told_lines(office: Office, pair: Pair) -> list[int]:
    with office.app.app_context(), transaction() as session:
        mine = (MailMessage.kind == "missing_month", MailMessage.instance_id == pair.instance)
        return list(session.scalars(select(MailMessage.id).where(*mine)))


def visit(office: Office, pair: Pair) -> None:
    """Announced and unannounced: units see the first alone."""
    city = office.person("city.reviewer1")
    city.post(f"/pairings/{pair.id}/visits", {"purpose": "了解企业需要，查看台账"}, 201)
    pair.do("inspect_pairing", verdict="real")
    found = {"visited_on": "2021-07-01", "verdict": "weak", "findings": "台账不全，活动有记录。"}
    city.post(f"/pairings/{pair.id}/visits", found, 201)
    assert [v["verdict"] for v in pair.read()["visits"]] == ["weak", "real"]
    assert [v["announced"] for v in pair.read(office.person("private.clerk"))["visits"]] == [True]


def rest_of_the_year(office: Office, pair: Pair) -> None:
    for _ in range(10):
        while "write_log" not in pair.open_steps():
            office.pass_time(days=5)
        pair.log()
        if "evaluate_midterm" in pair.open_steps():
            pair.evaluate()
    pair.evaluate()
    done = pair.read()
    assert [(e["kind"], e["total"] > 0) for e in done["evaluations"]] == [("midterm", True), ("year", True)]
    assert done["missing_months"] == ["2021-05"]


def decide(pair: Pair) -> None:
    """What the city proposes the province sends back once, then approves: an interview, then a commendation."""
    why = {"outcome": "target_reached", "recognition_reason": "缺报一个月，台账不全。"}
    pair.do("decide_outcome", recognition="interview", **why)
    pair.do("decide_recognition", outcome="return")
    pair.do("decide_outcome", recognition="interview", **why)
    pair.do("decide_recognition", outcome="approve")
    pair.do("hold_interview")
    assert [r["status"] for r in pair.read()["recognitions"]] == ["rejected", "held"]


def test_from_the_table_of_the_province_to_a_declaration(
    office: Office, demo_app: Flask, demo_database_url: str
) -> None:
    plan = import_table(demo_app, office.person("province.officer1"))
    call = nominate(office, plan)
    board = {
        (r["honour"], r["region"]): r for r in office.person("city.reviewer1").get(f"/quotas/{plan}/board")["items"]
    }
    assert (board["city", "430600"]["used"], board["city", "430600"]["free"]) == (6, -1), "a target never blocks"
    programme, pair = match_and_confirm(office, demo_database_url, call)
    set_clock(office, "2021-04-29T16:00:00")
    report(programme)
    sign_and_plan(pair)
    miss_a_month(office, pair)
    visit(office, pair)
    rest_of_the_year(office, pair)
    decide(pair)
    open_batch(office)
    clerk, task = pair.who("begin_declaration")
    clerk.complete(task)
    assert (pair.read()["status"], pair.read()["outcome"]) == ("ended", "target_reached")
    declared = clerk.get("/instances?process=declaration")["items"][0]
    filling = clerk.find_task(declared["id"], "fill_declaration")
    assert filling is not None
    known = filling["data"]
    assert (known["unit_name"], known["leader"]) == (PRIVATE, "王建国")
    assert "与云溪区文明办结对，共开展帮创 11 次" in known["responsibility"]

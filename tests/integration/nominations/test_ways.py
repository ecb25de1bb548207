"""The way of a call from its opening to the list at the province, as offices go it through the API."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from docx import Document
from openpyxl import load_workbook

from tests.factories.api_client import Office
from tests.factories.nominations import JUNSHAN, SOURCE, YUNXI, Call, nominee, three
from tests.factories.pairing_client import PRIVATE, Programme
from webapp import clock
from webapp.database import transaction
from webapp.nominations.queries import list_approved_nominees

OpenCall = Callable[..., Call]


def test_from_the_call_to_the_list_at_the_province(open_call: OpenCall, office: Office) -> None:
    call = open_call().ranked()
    assert call.state() == ("running", None, ["approve_list"])
    call.do("approve_list", "city.leader", outcome="approve")
    found = call.read()
    assert found["status"] == "approved"
    assert [n["rank"] for n in found["nominees"]] == [1, 2, 3, 4, 5, 6]
    assert {n["status"] for n in found["nominees"]} == {"approved"}
    with office.app.app_context(), transaction() as session:
        rows = list_approved_nominees(session, "430000/430600", call.id)
        assert [row.unit_id for row in rows] == [n["unit"] for n in found["nominees"]]
        assert rows[0].region_path == f"430000/430600/{YUNXI}"
        assert list_approved_nominees(session, f"430000/430600/{JUNSHAN}") == [
            r for r in rows if r.county_code == JUNSHAN
        ]
    call.do("report_nominees", document_number="岳文明办〔2026〕15号")
    call.do("receive_list", "province.officer1", outcome="return")
    call.do("report_nominees", document_number="岳文明办〔2026〕16号")
    call.do("receive_list", "province.officer2", outcome="accept")
    assert call.state() == ("completed", "reported", [])
    assert call.read("province.officer1")["report_number"] == "岳文明办〔2026〕16号"


def test_the_list_as_paper_and_as_table(open_call: OpenCall, office: Office) -> None:
    call = open_call().ranked()
    call.do("approve_list", "city.leader", outcome="approve")
    call.do("report_nominees", document_number="岳文明办〔2026〕15号")
    city = office.person("city.reviewer1")
    answer = city.http.get(f"/api/v1/nominations/{call.id}/export?format=docx", headers=city.headers)
    paper = Document(BytesIO(answer.data))
    text = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "岳阳市文明办文件" in text
    assert "岳文明办〔2026〕15号" in text
    assert "湖南省文明办：" in text
    assert "培育对象6个" in text
    assert [cell.text for cell in paper.tables[0].rows[1].cells][:3] == ["1", "云溪区", "云溪第一精密制造有限公司"]
    answer = city.http.get(f"/api/v1/nominations/{call.id}/export?format=xlsx", headers=city.headers)
    rows = list(load_workbook(BytesIO(answer.data)).active.values)
    assert len(rows) == 7
    assert rows[6][:3] == (6, "君山区", "君山第三精密制造有限公司")
    county = office.person("yunxi.reviewer1")
    assert county.http.get(f"/api/v1/nominations/{call.id}/export", headers=county.headers).status_code == 404
    county.get(f"/nominations/{call.id}")


def test_a_returned_list_starts_from_what_was_sent_and_replaces_it(open_call: OpenCall, office: Office) -> None:
    call = open_call()
    call.submit(YUNXI, three("云溪"))
    call.do("review_nominations", outcome="return", reason="第三个请更换。")
    assert call.board()[YUNXI]["status"] == "returned"
    task = office.person("yunxi.reviewer2").find_task(call.instance, "correct_nominations")
    assert task is not None
    assert [row["name"] for row in task["data"]["nominees"]] == [row["name"] for row in three("云溪")]
    call.submit(YUNXI, [*three("云溪")[1::-1], nominee("云溪新推荐材料有限公司")])
    names = [n["unit_name"] for n in call.read()["nominees"]]
    assert names == ["云溪第二精密制造有限公司", "云溪第一精密制造有限公司", "云溪新推荐材料有限公司"]
    assert call.board()[YUNXI] | {"submitted_at": None, "submitted_by": None} == {
        "county": YUNXI,
        "county_name": "云溪区",
        "status": "submitted",
        "submitted_at": None,
        "submitted_by": None,
        "late_days": 0,
        "nominees": 3,
        "approved": 0,
        "waitlisted": 0,
        "flagged": 0,
        "explanation": None,
    }


def test_a_late_list_is_taken_and_marked_and_the_city_decides_about_the_rest(
    open_call: OpenCall, office: Office
) -> None:
    call = open_call()
    with office.app.app_context():
        until = (clock.today() + timedelta(days=20)).isoformat()
    found = office.person("city.leader").get(f"/deadlines/preview?until={until}")["items"]
    told = {
        one["to"][0]["username"] for one in found if one["instance"] == call.instance and one["kind"] == "escalation"
    }
    assert told == {"city.leader", "province.officer1"}, "the superior first, then the one above"
    office.pass_time(days=11)
    assert call.state()[2] == ["chase_counties", "submit_nominations", "submit_nominations"]
    call.submit(YUNXI, three("云溪"))
    assert call.board()[YUNXI]["late_days"] == 3
    assert call.board()[JUNSHAN]["late_days"] == 3
    refusal = call.do("chase_counties", expect=422, outcome="wait", until="2020-01-01")
    assert refusal["errors"][0]["path"] == "until"
    with office.app.app_context():
        today = clock.today()
    call.do("chase_counties", outcome="wait", until=today.isoformat())
    assert "chase_counties" not in call.state()[2]
    office.pass_time(days=2)
    call.do("chase_counties", outcome="close")
    assert call.state()[2] == ["rank_nominees"]
    assert call.board()[JUNSHAN]["status"] == "missing"
    assert [n["county"] for n in call.read()["nominees"]] == [YUNXI] * 3


def test_the_leader_returns_and_the_city_leaves_one_out(open_call: OpenCall) -> None:
    call = open_call().ranked()
    assert call.do("approve_list", "city.leader", 422, outcome="return", opinion="")["errors"][0]["path"] == "opinion"
    call.do("approve_list", "city.leader", outcome="return", opinion="请把君山的排在前面。")
    first, *_rest, last = (n["id"] for n in call.read()["nominees"])
    ranking = {f"n{first}": {"decision": "exclude"}, f"n{last}": {"decision": "include", "rank": 1}}
    others = [n["id"] for n in call.read()["nominees"][1:-1]]
    ranking |= {f"n{id_}": {"decision": "include"} for id_ in others}
    assert call.do("rank_nominees", expect=422, ranking=ranking)["errors"][0]["path"] == f"ranking.n{first}.reason"
    ranking[f"n{first}"]["reason"] = "有欠薪投诉。"
    call.do("rank_nominees", ranking=ranking)
    call.do("approve_list", "city.leader", outcome="approve")
    found = {n["id"]: n for n in call.read()["nominees"]}
    assert (found[last]["rank"], found[last]["status"]) == (1, "approved")
    assert (found[first]["rank"], found[first]["status"]) == (None, "rejected")
    assert found[first]["decision_reason"] == "有欠薪投诉。"


def test_a_call_can_be_called_off(open_call: OpenCall) -> None:
    call = open_call()
    for county, place in ((YUNXI, "云溪"), (JUNSHAN, "君山")):
        call.submit(county, three(place))
        call.do("review_nominations", outcome="accept")
    assert call.do("rank_nominees", expect=422, outcome="cancel", opinion="")["errors"][0]["path"] == "opinion"
    call.do("rank_nominees", outcome="cancel", opinion="上级文件调整，另行组织。")
    assert call.state() == ("cancelled", "cancelled", [])
    assert call.read()["nominees"] == []


def test_counties_do_not_read_each_other(open_call: OpenCall, office: Office) -> None:
    call = open_call().ranked()
    found = call.read("junshan.reviewer1")
    assert {n["county"] for n in found["nominees"]} == {JUNSHAN}
    assert set(call.board("junshan.reviewer1")) == {JUNSHAN}
    lines = office.person("junshan.reviewer1").get(f"/instances/{call.instance}/history")["items"]
    assert "云溪区文明办" not in {line["organisation"] for line in lines}
    (task,) = office.person("city.leader").get(f"/tasks?view=available&instance={call.instance}")["items"]
    form = office.person("junshan.reviewer1").get(f"/tasks/{task['id']}")["form"]
    assert "云溪第一" not in str(form)
    assert "君山第一" in str(form)


def test_every_refusal_names_its_source(open_call: OpenCall, office: Office) -> None:
    call = open_call()
    holder, *_others = office.person("city.reviewer1").get("/units?q=云溪&per_page=100")["items"]
    cases = {
        "too_few": three("云溪")[:2],
        "too_many": [nominee(f"云溪{n}号精密制造有限公司") for n in range(6)],
        "wrong_kind": [*three("云溪")[:2], nominee("云溪区水利局")],
        "duplicate": [*three("云溪")[:2], nominee("云溪第一 精密制造有限公司")],
    }
    for code, rows in cases.items():
        (error,) = [e for e in call.refused(YUNXI, rows) if e["code"] == code]
        assert SOURCE in error["message"]
    (error,) = call.refused(YUNXI, [*three("云溪")[:2], nominee("云溪区文明招待所", kind="institution")])
    assert (error["path"], error["code"]) == ("nominees.2.kind", "wrong_kind")
    call.submit(YUNXI, three("云溪")[:1], explanation="辖区非公单位少。")
    assert call.board()[YUNXI]["explanation"] == "辖区非公单位少。"
    (error,) = call.refused(JUNSHAN, [*three("君山")[:2], nominee("云溪第一精密制造有限公司")])
    assert error["code"] == "elsewhere"
    assert "云溪区" in error["message"]
    assert SOURCE in error["message"]
    assert holder["name"]


def test_holders_are_refused_and_paired_units_flagged_with_the_rule(open_call: OpenCall, office: Office) -> None:
    city = office.person("city.reviewer1")
    call = open_call(kinds=["private", "institution", "agency"])
    units = [city.get(f"/units/{one['id']}") for one in city.get("/units?region=430603&per_page=20")["items"]]
    holder = next(one["name"] for one in units if any(a["honour"] == "provincial" for a in one["awards"]))
    for honour in ("city", "provincial"):  # higher than the one, the other itself
        (error,) = call.refused(YUNXI, [*three("云溪")[:2], nominee(holder, kind="agency", honour=honour)])
        assert (error["path"], error["code"]) == ("nominees.2.honour", "already_held")
        assert SOURCE in error["message"]
    programme = Programme(office)
    programme.name(PRIVATE)
    helper = next(h["id"] for h in city.get("/pairings/helpers")["items"] if h["name"] == "云溪区文明办")
    programme.confirm(programme.propose(helper, programme.unit(PRIVATE))["id"])
    call.submit(YUNXI, [*three("云溪")[:2], nominee(PRIVATE)])
    (flag,) = call.read()["nominees"][2]["flags"]
    assert flag["code"] == "paired"
    assert "“云溪区文明办”" in flag["message"]
    assert "豫文明办〔2021〕5号 二（四）" in flag["message"]
    assert call.board()[YUNXI]["flagged"] == 1

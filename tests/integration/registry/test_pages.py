"""The pages of the registry: who sees what, and what an office changes."""

import io

from openpyxl import load_workbook
from sqlalchemy import func, select

from webapp.audit.models import AuditEntry
from webapp.registry.models import Award, Organisation, OrganisationName, Predecessor


def unit_named(session, name):
    return session.scalars(select(Organisation).where(Organisation.name == name, Organisation.kind == "unit")).one()


def rows_of(answer):
    book = load_workbook(io.BytesIO(answer.data))
    return list(book.worksheets[0].iter_rows(values_only=True))[1:]


def test_an_office_sees_the_units_of_its_subtree(browse, records):
    page = browse("yunxi.reviewer1").read("/units")
    assert "云溪区水利局" in page
    assert "平江县财政局" not in page
    assert "共 5 项" in page
    assert "共 123 项" in browse("city.reviewer1").read("/units")
    assert "共 123 项" in browse("province.officer1").read("/units")


def test_a_list_is_narrowed_and_exported_as_narrowed(browse):
    city = browse("city.reviewer1")
    expected = {
        "q=税务局": 14,
        "region=430621": 7,
        "honour=national": 14,
        "region=430600&honour=provincial_model&q=税务": 3,
        "waiting=y": 47,
        "q=%25": 0,
        "q=云溪&region=410000": 0,
    }
    for query, found in expected.items():
        page = city.read(f"/units?{query}")
        assert f"共 {found} 项" in page or not found, query
        assert len(rows_of(city.get(f"/units/export?{query}"))) == found, query


def test_ids_of_another_county_do_not_exist(browse, records):
    foreign = unit_named(records, "平江县财政局").id
    yunxi = browse("yunxi.reviewer1")
    assert yunxi.get(f"/units/{foreign}").status_code == 404
    assert yunxi.get(f"/users?organisation={foreign}").status_code == 404


def test_a_unit_sees_itself_and_nobody_else(browse, records):
    mine = unit_named(records, "云溪区水利局").id
    clerk = browse("yunxi.unit1.clerk")
    assert clerk.get("/units").headers["Location"] == f"/units/{mine}"
    assert "省级文明单位标兵" in clerk.read(f"/units/{mine}")
    assert clerk.get(f"/units/{unit_named(records, '云溪区民政局').id}").status_code == 404
    assert rows_of(clerk.get("/units/export"))[0][0] == "云溪区水利局"


def test_a_person_places_the_units_that_wait(browse, records):
    city = browse("city.reviewer1")
    bureau, company = (unit_named(records, name).id for name in ("岳阳市财政局", "中石化巴陵石化公司"))
    assert "岳阳市财政局" in city.read("/units/waiting")
    answer = city.post("/units/waiting", {f"place-{bureau}": "430600", f"place-{company}": "430603", "place-x": "1"})
    assert answer.status_code == 302
    records.expire_all()
    assert unit_named(records, "岳阳市财政局").city_direct
    assert unit_named(records, "中石化巴陵石化公司").region_code == "430603"
    acts = records.scalars(select(AuditEntry.act).where(AuditEntry.act == "unit.place")).all()
    assert len(acts) == 2
    assert "岳阳市财政局" not in city.read("/units/waiting")


def test_a_unit_is_placed_only_within_the_office_and_only_by_those_who_may(browse, records):
    bureau = unit_named(records, "岳阳市财政局").id
    city = browse("city.reviewer1")
    assert city.post("/units/waiting", {f"place-{bureau}": "430100"}).status_code == 404
    assert browse("yunxi.reviewer1").post("/units/waiting", {f"place-{bureau}": "430603"}).status_code == 403
    records.expire_all()
    assert unit_named(records, "岳阳市财政局").region_code is None


def test_several_placings_happen_together_or_not_at_all(browse, records):
    first, second = (unit_named(records, name).id for name in ("岳阳市财政局", "岳阳市总工会"))
    city = browse("city.reviewer1")
    assert city.post("/units/waiting", {f"place-{first}": "430600", f"place-{second}": "999999"}).status_code == 404
    records.expire_all()
    assert unit_named(records, "岳阳市财政局").region_code is None


def test_a_new_name_keeps_the_old_one_and_the_awards_keep_theirs(browse, records):
    unit = unit_named(records, "云溪区水利局").id
    city = browse("city.reviewer1")
    form = {"name": "云溪区水务局", "since": "2024-03-01", "source": "岳云编〔2024〕1号"}
    assert city.post(f"/units/{unit}/name", form).status_code == 302
    assert "云溪区水利局" in city.read(f"/units/{unit}")
    assert "共 1 项" in city.read("/units?q=云溪区水利局")
    assert records.scalars(select(Award.granted_name).where(Award.organisation_id == unit)).one() == "云溪区水利局"
    assert city.post(f"/units/{unit}/name", {"name": "云溪区水务局"}).status_code == 422


def test_an_earlier_name_is_noted_once(browse, records):
    unit = unit_named(records, "云溪区水利局").id
    city = browse("city.reviewer1")
    for status in (302, 422):
        assert city.post(f"/units/{unit}/earlier-name", {"name": "云溪区水利电力局"}).status_code == status
    count = select(func.count()).where(OrganisationName.organisation_id == unit)
    assert records.scalar(count) == 1


def test_a_wrong_check_digit_warns_and_an_impossible_code_is_refused(browse, records):
    unit = unit_named(records, "云溪区水利局").id
    city = browse("city.reviewer1")
    assert city.post(f"/units/{unit}/facts", {"uscc": "91430600MA4L16JQ91"}).status_code == 302
    page = city.read(f"/units/{unit}")
    assert "校验位" in page
    assert "91430600MA4L16JQ91" in page
    assert city.post(f"/units/{unit}/facts", {"uscc": "123"}).status_code == 422
    other = unit_named(records, "云溪区民政局").id
    answer = city.post(f"/units/{other}/facts", {"uscc": "91430600MA4L16JQ91"})
    assert answer.status_code == 422
    assert "另一个单位" in answer.text


def test_a_predecessor_is_confirmed_by_a_person_and_its_awards_are_shown_as_its_own(browse, records):
    today = unit_named(records, "国家税务总局岳阳楼区税务局").id
    proposal = records.scalars(select(Predecessor.id).where(Predecessor.organisation_id == today)).one()
    city = browse("city.reviewer1")
    assert "有 3 项前身关系待确认" in city.read("/units")
    assert "岳阳楼区国家税务局" in city.read("/predecessors")
    assert city.post(f"/predecessors/{proposal}", {"decision": "confirm"}).status_code == 302
    page = city.read(f"/units/{today}")
    assert "由前身取得" in page
    assert city.post(f"/predecessors/{proposal}", {"decision": "reject"}).status_code == 409
    earlier = unit_named(records, "岳阳楼区国家税务局")
    records.refresh(earlier)
    assert earlier.status == "dissolved"
    assert records.scalars(select(Award.granted_name).where(Award.organisation_id == earlier.id)).one() == earlier.name


def test_a_rejected_proposal_changes_no_unit(browse, records):
    today = unit_named(records, "国家税务总局岳阳楼区税务局").id
    proposal = records.scalars(select(Predecessor).where(Predecessor.organisation_id == today)).one()
    assert browse("city.reviewer1").post(f"/predecessors/{proposal.id}", {"decision": "no"}).status_code == 302
    records.refresh(proposal)
    assert proposal.status == "rejected"
    assert proposal.decided_by is not None
    assert unit_named(records, "岳阳楼区国家税务局").status == "active"


def test_nobody_decides_on_a_unit_out_of_their_reach(browse, records):
    proposal = records.scalars(select(Predecessor.id)).first()
    assert browse("yunxi.reviewer1").post(f"/predecessors/{proposal}", {"decision": "confirm"}).status_code == 403
    assert browse("city.reviewer1").post("/predecessors/999999", {"decision": "confirm"}).status_code == 404


def test_every_page_of_a_unit_opens_for_its_city(browse, records):
    unit = unit_named(records, "云溪区水利局").id
    city = browse("city.reviewer1")
    for part in ("", "/facts", "/jurisdiction", "/name", "/earlier-name"):
        assert "云溪区水利局" in city.read(f"/units/{unit}{part}")


def test_the_jurisdiction_is_moved_to_another_county(browse, records):
    unit = unit_named(records, "云溪区水利局")
    city = browse("city.reviewer1")
    assert city.post(f"/units/{unit.id}/jurisdiction", {"region": "430611"}).status_code == 302
    records.refresh(unit)
    assert (unit.region_code, unit.city_direct) == ("430611", False)
    assert browse("yunxi.reviewer1").get(f"/units/{unit.id}").status_code == 404

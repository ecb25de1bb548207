"""A unit typed in by hand goes through the rules of an import."""

from sqlalchemy import select

from webapp.audit.models import AuditEntry
from webapp.registry.models import Organisation

NEW = {"name": "示例新局", "jurisdiction": "430603", "uscc": "91430600MA4L16JQ97", "kind": "机关"}


def test_a_unit_is_registered_once(browse, records):
    city = browse("city.reviewer1")
    answer = city.post("/imports/unit", NEW)
    assert answer.status_code == 302
    unit = records.scalars(select(Organisation).where(Organisation.name == "示例新局")).one()
    assert answer.headers["Location"] == f"/units/{unit.id}"
    assert (unit.region_code, unit.city_direct, unit.unit_kind) == ("430603", False, "机关")
    assert records.scalars(select(AuditEntry).where(AuditEntry.act == "unit.create")).one()
    again = city.post("/imports/unit", NEW)
    assert again.status_code == 422
    assert "已经登记" in again.text


def test_a_unit_of_the_city_itself_is_city_direct(browse, records):
    assert browse("city.reviewer1").post("/imports/unit", NEW | {"jurisdiction": "430600"}).status_code == 302
    assert records.scalars(select(Organisation.city_direct).where(Organisation.name == "示例新局")).one()


def test_what_cannot_be_right_is_explained(browse, records):
    city = browse("city.reviewer1")
    for change, word in (
        ({"name": ""}, "请填写单位名称"),
        ({"uscc": "123"}, "18 位"),
        ({"jurisdiction": "430100"}, "管辖范围"),
        ({"jurisdiction": ""}, "请选择管辖地区"),
        ({"name": "云溪区水利局"}, "已经登记"),
    ):
        answer = city.post("/imports/unit", NEW | {"uscc": ""} | change)
        assert answer.status_code == 422, change
        assert word in answer.text
    assert browse("yunxi.reviewer1").post("/imports/unit", NEW).status_code == 403

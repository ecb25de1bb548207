"""Tables of places as offices print them: read as they are, differences told with both figures, nothing corrected."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.api_client import Office
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.demo.henan import TABLE_FILE
from webapp.imports.operations import Upload, check_file, import_file
from webapp.imports.quotas import QuotaReport
from webapp.imports.reading import UnreadableFileError
from webapp.quotas.models import Quota, QuotaPlan
from webapp.registry.reference import ensure_reference

TABLE = TABLE_FILE.read_text(encoding="utf-8")
DIFFERENCES = [
    {"field": "provincial_model", "computed": 124, "printed": 128},
    {"field": "provincial", "computed": 460, "printed": 476},
]


@pytest.fixture
def places(session: Session) -> Session:
    ensure_reference(session)
    session.flush()
    return session


def read(session: Session, text: str, name: str = "表.txt", **options: str) -> QuotaReport:
    report = import_file(session, None, Upload("quotas", name, text.encode(), **options))
    assert isinstance(report, QuotaReport)
    return report


def test_the_printed_table_of_henan(places: Session) -> None:
    document = read(places, TABLE).as_json()
    assert (document["rows"], document["refused"], document["applied"]) == (19, 0, True)
    assert document["computed"] == {"provincial_model": 124, "provincial": 460}
    assert document["printed"] == {"provincial_model": 128, "provincial": 476}
    assert [{k: v for k, v in d.items() if k != "message"} for d in document["differences"]] == DIFFERENCES
    plan = places.scalars(select(QuotaPlan)).one()
    assert (plan.kind, plan.region_code, plan.period) == ("target", "410000", "2021—2023年度")
    assert plan.document_number == "豫文明办〔2021〕5号"
    assert not plan.is_in_force
    row = places.scalars(select(Quota).where(Quota.region_code == "410400", Quota.honour_code == "provincial")).one()
    assert (row.planned, row.is_cap, row.printed_name) == (32, False, "平顶山市")
    assert places.scalar(select(func.count()).select_from(Quota)) == 38
    zone = next(item for item in document["items"] if item["status"] == "flagged")
    assert "济源市" in zone["reasons"][0]["message"]


def test_the_same_file_twice_changes_nothing_and_a_dry_run_never(places: Session) -> None:
    upload = Upload("quotas", "表.txt", TABLE.encode())
    assert check_file(places, None, upload).changes > 0
    assert places.scalar(select(func.count()).select_from(QuotaPlan)) == 0
    assert read(places, TABLE).changes > 0
    assert read(places, TABLE).changes == 0
    assert check_file(places, None, upload).changes == 0


@pytest.mark.parametrize("between", ["\t", " ", "，"])
def test_columns_may_be_parted_by_tabs_or_blanks(places: Session, between: str) -> None:
    text = f"地 市{between}省级文明单位\n平 顶 山 市{between}3\n郑 州 市{between}4\n合 计{between}7\n"
    report = read(places, text.replace("，", ","), "a.csv")
    assert report.as_json()["computed"] == {"provincial": 7}
    assert report.as_json()["differences"] == []


def test_rows_that_cannot_stand_refuse_the_whole_file(places: Session) -> None:
    text = "地区,province,省级文明单位\n郑州市,,3\n郑 州 市,,4\n不存在市,,1\n洛阳市,,三\n岳阳市,,1\n"
    report = read(places, text, "a.csv")
    codes = [item.reasons[0].code if item.reasons else "" for item in report.items]
    assert codes == ["", "twice", "unknown", "number", "elsewhere"]
    assert not report.applied
    assert places.scalar(select(func.count()).select_from(QuotaPlan)) == 0


def workbook(*lines: Sequence[Any], merged: Sequence[str] = ()) -> bytes:
    """An XLSX file as a spreadsheet program saves it."""
    book, target = Workbook(), BytesIO()
    for line in lines:
        book.active.append(line)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(target)
    return target.getvalue()


def load(session: Session, content: bytes, actor: Any = None) -> dict[str, Any]:
    return import_file(session, actor, Upload("quotas", "表.xlsx", content)).as_json()


def test_a_workbook_with_a_printed_head_merged_cells_and_blanks_within_names(places: Session) -> None:
    document = load(
        places,
        workbook(
            ("2024—2026年度省级文明单位名额分配表", None, None, None),
            ("序号", "地 市", "名额", None),
            (None, None, "省级文明单位标兵（个）", "省级文明单位（个）"),
            (1, "郑　州　市", 12, "４８"),
            (2, "洛\u00a0阳 市", "8 个", 32.0),
            ("合 计", None, 20, 81),
            ("备注：名额不得突破。",),
            merged=("A1:D1", "C2:D2"),
        ),
    )
    assert (document["rows"], document["refused"], document["applied"]) == (2, 0, True)
    assert document["computed"] == {"provincial_model": 20, "provincial": 80}
    (found,) = document["differences"]
    assert (found["field"], found["computed"], found["printed"]) == ("provincial", 80, 81)
    assert document["plan"]["kind"] == "cap"
    names = places.scalars(select(Quota.printed_name).where(Quota.honour_code == "provincial").order_by(Quota.id))
    assert list(names) == ["郑州市", "洛阳市"]


@pytest.mark.parametrize(
    "lines",
    [
        [("地区", "省级文明单位标兵", "省级文明单位", "市级标兵", "市级文明单位")],
        [("地区", "省级文明单位"), ("郑州市", None), ("洛阳市", "—")],
        [("地区", "省级文明单位"), ("合计", 4)],
    ],
)
def test_a_template_that_nobody_filled_in_says_that_nothing_was_imported(places: Session, lines: Any) -> None:
    with pytest.raises(UnreadableFileError, match="未导入"):
        load(places, workbook(*lines))
    assert places.scalar(select(func.count()).select_from(QuotaPlan)) == 0


@pytest.mark.parametrize("figure", [3.5, -1, True, 10**12, "三", "=2+2", "1,200"])
def test_what_is_no_number_of_places_is_refused_with_its_row(places: Session, figure: Any) -> None:
    document = load(places, workbook(("地区", "省级文明单位"), ("郑州市", 1), ("洛阳市", figure)))
    if figure == "=2+2":  # never computed: nothing stands there
        assert document["applied"]
        assert document["computed"] == {"provincial": 1}
        return
    assert [item["row"] for item in document["items"] if item["status"] == "refused"] == [3]
    assert not document["applied"]


def test_a_total_without_number_is_told(places: Session) -> None:
    document = load(places, workbook(("地区", "省级文明单位"), ("郑州市", 3), ("合计", "=SUM(B2:B2)")))
    assert document["applied"]
    assert "没有与各行之和核对" in document["notes"][0]


def test_a_cap_is_not_lowered_below_what_is_taken(places: Session) -> None:
    text = "名额分配\n地市,省级文明单位\n郑州市,3\n洛阳市,4\n"
    read(places, text, "a.csv", quota_kind="cap")
    quota = places.scalars(select(Quota).where(Quota.region_code == "410100")).one()
    quota.reserved = 3
    places.flush()
    report = read(places, text.replace("郑州市,3", "郑州市,2"), "a.csv", quota_kind="cap")
    assert not report.applied
    assert "已占用 3 个" in report.items[0].reasons[-1].message


def test_a_person_acknowledges_the_difference_and_the_province_moves_places(demo_app: object) -> None:
    office = Office(demo_app)  # type: ignore[arg-type]
    province, city = office.person("henan.officer1"), office.person("pingdingshan.reviewer1")
    (plan,) = province.get("/quotas?kind=target")["items"]
    path = f"/quotas/{plan['id']}"
    found = province.get(path)
    assert sorted(found["differences"], key=lambda d: -len(d["field"])) == DIFFERENCES
    assert found["in_force"] is False
    assert {row["region"] for row in city.get(f"{path}/board")["items"]} == {"410400"}
    assert office.person("city.reviewer1").get(path, 404)
    city.post(f"{path}/acknowledge", {"reason": "已核"}, 403)
    assert province.post(f"{path}/acknowledge", {"reason": "已核实，以各行为准。"})["in_force"] is True
    province.post(f"{path}/acknowledge", {"reason": "已核"}, 409)
    assert province.get(path)["printed"] == {"provincial_model": 128, "provincial": 476}
    move = {"honour": "provincial", "from": "410100", "to": "410400", "number": 2, "reason": "平顶山非公单位多。"}
    asked = city.post(f"{path}/transfers", move, 201)
    assert asked["status"] == "proposed"
    city.post(f"/quotas/transfers/{asked['id']}", {"approve": True}, 403)
    assert province.post(f"/quotas/transfers/{asked['id']}", {"approve": True})["status"] == "approved"
    province.post(f"/quotas/transfers/{asked['id']}", {"approve": True}, 409)
    board = {row["region"]: row["planned"] for row in province.get(f"{path}/board?honour=provincial")["items"]}
    assert (board["410100"], board["410400"]) == (46, 34)
    refusal = province.post(f"{path}/transfers", move | {"number": 99}, 422)
    assert "46" in refusal["errors"][0]["message"]


def test_data_file_is_as_printed() -> None:
    assert Path(TABLE_FILE).read_text(encoding="utf-8").count("平 顶 山 市") == 1


def test_a_city_does_not_import_the_table_of_its_province(demo_session: Session) -> None:
    user = demo_session.scalars(select(User.id).where(User.username == "city.reviewer1")).one()
    actor = get_actor(demo_session, user)
    document = load(demo_session, workbook(("地区", "省级文明单位"), ("430600", 3), ("430100", 9)), actor)
    assert [reason["code"] for item in document["items"] for reason in item["reasons"]] == ["not_yours"] * 2
    assert "湖南省文明办导入" in document["items"][0]["reasons"][0]["message"]
    own = load(demo_session, workbook(("地区", "市级文明单位"), ("云 溪 区", 3), ("君山区", 2)), actor)
    assert own["applied"]
    assert own["plan"]["region"] == "430600"

"""Planning an import of regions."""

import pytest

from webapp.imports.headers import read_table
from webapp.imports.known import Reach
from webapp.imports.reading import read_sheet
from webapp.imports.regions import plan_regions
from webapp.registry.places import Place, Places

PLACES = [
    Place("430000", "湖南省", "province", "430000"),
    Place("430600", "岳阳市", "city", "430000/430600"),
    Place("430603", "云溪区", "county", "430000/430600/430603"),
    Place("430100", "长沙市", "city", "430000/430100"),
]


def plan(text, root=None):
    table = read_table("regions", read_sheet(f"code,name,parent,kind\n{text}".encode()))
    return plan_regions(table, Places(PLACES, root), Reach(root, None, root is None, None))


def only(result):
    (item,) = result.report.items
    return item.status, {reason.code for reason in item.reasons}


def test_a_zone_without_a_national_code_hangs_under_its_city():
    result = plan("4306Z3,屈原管理区,岳阳市,\n")
    assert only(result) == ("accepted", set())
    assert result.added == [
        {
            "code": "4306Z3",
            "name": "屈原管理区",
            "parent_code": "430600",
            "level": "county",
            "kind": "zone",
            "path": "430000/430600/4306Z3",
        }
    ]


def test_parents_may_come_from_the_same_file_and_from_the_code():
    result = plan("990000,新省,,\n990100,新市,990000,\n990101,新区,,\n")
    assert [item.status for item in result.report.items] == ["accepted", "accepted", "flagged"]
    assert [row["path"] for row in result.added] == ["990000", "990000/990100", "990000/990100/990101"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("43/06,坏,430600,", "code"),
        ("4306Z3,,430600,", "name"),
        ("4306Z3,某区,,", "parent"),
        ("4306Z3,某镇,430603,", "parent"),
        ("4306Z3,某区,火星,", "unknown_region"),
        ("430199,某区,430199,", "unknown_region"),
        ("430603,另一区,430600,", "code_taken"),
    ],
)
def test_what_cannot_be_right_is_refused(row, code):
    status, codes = only(plan(row + "\n"))
    assert status == "refused"
    assert code in codes


def test_a_kind_that_nobody_knows_is_flagged():
    result = plan("4306Z3,某区,430600,镇\n")
    assert only(result) == ("flagged", {"kind"})
    assert result.added[0]["kind"] == "zone"


def test_a_known_region_changes_nothing():
    assert plan("430603,云溪区,430600,\n").report.changes == 0
    assert "differs" in only(plan("430603,云溪区,430100,\n"))[1]


def test_an_office_adds_regions_below_itself_only():
    assert only(plan("4306Z3,某区,430600,\n", root="430000/430600"))[0] == "accepted"
    assert "foreign_region" in only(plan("4301Z3,某区,430100,\n", root="430000/430600"))[1]

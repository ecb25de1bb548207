"""Planning an import of units, over facts made for each test."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.imports.headers import read_table
from webapp.imports.known import Body, Known, Reach
from webapp.imports.reading import read_sheet
from webapp.imports.units import plan_units
from webapp.registry.places import Place, Places
from webapp.registry.reference import HONOURS

PLACES = [
    Place("430000", "湖南省", "province", "430000"),
    Place("430600", "岳阳市", "city", "430000/430600"),
    Place("430602", "岳阳楼区", "county", "430000/430600/430602"),
    Place("430603", "云溪区", "county", "430000/430600/430603"),
    Place("430100", "长沙市", "city", "430000/430100"),
]
EVERYTHING = Reach(None, None, True, None)
CITY = Reach("430000/430600", "430600", False, None)
UNHURRIED = settings(deadline=None)
GOOD_CODE = "91430600MA4L16JQ97"


def known(*bodies, pairs=(), foreign=(), reach=EVERYTHING):
    honours = {code: name for code, name, *_ in HONOURS}
    return Known(Places(PLACES, reach.root), honours, list(bodies), set(foreign), set(pairs))


def plan(rows, *bodies, reach=EVERYTHING, **facts):
    """Plan a file given as one dict per row."""
    fields = list(dict.fromkeys(key for row in rows for key in row))
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, fields)
    writer.writeheader()
    writer.writerows(rows)
    table = read_table("units", read_sheet(target.getvalue().encode()))
    return plan_units(table, known(*bodies, reach=reach, **facts), reach)


def only(result):
    (item,) = result.report.items
    return item.status, {reason.code for reason in item.reasons}


def test_a_complete_row_is_accepted_without_a_word():
    row = {
        "name": "甲",
        "uscc": "",
        "jurisdiction": "430603",
        "city_direct": "否",
        "honour": "省级文明单位",
        "term": "2018年",
    }
    result = plan([row])
    assert only(result) == ("accepted", set())
    (body,) = result.added
    assert (body.region_code, body.city_direct) == ("430603", False)
    assert [(award.honour, award.term, award.granted_name) for award in result.awards] == [
        ("provincial", "2018年", "甲")
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"region": "云溪区"}, "jurisdiction_from_region"),
        ({"region": "云溪区", "city_direct": "是"}, "jurisdiction_from_city_direct"),
        ({"region": "岳阳市"}, "waiting_for_place"),
        ({}, "waiting_for_place"),
        ({"jurisdiction": "岳阳市"}, "city_direct_from_jurisdiction"),
        ({"jurisdiction": "430603", "city_direct": "是"}, "city_direct_mismatch"),
        ({"jurisdiction": "430000"}, "province_direct"),
        ({"jurisdiction": "430603", "uscc": GOOD_CODE[:-1] + "1"}, "uscc_check_digit"),
        ({"jurisdiction": "430603", "honour": "city", "term": "2018"}, "term_written"),
        ({"jurisdiction": " 430603"}, "blanks"),
        ({"jurisdiction": "430603", "predecessors": "不存在的单位"}, "unknown_predecessor"),
        ({"jurisdiction": "430603", "predecessors": "甲"}, "own_predecessor"),
    ],
)
def test_doubts_are_flagged_and_the_row_is_taken(row, code):
    result = plan([{"name": "甲"} | row])
    status, codes = only(result)
    assert status == "flagged"
    assert code in codes
    assert len(result.added) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"name": "长" * 201}, "name_too_long"),
        ({"region": "火星"}, "unknown_region"),
        ({"jurisdiction": "999999"}, "unknown_region"),
        ({"city_direct": "也许"}, "not_yes_or_no"),
        ({"jurisdiction": "430600", "city_direct": "否"}, "city_direct_mismatch"),
        ({"uscc": "123"}, "uscc_length"),
        ({"uscc": "9143060OMA4L16JQ97"}, "uscc_character"),
        ({"honour": "世界文明单位", "term": "2018年"}, "unknown_honour"),
        ({"honour": "city"}, "term_missing"),
        ({"term": "2018年"}, "honour_missing"),
        ({"kind": "文明办"}, "office_exists"),
    ],
)
def test_what_cannot_be_right_is_refused_and_plans_nothing(row, code):
    result = plan([{"name": "甲", "sector": "教育"} | row])
    status, codes = only(result)
    assert status == "refused"
    assert code in codes
    assert not result.added
    assert not result.report.is_clean


def test_the_office_above_reads_only_regions_of_its_own_and_adds_no_offices():
    assert "foreign_region" in only(plan([{"name": "甲", "jurisdiction": "430100"}], reach=CITY))[1]
    assert "unknown_region" in only(plan([{"name": "甲", "jurisdiction": "长沙市"}], reach=CITY))[1]
    assert "not_allowed" in only(plan([{"name": "甲", "jurisdiction": "430603", "kind": "部门"}], reach=CITY))[1]


def test_a_unit_that_nobody_placed_waits_where_the_file_or_the_importer_says():
    (body,) = plan([{"name": "甲", "region": "430600"}]).added
    assert (body.region_code, body.waiting_code, body.printed_region) == (None, "430600", "430600")
    (body,) = plan([{"name": "甲"}], reach=CITY).added
    assert (body.region_code, body.waiting_code) == (None, "430600")


def test_a_code_that_belongs_to_another_name_is_refused():
    other = Body(1, "乙", region_code="430603", uscc=GOOD_CODE)
    assert "uscc_taken" in only(plan([{"name": "甲", "uscc": GOOD_CODE, "jurisdiction": "430603"}], other))[1]
    assert "uscc_taken" in only(plan([{"name": "甲", "uscc": GOOD_CODE}], foreign=[GOOD_CODE]))[1]


def test_the_same_code_twice_in_a_file_is_refused_for_the_second_name():
    rows = [{"name": name, "uscc": GOOD_CODE, "jurisdiction": "430603"} for name in ("甲", "乙")]
    assert [item.status for item in plan(rows).report.items] == ["accepted", "refused"]


def test_several_rows_of_one_unit_add_it_once_with_all_its_honours():
    rows = [{"name": "甲", "jurisdiction": "430603", "honour": h, "term": "2018年"} for h in ("city", "provincial")]
    result = plan(rows)
    assert len(result.added) == 1
    assert {award.honour for award in result.awards} == {"city", "provincial"}
    assert [item.status for item in result.report.items] == ["accepted", "flagged"]


def test_units_of_the_same_name_in_two_counties_stay_two():
    rows = [{"name": "第一小学", "jurisdiction": code} for code in ("430602", "430603")]
    result = plan(rows)
    assert len(result.added) == 2
    assert "same_name" in {reason.code for reason in result.report.items[1].reasons}


def test_blanks_and_width_do_not_make_another_unit():
    there = Body(1, "烟草专卖局（分公司）", region_code="430603")
    result = plan([{"name": "烟草专卖局(分公司)", "jurisdiction": "430603"}], there)
    assert not result.added
    assert not result.updates


def test_what_is_missing_is_completed_and_what_differs_is_left():
    there = Body(1, "甲", region_code="430603", sector="教育")
    result = plan([{"name": "甲", "jurisdiction": "430603", "sector": "卫生", "ownership": "公有"}], there)
    assert result.updates == {1: {"ownership": "公有"}}
    assert "differs" in only(result)[1]


def test_an_explicit_jurisdiction_places_a_waiting_unit():
    there = Body(1, "甲", waiting_code="430600")
    result = plan([{"name": "甲", "jurisdiction": "430600"}], there)
    assert result.updates == {1: {"region_code": "430600", "waiting_code": None, "city_direct": True}}


def test_listed_predecessors_are_proposed_once():
    rows = [
        {"name": "新局", "jurisdiction": "430603", "predecessors": "老局"},
        {"name": "老局", "jurisdiction": "430603"},
    ]
    (proposal,) = plan(rows).proposals
    assert (proposal.body.name, proposal.earlier.name) == ("新局", "老局")
    new, old = Body(1, "新局", region_code="430603"), Body(2, "老局", region_code="430603")
    assert plan(rows, new, old, pairs=[(1, 2)]).proposals == []


def test_tax_offices_of_before_the_merger_are_proposed_as_predecessors():
    today = Body(1, "国家税务总局云溪区税务局", region_code="430603")
    rows = [{"name": f"云溪区{kind}税务局", "jurisdiction": "430603"} for kind in ("国家", "地方")]
    result = plan(rows, today)
    assert [(p.body.id, p.earlier.name) for p in result.proposals] == [(1, "云溪区国家税务局"), (1, "云溪区地方税务局")]
    assert all(item.status == "flagged" for item in result.report.items)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["甲", "乙", "云溪区国家税务局", "国家税务总局云溪区税务局", "长岭（分公司）"]),
            "uscc": st.sampled_from(["", "", GOOD_CODE]),
            "region": st.sampled_from(["", "430600", "云溪区"]),
            "jurisdiction": st.sampled_from(["", "", "430602", "430603", "430600"]),
            "city_direct": st.sampled_from(["", "", "是"]),
            "sector": st.sampled_from(["", "教育"]),
            "honour": st.just("city"),
            "term": st.sampled_from(["2018年", "2020"]),
            "predecessors": st.sampled_from(["", "甲", "乙、甲"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@UNHURRIED
@given(ROWS)
def test_the_same_file_a_second_time_changes_nothing(rows):
    first = plan(rows)
    if not first.report.is_clean:
        return
    for number, body in enumerate(first.added, start=1):
        body.id = number
    pairs = {(proposal.body.id, proposal.earlier.id) for proposal in first.proposals}
    second = plan(rows, *first.added, pairs=pairs)
    assert second.report.is_clean, [item.as_json() for item in second.report.items if item.is_refused]
    assert second.report.changes == 0


@UNHURRIED
@given(ROWS)
def test_every_row_has_one_finding_and_the_counts_add_up(rows):
    document = plan(rows).report.as_json()
    assert document["rows"] == len(rows) == len(document["items"])
    assert document["accepted"] + document["flagged"] + document["refused"] == document["rows"]
    assert all(item["reasons"] for item in document["items"] if item["status"] != "accepted")

import pytest

from webapp.demo.places import CITY_NAME, ZONES
from webapp.demo.units import read_list
from webapp.registry.reference import _REGIONS_FILE, read_region_file, region_rows
from webapp.registry.rules import place_by_code, place_by_name, propose_predecessors, tax_office_of_today

CODES = read_region_file(_REGIONS_FILE)
COUNTIES = {code: name for code, name in CODES.items() if code[:4] == "4306" and code != "430600"} | ZONES


def test_every_region_hangs_in_one_tree():
    rows = {row["code"]: row for row in region_rows(CODES)}
    assert len(rows) == 3219
    for code, row in rows.items():
        parent = rows.get(row["parent_code"])
        assert row["path"] == (f"{parent['path']}/{code}" if parent else code)
        assert (row["level"] == "province") == (parent is None)


@pytest.mark.parametrize(
    ("code", "parent", "level"),
    [
        ("410000", None, "province"),
        ("410400", "410000", "city"),
        ("410402", "410400", "county"),
        ("419001", "410000", "city"),
        ("110101", "110000", "city"),
        ("429021", "420000", "city"),
    ],
)
def test_what_hangs_directly_under_a_province_stands_where_a_city_stands(code, parent, level):
    place = place_by_code(code, CODES)
    assert (place.parent_code, place.level) == (parent, level)


@pytest.mark.parametrize(
    ("name", "county"),
    [
        ("国家税务总局岳阳县税务局", "岳阳县"),
        ("岳阳楼区人民检察院", "岳阳楼区"),
        ("国家税务总局岳阳市南湖新区税务局", "南湖新区"),
        ("湖南临湘龙源供水有限公司", "临湘市"),
        ("岳阳市生态环境局湘阴分局", "湘阴县"),
        ("国网岳阳市屈原供电分公司", "屈原管理区"),
        ("岳阳市财政局", None),
        ("国网岳阳供电公司", None),
        ("岳阳楼洞庭湖风景名胜区岳阳楼·君山岛景区", None),
        ("市中医院", None),
        ("", None),
    ],
)
def test_a_name_places_a_unit_only_beyond_doubt(name, county):
    assert COUNTIES.get(place_by_name(name, COUNTIES, CITY_NAME)) == county


def test_a_name_that_fits_two_counties_places_nothing():
    assert place_by_name("云溪区君山区联合中学", COUNTIES, CITY_NAME) is None


def test_47_units_of_the_printed_list_cannot_be_placed_by_name():
    waiting = [entry["name"] for entry in read_list() if place_by_name(entry["name"], COUNTIES, CITY_NAME) is None]
    assert len(waiting) == 47


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("屈原管理区地方税务局", "国家税务总局屈原管理区税务局"),
        ("岳阳市君山区国家税务局", "国家税务总局君山区税务局"),
        ("岳阳市国家税务局", "国家税务总局岳阳市税务局"),
        ("国家税务总局岳阳楼区税务局", None),
        ("国家税务局", None),
    ],
)
def test_tax_offices_of_before_2018_have_a_successor(name, today):
    assert tax_office_of_today(name, CITY_NAME) == today


def test_the_printed_list_proposes_three_predecessors():
    names = [entry["name"] for entry in read_list()]
    assert sorted(propose_predecessors(names, CITY_NAME)) == sorted(
        [
            ("国家税务总局岳阳楼区税务局", "岳阳楼区国家税务局"),
            ("国家税务总局屈原管理区税务局", "屈原管理区地方税务局"),
            ("国家税务总局屈原管理区税务局", "屈原管理区国家税务局"),
        ]
    )

import pytest

from webapp.registry.places import Place, Places
from webapp.registry.reference import _REGIONS_FILE, read_region_file, region_rows

ALL = [
    Place(row["code"], row["name"], row["level"], row["path"]) for row in region_rows(read_region_file(_REGIONS_FILE))
]


@pytest.fixture(scope="module")
def everywhere():
    return Places(ALL, None)


@pytest.mark.parametrize(
    "text",
    ["430603", "云溪区", " 云溪区 ", "岳阳市云溪区", "湖南省岳阳市云溪区", "岳阳市/云溪区", "湖南省云溪区", "云 溪区"],
)
def test_a_region_is_found_however_it_is_written(everywhere, text):
    assert [place.code for place in everywhere.find(text)] == ["430603"]


def test_a_name_that_several_regions_bear_says_so(everywhere):
    assert len(everywhere.find("鼓楼区")) > 1
    assert [place.code for place in everywhere.find("徐州市鼓楼区")] == ["320302"]


def test_an_unknown_region_is_not_found(everywhere):
    assert everywhere.find("不存在县") == []
    assert everywhere.find("999999") == []


def test_names_are_only_found_within_the_reach_but_codes_tell_where_they_lie():
    henan = Places(ALL, "410000")
    assert [place.code for place in henan.find("鼓楼区")] == ["410204"]
    assert henan.find("云溪区") == []
    (place,) = henan.find("430603")
    assert not henan.is_within(place)
    assert henan.is_within(henan.get("410000"))


def test_the_city_of_a_place(everywhere):
    assert everywhere.get("430603").city_code == "430600"
    assert everywhere.get("430600").city_code == "430600"
    assert everywhere.get("430000").city_code is None
    assert set(everywhere.children_of("430600")) == {code for code, *_ in _counties()}


def _counties():
    return [(place.code,) for place in ALL if place.path.startswith("430000/430600/")]

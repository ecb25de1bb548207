from collections import Counter

from webapp.demo.units import read_list


def test_the_list_has_every_entry_by_honour_and_year_as_printed():
    """S2 附件2 四."""
    assert Counter((entry["honour"], entry["term"]) for entry in read_list()) == {
        ("全国文明单位", "2008年"): 2,
        ("全国文明单位", "2011年"): 4,
        ("全国文明单位", "2014年"): 4,
        ("全国文明单位", "2017年"): 4,
        ("省级文明标兵单位", "2016年"): 8,
        ("省级文明标兵单位", "2018年"): 7,
        ("省级文明单位", "2014年"): 19,
        ("省级文明单位", "2016年"): 28,
        ("省级文明单位", "2018年"): 35,
    }


def test_no_unit_is_listed_twice():
    names = [entry["name"] for entry in read_list()]
    assert len(set(names)) == len(names) == 111

import pytest

from webapp.imports.headers import COLUMNS, REQUIRED, read_table
from webapp.imports.reading import UnreadableFileError, read_sheet


def table(text, kind="units"):
    return read_table(kind, read_sheet(text.encode()))


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_english_and_chinese_headers_mean_the_same(kind):
    english = ",".join(COLUMNS[kind])
    chinese = ",".join(names[0] for names in COLUMNS[kind].values())
    assert table(f"{english}\nx", kind).fields == table(f"{chinese}\nx", kind).fields == set(COLUMNS[kind])


def test_a_header_is_found_below_a_title_and_however_it_is_spaced():
    found = table("岳阳市单位名册,,\n, 单 位 名 称*（全称）,地区\n1,甲,云溪区\n")
    (record,) = found.records
    assert (record.number, record.get("name"), record.get("region")) == (3, "甲", "云溪区")


def test_unknown_columns_are_named_not_dropped_in_silence():
    assert table("名称,电话\n甲,1\n").notes == ["以下列不认识，没有导入：电话"]


def test_a_total_row_is_the_printed_total_and_no_unit():
    found = table("名称,地区\n甲,\n合 计,2家\n")
    assert (len(found.records), found.printed) == (1, 2)


@pytest.mark.parametrize("kind", sorted(REQUIRED))
def test_a_missing_column_is_refused_by_name(kind):
    first, *rest = REQUIRED[kind]
    with pytest.raises(UnreadableFileError, match=first):
        table(",".join([*rest, "x"]) + "\nv\n", kind)


def test_the_same_column_twice_is_refused():
    with pytest.raises(UnreadableFileError, match="重复"):
        table("名称,name\n甲,乙\n")

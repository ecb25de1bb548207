import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from webapp.exports import xlsx_bytes


def read(content):
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows())


def test_a_list_comes_back_as_it_was_given():
    rows = read(
        xlsx_bytes(["名称", "分数", "日期", "市直"], [("甲", 92.5, date(2026, 1, 2), True), ("乙", None, None, False)])
    )
    assert [cell.value for cell in rows[0]] == ["名称", "分数", "日期", "市直"]
    assert [cell.value for cell in rows[1]][:2] == ["甲", 92.5]
    assert rows[1][2].value.date() == date(2026, 1, 2)
    assert [rows[1][3].value, rows[2][3].value] == ["是", "否"]


def test_a_text_never_becomes_a_formula():
    (cell,) = read(xlsx_bytes(["a"], [["=1+1"]]))[1]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_instants_are_written_in_local_time_and_control_characters_left_out():
    ((moment, text),) = read(xlsx_bytes(["a", "b"], [[datetime(2026, 1, 1, 16, tzinfo=UTC), "a\x00b"]]))[1:]
    assert (moment.value.isoformat(), text.value) == ("2026-01-02T00:00:00", "ab")

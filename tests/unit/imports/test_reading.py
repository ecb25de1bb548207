import csv
import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from webapp.imports import reading
from webapp.imports.reading import UnreadableFileError, read_sheet

UNHURRIED = settings(deadline=None, max_examples=50)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
GRID = st.lists(st.lists(TEXT, min_size=1, max_size=6), min_size=1, max_size=12)


def as_csv(rows, encoding="utf-8", newline="\r\n"):
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(rows)
    return target.getvalue().encode(encoding)


def as_xlsx(rows, titles=("表一",)):
    book = Workbook()
    for title in titles[1:]:
        book.create_sheet(title).append(["别处"])
    book.worksheets[0].title = titles[0]
    for row in rows:
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def filled(rows):
    return [(number, tuple(row)) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]


@UNHURRIED
@given(GRID, st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]))
def test_what_a_csv_file_holds_is_read_as_it_stands(rows, encoding):
    rows = [["名称", *row] for row in rows]
    read = read_sheet(as_csv(rows, encoding))
    assert [(row.number, row.cells) for row in read.rows] == filled(rows)


@UNHURRIED
@given(st.lists(st.lists(TEXT.filter(lambda t: not t.startswith("=")), min_size=1, max_size=5), min_size=1, max_size=6))
def test_what_a_workbook_holds_is_read_as_it_stands(rows):
    rows = [["名称", *row] for row in rows]
    read = read_sheet(as_xlsx(rows))
    for row, expected in zip(read.rows, rows, strict=True):
        assert list(row.cells) == _without_empty_end(expected)


def _without_empty_end(cells):
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


@UNHURRIED
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableFileError):
        assert read_sheet(content).rows


WORKBOOK = as_xlsx([["名称"], ["甲"]])


@UNHURRIED
@given(st.dictionaries(st.integers(4, len(WORKBOOK) - 1), st.integers(0, 255), min_size=1, max_size=5))
@example({})
def test_a_damaged_workbook_is_read_or_refused(damage):
    content = bytearray(WORKBOOK)
    for place, byte in damage.items():
        content[place] = byte
    with suppress(UnreadableFileError):
        assert read_sheet(bytes(content)).rows


def test_values_of_cells_are_written_as_a_person_would():
    sheet = read_sheet(as_xlsx([["a"], [430602, 2018.0, 0.5, True, date(2020, 5, 1), datetime(2020, 5, 1, 8, 30)]]))  # noqa: DTZ001
    assert sheet.rows[1].cells == ("430602", "2018", "0.5", "是", "2020-05-01", "2020-05-01 08:30:00")


def test_rows_keep_the_numbers_of_the_spreadsheet_though_blank_ones_are_left_out():
    sheet = read_sheet("名称\n\n甲\n , \n乙\n".encode())
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(1, "名称"), (3, "甲"), (5, "乙")]


def test_only_the_first_sheet_with_content_is_read_and_that_is_said():
    sheet = read_sheet(as_xlsx([["名称"], ["甲"]], titles=("名单", "说明")))
    assert sheet.notes == ["只读取第一个有内容的工作表，未读取：说明"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (b"\x00\x00 \n", "空"),
        (b"\xd0\xcf\x11\xe0old excel", "旧版"),
        (b"PK\x03\x04 no zip", "损坏"),
        (b"\xff\xff\xff\xff", "编码"),
        (b"a\x00b", "空字节"),
        (b'"open quote\n', "引号"),
        (b"\n" * 5000 + b",,,\n", "没有任何内容"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content, word):
    with pytest.raises(UnreadableFileError, match=word):
        read_sheet(content)


def zipped(parts):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = zipped({"xl/worksheets/sheet1.xml": b"0" * (reading.MAX_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableFileError, match="展开"):
        read_sheet(bomb)


def test_an_archive_of_too_many_parts_is_refused():
    with pytest.raises(UnreadableFileError, match="部件过多"):
        read_sheet(zipped({f"p{n}.txt": b"" for n in range(reading.MAX_PARTS + 1)}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_a_workbook_are_refused(encoding):
    xml = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(UnreadableFileError, match="实体"):
        read_sheet(zipped({"xl/workbook.xml": xml.encode(encoding)}))


def test_too_many_rows_columns_or_letters_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(UnreadableFileError, match="行"):
        read_sheet(b"a\n" * 6)
    with pytest.raises(UnreadableFileError, match="列"):
        read_sheet(b"a," * 200)
    with pytest.raises(UnreadableFileError, match="字"):
        read_sheet(b"a" * (reading.MAX_CELL + 1))
    monkeypatch.setattr(reading, "MAX_BYTES", 3)
    with pytest.raises(UnreadableFileError, match="MB"):
        read_sheet(b"abcd")


def test_a_cell_far_to_the_right_does_not_fill_the_memory():
    book = Workbook()
    book.active["A1"] = "名称"
    book.active["XFD2"] = "远"
    target = io.BytesIO()
    book.save(target)
    sheet = read_sheet(target.getvalue())
    assert [row.cells for row in sheet.rows] == [("名称",)]

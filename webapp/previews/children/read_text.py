"""Runs alone: ``read_text.py KIND FILE`` writes what a document says as JSON blocks: headings, paragraphs, tables.

No macro, link, picture or formula is followed; everything is bounded, and what is left out is said.
"""

import codecs
import csv
import importlib.util
import io
import json
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 200_000
MOST_ROWS = 300
MOST_COLUMNS = 30
MOST_SHEETS = 20
MOST_ENTRIES = 500
MOST_PART = 40 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
REFUSED = 3
Block = dict[str, Any]


class RefusedError(Exception):
    """The file cannot be shown; the message (Chinese) says why."""


def _safe_xml() -> Any:
    """The application's parser of hostile XML, without the application."""
    path = Path(__file__).resolve().parents[3] / "workflows" / "safe_xml.py"
    spec = importlib.util.spec_from_file_location("safe_xml", path)
    assert spec is not None  # noqa: S101 (the file is part of the program)
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _opened(path: Path, kind: str) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError("文件已损坏或没有传完整，无法打开。请联系提交人重新上传。") from error
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries) and kind != "zip":
        raise RefusedError("文件设有打开密码，无法预览。请联系提交人去掉密码后重新上传。")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED and kind != "zip":
        raise RefusedError("文件展开后过大，无法预览，可以下载后打开。")
    return archive


def _part(archive: zipfile.ZipFile, name: str, what: str) -> Any:
    """The root of an XML part of an archive."""
    try:
        with archive.open(name) as file:
            data = file.read(MOST_PART + 1)
    except KeyError as error:
        raise RefusedError(f"文件的内容不是{what}（可能改过扩展名），无法预览。") from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise RefusedError("文件已损坏，无法打开。请联系提交人重新上传。") from error
    safe = _safe_xml()
    try:
        return safe.parse_xml(data, max_bytes=MOST_PART, max_elements=600_000)
    except safe.UnsafeXmlError as error:
        raise RefusedError(f"文件的内容不能安全地读取：{error.message}") from error


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _within(node: Any, skip: frozenset[str]) -> Iterator[Any]:
    """Every element below, without what stands in elements named in ``skip``; no recursion, however deep."""
    stack = [iter(node)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif _name(child) not in skip:
            yield child
            stack.append(iter(child))


def read_docx(path: Path) -> Iterator[Block]:
    body = _part(_opened(path, "docx"), "word/document.xml", " Word 文档")
    yield from _flow(body, "p", _word_paragraph, frozenset({"Fallback", "del", "moveFrom"}), ("tr", "tc"))


def read_odt(path: Path) -> Iterator[Block]:
    content = _part(_opened(path, "odt"), "content.xml", " ODF 文档")
    skip = frozenset({"annotation", "tracked-changes", "note"})
    yield from _flow(content, "p h", _open_paragraph, skip, ("table-row", "table-cell"))


def _flow(
    root: Any, paragraphs: str, read: Callable[[Any], Block], skip: frozenset[str], cells: tuple[str, str]
) -> Iterator[Block]:
    """Paragraphs and tables in the order in which they stand."""
    names, tables = set(paragraphs.split()), {"tbl", "table"}
    stack = [iter(root)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif _name(child) in names:
            yield read(child)
        elif _name(child) in tables:
            yield _table(child, names, read, skip, cells)
        elif _name(child) not in skip:
            stack.append(iter(child))


def _table(
    table: Any, names: set[str], read: Callable[[Any], Block], skip: frozenset[str], cells: tuple[str, str]
) -> Block:
    row_name, cell_name = cells
    rows: list[list[str]] = []
    for node in _within(table, skip):
        if _name(node) == row_name and len(rows) <= MOST_ROWS:
            rows.append(
                [
                    "\n".join(read(part)["text"] for part in _within(cell, skip) if _name(part) in names)
                    for cell in list(node)[: MOST_COLUMNS + 1]
                    if _name(cell) == cell_name
                ]
            )
    return _sheet("", rows)


def _word_paragraph(node: Any) -> Block:
    said, style = [], ""
    for part in _within(node, frozenset({"Fallback", "del", "moveFrom", "p"})):
        match _name(part):
            case "t":
                said.append(part.text or "")
            case "tab":
                said.append("\t")
            case "br" | "cr":
                said.append("\n")
            case "pStyle":
                style = next(iter(part.attrib.values()), "")
    is_heading = style.lower().startswith(("heading", "title")) or style in {"1", "2", "3"}
    return {"kind": "heading" if is_heading else "text", "text": "".join(said)}


def _open_paragraph(node: Any) -> Block:
    said = [node.text or ""]
    for part in _within(node, frozenset({"annotation", "tracked-changes", "note", "p"})):
        said.append({"tab": "\t", "line-break": "\n", "s": " "}.get(_name(part), "") + (part.text or ""))
        said.append(part.tail or "")
    return {"kind": "heading" if _name(node) == "h" else "text", "text": "".join(said)}


def read_pptx(path: Path) -> Iterator[Block]:
    archive = _opened(path, "pptx")
    slides = sorted(
        (name for name in archive.namelist() if name.startswith("ppt/slides/slide") and name.endswith(".xml")),
        key=lambda name: (len(name), name),
    )
    if not slides:
        raise RefusedError("文件的内容不是演示文稿（可能改过扩展名），无法预览。")
    for number, name in enumerate(slides[:MOST_ROWS], start=1):
        yield {"kind": "heading", "text": f"第 {number} 页"}
        for node in _within(_part(archive, name, "演示文稿"), frozenset({"Fallback"})):
            if _name(node) == "p":
                yield {"kind": "text", "text": "".join(p.text or "" for p in node.iter() if _name(p) == "t")}


def read_ods(path: Path) -> Iterator[Block]:
    content = _part(_opened(path, "ods"), "content.xml", " ODF 表格")
    tables = [node for node in _within(content, frozenset({"tracked-changes"})) if _name(node) == "table"]
    for table in tables[:MOST_SHEETS]:
        title = next((value for key, value in table.attrib.items() if key.endswith("}name")), "")
        rows = [_open_row(node) for node in table.iter() if _name(node) == "table-row"][: MOST_ROWS + 1]
        yield _sheet(title, rows)


def _open_row(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row:
        repeated = next((value for key, value in cell.attrib.items() if key.endswith("columns-repeated")), "1")
        times = min(int(repeated), MOST_COLUMNS + 1) if repeated.isdecimal() and len(repeated) < 9 else 1
        said = "\n".join(_open_paragraph(part)["text"] for part in cell.iter() if _name(part) == "p")
        cells += [said] * times
        if len(cells) > MOST_COLUMNS:
            break
    return cells


def read_xlsx(path: Path) -> Iterator[Block]:
    from openpyxl import load_workbook  # noqa: PLC0415 (only this kind needs it)

    archive = _opened(path, "xlsx")
    _part(archive, "xl/workbook.xml", " Excel 表格")
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as file:
                head = file.read(65536).replace(b"\x00", b"")
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise RefusedError("文件含有 XML 实体声明，出于安全不予读取。")
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        for sheet in sheets[:MOST_SHEETS]:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1)
            yield _sheet(sheet.title, [[_cell(value) for value in row] for row in rows])
    except (MemoryError, RefusedError):
        raise
    except Exception as error:  # whatever the library says of a file that somebody made or broke
        raise RefusedError("表格已损坏，无法打开。请联系提交人用表格软件重新保存后上传。") from error
    if len(sheets) > MOST_SHEETS:
        yield {"kind": "cut", "text": f"只显示前 {MOST_SHEETS} 个工作表，共 {len(sheets)} 个。"}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == value.min.time() else "%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)


def _sheet(title: str, rows: Iterable[list[str]]) -> Block:
    """A table without its empty edges, cut where it is too large."""
    kept = [row[:MOST_COLUMNS] for row in rows]
    is_cut = len(kept) > MOST_ROWS
    kept = kept[:MOST_ROWS]
    while kept and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    width = max((place + 1 for row in kept for place, cell in enumerate(row) if cell.strip()), default=0)
    note = f"只显示前 {MOST_ROWS} 行。" if is_cut else ""
    return {
        "kind": "table",
        "text": title,
        "rows": [(row + [""] * width)[:width] for row in kept],
        "note": note + (f"只显示前 {MOST_COLUMNS} 列。" if width == MOST_COLUMNS else ""),
    }


def read_txt(path: Path) -> Iterator[Block]:
    for line in _decoded(path).splitlines():
        yield {"kind": "text", "text": line}


def read_csv(path: Path) -> Iterator[Block]:
    text = _decoded(path)
    delimiter = max(",\t;", key=text.partition("\n")[0].count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                break
    except csv.Error as error:
        raise RefusedError("文件不是格式正确的 CSV 表格，无法预览，可以下载后打开。") from error
    yield _sheet("", rows)


def _decoded(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_CHARACTERS * 4)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(data)
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def read_zip(path: Path) -> Iterator[Block]:
    entries = [entry for entry in _opened(path, "zip").infolist() if not entry.is_dir()]
    rows = [["文件", "大小（字节）", ""]]
    for entry in entries[:MOST_ENTRIES]:
        rows.append([_entry_name(entry), str(entry.file_size), "有密码" if entry.flag_bits & 1 else ""])
    note = f"只列出前 {MOST_ENTRIES} 个，共 {len(entries)} 个文件。" if len(entries) > MOST_ENTRIES else ""
    yield {"kind": "table", "text": "压缩包里的文件", "rows": rows, "note": note}


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """Chinese archives often name their files in GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


READERS: dict[str, Callable[[Path], Iterator[Block]]] = {
    "docx": read_docx,
    "xlsx": read_xlsx,
    "pptx": read_pptx,
    "odt": read_odt,
    "ods": read_ods,
    "txt": read_txt,
    "csv": read_csv,
    "zip": read_zip,
}


def bounded(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks up to so many characters; blank lines in a row are one."""
    left, was_blank = MOST_CHARACTERS, True
    for block in blocks:
        is_blank = block["kind"] == "text" and not block["text"].strip()
        if not (is_blank and was_blank):
            left -= len(block["text"]) + sum(len(cell) + 1 for row in block.get("rows", ()) for cell in row) + 1
            if left < 0:
                yield {"kind": "cut", "text": "内容较长，后面的没有显示，可以下载后查看全文。"}
                return
            yield block
        was_blank = is_blank


def main(kind: str, path: str) -> None:
    """Write the blocks of a file, or end as refused."""
    warnings.simplefilter("ignore")
    try:
        blocks = list(bounded(READERS[kind](Path(path))))
    except RefusedError as error:
        sys.stdout.write(str(error))
        sys.exit(REFUSED)
    if not any(block["text"].strip() or block.get("rows") for block in blocks):
        blocks = [{"kind": "cut", "text": "文件里没有文字内容（可能只有图片），可以下载后打开。"}]
    json.dump(blocks, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A ZIP of a process is read whole or not at all, whatever stands in it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest

from tests.processes.drawing import chain, diagram, end, start, task
from webapp.problems import Invalid
from webapp.trials.archive import MOST_ARCHIVE, Package, read_archive, write_archive

FORM = {"type": "default", "components": [{"type": "textfield", "key": "why", "id": "why", "label": "理由"}]}
CASE = {"name": "一步", "begins_at": "2026-03-02T09:00:00+08:00", "steps": [{"act": "start", "person": "unit.clerk"}]}
DRAWN = diagram(start(), task("decide"), end(), chain("start", "decide", "end")).decode()
PACKAGE = Package("p", "测试", DRAWN, {"decide": FORM}, {}, {"case_1": CASE})
Files = dict[str, bytes]


def whole() -> Files:
    with zipfile.ZipFile(io.BytesIO(write_archive(PACKAGE, {}))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def listed(files: Files) -> Files:
    """The same with a manifest that agrees."""
    manifest = json.loads(files["manifest.json"])
    manifest["sha256"] = {n: hashlib.sha256(d).hexdigest() for n, d in files.items() if n != "manifest.json"}
    return files | {"manifest.json": json.dumps(manifest).encode()}


def test_an_archive_says_the_same_after_reading() -> None:
    data = write_archive(PACKAGE, {})
    assert write_archive(PACKAGE, {}) == data
    found = read_archive(data)
    assert (found.process, found.forms, found.bpmn) == ("p", PACKAGE.forms, PACKAGE.bpmn)
    assert found.cases["case_1"]["name"] == CASE["name"]


_ENTITY = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>'
_HOSTILE: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "no ZIP": (lambda _f: b"PK\x03\x04 nothing", "不是完好的"),
    "empty": (lambda _f: zipped({}), "清单"),
    "traversal": (lambda f: zipped(listed(f | {"../../evil.bpmn": b"x"})), "不认识"),
    "absolute": (lambda f: zipped(listed(f | {"/forms/x.form": b"{}"})), "不认识"),
    "foreign": (lambda f: zipped(listed(f | {"run.sh": b"rm"})), "不认识"),
    "misplaced": (lambda f: zipped(listed(f | {"forms/x.dmn": b"<a/>"})), "不认识"),
    "changed": (lambda f: zipped(f | {"diagram.bpmn": f["diagram.bpmn"] + b" "}), "校验值"),
    "missing": (lambda f: zipped({k: v for k, v in f.items() if k != "forms/decide.form"}), "不在流程包里"),
    "unlisted": (lambda f: zipped(f | {"forms/more.form": b"{}"}), "不在清单里"),
    "no manifest": (lambda f: zipped({"diagram.bpmn": f["diagram.bpmn"]}), "清单"),
    "other format": (lambda f: zipped(f | {"manifest.json": b'{"format": "x/9"}'}), "清单"),
    "odd manifest": (lambda f: zipped(f | {"manifest.json": b"[" * 100_000}), "JSON"),
    "entity": (lambda f: zipped(listed(f | {"diagram.bpmn": _ENTITY})), "diagram.bpmn"),
    "bomb": (lambda f: zipped(listed(f | {"tables/x.dmn": b" " * 20_000_000})), "过大"),
    "many": (lambda f: zipped(f | {f"forms/f{n}.form": b"{}" for n in range(400)}), "个文件"),
    "bad form": (lambda f: zipped(listed(f | {"forms/decide.form": b"[]"})), "forms/decide.form"),
    "bad case": (lambda f: zipped(listed(f | {"cases/case_1.json": b"{}"})), "cases/case_1.json"),
    "not a number": (lambda f: zipped(listed(f | {"cases/case_1.json": b'{"name": NaN}'})), "JSON"),
    "too large": (lambda _f: b"P" * (MOST_ARCHIVE + 1), "MB"),
}


@pytest.mark.parametrize("kind", _HOSTILE)
def test_hostile_archives_are_refused_in_words(kind: str) -> None:
    make, words = _HOSTILE[kind]
    with pytest.raises(Invalid, match=words):
        read_archive(make(whole()))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_stands_twice_is_refused() -> None:
    out = io.BytesIO(zipped(whole()))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("diagram.bpmn", b"<a/>")
    with pytest.raises(Invalid, match="两次"):
        read_archive(out.getvalue())

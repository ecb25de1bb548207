"""A whole process as one ZIP: diagram, forms, decision tables, test cases, and a manifest with the digest of each.

Nothing is unpacked to disk, and a file is read only as far as it may be large; what the manifest does not name, what is
missing, changed or named otherwise than here is refused, all of it.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.documents import FormDocumentError, check_plain
from webapp.designer.rules import MOST_BYTES, MOST_FORMS, MOST_TABLES, is_key
from webapp.problems import Invalid, invalid
from webapp.trials.cases import checked_case
from webapp.trials.rules import MOST_CASES
from workflows.safe_xml import UnsafeXmlError, parse_xml

FORMAT = "wenming-process/1"
MANIFEST = "manifest.json"
DIAGRAM = "diagram.bpmn"
MOST_ARCHIVE = 10 * 1024 * 1024
_MOST_TOGETHER = 30 * 1024 * 1024
_MOST_FILES = 2 + MOST_FORMS + MOST_TABLES + MOST_CASES
_PART = re.compile(r"(forms|tables|cases)/([a-z][a-z0-9_]{0,63})\.(form|dmn|json)", re.ASCII)
_ENDINGS = {"forms": "form", "tables": "dmn", "cases": "json"}
_SYMLINK = 0o120000


@dataclass
class Package:
    """What an archive holds."""

    process: str
    name: str
    bpmn: str
    forms: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    cases: dict[str, Any] = field(default_factory=dict)


def write_archive(package: Package, about: Mapping[str, Any]) -> bytes:
    """The archive of a process; the same content gives the same bytes.

    Args:
        about: what the manifest says beside the digests: from which version, when.
    """
    files = {DIAGRAM: package.bpmn.encode()}
    files |= {f"forms/{key}.form": _json(document) for key, document in sorted(package.forms.items())}
    files |= {f"tables/{key}.dmn": text.encode() for key, text in sorted(package.tables.items())}
    files |= {f"cases/{key}.json": _json(case) for key, case in sorted(package.cases.items())}
    manifest = {"format": FORMAT, "process": package.process, "name": package.name, **about}
    manifest["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: _json(manifest), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def read_archive(data: bytes) -> Package:
    """Read an archive from anywhere.

    Raises:
        Invalid: it is none, or not whole, or holds what cannot be taken; says which file and why.
    """
    if len(data) > MOST_ARCHIVE:
        raise _refused("too_large", f"流程包超过 {MOST_ARCHIVE // 1024 // 1024} MB，没有导入。")
    files = _read_files(data)
    manifest = _manifest(files.pop(MANIFEST, None))
    _refuse_changed(files, manifest["sha256"])
    package = Package(manifest["process"], manifest["name"], _xml(DIAGRAM, files.pop(DIAGRAM)))
    for name, content in files.items():
        _take(package, name, content)
    return package


def _read_files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_FILES:
                raise _refused("too_many", f"流程包里有 {len(entries)} 个文件，最多 {_MOST_FILES} 个，没有导入。")
            return _bounded(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _refused("unreadable", "文件不是完好的 ZIP 流程包，没有导入。请重新导出后再试。") from error


def _bounded(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    together = 0
    for entry in entries:
        _refuse_odd(entry, files)
        with archive.open(entry) as file:
            content = file.read(MOST_BYTES + 1)
        together += len(content)
        if len(content) > MOST_BYTES or together > _MOST_TOGETHER:
            raise _refused("too_large", f"“{_shown(entry.filename)}”解压后过大，没有导入。")
        files[entry.filename] = content
    return files


def _refuse_odd(entry: zipfile.ZipInfo, known: Mapping[str, bytes]) -> None:
    name = _shown(entry.filename)
    part = _PART.fullmatch(entry.filename)
    fits = entry.filename in (MANIFEST, DIAGRAM) or (part is not None and _ENDINGS[part[1]] == part[3])
    if not fits or entry.external_attr >> 16 & 0o170000 == _SYMLINK:
        raise _refused("unknown_file", f"流程包里有不认识的文件“{name}”，没有导入。")
    if entry.filename in known:
        raise _refused("repeated", f"流程包里“{name}”出现了两次，没有导入。")
    if entry.flag_bits & 0x1:
        raise _refused("encrypted", f"流程包里的“{name}”设有密码，没有导入。")


def _shown(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:100]


def _manifest(content: bytes | None) -> dict[str, Any]:
    value = _read_json(MANIFEST, content) if content is not None else None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _refused("no_manifest", f"流程包里没有可用的清单（{MANIFEST}，格式 {FORMAT}），没有导入。")
    process, name, digests = value.get("process"), value.get("name"), value.get("sha256")
    if not isinstance(process, str) or not is_key(process) or not isinstance(name, str):
        raise _refused("bad_manifest", "清单里的流程标识或名称不对，没有导入。")
    if not isinstance(digests, dict) or DIAGRAM not in digests:
        raise _refused("bad_manifest", f"清单里没有“{DIAGRAM}”的校验值，没有导入。")
    return {"process": process, "name": name[:60], "sha256": digests}


def _refuse_changed(files: Mapping[str, bytes], digests: Mapping[str, Any]) -> None:
    for name in sorted(files.keys() | digests.keys(), key=str):
        shown = _shown(str(name))
        if name not in files:
            raise _refused("missing", f"清单里的“{shown}”不在流程包里，没有导入。")
        if name not in digests:
            raise _refused("unlisted", f"“{shown}”不在清单里，没有导入。")
        if hashlib.sha256(files[name]).hexdigest() != digests[name]:
            raise _refused("changed", f"“{shown}”与清单的校验值（SHA-256）不符，可能改动过或已损坏，没有导入。")


def _take(package: Package, name: str, content: bytes) -> None:
    kind, key = name.partition("/")[0], name.partition("/")[2].rpartition(".")[0]
    if kind == "tables":
        package.tables[key] = _xml(name, content)
    elif kind == "forms":
        document = _read_json(name, content)
        try:
            check_plain(document)
        except FormDocumentError as error:
            raise _refused("bad_form", f"“{name}”：{error.problems[0].message}") from error
        package.forms[key] = document
    else:
        try:
            package.cases[key] = checked_case(_read_json(name, content))
        except Invalid as error:
            raise _refused("bad_case", f"“{name}”：{error.errors[0].message}") from error


def _xml(name: str, content: bytes) -> str:
    try:
        parse_xml(content, max_bytes=MOST_BYTES)
        return content.decode()
    except UnsafeXmlError as error:
        raise _refused("bad_xml", f"“{name}”：{error.message}") from error
    except UnicodeDecodeError as error:
        raise _refused("bad_xml", f"“{name}”不是 UTF-8 文本，没有导入。") from error


def _read_json(name: str, content: bytes) -> Any:
    try:
        return json.loads(content.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused("bad_json", f"“{name}”不是可读的 JSON，没有导入。") from error


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _refused(code: str, message: str) -> Invalid:
    return invalid("file", code, message)

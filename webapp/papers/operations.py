"""Set a case as PDF in a limited process, and pack it with its files into one archive."""

import json
import zipfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of
from webapp.config import Settings
from webapp.problems import Problem
from webapp.sandbox import SandboxError, run

_HERE = Path(__file__).parent
_SECONDS, _MEGABYTES = 10, 4096
MOST_ARCHIVED = 500 * 1024 * 1024


def make_pdf(papers: dict[str, Any]) -> bytes:
    """The papers of a case (see ``content``) as PDF.

    Raises:
        Problem: 503, it took too long or too much, or others are made at this moment; what to do instead.
    """
    given = json.dumps(papers, ensure_ascii=False).encode()
    try:
        return run(
            _HERE / "typeset.py", _HERE / "case.typ", _fonts(), given=given, seconds=_SECONDS, megabytes=_MEGABYTES
        )
    except SandboxError as error:
        problem = Problem(
            "这个办件的内容过多，没有在限定的时间内生成 PDF。请改用“打印全卷”，在浏览器里打印或存为 PDF。"
        )
        problem.status, problem.title = 503, "暂时不能生成"
        raise problem from error


def _fonts() -> Path:
    """The folder of the package that brings Noto Sans SC and Noto Serif SC (SIL Open Font License)."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None  # noqa: S101 (a pinned dependency)
    assert spec.submodule_search_locations  # noqa: S101
    return Path(spec.submodule_search_locations[0])


def pack(settings: Settings, target: IO[bytes], pdf: bytes, title: str, files: Iterable[Attachment]) -> None:
    """Write the archive of a case: its papers, and every file under its own name.

    Raises:
        Problem: 413, the files together are too large.
    """
    wanted = list(files)
    if sum(file.size for file in wanted) > MOST_ARCHIVED:
        problem = Problem(f"附件合计超过 {MOST_ARCHIVED // 1024 // 1024} MB，不能打包下载。请逐个下载附件。")
        problem.status, problem.title = 413, "内容过大"
        raise problem
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{title}.pdf", pdf)
        for number, file in enumerate(wanted, start=1):
            place = path_of(settings, file.sha256)
            if place.exists():
                archive.write(place, f"附件/{number:03d}_{file.name}")

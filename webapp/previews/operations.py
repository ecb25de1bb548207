"""Make what a preview shows, once: drawn and read in a limited process, kept by the digest of the file."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webapp import clock
from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of
from webapp.config import Settings
from webapp.previews.rules import ending_of
from webapp.problems import NotFound
from webapp.sandbox import run

_CHILDREN = Path(__file__).with_name("children")
_KEPT_SECONDS = 14 * 24 * 3600


def pages_of(settings: Settings, file: Attachment) -> dict[str, Any]:
    """``number`` of pages of a PDF, their ``sizes`` in pixels, and the ``texts`` of the first ones."""
    return dict(json.loads(_made(settings, file, "pages.json", "draw.py", "pages")))


def page_of(settings: Settings, file: Attachment, place: int) -> bytes:
    """One page of a PDF as PNG."""
    return _made(settings, file, f"page{place}.png", "draw.py", "page", place)


def picture_of(settings: Settings, file: Attachment) -> bytes:
    """A picture drawn anew, as PNG or JPEG."""
    return _made(settings, file, "picture", "draw.py", "picture")


def blocks_of(settings: Settings, file: Attachment) -> list[dict[str, Any]]:
    """What a document says: headings, paragraphs and tables."""
    ending = ending_of(file.name)
    return list(json.loads(_made(settings, file, f"{ending}.json", "read_text.py", ending)))


def _made(settings: Settings, file: Attachment, what: str, script: str, act: str, *more: object) -> bytes:
    """What the script makes of the file; raises ``SandboxError`` where it cannot."""
    source = path_of(settings, file.sha256)
    if not source.exists():
        raise NotFound("附件的文件已不在存储中，请联系管理员从备份恢复。")
    place = settings.previews / file.sha256[:2] / f"{file.sha256}.{what}"
    return _kept(place, lambda: run(_CHILDREN / script, act, source, *more))


def _kept(place: Path, make: Callable[[], bytes]) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        made = make()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix="making-", delete=False) as target:
        target.write(made)
    Path(target.name).replace(place)
    return made


def sweep(settings: Settings) -> int:
    """Remove what was made some time ago; whoever looks again has it made again. Returns how many files."""
    old, gone = clock.real_now().timestamp() - _KEPT_SECONDS, 0
    for file in settings.previews.glob("*/*"):
        if file.stat().st_mtime < old:
            os.unlink(file)
            gone += 1
    return gone

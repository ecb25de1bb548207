"""What passes for a signature, and that its digest changes with everything that was signed."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw

from webapp.signatures.rules import LARGEST, digest_of, fault_of


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120), ground: str = "white", ink: str | None = "black"):
    image = Image.new("RGB", size, ground)
    if ink:
        ImageDraw.Draw(image).line((20, 20, size[0] - 20, size[1] - 20), fill=ink, width=3)
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def test_strokes_on_a_ground_are_a_signature() -> None:
    assert fault_of(picture()) is None
    assert fault_of(picture("JPEG")) is None
    clear = BytesIO()
    image = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((20, 20, 280, 100), fill=(0, 0, 0, 255), width=4)
    image.save(clear, "PNG")
    assert fault_of(clear.getvalue()) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(32), "不是可以打开的"),
        (b"<svg onload='alert(1)'/>", "不是可以打开的"),
        (b"%PDF-1.4", "不是可以打开的"),
        (picture("GIF"), "不是可以打开的"),
        (picture()[:80], "不是可以打开的"),
        (picture(ink=None), "没有笔迹"),
        (picture(ink="#fefefe"), "没有笔迹"),
        (picture(size=(30, 15), ink=None), "过小"),
        (picture(size=(9000, 1000), ink=None), "尺寸过大"),
        (picture() + bytes(LARGEST), "超过"),
    ],
)
def test_everything_else_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    assert words in (fault_of(content) or "")


def test_the_digest_binds_everything() -> None:
    at = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    said: dict[str, Any] = {
        "task_id": UUID(int=1),
        "user_id": 7,
        "at": at,
        "outcome": "pass",
        "answers": {"b": 1.5, "a": "意见"},
        "picture": "aa",
    }
    whole = digest_of(**said)
    assert whole == digest_of(**{**said, "answers": {"a": "意见", "b": 1.5}})
    for changed in (
        {"task_id": UUID(int=2)}, {"user_id": 8}, {"at": at.replace(minute=1)}, {"outcome": "fail"},
        {"answers": {"b": 1.5, "a": "意 见"}}, {"picture": "ab"},
    ):  # fmt: skip
        assert digest_of(**{**said, **changed}) != whole

"""What counts as the picture of a signature, and the digest that binds it to a decision. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

LARGEST = 1024 * 1024
MOST_PIXELS = 8_000_000
_SMALLEST_WIDTH, _SMALLEST_HEIGHT = 40, 20
_INK = 40
"""How much darker or lighter than the ground a stroke must be, of 255."""


def fault_of(content: bytes) -> str | None:
    """Why a picture is no signature (Chinese), or ``None``."""
    if len(content) > LARGEST:
        return f"签名图片超过 {LARGEST // 1024} KB，请重新签名或压缩后上传。"
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            return _fault(image)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return "签名图片不是可以打开的 PNG 或 JPG 图片，请重新签名或另选一张。"


def _fault(image: Image.Image) -> str | None:
    if image.width * image.height > MOST_PIXELS:
        return "签名图片的尺寸过大，请裁剪到只含签名后上传。"
    if image.width < _SMALLEST_WIDTH or image.height < _SMALLEST_HEIGHT:
        return "签名图片过小，看不清签名，请重新签名或另选一张。"
    painted = image.convert("RGBA")
    ground = Image.new("RGBA", painted.size, "white")
    low, high = Image.alpha_composite(ground, painted).convert("L").getextrema()
    if not isinstance(low, int) or not isinstance(high, int) or high - low < _INK:
        return "签名图片上没有笔迹，请在签名区书写后再提交。"
    return None


def digest_of(
    task_id: UUID, user_id: int, at: datetime, outcome: str | None, answers: Mapping[str, Any], picture: str
) -> str:
    """The digest of a decision with the picture of its signature.

    Args:
        picture: the digest of the picture.
    """
    said = {
        "task": str(task_id),
        "user": user_id,
        "at": at.astimezone(UTC).isoformat(),
        "outcome": outcome,
        "answers": answers,
        "picture": picture,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""Read JSON bodies: anything that a client sends gets an answer that says what is wrong."""

from typing import Any
from uuid import UUID

from flask import request

from webapp.problems import BadRequest, InputError, Invalid, NotFound, invalid

MAX_DEPTH = 30
MAX_BYTES = 4 * 1024 * 1024
"""Files travel as attachments; answers of the longest form stay far below."""

MOST_CHARACTERS = 1000
"""Of a reason or remark that comes beside the answers of a form."""


def body(*known: str) -> dict[str, Any]:
    """The JSON object of the request.

    Args:
        known: the keys that the call takes; others are refused.

    Raises:
        BadRequest: no JSON object.
        Invalid: unknown keys or characters that cannot be stored.
    """
    request.max_content_length = MAX_BYTES
    try:
        data = request.get_json(force=True, silent=True)
    except RecursionError:
        data = None
    if not isinstance(data, dict):
        raise BadRequest("请求内容须为 JSON 对象（application/json，UTF-8）。")
    _check(data, "", MAX_DEPTH)
    unknown = [InputError(str(key), "unknown_field", f"不接受“{key}”。") for key in data if key not in known]
    if unknown:
        raise Invalid(unknown)
    return data


def _check(value: Any, path: str, depth: int) -> None:
    if depth == 0:
        raise invalid(path, "depth", "内容嵌套过深。")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, path)
            _check(item, f"{path}.{key}" if path else key, depth - 1)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _check(item, f"{path}.{place}", depth - 1)
    elif isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124
        raise invalid(path, "number", "数值无效。")


def _check_text(text: str, path: str) -> None:
    if "\x00" in text or (not text.isprintable() and any(0xD800 <= ord(c) <= 0xDFFF for c in text)):
        raise invalid(path, "characters", "文本含有不能保存的字符。")


def text_of(data: dict[str, Any], key: str, *, required: bool = True) -> str:
    """A text value of a body, as long as the boxes of the pages take."""
    value = data.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise invalid(key, "required", f"请以文本填写 {key}。")
    if len(value) > MOST_CHARACTERS:
        raise invalid(key, "too_long", f"{key} 不超过 {MOST_CHARACTERS} 字，现在有 {len(value)} 字。")
    return value


def object_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """An object value of a body; missing is empty."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(key, "type", f"{key} 须为 JSON 对象。")
    return value


def flag_of(data: dict[str, Any], key: str) -> bool:
    """A yes or no of a body; missing is no. Text is refused: ``"false"`` must not mean yes."""
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise invalid(key, "type", f"{key} 须为 true 或 false。")
    return bool(value)


def version_of(data: dict[str, Any]) -> int:
    """The lock version of a task in a body."""
    value = data.get("version")
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid("version", "required", "请带上打开任务时得到的 version（整数）。")
    return value


def task_id_of(text: str) -> UUID:
    """A task id from a path; anything else is a task that does not exist."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def instance_id_of(text: str) -> int:
    """An instance id from a path; anything else does not exist."""
    if text.isascii() and text.isdecimal() and len(text) < 18:
        return int(text)
    raise NotFound

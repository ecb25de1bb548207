"""A form document as it arrives: JSON in the format of the bpmn.io form editor (form-js), read under limits.

Nothing of a document is trusted before it went through here: size, depth, number of values, duplicate keys and
characters that the database cannot store are refused with their place.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 512 * 1024
MAX_DEPTH = 40
MAX_VALUES = 50_000


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One reason why a document cannot be used: the component's id (or its place), a stable code, Chinese text."""

    component: str
    code: str
    message: str


class FormDocumentError(ValueError):
    """The document is not a usable form; `problems` names every reason that was found."""

    def __init__(self, problems: list[FormProblem]) -> None:
        super().__init__("；".join(f"{problem.component}：{problem.message}" for problem in problems[:5]))
        self.problems = problems


def read_document(source: bytes | str) -> dict[str, Any]:
    """Return the document that JSON text holds.

    Raises FormDocumentError for text that is too large, not UTF-8, not JSON, not an object or has a key twice.
    """
    if len(source) > MAX_BYTES:
        raise refuse("", "too_large", f"表单文件超过 {MAX_BYTES // 1024} KB。请拆成几个表单。")
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        document = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise refuse("", "not_utf8", "表单文件不是 UTF-8 编码。请用表单编辑器重新导出。") from None
    except RecursionError:
        raise refuse("", "too_deep", "表单文件嵌套层数过多。") from None
    except json.JSONDecodeError as error:
        raise refuse("", "not_json", f"第 {error.lineno} 行第 {error.colno} 列不是合法的 JSON。") from None
    except FormDocumentError:
        raise
    except ValueError as error:
        raise refuse("", "not_json", f"表单文件不是合法的 JSON：{error}") from None
    check_plain(document)
    return document  # type: ignore[no-any-return]


def check_plain(document: object) -> None:
    """Refuse what is not a plain JSON object of bounded depth and size, whoever made it.

    Raises FormDocumentError.
    """
    if not isinstance(document, dict):
        raise refuse("", "not_object", "表单文件的最外层应当是一个 JSON 对象。")
    waiting: list[tuple[object, int]] = [(document, 1)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise refuse("", "too_deep", f"表单文件嵌套超过 {MAX_DEPTH} 层。")
        if seen > MAX_VALUES:
            raise refuse("", "too_large", f"表单文件超过 {MAX_VALUES} 个值。请拆成几个表单。")
        if isinstance(value, dict):
            waiting.extend((key, depth) for key in value)
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list | tuple):
            waiting.extend((item, depth + 1) for item in value)
        else:
            _check_scalar(value)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can store the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def refuse(component: str, code: str, message: str) -> FormDocumentError:
    """Return the error for a document with a single problem."""
    return FormDocumentError([FormProblem(component, code, message)])


def _check_scalar(value: object) -> None:
    if isinstance(value, str):
        if not is_storable(value):
            raise refuse("", "bad_character", "表单文件含有无法保存的字符（空字符或残缺的代理字符）。")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise refuse("", "not_json", "表单文件含有 NaN 或无穷大，这不是合法的 JSON。")
    elif value is not None and not isinstance(value, bool | int):
        raise refuse("", "not_json", f"表单文件含有 JSON 没有的类型：{type(value).__name__}。")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise refuse("", "duplicate_property", f"同一个对象里“{key}”出现了两次，无法判断以哪个为准。")
        found[key] = value
    return found


def _refuse_constant(name: str) -> None:
    raise refuse("", "not_json", f"表单文件含有 {name}，这不是合法的 JSON。")

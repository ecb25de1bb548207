"""What may enter the engine: text, numbers, truth values, nothing, lists and dicts of these; all else is refused."""

import math
from collections.abc import Mapping
from typing import Any, Final

from workflows.errors import DataNotAllowedError

RESERVED: Final = frozenset({"typename", "data_objects"})  # keys that the engine gives a meaning of its own
MAX_DEPTH: Final = 30
MAX_VALUES: Final = 100_000


def checked_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `data` that shares nothing with it and can be stored and restored unchanged.

    Raises:
        DataNotAllowedError: at the first value that is not one of the allowed types, with its path.
    """
    if not isinstance(data, Mapping):
        raise DataNotAllowedError("", f"应为字典，而不是 {type(data).__name__}。")
    return _Copy().mapping(data, "", MAX_DEPTH)


def checked_value(value: Any, path: str) -> Any:
    """A copy of one value (the result of a script or service), refused as in `checked_data`."""
    return _Copy().value(value, path, MAX_DEPTH)


def copied(value: Any) -> Any:
    """A copy of data that were checked before; shares nothing with them."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if type(value) is list else value


class _Copy:
    def __init__(self) -> None:
        self.left = MAX_VALUES

    def value(self, value: Any, path: str, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise DataNotAllowedError(path, f"超过 {MAX_VALUES} 个值。")
        kind = type(value)
        if value is None or kind is bool or kind is int:
            return value
        if kind is str:
            return _text(value, path)
        if kind is float:
            return _number(value, path)
        if kind is list:
            _check_depth(path, depth)
            return [self.value(item, f"{path}[{place}]", depth - 1) for place, item in enumerate(value)]
        if kind is dict:
            _check_depth(path, depth)
            return self.mapping(value, path, depth - 1)
        raise DataNotAllowedError(path, f"不允许的类型 {kind.__name__}。")

    def mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        found = {}
        for key, item in value.items():
            if type(key) is not str:
                raise DataNotAllowedError(f"{path}[{key!r}]", "键必须是文本。")
            where = f"{path}.{key}" if path else key
            if key in RESERVED:
                raise DataNotAllowedError(where, "该键名为引擎保留。")
            found[_text(key, where)] = self.value(item, where, depth)
        return found


def _check_depth(path: str, depth: int) -> None:
    if depth == 0:
        raise DataNotAllowedError(path, f"嵌套超过 {MAX_DEPTH} 层。")


def _text(value: str, path: str) -> str:
    if "\x00" in value:
        raise DataNotAllowedError(path, "文本含有空字符。")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise DataNotAllowedError(path, "文本不是有效的 Unicode。") from error
    return value


def _number(value: float, path: str) -> float:
    if not math.isfinite(value):
        raise DataNotAllowedError(path, "数值不是有限数。")
    return value

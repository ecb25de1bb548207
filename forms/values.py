"""How a JSON value becomes the answer of a component: one reader per type, the type alone, no rules.

A reader takes the component and the value as sent, returns the value as kept, or raises Refused. Empty answers are ""
for text, None for single values and [] for lists.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from forms.components import Component
from forms.documents import is_storable
from forms.limits import MAX_CHOICES, MAX_TEXT
from forms.messages import Refused, finding

MAX_NUMBER = 10**15
MAX_FILES = 100
CHINA = timezone(timedelta(hours=8))

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?")
_MOMENT = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}")


def read_value(component: Component, value: Any) -> Any:
    """Return the answer that a JSON value stands for. Raises Refused."""
    return _READERS[component.type](component, value)


def empty_value(component: Component) -> Any:
    """Return what stands for no answer."""
    if component.type in ("textfield", "textarea"):
        return ""
    if component.type in ("checklist", "taglist", "filepicker"):
        return []
    return False if component.type == "checkbox" else None


def is_empty(value: Any) -> bool:
    """Tell whether a kept value is no answer; an unticked checkbox is none either."""
    return value is None or value is False or value in ("", [])


def _read_text(component: Component, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(finding("wrong_type", "「{label}」应当是文字。请重新填写。"))
    if len(value) > MAX_TEXT:
        raise Refused(finding("too_long", "「{label}」超过 {most} 个字。请缩短。", most=MAX_TEXT))
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text) or not is_storable(text):
        raise Refused(finding("bad_character", "「{label}」含有无法保存的控制字符。请删去后重新填写。"))
    if component.type == "textfield" and "\n" in text:
        raise Refused(finding("single_line", "「{label}」只能写一行。请去掉换行。"))
    return text


def _read_number(_component: Component, value: Any) -> int | float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(finding("not_a_number", "「{label}」应当是数字。请只填写数字，不带单位。"))
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise Refused(finding("out_of_range", "「{label}」的数字超出可以保存的范围。请检查位数。"))
    return int(value) if isinstance(value, float) and value == int(value) else value


def _read_checkbox(_component: Component, value: Any) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refused(finding("wrong_type", "「{label}」应当是 true 或 false。"))
    return value


def _read_choice(component: Component, value: Any) -> str | int | None:
    if value is None or value == "":
        return None
    return _find_choice(component, value)


def _read_choices(component: Component, value: Any) -> list[str | int]:
    if value is None or value == "":
        return []
    if not isinstance(value, list) or len(value) > MAX_CHOICES:
        raise Refused(finding("wrong_type", "「{label}」应当是选项的列表。请重新选择。"))
    chosen = {_find_choice(component, item) for item in value}
    return [choice.value for choice in component.choices if choice.value in chosen]


def _find_choice(component: Component, value: Any) -> str | int:
    if isinstance(value, str) or _is_id(value):
        choice = component.options.get(str(value))
        if choice is not None:
            return choice.value
    raise Refused(finding("not_a_choice", "「{label}」不能选“{given}”。请从列出的选项里选择。", given=_short(value)))


def _read_datetime(component: Component, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Refused(finding("wrong_type", "「{label}」应当是文字形式的日期或时间。"))
    return _MOMENTS[component.subtype](value.strip())


def _read_date(text: str) -> str:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise Refused(finding("bad_date", "「{label}」不是有效的日期。请写成 2020-05-15 的样子。"))


def _read_time(text: str) -> str:
    try:
        if _TIME.fullmatch(text):
            return _iso(time.fromisoformat(text))
    except ValueError:
        pass
    raise Refused(finding("bad_time", "「{label}」不是有效的时间。请写成 09:30 的样子。"))


def _read_moment(text: str) -> str:
    """Read an instant; one without an offset is meant in China, where every office of this system is."""
    try:
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return _iso(moment if moment.tzinfo else moment.replace(tzinfo=CHINA))
    except ValueError:
        pass
    raise Refused(finding("bad_datetime", "「{label}」不是有效的日期时间。请写成 2020-05-15T09:30 的样子。"))


def _iso(value: time | datetime) -> str:
    return value.isoformat(timespec="seconds" if value.second else "minutes")


def _read_files(component: Component, value: Any) -> list[str | int]:
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(_is_id(item) for item in value):
        raise Refused(finding("wrong_type", "「{label}」应当是附件编号的列表。请先上传附件。"))
    if len(value) > (MAX_FILES if component.limits.multiple else 1):
        most = MAX_FILES if component.limits.multiple else 1
        raise Refused(finding("too_many_files", "「{label}」最多 {most} 个附件。请移除多余的。", most=most))
    return list(dict.fromkeys(value))


def _is_id(item: Any) -> bool:
    if isinstance(item, str):
        return 0 < len(item) <= 64 and is_storable(item)
    return isinstance(item, int) and not isinstance(item, bool) and abs(item) < 2**63


def _short(value: Any) -> str:
    """Return a value for a message: short, and never with characters that cannot be sent, stored or seen."""
    text = str(value) if isinstance(value, str | float) or _is_id(value) else "…"
    return "".join(character if character.isprintable() else "�" for character in text[:40])


_MOMENTS: dict[str, Callable[[str], str]] = {"date": _read_date, "time": _read_time, "datetime": _read_moment}
_READERS: dict[str, Callable[[Component, Any], Any]] = {
    "textfield": _read_text,
    "textarea": _read_text,
    "number": _read_number,
    "checkbox": _read_checkbox,
    "radio": _read_choice,
    "select": _read_choice,
    "checklist": _read_choices,
    "taglist": _read_choices,
    "datetime": _read_datetime,
    "filepicker": _read_files,
}

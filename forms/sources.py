"""Typed reading of one JSON object of a document: a property of a wrong type becomes a problem, never an exception."""

import re
from collections.abc import Mapping
from typing import Any

from forms.conditions import Condition, ConditionError, parse_condition
from forms.documents import FormProblem

PATH = re.compile(r"[^\W\s]+(?:\.[^\W\s]+)*")


class Source:
    """The JSON object of one component; what is wrong with it goes to `problems` under the component's id."""

    def __init__(self, raw: Mapping[str, Any], component: str, problems: list[FormProblem]) -> None:
        self.raw = raw
        self.component = component
        self.problems = problems

    def report(self, code: str, message: str) -> None:
        """Note a problem; the same is noted once however often a property is read."""
        problem = FormProblem(self.component, code, message)
        if problem not in self.problems:
            self.problems.append(problem)

    def part(self, name: str) -> "Source":
        """Return the object under a property, an empty one where there is none."""
        value = self.raw.get(name)
        if value is not None and not isinstance(value, Mapping):
            self._wrong_type(name, "对象")
            value = None
        return Source(value or {}, self.component, self.problems)

    def items(self, name: str) -> list[Any]:
        value = self.raw.get(name)
        if value is None:
            return []
        if isinstance(value, list | tuple):
            return list(value)
        self._wrong_type(name, "数组")
        return []

    def text(self, name: str, default: str = "") -> str:
        value = self.raw.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        self._wrong_type(name, "字符串")
        return default

    def plain_text(self, name: str) -> str:
        """Return a text that must not be an expression, such as a label."""
        value = self.text(name)
        if value.startswith("="):
            self.report("unsupported", f"{name} 不能是表达式，请直接写文字。")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.raw.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.startswith("="):
            self.report("unsupported", f"{name} 不能是表达式，只能是 true 或 false。")
        else:
            self._wrong_type(name, "true 或 false")
        return default

    def number(self, name: str) -> int | float | None:
        """Return a number, also one written as text, as the editor sometimes does."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
            return value
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", value):
            return float(value) if "." in value else int(value)
        if isinstance(value, str) and value.startswith("="):
            self.report("unsupported", f"{name} 不能是表达式，请写一个数字。")
        else:
            self._wrong_type(name, "数字")
        return None

    def count(self, name: str, *, most: int) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if value != int(value) or not 0 <= value <= most:
            self.report("wrong_value", f"{name} 应当是 0 到 {most} 之间的整数。")
            return None
        return int(value)

    def path(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a dotted path as its parts; every part is letters (also Chinese), digits or underscores."""
        value = self.text(name)
        if not value:
            if not optional and not self.raw.get(name):
                self.report("missing_key", f"缺少 {name}，填写的内容没有地方保存。")
            return ()
        if len(value) > 200 or not PATH.fullmatch(value):
            self.report("bad_key", f"{name} “{value[:50]}”只能由文字、数字、下划线组成，各级之间用点号。")
            return ()
        return tuple(value.split("."))

    def condition(self, name: str) -> Condition | None:
        text = self.text(name)
        if not text.strip():
            return None
        try:
            return parse_condition(text)
        except ConditionError as error:
            self.report("bad_condition", f"条件“{text[:100]}”{error}")
            return None

    def _wrong_type(self, name: str, expected: str) -> None:
        self.report("wrong_type", f"{name} 应当是{expected}。")

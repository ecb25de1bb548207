"""What a document demands of values: `validate` and the properties by which a type limits itself, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.patterns import SafePattern, UnsafePatternError, parse_pattern
from forms.sources import Source

MAX_ROWS = 200
MAX_CHOICES = 2000
MAX_TEXT = 20_000
MAX_LINE = 500

TEXTS = frozenset({"textfield", "textarea"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What `validate` and the type's own properties demand of a value."""

    required: bool = False
    min: int | float | None = None
    max: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: SafePattern | None = None
    pattern_message: str = ""
    decimals: int | None = None
    step: int | float | None = None
    not_past: bool = False
    accept: tuple[str, ...] = ()
    multiple: bool = True
    min_choices: int | None = None
    max_choices: int | None = None
    min_rows: int = 0
    max_rows: int = MAX_ROWS
    default_rows: int = 1


def read_limits(source: Source, kind: str, properties: Mapping[str, str]) -> Limits:
    validate = source.part("validate")
    options = Source(properties, source.component, source.problems)
    limits: dict[str, Any] = {"required": validate.flag("required")}
    if kind in TEXTS:
        cap = MAX_TEXT if kind == "textarea" else MAX_LINE
        limits["min_length"] = validate.count("minLength", most=MAX_TEXT)
        limits["max_length"] = validate.count("maxLength", most=MAX_TEXT) or cap
        limits["pattern"] = _pattern(validate)
        limits["pattern_message"] = validate.plain_text("patternErrorMessage")
    elif kind == "number":
        limits |= {"min": validate.number("min"), "max": validate.number("max"), "step": _step(source)}
        limits["decimals"] = source.count("decimalDigits", most=10)
        if source.flag("serializeToString"):
            source.report("unsupported", "不支持 serializeToString，数字按数字保存。")
    elif kind == "datetime":
        limits["not_past"] = source.flag("disallowPassedDates")
    elif kind == "filepicker":
        limits["accept"] = tuple(re.findall(r"[^,\s]+", source.plain_text("accept").lower()))
        limits["multiple"] = source.flag("multiple")
    elif kind in ("checklist", "taglist"):
        limits["min_choices"] = options.count("min_choices", most=MAX_CHOICES)
        limits["max_choices"] = options.count("max_choices", most=MAX_CHOICES)
    elif kind == "dynamiclist":
        limits |= _row_limits(source, options)
    return Limits(**limits)


def _step(source: Source) -> int | float | None:
    step = source.number("increment")
    if step is not None and step <= 0:
        source.report("wrong_value", "increment 应当大于 0。")
        return None
    return step


def _pattern(validate: Source) -> SafePattern | None:
    text = validate.text("pattern")
    if not text:
        return None
    try:
        return parse_pattern(text)
    except UnsafePatternError as error:
        validate.report("bad_pattern", f"pattern “{text[:60]}”{error}")
        return None


def _row_limits(source: Source, options: Source) -> dict[str, int]:
    default = source.count("defaultRepetitions", most=MAX_ROWS)
    default = 1 if default is None else default
    if not source.flag("allowAddRemove", default=True):
        return {"min_rows": default, "max_rows": default, "default_rows": default}
    least = options.count("min_rows", most=MAX_ROWS) or 0
    most = options.count("max_rows", most=MAX_ROWS)
    most = MAX_ROWS if most is None else most
    if least > most:
        source.report("wrong_value", "min_rows 大于 max_rows。")
    return {"min_rows": least, "max_rows": most, "default_rows": min(max(default, least), most)}

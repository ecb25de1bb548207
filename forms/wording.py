"""Answers and conditions in words: what a value is called on a page, when a conditional field is to be filled in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from forms.components import Component
from forms.conditions import Node
from forms.messages import Translate
from forms.values import CHINA

Lookup = Callable[[tuple[str, ...]], Component | None]


def show_value(value: Any, translate: Translate) -> str:
    """Return any JSON value as text for a reader."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return translate("是") if value else translate("否")
    if isinstance(value, list | tuple):
        return "、".join(show_value(item, translate) for item in value)
    if isinstance(value, Mapping):
        return "；".join(f"{name}：{show_value(item, translate)}" for name, item in value.items())
    return str(value)


def show_answer(component: Component, value: Any, translate: Translate) -> str:
    """Return an answer as text for a reader: labels of choices, dates as they are spoken, units."""
    if component.options:
        values = value if isinstance(value, list) else [value]
        shown = "、".join(_choice_label(component, item) for item in values if item not in (None, ""))
        return translate(shown) if component.choices_from else shown  # those that a document writes are its own words
    if component.type == "datetime" and isinstance(value, str):
        return translate(_show_moment(component.subtype, value))
    shown = show_value(value, translate)
    if not shown or component.type not in ("number", "textfield"):
        return shown
    return " ".join(part for part in (component.prefix, shown, component.suffix) if part)


def when_to_fill(node: Node, lookup: Lookup, translate: Translate) -> str:
    """Return in words when a field with this hide condition is to be filled in."""
    words = _describe(node, lookup, translate, negated=True)
    return translate("仅在{condition}时填写。").format(condition=words)


def _choice_label(component: Component, value: Any) -> str:
    choice = component.options.get(str(value))
    return choice.label if choice else str(value)


def _show_moment(subtype: str, value: str) -> str:
    try:
        if subtype == "date":
            day = date.fromisoformat(value)
            return f"{day.year}年{day.month}月{day.day}日"
        if subtype == "time":
            return f"{time.fromisoformat(value):%H:%M}"
        moment = datetime.fromisoformat(value).astimezone(CHINA)
    except ValueError:
        return value
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"


_RELATIONS = {
    "=": ("为", "不为"),
    "!=": ("不为", "为"),
    "<": ("小于", "不小于"),
    "<=": ("不大于", "大于"),
    ">": ("大于", "不大于"),
    ">=": ("不小于", "小于"),
}


def _describe(node: Node, lookup: Lookup, translate: Translate, *, negated: bool) -> str:
    match node:
        case ["not", inner]:
            return _describe(inner, lookup, translate, negated=not negated)
        case ["and" | "or" as word, *parts]:
            joint = translate("，并且") if (word == "and") != negated else translate("，或者")
            return joint.join(_describe(part, lookup, translate, negated=negated) for part in parts)
        case [("=" | "!=" | "<" | "<=" | ">" | ">=") as operator, left, right]:
            return _relate(operator, left, right, lookup, translate, negated=negated)
        case _:
            return _relate("=", node, ["value", True], lookup, translate, negated=negated)


def _relate(operator: str, left: Node, right: Node, lookup: Lookup, translate: Translate, *, negated: bool) -> str:
    component = lookup(tuple(left[1:])) if left[0] == "path" else None
    name = f"「{component.label}」" if component and component.label else _name(left, lookup, translate)
    if right[0] == "value" and operator in ("=", "!="):
        is_same = (operator == "=") != negated
        if right[1] is None:
            return (translate("{name}未填写") if is_same else translate("{name}已填写")).format(name=name)
        if isinstance(right[1], bool):
            ticked = is_same == right[1]
            return (translate("勾选{name}") if ticked else translate("未勾选{name}")).format(name=name)
    relation = translate(_RELATIONS[operator][negated])
    other = _choice_label(component, right[1]) if component and right[0] == "value" else _name(right, lookup, translate)
    return f"{name}{relation}“{other}”"


def _name(node: Node, lookup: Lookup, translate: Translate) -> str:
    if node[0] == "value":
        return show_value(node[1], translate)
    component = lookup(tuple(node[1:])) if node[0] == "path" else None
    return component.label if component and component.label else ".".join(str(part) for part in node[1:])
